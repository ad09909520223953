"""Published figures -> monthly tonnes with bounds, and the figures that cannot be true."""

from ledger.bounds import compare_vintages
from ledger.customs import compare_figures, score_sources
from ledger.explain import Explanation, doubted_table, examples, explain
from ledger.pages import as_printed
from ledger.printed import TOLERANCES, in_millions, tolerance_table
from ledger.reconciliation import Reconciliation, days_out, known_figures, reconcile

__all__ = [
    "TOLERANCES",
    "Explanation",
    "Reconciliation",
    "as_printed",
    "compare_figures",
    "compare_vintages",
    "days_out",
    "doubted_table",
    "examples",
    "explain",
    "in_millions",
    "known_figures",
    "reconcile",
    "score_sources",
    "tolerance_table",
]
