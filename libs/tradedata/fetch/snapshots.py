"""Dated snapshots of a source in data/raw/<source>/, each with its origin record."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

from contracts import Origin, origin_path, sha256, write_origin

from tradedata.fetch.source import Row, Source


def snapshots(raw: Path, source: Source) -> list[Path]:
    """The kept snapshots of a source, oldest first."""
    return sorted((raw / source.name).glob(f"{source.name}_*.csv"))


def keep_snapshot(
    raw: Path, source: Source, rows: Sequence[Row], span: str, day: date, address: str
) -> tuple[Path, bool]:
    """Keep `rows` under a new dated name; the path, and whether it is new.

    `span` says which months were asked for, `address` where. Rows that the newest snapshot holds
    already, all of them and no others, are not kept twice; nothing is ever overwritten.
    """
    content = _csv(source, rows)
    digest = hashlib.sha256(content).hexdigest()
    earlier = snapshots(raw, source)
    if earlier and sha256(earlier[-1]) == digest:
        return earlier[-1], False
    folder = raw / source.name
    folder.mkdir(parents=True, exist_ok=True)
    names = (folder / f"{source.name}_{day}_{number:02}.csv" for number in count(1))
    target = next(name for name in names if not (name.exists() or origin_path(name).exists()))
    write_origin(target, _origin(source, address, span, day, digest))
    with target.open("xb") as file:
        file.write(content)
    return target, True


def _csv(source: Source, rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, source.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _origin(source: Source, address: str, span: str, day: date, digest: str) -> Origin:
    return Origin(
        title=f"{source.title}, {span}",
        description=(
            f"Rows of {address}, fetched by tradedata/fetch/{source.name}.py; fields that "
            "were not asked for are left out, values are as they came. The source prints no date "
            "of publication: both dates are the day of the fetch."
        ),
        producer=source.producer,
        citation_full=f"{source.producer}. {source.title}, {span}. Fetched {day}.",
        url_main=source.page,
        date_published=day,
        date_accessed=day,
        license=source.licence,
        sha256=digest,
    )
