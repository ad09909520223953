"""The series as it was known on a day: made once for all studies that ask for that day."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from press.batch.record import Record, digest
from press.modules import ask_module
from press.provenance import hashes
from press.report import report, resolve, vintage_needs


def make_vintage(study: Any) -> str:
    """Make the tables of the day that `study` asks for; what went wrong, or nothing."""
    folders = ["--raw-dir", study.raw_dir, "--processed-dir", study.processed_dir]
    return ask_module(report().vintage.module, [study.as_of, *folders])


def make_vintages(studies: Iterable[Any], processes: int) -> dict[str, str]:
    """Bring the days that `studies` ask for up to date; by day what went wrong, if anything."""
    days = {study.as_of: study for study in studies if study.as_of}
    with ThreadPoolExecutor(processes) as pool:
        told = pool.map(_if_changed, days.values())
    return {day: trouble for day, trouble in zip(days, told, strict=True) if trouble}


def _if_changed(study: Any) -> str:
    record = Record(study.vintage)
    key = digest(hashes(vintage_needs(study)))
    if record.holds("vintage", key):
        return ""
    trouble = make_vintage(study)
    if not trouble:
        record.note("vintage", key, resolve(report().vintage.makes, study))
    return trouble
