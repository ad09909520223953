"""The data dictionary is the contracts' own and complete."""

from contracts.package import describe_columns

from analysis.study import ROOT
from analysis.tables import FILES, data_dictionary


def test_docs_hold_the_current_dictionary() -> None:
    stored = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert stored == data_dictionary(), "run: python -m analysis.tables > docs/data-dictionary.md"


def test_every_column_says_what_it_holds() -> None:
    for table in FILES.values():
        columns = describe_columns(table)
        assert (columns["meaning"].str.len() > 0).all(), table


def test_types_are_named_in_plain_words() -> None:
    types = describe_columns(FILES["data/processed/exports.parquet, .csv"])
    assert dict(zip(types["column"], types["type"], strict=True)) == {
        "destination": "text",
        "month": "date",
        "tonnes": "number",
        "lower": "number",
        "upper": "number",
        "status": "text",
        "newsrooms": "integer",
        "figure_ids": "text",
    }
