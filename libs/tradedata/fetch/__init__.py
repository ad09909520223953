"""Clients of statistical offices: the only place of the repository that uses the network."""
