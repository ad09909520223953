"""The series as it was known on a day: made once for all studies that ask for that day."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from analysis.study import Study
from press import inputs
from press.batch.record import Record, digest
from press.modules import ask_module
from press.provenance import hashes


def make_vintage(study: Study) -> str:
    """Make the tables of the day that `study` asks for; what went wrong, or nothing."""
    folders = ["--raw-dir", study.raw_dir, "--processed-dir", study.processed_dir]
    return ask_module("analysis.vintages", [study.as_of, *folders])


def make_vintages(studies: Iterable[Study], processes: int) -> dict[str, str]:
    """Bring the days that `studies` ask for up to date; by day what went wrong, if anything."""
    days = {study.as_of: study for study in studies if study.as_of}
    with ThreadPoolExecutor(processes) as pool:
        told = pool.map(_if_changed, days.values())
    return {day: trouble for day, trouble in zip(days, told, strict=True) if trouble}


def _if_changed(study: Study) -> str:
    record = Record(study.vintage)
    key = digest(hashes(inputs.vintage_needs(study)))
    if record.holds("vintage", key):
        return ""
    trouble = make_vintage(study)
    if not trouble:
        record.note("vintage", key, [study.vintage / name for name in inputs.VINTAGE])
    return trouble
