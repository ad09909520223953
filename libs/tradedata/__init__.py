"""Customs files and statistical offices in one tidy shape, every vintage kept."""
