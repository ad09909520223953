"""Downloads from the query page of China's customs: read, checked, kept as vintages, compared."""

from tradedata.customs.comparing import score_sources
from tradedata.customs.report import describe_official
from tradedata.customs.vintages import days_saved, load_customs

__all__ = ["days_saved", "describe_official", "load_customs", "score_sources"]
