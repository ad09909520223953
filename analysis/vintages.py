"""The series as it was known on a day, and the folder of tables that holds it.

A line of customs' bulletin is a ledger of its own, so that a study can ask about any good:
`ledger.lines` reads it.

`python -m analysis.vintages magnets_85051110@2026-03-31` makes that folder.
"""

from __future__ import annotations

import sys

import pandas as pd
from contracts import ParameterError, Parser, TableError, check, read_table
from ledger import Reconciliation, reconcile
from ledger.lines import line_figures
from ledger.tables import Figures, Products, Sources, find_product
from tradedata.customs import load_customs
from tradedata.customs.reading import HS
from tradedata.tables import OfficialExports

from analysis.study import BULLETIN, Cleaning, Folders


def reconcile_known(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    cleaning: Cleaning,
    products: pd.DataFrame | None = None,
    earlier: Reconciliation | None = None,
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
        earlier,
    )


def make_vintage(cleaning: Cleaning) -> None:
    """Make the folder of a series as known on a day from the tables of `cleaning.processed`.

    A line of customs' bulletin is read from `cleaning.raw`.
    """
    asked, products = cleaning, None
    if cleaning.series.startswith(BULLETIN):
        line = cleaning.series.removeprefix(BULLETIN)
        figures, sources = line_figures(cleaning.raw, line, cleaning.series)
        asked = cleaning.model_copy(update={"groups": []})
    else:
        products = read_table(cleaning.processed / "products.parquet", Products)
        figures = read_table(cleaning.processed / "figures.parquet", Figures)
        sources = read_table(cleaning.processed / "sources.parquet", Sources)
    result = reconcile_known(figures, sources, asked, products)
    result.save(cleaning.vintage, whole=bool(cleaning.known))


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
