"""The colours of the figures, light and dark, and the one style they are drawn in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import matplotlib as mpl

PAPER = "#ffffff"
INK = "#1b1f23"
MUTED = "#5b6570"
GRID = "#dfe3e7"
OBSERVED = "#0067a5"
MODEL = "#b34700"
EVENT = "#8a3b73"

DARK = {
    PAPER: "#14171a",
    INK: "#eceff1",
    MUTED: "#a8b2bb",
    GRID: "#333a41",
    OBSERVED: "#63b8f0",
    MODEL: "#ff9d5c",
    EVENT: "#e6a3cf",
}
"""What each colour becomes on a dark screen. The hues are Okabe and Ito's blue, vermilion and
reddish purple, which the colour-blind tell apart, darkened or lightened until text set in them
keeps a contrast of 4.5 to 1 with the paper."""

STYLE_SHEET = Path(__file__).resolve().parent / "matplotlibrc"


@cache
def load_style() -> mpl.RcParams:
    """Matplotlib's own defaults under the style sheet, whatever the reader's settings are."""
    style = mpl.rc_params_from_file(STYLE_SHEET, use_default_template=True)
    return mpl.RcParams({key: value for key, value in style.items() if key != "backend"})
