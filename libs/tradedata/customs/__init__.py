"""Downloads from the query page of China's customs: read, checked, kept as vintages."""

from tradedata.customs.vintages import load_customs

__all__ = ["load_customs"]
