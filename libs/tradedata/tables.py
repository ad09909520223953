"""The contracts of trade data, from `tables.yaml`: exports, reported flows, the bulletin."""

from __future__ import annotations

from pathlib import Path

from contracts import load_contracts

from tradedata.destinations import DESTINATION

KILOGRAMS_IN_A_TONNE = 1000
PLACE = {"place": {"type": "text", "str_matches": DESTINATION}}
"""The type of a column of destinations."""
TABLES = load_contracts(Path(__file__).with_suffix(".yaml"), PLACE)
OfficialExports = TABLES["OfficialExports"]
ReportedFlows = TABLES["ReportedFlows"]
Bulletin = TABLES["Bulletin"]
BulletinSpellings = TABLES["BulletinSpellings"]
BulletinLines = TABLES["BulletinLines"]
GaccMonths = TABLES["GaccMonths"]
