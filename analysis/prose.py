"""The sentences that more than one page shows; all others stand in their notebooks."""

from __future__ import annotations
