"""Published figures -> monthly tonnes with bounds, and the figures that cannot be true."""

from ledger.explain import Explanation, doubted_table, examples, explain
from ledger.printed import TOLERANCES, tolerance_table
from ledger.reconciliation import Reconciliation, days_out, known_figures, reconcile

__all__ = [
    "TOLERANCES",
    "Explanation",
    "Reconciliation",
    "days_out",
    "doubted_table",
    "examples",
    "explain",
    "known_figures",
    "reconcile",
    "tolerance_table",
]
