"""Taking a download in: check it, say what it brings, keep it unchanged under a dated name."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from contracts import Origin, TableError, origin_path, sha256

from tradedata.customs.reading import HS, read_customs
from tradedata.customs.vintages import (
    Vintage,
    customs_folder,
    downloads,
    is_dropped,
    load_vintages,
    official_exports,
)
from tradedata.keeping import keep

PAGE = "http://stats.customs.gov.cn/"


@dataclass(frozen=True)
class Addition:
    """A download taken in: where it is kept, its rows, and customs' cells before and after."""

    kept: Path
    vintage: Vintage
    is_new: bool
    before: pd.DataFrame
    after: pd.DataFrame


def add_download(path: Path, raw: Path, saved: date | None = None, product: str = HS) -> Addition:
    """Check the download at `path` and keep it in `raw`/customs, or raise TableError.

    A download saved on the same day as another counts as the newer one; `saved` defaults to the
    day the file was last written. A file that lies in that folder already is renamed there. The
    same content twice changes nothing. Nothing is written unless all of it is in order.
    """
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    lies_there = is_dropped(path, raw)
    vintages = [
        kept for kept in load_vintages(raw, product) if not (lies_there and kept.file == path.name)
    ]
    before = official_exports(vintages)
    if twin := _twin(path, raw):
        if lies_there:
            path.unlink()
        vintage = next(kept for kept in vintages if kept.file == twin.name)
        return Addition(twin, vintage, False, before, before)
    day = saved or date.fromtimestamp(path.stat().st_mtime)
    vintage = Vintage(path.name, day, read_customs(path, product))
    later = [kept for kept in vintages if kept.saved is None or kept.saved > day]
    earlier = [kept for kept in vintages if kept not in later]
    after = official_exports([*earlier, vintage, *later])
    origin = _origin(vintage, day, sha256(path), product)
    kept = keep(
        customs_folder(raw), "customs", ".csv", origin, lambda aside: shutil.copyfile(path, aside)
    )
    if lies_there:
        path.unlink()
    return Addition(kept, vintage, True, before, after)


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Files in the order in which they were last written."""
    return sorted(paths, key=lambda path: (path.stat().st_mtime, path.name))


def _twin(path: Path, raw: Path) -> Path | None:
    size = path.stat().st_size
    alike = [kept for kept in downloads(raw) if origin_path(kept).exists()]
    alike = [kept for kept in alike if kept.stat().st_size == size]
    digest = sha256(path) if alike else ""
    return next((kept for kept in alike if sha256(kept) == digest), None)


def _origin(vintage: Vintage, day: date, digest: str, product: str) -> Origin:
    months = vintage.rows["month"]
    span = f"{months.min():%Y-%m} to {months.max():%Y-%m}"
    return Origin(
        title=f"China's exports of {product} by partner, {span}",
        description=(
            f"Download from the customs query page, kept unchanged; it came as {vintage.file}. "
            "The page prints no date of publication: both dates are the day the file was saved."
        ),
        producer="General Administration of Customs of the People's Republic of China",
        citation_full=(
            "General Administration of Customs of the People's Republic of China. Customs "
            f"statistics, online query, exports of {product} by partner, {span}. "
            f"Saved {day}."
        ),
        url_main=PAGE,
        date_published=day,
        date_accessed=day,
        license="Public statistics of China's customs; the query page states no licence",
        sha256=digest,
    )
