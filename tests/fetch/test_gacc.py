"""Customs' bulletin from its English pages, faults included."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from contracts import TableError, load_origin
from desk import Reply
from gacc_pages import APPLES, SCRIPTS, Site
from tradedata.bulletin import load_bulletin
from tradedata.bulletin.adding import add_bulletin
from tradedata.fetch.__main__ import main
from tradedata.fetch.gacc import Gacc, learn_names, shape_months
from tradedata.fetch.source import fetch, months_between
from tradedata.fetch.web import FetchError, Web
from tradedata.tables import Bulletin

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "raw"
EXPORTS = Gacc()
PAUSE = EXPORTS.pause


@pytest.fixture(autouse=True)
def _without_pause(monkeypatch):
    monkeypatch.setattr(Gacc, "pause", 0.0)


CARS = "汽车（包括底盘）"


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    for path in SHIPPED.glob("bulletin*"):
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def fetched(raw, desk, first, last, source=EXPORTS):
    done = fetch(source, months_between(first, last), raw, "", desk.address)
    return done, source.read_file(done.path)


def line(table, name):
    rows = table[table["name"] == name]
    return rows.set_index(rows["month"].dt.strftime("%Y-%m"))


def test_all_lines_of_all_months_in_the_shape_of_the_bulletin(serve, raw):
    desk = serve(Site())
    done, table = fetched(raw, desk, "2025-11", "2026-03")
    assert list(table.columns)[: len(Bulletin.columns)] == list(Bulletin.columns)
    assert table.groupby("month").size().tolist() == [4] * 5
    apples = line(table, "苹果")
    assert apples["quantity"].tolist() == [10_000 * APPLES[n] for n in (11, 12, 1, 2, 3)]
    assert set(apples["unit"]) == {"吨"}
    assert apples["pct_change_year_quantity"].tolist() == [5.0] * 5
    assert apples.loc["2025-12", "amount_10k_cny"] == APPLES[12], "2025 is printed in yuan"
    assert apples.loc["2025-12", "pct_change_year_amount"] == 6.0
    assert pd.isna(apples.loc["2026-03", "amount_10k_cny"])
    assert apples.loc["2026-03", "amount_1k_usd"] == APPLES[3]
    cars = line(table, CARS)
    assert set(cars["quantity"]) == {30_000}, "printed as 3 of 10,000 and as 30,000"
    assert set(table["level"]) == {0, 1}
    origin = load_origin(done.path)
    assert origin.producer == "General Administration of Customs of China"
    assert "2025-11 to 2026-03" in origin.title
    assert desk.address in origin.description
    told = done.describe()
    assert "holds 5 months, 2025-11 to 2026-03, 20 rows of 4 lines" in told
    assert "1 lines without a name in the bulletin, such as New trio *" in told


def test_the_index_and_the_pages_are_asked_for_once(serve, raw):
    desk = serve(Site())
    fetched(raw, desk, "2025-12", "2026-02")
    assert [asked.path.rsplit("/", 1)[1] for asked in desk.asked] == [
        *("monthly2025.html", "monthly2026.html", "monthly.html", "Export_2026-01.html"),
        *("Export_2025-12.html", "Export_2026-01.html", "Export_2026-02.html"),
    ]


def test_a_table_of_imports_is_refused(serve, raw, tmp_path):
    done, _ = fetched(raw, serve(Site()), "2026-01", "2026-01")
    imports = tmp_path / "imports.csv"
    imports.write_text(done.path.read_text(encoding="utf-8").replace(",export\n", ",import\n"))
    with pytest.raises(TableError, match="a table of imports"):
        add_bulletin(imports, raw)


def test_january_and_february_printed_together_follow_by_difference_where_they_can(serve, raw):
    """March's page: sum to March less March is the sum to February; neither month alone."""
    done, table = fetched(raw, serve(Site(together=("2026-02",))), "2025-12", "2026-03")
    assert table["month"].dt.strftime("%Y-%m").unique().tolist() == ["2025-12", "2026-03"]
    told = done.describe()
    assert "neither printed alone nor to be had by differences: 2026-01, 2026-02" in told
    assert "nothing for 2026-01" in told


def test_february_follows_where_january_is_printed_too(serve, raw):
    site = Site(newest="2026-02")

    def answer(asked):
        site.together = ("2026-02",) if "2026-02" in asked.path else ()
        return site(asked)

    done, table = fetched(raw, serve(answer), "2026-01", "2026-02")
    apples = line(table, "苹果")
    assert apples.loc["2026-02", "quantity"] == 10_000 * APPLES[2]
    assert apples["derived"].tolist() == ["", "difference"]
    assert pd.isna(apples.loc["2026-02", "pct_change_year_quantity"])
    assert "taken as differences of sums: 2026-02" in done.describe()


