"""Downloads from the query page of China's customs: read, checked, kept as vintages, compared."""
