"""What was known by a day: the published figures of its time, and the series that they give."""

from analysis.vintages.known import days_out, known_figures
from analysis.vintages.making import reconcile_known, save_result

__all__ = ["days_out", "known_figures", "reconcile_known", "save_result"]
