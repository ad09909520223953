"""One function a figure: the drawing, what it shows in words, and its numbers."""

from charts.breaks import plot_breaks
from charts.bridge import plot_bridge
from charts.counterfactual import plot_counterfactual
from charts.coverage import plot_coverage
from charts.figure import Figure, save_figures
from charts.forecast import plot_forecast
from charts.intake import count_figures, plot_intake
from charts.mirror import plot_mirror
from charts.real_time import plot_real_time
from charts.relative import plot_relative
from charts.series import plot_series
from charts.specifications import plot_specification, plot_specifications
from charts.swings import plot_swings
from charts.timeline import plot_timeline

__all__ = [
    "Figure",
    "count_figures",
    "plot_breaks",
    "plot_bridge",
    "plot_counterfactual",
    "plot_coverage",
    "plot_forecast",
    "plot_intake",
    "plot_mirror",
    "plot_real_time",
    "plot_relative",
    "plot_series",
    "plot_specification",
    "plot_specifications",
    "plot_swings",
    "plot_timeline",
    "save_figures",
]
