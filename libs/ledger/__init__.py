"""Published figures -> monthly tonnes with bounds, and the figures that cannot be true."""

from ledger.explain import Explanation, doubted_table, explain
from ledger.reconciliation import Reconciliation, Settled, reconcile, settle
from ledger.tolerances import TOLERANCES, tolerance_table

__all__ = [
    "TOLERANCES",
    "Explanation",
    "Reconciliation",
    "Settled",
    "doubted_table",
    "explain",
    "reconcile",
    "settle",
    "tolerance_table",
]
