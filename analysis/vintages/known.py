"""Which figures were known by a day; the rule is the ledger's own."""

from ledger import days_out, known_figures

__all__ = ["days_out", "known_figures"]
