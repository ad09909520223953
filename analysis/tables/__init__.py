"""The contract of every table and its atomic reading and writing."""

from analysis.tables.batch import BatchEffects, BatchStudies
from analysis.tables.contract import DESTINATION, Table, TableError, validate
from analysis.tables.files import read_table, read_tables, replacing, write_json, write_table
from analysis.tables.ledger import (
    MEASURES,
    SERIES,
    Claims,
    EventDisagreements,
    Events,
    Figures,
    RejectedFigures,
    Sources,
)
from analysis.tables.results import (
    BreakShifts,
    ClaimVerdicts,
    CounterfactualPath,
    Effects,
    Families,
    Forecasts,
    IssuedForecasts,
    Sensitivity,
    Swings,
)
from analysis.tables.trade import Exports, Mirror, OfficialExports, ReportedFlows
from analysis.tables.vintages import RealTime, Revisions

__all__ = [
    "DESTINATION",
    "MEASURES",
    "SERIES",
    "BatchEffects",
    "BatchStudies",
    "BreakShifts",
    "ClaimVerdicts",
    "Claims",
    "CounterfactualPath",
    "Effects",
    "EventDisagreements",
    "Events",
    "Exports",
    "Families",
    "Figures",
    "Forecasts",
    "IssuedForecasts",
    "Mirror",
    "OfficialExports",
    "RealTime",
    "RejectedFigures",
    "ReportedFlows",
    "Revisions",
    "Sensitivity",
    "Sources",
    "Swings",
    "Table",
    "TableError",
    "read_table",
    "read_tables",
    "replacing",
    "validate",
    "write_json",
    "write_table",
]
