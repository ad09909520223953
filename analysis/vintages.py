"""The series as it was known on a day, and the folder of tables that holds it.

A line of customs' bulletin is a ledger of its own, so that a study can ask about any good:
quantities and changes on the year before enter as printed figures of one source.

`python -m analysis.vintages magnets_85051110@2026-03-31` makes that folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from contracts import (
    ParameterError,
    Parser,
    TableError,
    check,
    load_raw,
    read_table,
    validate,
    write_table,
)
from ledger import Reconciliation, reconcile
from ledger.tables import UNITS, Exports, Figures, Products, RejectedFigures, Sources
from tradedata.bulletin import Bulletin, BulletinLines, base_unit
from tradedata.bulletin.adding import load_names
from tradedata.bulletin.printed import known_name
from tradedata.customs import load_customs
from tradedata.customs.reading import HS
from tradedata.tables import OfficialExports

from analysis.sources import find_product
from analysis.study import BULLETIN, Cleaning, Folders

CUSTOMS = "General Administration of Customs of China"
PAGE = "gacc"


def reconcile_known(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    cleaning: Cleaning,
    products: pd.DataFrame | None = None,
) -> Reconciliation:
    """The reconciliation of what was known on the day `cleaning.as_of`, or of everything.

    `figures`, `sources` and `products` keep the contracts of that name; customs' downloads of the
    product's code are read from `cleaning.raw`. Without `products` the series stands alone: the
    magnets, or a line of the bulletin, of which there are no downloads. Raises TableError for a
    series that nothing is printed of, a day before its first figure and a day still to come.
    """
    alone = "" if cleaning.series.startswith(BULLETIN) else HS
    code = alone if products is None else find_product(products, cleaning.series)["code"]
    official = load_customs(cleaning.raw, code, cleaning.as_of) if code else OfficialExports.empty()
    return reconcile(
        figures,
        sources,
        cleaning.series,
        cleaning.narrow_width,
        official,
        cleaning.groups,
        cleaning.as_of,
        products,
        cleaning.seconds,
    )


def save_result(result: Reconciliation, cleaning: Cleaning) -> None:
    """Write exports and doubted figures, and the ledger behind them if it is not the usual one."""
    folder = cleaning.vintage
    write_table(result.exports, folder / "exports.parquet", Exports)
    write_table(result.exports, folder / "exports.csv", Exports)
    write_table(result.rejected_figures, folder / "rejected_figures.csv", RejectedFigures)
    if cleaning.known:
        write_table(result.figures, folder / "figures.parquet", Figures)
        write_table(result.sources, folder / "sources.parquet", Sources)
        write_table(result.official, folder / "official_exports.parquet", OfficialExports)


def make_vintage(cleaning: Cleaning) -> None:
    """Make the folder of a series as known on a day from the tables of `cleaning.processed`.

    A line of customs' bulletin is read from `cleaning.raw`.
    """
    if cleaning.series.startswith(BULLETIN):
        figures, sources = line_figures(cleaning.raw, cleaning.series)
        alone = cleaning.model_copy(update={"groups": []})
        result = reconcile_known(figures, sources, alone)
    else:
        products = read_table(cleaning.processed / "products.parquet", Products)
        figures = read_table(cleaning.processed / "figures.parquet", Figures)
        sources = read_table(cleaning.processed / "sources.parquet", Sources)
        result = reconcile_known(figures, sources, cleaning, products)
    save_result(result, cleaning)


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
    page = (PAGE, CUSTOMS, CUSTOMS, "", "", "customs")
    sources = pd.DataFrame([page], columns=list(Sources.to_schema().columns))
    columns = list(Figures.to_schema().columns)
    return validate(figures[columns], Figures, series), validate(sources, Sources, series)


def main(arguments: list[str] | None = None) -> int:
    """Make the tables; the exit status is 1 if there is no such series or nothing was known."""
    parser = Parser(
        prog="python -m analysis.vintages", description="a series as it was known on a day"
    )
    parser.add_argument("known", help="series@day, or series@ for all that is known of it")
    parser.add_argument("--raw-dir", default=Folders().raw_dir)
    parser.add_argument("--processed-dir", default=Folders().processed_dir)
    given = vars(parser.parse_args(arguments))
    series, _, day = given.pop("known").rpartition("@")
    asked = {"as_of": day} | ({"series": series} if series else {})
    try:
        make_vintage(check(Cleaning, given | asked, "parameters"))
    except (TableError, ParameterError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
