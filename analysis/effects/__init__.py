"""Estimators of effects on a series: each takes pandas objects and returns a frozen result.

They know nothing of magnets or China: calendars and policy regimes come in as regressors.
"""

from analysis.effects.average import average_effect
from analysis.effects.breaks import Breaks, breaks
from analysis.effects.bridge import Bridge, bridge
from analysis.effects.counterfactual import Counterfactual, counterfactual
from analysis.effects.diversion import Diversion, diversion
from analysis.effects.families import (
    Curve,
    Family,
    common_shifts,
    holm,
    null_innovations,
    specification_curve,
    step_down,
)
from analysis.effects.panel import PanelEffect, panel
from analysis.effects.regimes import Regimes, regimes
from analysis.effects.results import EffectError, EffectResult
from analysis.effects.swing import Swing, swing, swings
from analysis.effects.synthetic_control import SyntheticControl, synthetic_control
from analysis.effects.textbook import Textbook, textbook
from analysis.effects.volatility import Volatility, volatility

__all__ = [
    "Breaks",
    "Bridge",
    "Counterfactual",
    "Curve",
    "Diversion",
    "EffectError",
    "EffectResult",
    "Family",
    "PanelEffect",
    "Regimes",
    "Swing",
    "SyntheticControl",
    "Textbook",
    "Volatility",
    "average_effect",
    "breaks",
    "bridge",
    "common_shifts",
    "counterfactual",
    "diversion",
    "holm",
    "null_innovations",
    "panel",
    "regimes",
    "specification_curve",
    "step_down",
    "swing",
    "swings",
    "synthetic_control",
    "textbook",
    "volatility",
]
