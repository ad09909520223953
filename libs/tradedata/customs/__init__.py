"""Downloads from the query page of China's customs: read, checked, kept as vintages."""

from tradedata.customs.vintages import days_saved, load_customs

__all__ = ["days_saved", "load_customs"]