def test_a_missing_month_follows_from_the_sums_around_it(serve, raw):
    done, table = fetched(raw, serve(Site(gone=("2025-06",))), "2025-05", "2025-07")
    apples = line(table, "苹果")
    assert apples.loc["2025-06", ["quantity", "derived"]].tolist() == [600_000, "difference"]
    assert apples.loc["2025-06", "amount_10k_cny"] == APPLES[6]
    assert done.empty == ("2025-06",)
    assert "nothing for 2025-06" in done.describe()


def test_months_not_published_yet_are_named(serve, raw):
    done, table = fetched(raw, serve(Site()), "2026-03", "2026-05")
    assert done.empty == ("2026-04", "2026-05")
    assert table["month"].nunique() == 1
    with pytest.raises(FetchError, match="nothing for 2027-01 to 2027-02"):
        fetched(raw, serve(Site()), "2027-01", "2027-02")


def test_a_unit_that_is_not_known_is_kept_and_said(serve, raw):
    site = Site(changes={"2026-02": ("<td>10000T</td>", "<td>10000FT</td>")})
    done, table = fetched(raw, serve(site), "2026-02", "2026-02")
    assert "CAUTION: units that are not known stay as printed: 10000FT" in done.describe()
    assert line(table, "苹果")["quantity"].tolist() == [APPLES[2]]


def test_an_index_within_a_table_and_two_months_under_one_link(serve, raw):
    site = Site(newest="2026-02", together=("2026-02",))

    def answer(asked):
        reply = site(asked)
        if "monthly" in asked.path:
            reply.body = reply.body.replace("<table>", "<table><tr><td><table>")
            reply.body = reply.body.replace("</table>", "</table></td></tr></table>")
            reply.body = reply.body.replace("> Feb.<", "> Jan.-Feb.<")
        return reply

    with pytest.raises(FetchError, match="no month of 2026-01 to 2026-02 is printed alone"):
        fetched(raw, serve(answer), "2026-01", "2026-02")


def test_a_unit_that_changes_is_said(serve, raw):
    site = Site(changes={"2026-02": ("<td>10000T</td>", "<td>10000N</td>")})
    done, _ = fetched(raw, serve(site), "2026-01", "2026-03")
    assert "CAUTION: 苹果 changes its unit: 吨, 个" in done.describe()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("<td>Commodity</td>", "<td>Item</td>"), "no header with a column Commodity"),
        (("<td>1to2</td>", "<td>Total</td>"), "found the header '2 | Total"),
        (("Quantity and Value,1-2.2026", "Quantity and Value,1-3.2026"), "found the header '2 |"),
        (("Export Commodities", "Import Commodities"), "leads to imports of 2026-02"),
        (("（13）Major Export Commodities", "（5）Trade by Customs Regime"), "another table than"),
        (("Unit:US$1,000", "Unit:EUR 1"), "the unit of value is not one"),
        (("<td>20</td>", "<td>2O</td>"), "Apples: found '2O', needs a number"),
    ],
)
def test_a_page_of_another_shape_is_told_and_nothing_is_kept(serve, raw, change, told):
    with pytest.raises(FetchError, match=r"^gacc: ") as error:
        fetched(raw, serve(Site(changes={"2026-02": change})), "2026-01", "2026-03")
    assert told in str(error.value)
    assert not EXPORTS.snapshots(raw)


def test_an_empty_table_is_told(serve, raw):
    def answer(asked):
        reply = Site()(asked)
        if "2026-02" in asked.path:
            reply.body = reply.body.split("<tr><td>Agriculture")[0] + "</table></body></html>"
        return reply

    with pytest.raises(FetchError, match="the table of 2026-02 holds no lines"):
        fetched(raw, serve(answer), "2026-01", "2026-03")
    assert not EXPORTS.snapshots(raw)


@pytest.mark.parametrize("reply", [Reply(SCRIPTS, 412), Reply(SCRIPTS)])
@pytest.mark.parametrize("where", ["monthly2026", "Export_2026-02"])
def test_a_page_of_scripts_is_told_with_what_to_do(serve, raw, reply, where):
    desk = serve(lambda asked: reply if where in asked.path else Site()(asked))
    with pytest.raises(FetchError, match=rf"status {reply.status}.*Chinese site.*pipeline add"):
        fetched(raw, desk, "2026-01", "2026-03")


def test_an_index_without_the_table_is_told(serve, raw):
    desk = serve(lambda _: Reply("<table><tr><td>（1）Totals</td></tr></table>"))
    with pytest.raises(FetchError, match="the index of 2026 has no table"):
        fetched(raw, desk, "2026-01", "2026-03")


def test_a_stopped_fetch_goes_on_month_by_month(serve, raw):
    desk = serve(lambda asked: Reply("", 404) if "2026-03" in asked.path else Site()(asked))
    with pytest.raises(FetchError):
        fetched(raw, desk, "2026-01", "2026-03")
    desk = serve(Site())
    fetched(raw, desk, "2026-01", "2026-03")
    assert [a.path for a in desk.asked if "Export" in a.path][-1:] == [
        "/Statics/Export_2026-03.html"
    ]
    assert len(desk.asked) == 4


