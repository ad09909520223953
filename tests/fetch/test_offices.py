"""Each client against a server that speaks its documented format."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import speaking
from desk import KEY, Reply
from tradedata.fetch.offices import OFFICES, load_flows
from tradedata.fetch.source import fetch
from tradedata.fetch.web import FetchError


def fetched(name: str, desk: Any, raw: Path, months: list[str], key: str = "") -> pd.DataFrame:
    fetch(OFFICES[name], months, raw, key, desk.address)
    return load_flows(raw)


def kilograms(flows: pd.DataFrame, *columns: str) -> dict[Any, float]:
    return flows.set_index(list(columns))["kilograms"].to_dict()


def test_comext_counts_hundreds_of_kilograms_and_leaves_other_groups_out(serve, tmp_path):
    flows = fetched("comext", serve(speaking.comext), tmp_path, ["2025-04"])
    assert kilograms(flows, "reporter") == {"DEU": 512_345.0, "EU27": 1_200_000.0}
    assert set(flows["product"]) == {"85051110"}
    assert set(flows["month"]) == {pd.Timestamp("2025-04-01")}


def test_comext_splits_what_is_too_large(serve, tmp_path):
    desk = serve(partial(speaking.comext, most=3))
    flows = fetched("comext", desk, tmp_path, speaking.months("2024-01", "2024-12"))
    assert flows["month"].nunique() == 12
    spans = [(asked.query["startPeriod"][5:], asked.query["endPeriod"][5:]) for asked in desk.asked]
    halves = [("01", "12"), ("01", "06"), ("01", "03"), ("04", "06")]
    assert spans == [*halves, ("07", "12"), ("07", "09"), ("10", "12")]


def test_comext_too_large_for_one_month_is_an_error(serve, tmp_path):
    desk = serve(partial(speaking.comext, most=0))
    with pytest.raises(FetchError, match="though it is for one month"):
        fetched("comext", desk, tmp_path, ["2025-04"])


def test_comext_answer_put_off_is_split_too(serve, tmp_path):
    desk = serve(speaking.comext)
    desk.first = [Reply("<env:Envelope><queued><status>SUBMITTED</status></queued></env:Envelope>")]
    flows = fetched("comext", desk, tmp_path, ["2025-04", "2025-05"])
    assert flows["month"].nunique() == 2
    assert len(desk.asked) == 3


def test_comext_without_results(serve, tmp_path):
    desk = serve(speaking.comext)
    with pytest.raises(FetchError, match="nothing for 2026-01 to 2026-02"):
        fetched("comext", desk, tmp_path, ["2026-01", "2026-02"])


def test_comext_another_unit_is_an_error(serve, tmp_path):
    line = "E,d,M,DE,CN,85051110,1,QUANTITY_KG,2025-04,5"
    desk = serve(lambda _: Reply(f"{speaking.COMEXT_HEADER}\n{line}\n"))
    with pytest.raises(FetchError, match="'QUANTITY_KG', not QUANTITY_IN_100KG"):
        fetched("comext", desk, tmp_path, ["2025-04"])


@pytest.mark.parametrize("weight", [":c", "-5"])
def test_a_weight_that_cannot_be_right_is_told_and_not_kept(serve, tmp_path, weight):
    line = f"E,d,M,DE,CN,85051110,1,QUANTITY_IN_100KG,2025-04,{weight}"
    desk = serve(lambda _: Reply(f"{speaking.COMEXT_HEADER}\n{line}\n"))
    for _ in range(2):  # and the bad month is not gone on with
        with pytest.raises(FetchError, match=r"OBS_VALUE: found ':c'|kilograms: found -500\.0"):
            fetched("comext", desk, tmp_path, ["2025-04"])
    assert len(desk.asked) == 2
    assert not list(tmp_path.glob("*/*.csv"))


def test_hmrc_follows_pages_and_sums_ports(serve, tmp_path):
    desk = serve(lambda asked: speaking.hmrc(desk.address, asked))
    flows = fetched("hmrc", desk, tmp_path, ["2024-01", "2024-02"])
    assert len(desk.asked) == 3
    assert desk.asked[0].target.startswith("/OTS?$filter=MonthId%20eq%20202401%20and%20")
    assert kilograms(flows[flows["product"] == "85051110"], "reporter") == {"GBR": 1250.5}
    assert flows[flows["product"] == "85051190"]["kilograms"].isna().all()


def test_hmrc_does_not_follow_a_page_to_another_host(serve, tmp_path):
    page = {"value": [], "@odata.nextLink": "https://elsewhere.example/OTS?$skip=2"}
    desk = serve(lambda _: Reply(page))
    with pytest.raises(FetchError, match=r"elsewhere\.example"):
        fetched("hmrc", desk, tmp_path, ["2024-01"])


def test_census_drops_totals_and_takes_the_quantity_in_kilograms(serve, tmp_path):
    desk = serve(partial(speaking.census, key=KEY))
    flows = fetched("census", desk, tmp_path, ["2025-08"], KEY)
    assert set(flows["reporter"]) == {"USA"}
    assert set(flows["partner"]) == {"CHN"}
    known = flows.dropna(subset="kilograms")
    assert kilograms(known, "product") == {"8505110030": 40_000.0, "8505110070": 600_000.0}
    assert list(flows[flows["kilograms"].isna()]["product"]) == ["8505110090"]


def test_census_keeps_the_rows_of_all_countries(serve, tmp_path):
    desk = serve(partial(speaking.census, key=KEY))
    fetched("census", desk, tmp_path, ["2025-08"], KEY)
    kept = pd.read_csv(next(tmp_path.glob("census/census_*.csv")), dtype=str)
    assert len(kept) == len(speaking.CENSUS_ROWS)
    assert list(kept.columns) == list(OFFICES["census"].columns)


def test_census_204_is_no_data_and_not_an_error(serve, tmp_path):
    desk = serve(partial(speaking.census, key=KEY))
    done = fetch(OFFICES["census"], ["2025-08", "2025-09"], tmp_path, KEY, desk.address)
    assert done.empty == ("2025-09",)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("", 302, {"Location": "/data/missing_key.html"}),
        Reply("<html><title>Invalid Key</title>A valid key must be included</html>"),
    ],
)
def test_census_wrong_key(serve, tmp_path, reply):
    desk = serve(lambda _: reply)
    with pytest.raises(FetchError, match="the key was not accepted") as told:
        fetched("census", desk, tmp_path, ["2025-08"], KEY)
    assert KEY not in str(told.value)


def test_comexstat_asks_once_for_a_year(serve, tmp_path):
    desk = serve(speaking.comexstat)
    flows = fetched("comexstat", desk, tmp_path, speaking.months("2024-01", "2025-02"))
    assert [asked.body["period"] for asked in desk.asked] == [
        {"from": "2024-01", "to": "2024-12"},
        {"from": "2025-01", "to": "2025-02"},
    ]
    assert set(flows["kilograms"]) == {190_000.0}
    assert flows["month"].nunique() == 14


def test_comexstat_refusal(serve, tmp_path):
    desk = serve(lambda _: Reply({"data": None, "success": False, "message": "Filtro inválido"}))
    with pytest.raises(FetchError, match="Filtro inválido"):
        fetched("comexstat", desk, tmp_path, ["2024-01"])


@pytest.mark.parametrize("key", ["", KEY])
def test_comtrade_with_and_without_a_key(serve, tmp_path, key):
    desk = serve(partial(speaking.comtrade, key=key))
    flows = fetched("comtrade", desk, tmp_path, ["2025-04", "2025-05"], key)
    assert len(desk.asked) == 4
    april = flows[flows["month"] == "2025-04-01"]
    known = april.dropna(subset="kilograms")
    assert kilograms(known, "flow", "reporter", "partner") == {
        ("export", "CHN", "USA"): 600_000.0,
        ("export", "CHN", "WLD"): 5_000_000.0,
        ("import", "IND", "CHN"): 100_000.0,
    }
    missing = april[april["kilograms"].isna()]
    assert set(missing["partner"]) == {"DEU", "TWN"}, "estimated, and nought beside a value"


def test_comtrade_wrong_key(serve, tmp_path):
    desk = serve(partial(speaking.comtrade, key="another-key-entirely"))
    with pytest.raises(FetchError, match=r"access was refused .* check that the key is right"):
        fetched("comtrade", desk, tmp_path, ["2025-04"], KEY)


def test_comtrade_full_preview_is_an_error(serve, tmp_path):
    row = speaking.comtrade_row("202504", "X", 156, 842, 1.0, False)
    desk = serve(lambda _: Reply({"count": 500, "data": [row] * 500, "error": ""}))
    with pytest.raises(FetchError, match=r"500 rows for 202504.*use a key"):
        fetched("comtrade", desk, tmp_path, ["2025-04"])


@pytest.mark.parametrize("name", sorted(OFFICES))
@pytest.mark.parametrize(
    "reply",
    [
        Reply("<html><body><h1>Down for maintenance</h1></body></html>"),
        Reply({"unheard": "of"}),
        Reply([["time"], ["2025-04"]]),
        Reply({"value": [{"MonthId": 1}], "data": {"list": [{"year": "2025"}]}}),
        Reply({"data": [{"period": "202504"}], "error": ""}),
        Reply("error: unknown variable 'GEN_QY1_MO'", 400),
        Reply("moved", 301, {"Location": "https://elsewhere.example/"}),
        Reply(""),
    ],
    ids=["page", "object", "table", "rows", "data", "400", "moved", "empty"],
)
def test_another_format_is_told_and_nothing_is_kept(serve, tmp_path, name, reply):
    desk = serve(lambda _: reply)
    with pytest.raises(FetchError, match=f"^{name}: "):
        fetched(name, desk, tmp_path, ["2025-04"], KEY if OFFICES[name].key_name else "")
    assert not list(tmp_path.glob("*/*.csv"))
    assert load_flows(tmp_path).empty
