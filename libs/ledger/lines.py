"""A line of customs' bulletin as a ledger of its own.

Its quantities and changes on the year before enter as printed figures of one source.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from contracts import TableError, load_raw, validate
from tradedata.bulletin.adding import load_names
from tradedata.bulletin.printed import known_name
from tradedata.bulletin.units import base_units
from tradedata.tables import Bulletin, BulletinLines

from ledger.tables import UNITS, Figures, Sources

CUSTOMS = "General Administration of Customs of China"
PAGE = "gacc"


def line_figures(raw: Path, asked: str, series: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables Figures and Sources of the line `asked`, as the ledger of `series`.

    The name is the Chinese one, ours or customs' English one. TableError for a name that no line
    has, and for a line not counted in tonnes.
    """
    lines = load_raw(raw, "bulletin_lines.csv", BulletinLines).set_index("name")["english"]
    name = known_name(asked, load_names(raw))
    if name is None:
        near = [line for line in lines if asked.casefold()[:4] in line.casefold()]
        known = f"; near it are {', '.join(near[:5])}" if near else ""
        raise TableError(f"series: customs' bulletin has no line {asked!r}{known}")
    bulletin = load_raw(raw, "bulletin.csv", Bulletin)
    rows = bulletin[bulletin["name"].map(lines) == lines[name]]
    base, factor = base_units(rows["unit"])
    if set(base) != {"吨"}:
        counted = " and ".join(sorted(set(rows["unit"]))) or "nothing"
        raise TableError(f"series: {asked!r} is counted in {counted}; a study needs tonnes")
    coarse = (factor >= 1000).map({True: "printed in million kilograms or more", False: ""})
    printed = {
        "tonnes": (rows["quantity"] * factor).map("{:.10g}".format),
        "pct_change_year": rows["pct_change_year_quantity"].map("{:.1f}".format),
    }
    parts = [
        pd.DataFrame({"period_start": rows["month"], "value": values, "note": coarse}).assign(
            measure=measure, unit=UNITS[measure]
        )
        for measure, values in printed.items()
    ]
    figures = pd.concat(parts, ignore_index=True).query("value != 'nan'").reset_index(drop=True)
    figures = figures.assign(
        figure_id=[f"f{place}" for place in range(1, len(figures) + 1)],
        series=series,
        destination="WLD",
        period_end=figures["period_start"],
        approximate=False,
        source_id=PAGE,
    )
    page = (PAGE, CUSTOMS, CUSTOMS, "", "", "customs")
    sources = pd.DataFrame([page], columns=list(Sources.columns))
    columns = list(Figures.columns)
    return validate(figures[columns], Figures, series), validate(sources, Sources, series)
