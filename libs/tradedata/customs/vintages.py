"""The folder of kept downloads: what customs say of every cell, the newest vintage first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import load_origin, origin_path, validate

from tradedata.customs.partners import destinations
from tradedata.customs.reading import HS, read_customs
from tradedata.destinations import EU27, EU27_MEMBERS, WORLD
from tradedata.tables import KILOGRAMS_IN_A_TONNE, OfficialExports

FOLDER = "customs"
"""Where downloads are kept, in the folder of raw data."""
WORLD_PARTNERS = 40
"""A month with as many partners is no query for a few of them, so it is the world."""
CODES_IN_A_QUERY = 5
"""How many codes of one field the query page takes; more values mean no such query was made."""


@dataclass(frozen=True)
class Vintage:
    """One download: its name, the day it was saved (None: no record yet) and its rows."""

    file: str
    saved: date | None
    rows: pd.DataFrame


def downloads(raw: Path) -> list[Path]:
    """Every file in the folder of downloads, hidden files and records left out."""
    found = sorted((raw / FOLDER).glob("[!.]*"))
    return [path for path in found if path.is_file() and not path.name.endswith(".origin.yaml")]


def on_record(raw: Path) -> list[tuple[str, str]]:
    """The day and the sha256 of each download that has an origin record, in order of names."""
    kept = [load_origin(path) for path in downloads(raw) if origin_path(path).exists()]
    return [(f"{one.date_accessed}", one.sha256) for one in kept]


def dropped(raw: Path) -> list[Path]:
    """The downloads that have no origin record yet, in the order in which they were written."""
    new = [path for path in downloads(raw) if not origin_path(path).exists()]
    return sorted(new, key=lambda path: (path.stat().st_mtime, path.name))


def is_dropped(path: Path, raw: Path) -> bool:
    """Whether `path` is one of these."""
    return path.resolve() in {found.resolve() for found in dropped(raw)}


def load_vintages(raw: Path, product: str = HS, as_of: str = "") -> list[Vintage]:
    """Every download kept by the day `as_of`, oldest first; all of them if it is empty.

    Those without a record count as the newest.
    """
    dates = {
        path: load_origin(path).date_accessed if origin_path(path).exists() else None
        for path in downloads(raw)
    }
    if as_of:
        last = date.fromisoformat(as_of)
        dates = {path: saved for path, saved in dates.items() if saved and saved <= last}
    ordered = sorted(dates, key=lambda path: (dates[path] or date.max, path.name))
    return [Vintage(path.name, dates[path], read_customs(path, product)) for path in ordered]


def load_customs(raw: Path, product: str = HS, as_of: str = "") -> pd.DataFrame:
    """Customs' own tonnes by destination and month, from every download in `raw`/customs.

    Downloads saved after the day `as_of` do not count, unless it is empty. Keeps the contract
    OfficialExports. Raises TableError for a download that cannot be read.
    """
    return official_exports(load_vintages(raw, product, as_of))


def official_exports(vintages: Sequence[Vintage]) -> pd.DataFrame:
    """The newest value of every cell; `vintages` are ordered from the oldest to the newest.

    A download that holds every partner of a month replaces what files of earlier days say of that
    month. Files of one day are parts of one answer and are united, and so are two files of 40
    partners or more that share fewer than half of them. The world and the European Union are
    summed where a month has such a download.
    """
    if not vintages:
        return OfficialExports.empty()
    cells = _cells(vintages)
    newest_whole = cells["order"].where(cells["whole"]).groupby(cells["month"]).transform("max")
    cells = cells[~_replaced(cells)]
    cells = cells.drop_duplicates(["destination", "month"], keep="last")
    whole = cells[newest_whole.reindex(cells.index).notna()]
    union = whole[whole["destination"].isin(EU27_MEMBERS)]
    parts = [cells, _sum(whole, WORLD, "every partner"), _sum(union, EU27, "its members")]
    table = pd.concat([part for part in parts if len(part)] or [cells])
    table = table.assign(tonnes=table["kilograms"] / KILOGRAMS_IN_A_TONNE)
    table = table.sort_values(["destination", "month"], ignore_index=True)
    return validate(table[list(OfficialExports.columns)], OfficialExports, "customs")


def _replaced(cells: pd.DataFrame) -> np.ndarray:
    """Which cells a later file that holds every partner of their month takes the place of."""
    gone: list[int] = []
    for _, month in cells.groupby("month"):
        files = [part for _, part in month.groupby("order")]
        for place, older in enumerate(files):
            if any(_revises(newer, older) for newer in files[place + 1 :]):
                gone += list(older.index)
    return np.asarray(cells.index.isin(gone))


def _revises(newer: pd.DataFrame, older: pd.DataFrame) -> bool:
    days = [part["vintage"].iloc[0] for part in (newer, older)]
    same_day = days[0] == days[1] or all(pd.isna(day) for day in days)
    if same_day or not newer["whole"].iloc[0]:
        return False
    shared = int(newer["destination"].isin(older["destination"]).sum())
    return not older["whole"].iloc[0] or 2 * shared >= min(len(newer), len(older))


def _cells(vintages: Sequence[Vintage]) -> pd.DataFrame:
    """The sum of each destination and month of each download, and where it comes from."""
    parts = [
        vintage.rows.assign(
            order=order,
            file=vintage.file,
            vintage=np.datetime64(vintage.saved or "NaT", "ns"),
            whole=vintage.rows["month"].isin(whole_months(vintage.rows)),
        )
        for order, vintage in enumerate(vintages)
    ]
    rows = pd.concat(parts, ignore_index=True)
    pairs = list(zip(rows["partner_code"], rows["partner"], strict=True))
    placed = destinations(pairs)
    rows["destination"] = [placed[pair] for pair in pairs]
    grouped = rows.groupby(
        ["order", "destination", "month", "file", "vintage", "whole"], dropna=False
    )
    return grouped.agg(
        kilograms=("kilograms", "sum"),
        partner=("partner", lambda names: " + ".join(dict.fromkeys(names))),
    ).reset_index()


def whole_months(rows: pd.DataFrame) -> list[pd.Timestamp]:
    """The months for which a download holds every partner, as far as the file itself can tell.

    A file does not say which filters its query had. It counts as whole when it holds too many
    partners, and where it is split by trade mode or province too many of those, for a filter.
    """
    details = [name for name in ("mode", "province") if name in rows]
    if any(rows[name].nunique() <= CODES_IN_A_QUERY for name in details):
        return []
    partners = rows.groupby("month")["partner_code"].nunique()
    return list(partners.index[partners >= WORLD_PARTNERS])


def _sum(cells: pd.DataFrame, destination: str, of: str) -> pd.DataFrame:
    newest = cells.sort_values("order").groupby("month").last()
    sums = newest.assign(kilograms=cells.groupby("month")["kilograms"].sum())
    return sums.assign(destination=destination, partner=of).reset_index()
