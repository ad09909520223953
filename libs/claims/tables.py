"""The contracts of claims and of what was found of them, from `tables.yaml`."""

from __future__ import annotations

from pathlib import Path

from contracts import load_contracts

TABLES = load_contracts(Path(__file__).with_suffix(".yaml"))
Claims = TABLES["Claims"]
ClaimReports = TABLES["ClaimReports"]
ClaimVerdicts = TABLES["ClaimVerdicts"]
