"""One function a figure: the drawing, what it shows in words, and its numbers."""

from charts.bridge import plot_bridge
from charts.coverage import count_figures, plot_coverage, plot_intake
from charts.curves import Curve, choice_curve, compare_choices, plot_specification, variant_curve
from charts.expected import plot_counterfactual, plot_forecast, plot_real_time, plot_relative
from charts.ranks import plot_gaps, plot_ranks, plot_tally, plot_weights
from charts.series import plot_arrivals, plot_breaks, plot_mirror, plot_series
from charts.sheet import Figure, save_figures
from charts.swings import plot_swings
from charts.timeline import plot_timeline

__all__ = [
    "Curve",
    "Figure",
    "choice_curve",
    "compare_choices",
    "count_figures",
    "plot_arrivals",
    "plot_breaks",
    "plot_bridge",
    "plot_counterfactual",
    "plot_coverage",
    "plot_forecast",
    "plot_gaps",
    "plot_intake",
    "plot_mirror",
    "plot_ranks",
    "plot_real_time",
    "plot_relative",
    "plot_series",
    "plot_specification",
    "plot_swings",
    "plot_tally",
    "plot_timeline",
    "plot_weights",
    "save_figures",
    "variant_curve",
]