def test_requests_keep_their_distance(serve):
    assert PAUSE == 1.0
    desk = serve(lambda _: Reply("x"))
    started = time.monotonic()
    with Web("gacc", desk.address, pause=0.2) as web:
        for _ in range(3):
            web.get("/")
    assert 0.4 <= time.monotonic() - started < 2


def test_spellings_are_learnt_where_the_bulletin_has_the_month_line_by_line(raw):
    bulletin = load_bulletin(raw)
    month = bulletin[bulletin["month"] == "2026-07-01"]
    page = pd.DataFrame(
        {
            "month": "2026-07",
            "printed": [f"Line  {n} （x）" for n in range(len(month))],
            "month_quantity": month["quantity"].map(lambda q: "" if pd.isna(q) else f"{q:.12g}"),
        }
    )
    names = learn_names(page, bulletin)
    assert list(names.values()) == month["name"].tolist()
    assert names["line0(x)"] == month["name"].iloc[0]
    assert learn_names(page.iloc[1:], bulletin) == {}, "another number of lines teaches nothing"
    shifted = page.assign(month_quantity=page["month_quantity"].to_numpy()[::-1])
    assert learn_names(shifted, bulletin) == {}


ENGLISH_UNITS = {
    **{"吨": "T", "万吨": "10000T", "千克": "KG", "万升": "10000L", "万立方米": "10000CUM"},
    **{"亿双": "100MP", "万双": "10000PR"},
}


def whole_page(month, asked, factor=1):
    """All lines of a month of the shipped bulletin under English names nobody knows yet."""

    def told(value):
        return "-" if pd.isna(value) else f"{value * factor:,.10g}"

    rows = [
        [
            "&nbsp;" * 2 * line.level + f"Commodity no. {n}",
            "-" if pd.isna(line.unit) else ENGLISH_UNITS.get(line.unit, line.unit),
            *(told(line.quantity), told(line.amount_10k_cny), "1", "1", "2.5", "-1.5"),
        ]
        for n, line in enumerate(month.itertuples())
    ]
    last = int(asked[5:])
    head = ["Commodity", "Quantity Unit", str(last), f"1to{last}", "Percentage Change"]
    title = f"（13）Major Export Commodities in Quantity and Value,1-{last}.{asked[:4]}"
    cells = [[title], ["Unit:US$1,000"], head, ["Quantity", "Value"] * 3, *rows]
    return "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in cells)


def test_a_new_month_of_all_lines_is_fetched_and_merged(serve, raw, monkeypatch, capsys):
    """July 2026, which the bulletin holds, teaches the spellings; August comes in under them."""
    bulletin = pd.read_csv(raw / "bulletin.csv")
    july = bulletin[bulletin["month"] == "2026-07"]
    site = Site(newest="2026-08")

    def answer(asked):
        month = asked.path[-12:-5]
        if "Export_2026-0" not in asked.path or month not in ("2026-07", "2026-08"):
            return site(asked)
        return Reply(f"<table>{whole_page(july, month, 1 if month == '2026-07' else 2)}</table>")

    command = ["gacc", "--from", "2026-07", "--to", "2026-08", "--raw-dir", str(raw)]
    assert main([*command, "--address", serve(answer).address]) == 0
    told = capsys.readouterr().out
    assert "holds 2 months, 2026-07 to 2026-08, 410 rows of 205 lines" in told
    assert "without a name" not in told
    (snapshot,) = EXPORTS.snapshots(raw)
    addition = add_bulletin(snapshot, raw)
    assert (addition.months, addition.revised, addition.lines) == (("2026-08",), 0, ())
    table = load_bulletin(raw)
    old, new = (table[table["month"] == f"2026-0{n}-01"] for n in (7, 8))
    assert new["name"].tolist() == old["name"].tolist()
    assert new["level"].tolist() == old["level"].tolist()
    assert new["quantity"].tolist() == pytest.approx((2 * old["quantity"]).tolist(), nan_ok=True)
    assert new["amount_10k_cny"].isna().all(), "the pages print dollars"
    assert set(new["pct_change_year_quantity"]) == {2.5}


def test_differences_never_mix_currencies_or_units():
    rows = [
        ("2026-01", "amount_1k_usd", "吨", "1", "1", "", ""),
        ("2026-02", "amount_10k_cny", "吨", "", "", "3", "20"),
    ]
    columns = ["month", "money", "unit", "month_quantity", "month_amount", "total_quantity"]
    frame = pd.DataFrame(rows, columns=[*columns, "total_amount"])
    frame = frame.assign(printed="Apples", level="0", change_quantity="", change_amount="")
    assert shape_months(frame, {})["month"].dt.month.tolist() == [1]
    same = shape_months(frame.assign(money="amount_1k_usd"), {})
    assert same["quantity"].tolist() == [1, 2]
