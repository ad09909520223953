"""Estimators of effects on a series: each takes pandas objects and returns a frozen result.

They know nothing of magnets or China: calendars and policy regimes come in as regressors.
"""

from effects.average import average_effect
from effects.breaks import Breaks, breaks
from effects.bridge import Bridge, bridge
from effects.counterfactual import Counterfactual, counterfactual
from effects.diversion import Diversion, diversion
from effects.families import (
    Family,
    common_shifts,
    holm,
    null_innovations,
    specification_curve,
    step_down,
)
from effects.panel import PanelEffect, panel
from effects.regimes import regimes
from effects.results import EffectError, EffectResult
from effects.swing import Swing, swing, swings
from effects.synthetic_control import SyntheticControl, synthetic_control
from effects.textbook import Textbook, textbook
from effects.volatility import Volatility, volatility

__all__ = ["Breaks", "Bridge", "Counterfactual", "Diversion", "EffectError", "EffectResult"]
__all__ += ["Family", "PanelEffect", "Swing", "SyntheticControl", "Textbook", "Volatility"]
__all__ += ["average_effect", "breaks", "bridge", "common_shifts", "counterfactual", "diversion"]
__all__ += ["holm", "null_innovations", "panel", "regimes", "specification_curve", "step_down"]
__all__ += ["swing", "swings", "synthetic_control", "textbook", "volatility"]
