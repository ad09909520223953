"""One fetch: month by month, kept as it goes, then a snapshot and what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from tradedata.fetch.errors import FetchError, changed
from tradedata.fetch.flows import read_snapshot, shape_flows
from tradedata.fetch.months import batches
from tradedata.fetch.snapshots import keep_snapshot
from tradedata.fetch.source import Row, Source
from tradedata.fetch.unfinished import Unfinished
from tradedata.fetch.web import Patience, Web


@dataclass(frozen=True)
class Fetched:
    """A snapshot: where it is, whether it is new, and the months the source had nothing for."""

    source: Source
    path: Path
    is_new: bool
    empty: tuple[str, ...]


def fetch(
    source: Source,
    months: Sequence[str],
    raw: Path,
    key: str = "",
    address: str = "",
    patience: Patience | None = None,
) -> Fetched:
    """Fetch `months` in order and keep them as a snapshot, or raise FetchError.

    Months fetched within a day by a fetch that was stopped are not fetched again.
    """
    if source.key_needed and not key:
        raise FetchError(
            f"{source.name}: a key is needed. It is free: ask for one at {source.key_page}, then "
            f"set the environment variable {source.key_name} to it (docs/sources.md)"
        )
    unfinished = Unfinished(raw, source)
    asked_at = address or source.address
    with Web(source.name, asked_at, key, patience) as web:
        _fetch_missing(web, source, months, unfinished)
    kept = {month: unfinished.read(month) for month in months}
    unfinished.clear()
    rows = [row for month in months for row in kept[month]]
    span = f"{months[0]} to {months[-1]}"
    if not rows:
        raise FetchError(f"{source.name}: it has nothing for {span}; not published yet?")
    _check(source, rows)
    path, is_new = keep_snapshot(raw, source, rows, span, date.today(), asked_at)
    return Fetched(source, path, is_new, tuple(month for month in months if not kept[month]))


def _check(source: Source, rows: Sequence[Row]) -> None:
    """Nothing is kept that could not be read again."""
    frame = pd.DataFrame(rows, columns=list(source.columns), dtype=str)
    try:
        shape_flows(source, frame, "the answer", pd.Timestamp(date.today()))
    except ValueError as error:
        raise changed(source.name, str(error)) from None


def _fetch_missing(web: Web, source: Source, months: Sequence[str], unfinished: Unfinished) -> None:
    missing = unfinished.missing(months)
    done = len(months) - len(missing)
    with tqdm(total=len(months), initial=done, desc=source.name, unit="month") as bar:
        for batch in batches(missing, source.months_a_request):
            for month, rows in source.fetch(web, batch):
                unfinished.keep(month, rows)
                bar.update()


def describe(fetched: Fetched) -> str:
    """Where the snapshot is and what it holds, in a few lines."""
    flows = read_snapshot(fetched.path, fetched.source)
    months = flows["month"].drop_duplicates()
    lost = int(flows["kilograms"].isna().sum())
    here = Path.cwd()
    where = fetched.path.relative_to(here) if fetched.path.is_relative_to(here) else fetched.path
    lines = [
        f"{'Kept as' if fetched.is_new else 'Nothing new since'} {where}",
        f"holds {len(months)} months with trade, {months.min():%Y-%m} to {months.max():%Y-%m}, "
        f"{len(flows):,} values; reporters: {flows['reporter'].nunique()}"
        + (f"; without a reported weight: {lost:,}" if lost else ""),
    ]
    if fetched.empty:
        lines.append(f"nothing for {', '.join(fetched.empty)}; not published yet?")
    return "\n  ".join(lines)
