"""Synthetic control: one unit against a weighted average of others."""

from effects.synthetic_control.control import SyntheticControl, synthetic_control

__all__ = ["SyntheticControl", "synthetic_control"]
