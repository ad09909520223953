"""The contract of every table and its atomic reading and writing."""

from contracts import (
    Table,
    TableError,
    read_table,
    read_tables,
    replacing,
    validate,
    write_json,
    write_table,
)
from ledger.tables import MEASURES, Exports, Figures, RejectedFigures, Sources
from tradedata.destinations import DESTINATION
from tradedata.tables import OfficialExports, ReportedFlows

from analysis.tables.batch import BatchEffects, BatchStudies
from analysis.tables.events import Claims, EventDisagreements, Events
from analysis.tables.mirror import Mirror
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
from analysis.tables.vintages import RealTime, Revisions

__all__ = [
    "DESTINATION",
    "MEASURES",
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
