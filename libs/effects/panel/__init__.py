"""Panels of units: exposed against others by Poisson pseudo-likelihood."""

from effects.panel.estimator import PanelEffect, panel

__all__ = ["PanelEffect", "panel"]
