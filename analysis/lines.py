"""A line of customs' bulletin as a ledger of its own, so that a study can ask about any good.

Quantities and changes on the year before enter as printed figures of one source, `gacc:` and the
line's name as the series; the reconciliation bounds months from them as from any other.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from contracts import Table, TableError, load_raw, validate
from ledger.tables import UNITS, Figures, Sources
from tradedata.bulletin import Bulletin, BulletinLines, base_unit
from tradedata.bulletin.adding import load_names
from tradedata.bulletin.printed import known_name

from analysis.study import BULLETIN

CUSTOMS = "General Administration of Customs of China"
PAGE = "gacc"


def line_figures(raw: Path, series: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables Figures and Sources of the line that `series` names after `gacc:`.

    The name is the Chinese one, ours or customs' English one. TableError for a name that no line
    has, and for a line not counted in tonnes.
    """
    asked = series.removeprefix(BULLETIN)
    lines = load_raw(raw, "bulletin_lines.csv", BulletinLines).set_index("name")["english"]
    name = known_name(asked, load_names(raw))
    if name is None:
        near = [line for line in lines if asked.casefold()[:4] in line.casefold()]
        known = f"; near it are {', '.join(near[:5])}" if near else ""
        raise TableError(f"series: customs' bulletin has no line {asked!r}{known}")
    bulletin = load_raw(raw, "bulletin.csv", Bulletin)
    rows = bulletin[bulletin["name"].map(lines) == lines[name]]
    units = {text: base_unit(text) for text in rows["unit"].unique()}
    if {base for base, _ in units.values()} != {"吨"}:
        counted = " and ".join(sorted(units)) or "nothing"
        raise TableError(f"series: {asked!r} is counted in {counted}; a study needs tonnes")
    factor = rows["unit"].map({text: size for text, (_, size) in units.items()})
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
    page = {"publisher": CUSTOMS, "newsroom": CUSTOMS, "url": "", "grade": "customs"}
    sources = pd.DataFrame([{"source_id": PAGE, "published": "", **page}])
    return _as(figures, Figures, series), _as(sources, Sources, series)


def _as(table: pd.DataFrame, contract: type[Table], name: str) -> pd.DataFrame:
    return validate(table[list(contract.to_schema().columns)], contract, name)
