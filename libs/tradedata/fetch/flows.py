"""What the kept snapshots of all sources say, in one shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from contracts import load_origin, validate

from tradedata.fetch.snapshots import snapshots
from tradedata.fetch.source import Source
from tradedata.fetch.sources import SOURCES
from tradedata.tables import ReportedFlows

COMMAND = ".venv/bin/python -m pipeline fetch {name} --from {first} --to {last}"
KEY = ["source", "month", "flow", "reporter", "partner", "product"]


def load_flows(raw: Path) -> pd.DataFrame:
    """Kilograms by source, month, flow, reporter, partner and product: the contract ReportedFlows.

    The newest snapshot that holds a month of a source replaces what older ones say of it.
    Raises TableError for a snapshot that was changed or has no origin record.
    """
    parts = [part for source in SOURCES.values() for part in _newest_months(raw, source)]
    if not parts:
        return ReportedFlows.empty()
    return pd.concat(parts, ignore_index=True).sort_values(KEY, ignore_index=True)


def list_snapshots(raw: Path, last: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every source with what is asked of it, its newest snapshot and the command that fetches.

    The command asks for the months up to `last`, from January two years before; without `last` it
    leaves both open.
    """
    span = ("MONTH", "MONTH") if last is None else (f"{last.year - 2}-01", f"{last:%Y-%m}")
    rows = []
    for source in SOURCES.values():
        kept = snapshots(raw, source)
        rows.append(
            {
                "source": source.title,
                "key": _key_words(source),
                "newest snapshot": kept[-1].name if kept else "none",
                "to fetch": COMMAND.format(name=source.name, first=span[0], last=span[1]),
            }
        )
    return pd.DataFrame(rows)


def _key_words(source: Source) -> str:
    if not source.key_name:
        return "none needed"
    return f"{source.key_name}, {'required' if source.key_needed else 'optional'}"


def _newest_months(raw: Path, source: Source) -> Iterator[pd.DataFrame]:
    seen: set[pd.Timestamp] = set()
    for path in reversed(snapshots(raw, source)):
        flows = read_snapshot(path, source)
        yield flows[~flows["month"].isin(seen)]
        seen |= set(flows["month"])


def read_snapshot(path: Path, source: Source) -> pd.DataFrame:
    """One snapshot in the shape of ReportedFlows."""
    vintage = pd.Timestamp(load_origin(path).date_accessed)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    return shape_flows(source, rows, path.name, vintage)


def shape_flows(
    source: Source, rows: pd.DataFrame, file: str, vintage: pd.Timestamp
) -> pd.DataFrame:
    """A source's rows (all text) in the shape of ReportedFlows; rows of one key are summed.

    A sum with a missing part is missing. Raises FetchError or TableError for a value that cannot
    be right.
    """
    flows = source.tidy(rows).assign(source=source.name)
    flows["month"] = pd.to_datetime(flows["month"], format="%Y-%m")
    sums = flows.groupby(KEY)["kilograms"].agg(lambda part: part.sum(skipna=False))
    shaped = sums.reset_index().assign(file=file, vintage=vintage)
    return validate(shaped[list(ReportedFlows.to_schema().columns)], ReportedFlows, file)
