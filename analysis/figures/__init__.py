"""One function a figure: the drawing, what it shows in words, and its numbers."""

from analysis.figures.breaks import plot_breaks
from analysis.figures.bridge import plot_bridge
from analysis.figures.counterfactual import plot_counterfactual
from analysis.figures.coverage import plot_coverage
from analysis.figures.figure import Figure, save_figures
from analysis.figures.forecast import plot_forecast
from analysis.figures.intake import count_figures, plot_intake
from analysis.figures.marks import event_marks
from analysis.figures.mirror import plot_mirror, plot_mirrors
from analysis.figures.real_time import plot_real_time
from analysis.figures.relative import plot_relative
from analysis.figures.series import plot_series
from analysis.figures.specifications import plot_specification, plot_specifications
from analysis.figures.swings import plot_swings
from analysis.figures.timeline import plot_timeline

__all__ = [
    "Figure",
    "count_figures",
    "event_marks",
    "plot_breaks",
    "plot_bridge",
    "plot_counterfactual",
    "plot_coverage",
    "plot_forecast",
    "plot_intake",
    "plot_mirror",
    "plot_mirrors",
    "plot_real_time",
    "plot_relative",
    "plot_series",
    "plot_specification",
    "plot_specifications",
    "plot_swings",
    "plot_timeline",
    "save_figures",
]
