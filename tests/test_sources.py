"""The raw files agree with their origin records, and broken ones are refused in plain words."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pandas as pd
import pytest
import yaml
from contracts import TableError, check_references, load_origin, origin_path

from analysis import sources
from analysis.study import ROOT

RAW = ROOT / "data" / "raw"
RAW_FILES = sorted(
    path for path in RAW.rglob("*") if path.is_file() and path.suffix not in (".yaml", ".md")
)
HEADER = (
    "figure_id,series,destination,period_start,period_end,measure,value,unit,approximate,"
    "source_id,note\n"
)
GOOD = "f1,magnets_85051110,WLD,2025-08,2025-08,tonnes,6146,tonnes,false,s1,\n"
SECOND = GOOD.replace("f1", "f2")


def write_raw(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a raw file with an origin record that agrees with it."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    record = yaml.safe_load(origin_path(RAW / "figures.csv").read_text(encoding="utf-8"))
    record["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    origin_path(path).write_text(yaml.safe_dump(record), encoding="utf-8")
    return path


def test_there_are_raw_files():
    assert {"figures.csv", "sources.csv", "events.csv", "claims.csv"} <= {
        path.name for path in RAW_FILES
    }


@pytest.mark.parametrize("path", RAW_FILES, ids=lambda path: path.name)
def test_every_raw_file_agrees_with_its_origin_record(path):
    origin = load_origin(path)
    assert all(str(value).strip() for value in origin.model_dump().values())
    assert origin.url_main.startswith(("http://", "https://"))
    assert origin.date_accessed >= origin.date_published


def test_every_origin_record_has_its_file():
    records = RAW.rglob("*.origin.yaml")
    assert {path.name.removesuffix(".origin.yaml") for path in records} == {
        path.name for path in RAW_FILES
    }


def test_a_file_changed_by_one_byte_is_refused(tmp_path):
    path = write_raw(tmp_path, "figures.csv", HEADER + GOOD)
    path.write_text(HEADER + GOOD.replace("6146", "6147"), encoding="utf-8")
    with pytest.raises(
        TableError,
        match=r"figures\.csv: is not what its origin .* `make accept` .* restore",
    ):
        sources.load_figures(tmp_path)


def test_a_file_without_a_record_is_refused(tmp_path):
    path = write_raw(tmp_path, "figures.csv", HEADER + GOOD)
    origin_path(path).unlink()
    with pytest.raises(TableError, match=r"no origin record for figures\.csv"):
        sources.load_figures(tmp_path)


@pytest.mark.parametrize("text", ["title: only this\n", "- a list\n", "a: [unclosed\n"])
def test_a_broken_record_is_named(tmp_path, text):
    path = write_raw(tmp_path, "figures.csv", HEADER + GOOD)
    origin_path(path).write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=r"figures\.csv\.origin\.yaml"):
        sources.load_figures(tmp_path)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (GOOD.replace("2025-08,2025-08", "2025-8x,2025-08"), "line 3, column period_start: "
         "found '2025-8x', needs a month"),
        (GOOD.replace("false", "no"), "line 3, column approximate: found 'no', needs true or"),
        (GOOD.replace("6146", "6,146"), "line 3: found 12 fields, needs 11"),
        (GOOD.replace(",s1,\n", "\n"), "line 3: found 9 fields, needs 11"),
        (SECOND.replace("6146", '"6,146"'), "line 3, column value: found '6,146', needs"),
        (SECOND.replace("6146", ""), "line 3, column value: found '', needs"),
        (GOOD.replace("tonnes,6146", "weight,6146"), "line 3, column measure: found 'weight', "
         "needs one of tonnes, pct_change_month"),
        (GOOD.replace("WLD", "World"), "line 3, column destination: found 'World'"),
        (GOOD.replace("2025-08,2025-08", "2025-08,2025-07"), "line 3 period_end comes before"),
        (GOOD, "line 3, column figure_id: found 'f1', needs a value found once only"),
        (GOOD.replace("f1", '"f2\nf2"'), "line 4, column figure_id"),
        # dates: a month where one is meant, and nothing that a clock or a reader must complete
        *[(SECOND.replace("2025-08,2025-08", f"2025-08,{wrong}"),
           f"line 3, column period_end: found {wrong!r}, needs a month like 2025-04")
          for wrong in ("now", "today", "2025", "20250404", "2025-08-15", "2025-13", "２０２５-08",
                        "2025-08T23:59", "2025-08-15T00:00+08:00")],
        # digits: of this alphabet, few enough to compute with
        *[(SECOND.replace("6146", wrong), f"line 3, column value: found {wrong!r}, needs the form")
          for wrong in ("１２３", "٣", "9" * 400, "1e3", "+5", "nan")],
        (SECOND.replace("6146", "-5"), "line 3 the value is below what the measure can be"),
        (SECOND.replace("tonnes,6146,tonnes", "pct_change_year,-100.1,percent"),
         "line 3 the value is below what the measure can be: found measure pct_change_year"),
        (SECOND.replace("6146,tonnes", "6146,kg"), "line 3 the unit does not fit the measure: "
         "found measure tonnes, unit kg"),
        *[(SECOND.replace("WLD", wrong), f"line 3, column destination: found {wrong!r}, needs a "
           "destination that exists, none named twice")
          for wrong in ("GRP_USA+USA", "GRP_WLD-WLD", "XXX", "usa", "GRP_USA+XXX")],
        (SECOND.replace("WLD", '"WLD\n"'), "column destination: found 'WLD\\n', needs text"),
    ],
)  # fmt: skip
def test_a_broken_row_is_named_by_file_line_column_and_value(tmp_path, row, words):
    write_raw(tmp_path, "figures.csv", HEADER + GOOD + row)
    with pytest.raises(TableError) as error:
        sources.load_figures(tmp_path)
    assert "figures.csv" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "content", [HEADER.encode("utf-16"), (HEADER + GOOD).encode() + b"\xff\xfe", HEADER + '"open']
)
def test_a_file_that_is_no_csv_is_refused(tmp_path, content):
    write_raw(tmp_path, "figures.csv", content)
    with pytest.raises(TableError, match=r"figures\.csv"):
        sources.load_figures(tmp_path)


def test_what_is_no_csv_is_named_by_its_line(tmp_path):
    write_raw(tmp_path, "figures.csv", (HEADER + GOOD).encode() + b"f2,\xff\xfe")
    with pytest.raises(TableError, match=r"figures\.csv: line 3: not a CSV file in UTF-8"):
        sources.load_figures(tmp_path)
    before = csv.field_size_limit(100_000)
    write_raw(tmp_path, "figures.csv", HEADER + GOOD + "f2," + "x" * 200_000)
    with pytest.raises(TableError, match=r"figures\.csv: line 3: .*field larger"):
        sources.load_figures(tmp_path)
    csv.field_size_limit(before)


def changed_event(**changes):
    """The first shipped event, changed, as a file."""
    with (RAW / "events.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file)) | changes
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue()


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        *[("date_announced", day) for day in ("now", "2025", "2025-04", "20250404", "2025-02-30")],
        ("date_effective", "2025-04-04T10:00+08:00"),
        ("event_id", ""),
        ("targets", "../.."),
        ("source_url", "javascript:alert(1)"),
    ],
)
def test_what_an_event_cannot_hold_is_named(tmp_path, column, wrong):
    write_raw(tmp_path, "events.csv", changed_event(**{column: wrong}))
    with pytest.raises(TableError) as error:
        sources.load_events(tmp_path)
    assert f"line 2, column {column}: found {wrong!r}, needs" in str(error.value)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.org/x", "http://a b"])
def test_a_page_stands_at_an_address_of_the_web(tmp_path, url):
    write_raw(tmp_path, "sources.csv", f"{PAGES}s1,A,A,{url},2025-04-04,press\n")
    with pytest.raises(TableError, match="line 2, column url: found"):
        sources.load_sources(tmp_path)


def test_products_hold_every_series_of_the_figures():
    products = sources.load_products(RAW)
    check_references(sources.load_figures(RAW), "series", products, "figure_id")
    figures = pd.DataFrame({"figure_id": ["f1"], "series": ["magnetts"]})
    with pytest.raises(TableError, match=r"figures\.csv: figure_id 'f1': series 'magnetts' is in"):
        check_references(figures, "series", products, "figure_id", "figures.csv")


def test_an_empty_file_lacks_its_columns(tmp_path):
    write_raw(tmp_path, "figures.csv", "")
    with pytest.raises(TableError, match="column figure_id is missing"):
        sources.load_figures(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    write_raw(tmp_path, "figures.csv", (HEADER + GOOD).encode("utf-8-sig"))
    assert sources.load_figures(tmp_path)["figure_id"].tolist() == ["f1"]


def test_a_repeated_column_is_named(tmp_path):
    write_raw(tmp_path, "figures.csv", HEADER.strip() + ",note\n" + GOOD.strip() + ",x\n")
    with pytest.raises(TableError) as error:
        sources.load_figures(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/figures.csv: line 1: found the column 'note' twice, needs it once"
    )


PAGES = "source_id,publisher,newsroom,url,published,grade\n"


def test_a_page_came_out_on_a_day_in_a_month_or_shows_neither(tmp_path):
    shown = ["2024-02-29", "2025-04", ""]
    rows = [f"s{number},A,A,,{day},press\n" for number, day in enumerate(shown)]
    write_raw(tmp_path, "sources.csv", PAGES + "".join(rows))
    assert sources.load_sources(tmp_path)["published"].tolist() == shown


@pytest.mark.parametrize(
    "day", ["2025-02-30", "2025-09-99", "2025-13", "2025", "20250404", "2025-04-04T10:00", "soon"]
)
def test_a_day_that_no_calendar_has_is_named(tmp_path, day):
    write_raw(tmp_path, "sources.csv", f"{PAGES}s1,A,A,,2025-04-04,press\ns2,A,A,,{day},press\n")
    with pytest.raises(TableError) as error:
        sources.load_sources(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/sources.csv: line 3, column published: found {day!r}, "
        "needs a day or month that exists, like 2025-04-04 or 2025-04, or nothing"
    )


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match=r"claims\.csv: no such file"):
        sources.load_claims(tmp_path)


def test_flags_are_read_as_printed():
    """As many as a count of the text finds: grep -c ',true,' figures.csv."""
    text = (RAW / "figures.csv").read_text(encoding="utf-8")
    figures = sources.load_figures(RAW)
    assert int(figures["approximate"].sum()) == text.count(",true,")


def test_values_keep_their_printed_digits():
    figures = sources.load_figures(RAW).set_index("figure_id")
    assert figures.loc["f0878":"f0886", "value"].map(type).eq(str).all()
    assert "6145.623" in set(figures["value"])
    assert "75.0" in set(figures["value"])


def test_hostile_text_is_read_as_text(tmp_path):
    hostile = "<script>alert(1)</script>\u202e " + "x" * 10_000
    write_raw(tmp_path, "figures.csv", HEADER + GOOD.replace(",s1,", f',s1,"{hostile}"'))
    assert sources.load_figures(tmp_path)["note"].iloc[0] == hostile


def test_references_between_the_raw_files_hold():
    figures, pages = sources.load_figures(RAW), sources.load_sources(RAW)
    check_references(figures, "source_id", pages, "figure_id")
    events = sources.load_events(RAW)
    check_references(sources.load_event_disagreements(RAW), "event_id", events, "event_id")


def test_a_reference_to_nothing_is_named():
    rows = pd.DataFrame({"figure_id": ["f1", "f2"], "source_id": ["s1", "s9"]})
    with pytest.raises(TableError, match="figure_id 'f2': source_id 's9' is in no row"):
        check_references(rows, "source_id", pd.DataFrame({"source_id": ["s1"]}), "figure_id")
