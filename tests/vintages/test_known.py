"""Only what had come out by a day counts: a ledger small enough to reckon by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from contracts import TableError, read_table, write_table
from ledger import Reconciliation, days_out, known_figures
from ledger.tables import UNITS, Exports, Figures, Products, Sources

from analysis.sources import load_products
from analysis.study import ROOT, Cleaning
from analysis.vintages import main, reconcile_known

SERIES = "magnets_85051110"
PAGES = [
    ("march", "A", "2025-03-20"),
    ("april", "A", "2025-04-20"),
    ("april-too", "B", "2025-04"),
    ("may", "C", ""),
]
LEDGER = [
    # February is 100 t; March is stated, and by two pages of April a fifth less than February;
    # a page without a date, about April, prints February again, and the year before.
    ("2025-02", "tonnes", "100", "march"),
    ("2025-03", "pct_change_month", "-20", "april"),
    ("2025-03", "tonnes", "80", "april-too"),
    ("2025-02", "tonnes", "150", "may"),
    ("2025-04", "tonnes", "60", "may"),
    ("2025-04", "pct_change_month", "-25", "may"),
]
CUSTOMS = (
    "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,美元\n"
    '202502,85051110,磁铁,502,美国,"{kilograms}",千克,0\n'
)


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    figures = pd.DataFrame(
        [
            (f"f{n}", SERIES, "USA", month, month, measure, value, UNITS[measure], False, page, "")
            for n, (month, measure, value, page) in enumerate(LEDGER)
        ],
        columns=list(Figures.columns),
    )
    months = {name: pd.to_datetime(figures[name]) for name in ("period_start", "period_end")}
    sources = pd.DataFrame(
        [(page, room, room, "", published, "press") for page, room, published in PAGES],
        columns=list(Sources.columns),
    )
    return figures.assign(**months), sources


def as_of(day: str, raw: Path) -> Reconciliation:
    return reconcile_known(*tables(), Cleaning(raw_dir=str(raw), as_of=day))


def months(result: Reconciliation) -> dict[str, float]:
    rows = result.exports.dropna(subset="tonnes")
    return dict(zip(rows["month"].dt.strftime("%Y-%m"), rows["tonnes"].round(), strict=True))


def test_the_day_a_page_came_out() -> None:
    days = days_out(*tables()).set_index("source_id")
    assert days["day"].dt.strftime("%Y-%m-%d").to_dict() == {
        "march": "2025-03-20",  # as shown
        "april": "2025-04-20",
        "april-too": "2025-04-30",  # a month: its last day
        "may": "2025-05-20",  # nothing: customs' day, the month after the last it speaks of
    }
    assert days.index[~days["shown"]].tolist() == ["may"]


@pytest.mark.parametrize(
    ("day", "known"),
    [
        ("2025-03-20", ["f0"]),
        ("2025-04-19", ["f0"]),
        ("2025-04-20", ["f0", "f1"]),
        ("2025-04-30", ["f0", "f1", "f2"]),
        ("2025-05-20", ["f0", "f1", "f2", "f3", "f4", "f5"]),
        ("", ["f0", "f1", "f2", "f3", "f4", "f5"]),
    ],
)
def test_a_figure_counts_from_the_day_its_page_came_out(day: str, known: list[str]) -> None:
    assert known_figures(*tables(), day)["figure_id"].tolist() == known


def test_a_month_is_known_from_its_change_before_it_is_stated(tmp_path: Path) -> None:
    assert months(as_of("2025-03-31", tmp_path)) == {"2025-02": 100}
    derived = as_of("2025-04-20", tmp_path)
    assert months(derived) == {"2025-02": 100, "2025-03": 80}
    assert set(derived.exports["status"]) == {"stated", "derived"}
    assert set(as_of("2025-04-30", tmp_path).exports["status"]) == {"stated"}


def test_a_later_figure_that_cannot_be_true_is_not_doubted_before_it_came_out(
    tmp_path: Path,
) -> None:
    assert as_of("2025-05-19", tmp_path).rejected_figures.empty
    late = as_of("2025-05-20", tmp_path)
    assert late.rejected_figures["figure_id"].tolist() == ["f3"]
    assert months(late) == {"2025-02": 100, "2025-03": 80, "2025-04": 60}


def download(raw: Path, name: str, saved: str, kilograms: str) -> None:
    from contracts import sha256

    path = raw / "customs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CUSTOMS.format(kilograms=kilograms), encoding="utf-8")
    origin = dict.fromkeys(("title", "description", "producer", "citation_full"), "customs")
    origin |= {"url_main": "http://stats.customs.gov.cn/", "license": "public"}
    origin |= {"date_published": saved, "date_accessed": saved, "sha256": sha256(path)}
    path.with_name(f"{name}.origin.yaml").write_text(yaml.safe_dump(origin))


def test_a_download_counts_from_the_day_it_was_saved(tmp_path: Path) -> None:
    download(tmp_path, "first.csv", "2025-04-25", "100,400")
    download(tmp_path, "revised.csv", "2025-05-25", "150,200")
    (tmp_path / "customs" / "dropped.csv").write_text(CUSTOMS.format(kilograms="7"))
    found = {day: months(as_of(day, tmp_path))["2025-02"] for day in ("2025-04-24", "2025-04-25")}
    assert found == {"2025-04-24": 100, "2025-04-25": 100}
    settled = as_of("2025-04-25", tmp_path)
    assert settled.exports.set_index("month").loc["2025-02-01", "tonnes"] == 100.4
    assert settled.exports.set_index("month").loc["2025-02-01", "status"] == "official"
    late = as_of("2025-05-25", tmp_path)
    assert late.exports.set_index("month").loc["2025-02-01", "tonnes"] == 150.2
    assert "f0" in set(late.rejected_figures["figure_id"])


def test_a_day_before_the_first_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError) as refused:
        as_of("2025-03-19", tmp_path)
    assert str(refused.value) == (
        "as_of: found '2025-03-19', but the first figure of magnets_85051110 came out on "
        "2025-03-20; give a later day, or nothing for everything"
    )


def test_a_day_still_to_come_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="as_of: found '2999-01-01', a day still to come"):
        as_of("2999-01-01", tmp_path)


def test_the_command_leaves_a_folder_of_that_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, sources = tables()
    write_table(figures, tmp_path / "figures.parquet", Figures)
    write_table(sources, tmp_path / "sources.parquet", Sources)
    write_table(load_products(ROOT / "data" / "raw"), tmp_path / "products.parquet", Products)
    folders = ["--raw-dir", str(tmp_path / "raw"), "--processed-dir", str(tmp_path)]
    assert main([f"{SERIES}@2025-04-20", *folders]) == 0
    made = tmp_path / "as_of" / "2025-04-20"
    assert made == Cleaning(processed_dir=str(tmp_path), as_of="2025-04-20").vintage
    assert len(read_table(made / "exports.csv", Exports)) == 2
    assert read_table(made / "figures.parquet", Figures)["figure_id"].tolist() == ["f0", "f1"]
    assert main(["2025-01-01", *folders]) == 1
    assert capsys.readouterr().err.startswith("as_of: found '2025-01-01'")
    assert not (tmp_path / "as_of" / "2025-01-01").exists()


def test_another_series_has_a_folder_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, sources = tables()
    figures["series"] = "rare_earths_raw"
    write_table(figures, tmp_path / "figures.parquet", Figures)
    write_table(sources, tmp_path / "sources.parquet", Sources)
    write_table(load_products(ROOT / "data" / "raw"), tmp_path / "products.parquet", Products)
    folders = ["--raw-dir", str(tmp_path / "raw"), "--processed-dir", str(tmp_path)]
    assert main(["rare_earths_raw@", *folders]) == 0
    assert len(read_table(tmp_path / "rare_earths_raw" / "exports.csv", Exports)) == 3
    assert not (tmp_path / "exports.csv").exists()
    assert main(["toasters@", *folders]) == 1
    assert capsys.readouterr().err.startswith("series: found 'toasters', but there is no such")


@pytest.mark.parametrize("day", ["foo", "2025-02-30", "2025-04"])
def test_the_command_refuses_what_is_no_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    assert main([day, "--processed-dir", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"parameters: as_of: found {day!r}; needs a day, year first, or nothing for everything, "
        "such as '2026-03-31'\n"
    )
    assert list(tmp_path.iterdir()) == []
