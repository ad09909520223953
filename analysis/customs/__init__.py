"""Downloads from the query page of China's customs: read, checked, kept as vintages, compared."""

from analysis.customs.comparing import score_sources
from analysis.customs.vintages import load_customs

__all__ = ["load_customs", "score_sources"]
