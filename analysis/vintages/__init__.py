"""What was known by a day: the published figures of its time, and the series that they give."""

from analysis.vintages.comparing import compare_vintages, describe_changes
from analysis.vintages.conclusions import (
    ask_vintages,
    compare_conclusions,
    describe_conclusions,
    out_of_reach,
)
from analysis.vintages.history import describe_dates, exports_by_vintage
from analysis.vintages.known import days_out, known_figures
from analysis.vintages.making import reconcile_known, save_result

__all__ = [
    "ask_vintages",
    "compare_conclusions",
    "compare_vintages",
    "days_out",
    "describe_changes",
    "describe_conclusions",
    "describe_dates",
    "exports_by_vintage",
    "known_figures",
    "out_of_reach",
    "reconcile_known",
    "save_result",
]
