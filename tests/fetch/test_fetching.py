"""What all sources share: patience, going on, snapshots, months."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
import speaking
from contracts import TableError, load_origin
from desk import QUICK, Reply
from tradedata.destinations import alpha3, from_comext, from_comtrade
from tradedata.fetch.offices import OFFICES, load_flows
from tradedata.fetch.source import FRESH_SECONDS, batches, fetch, months_between
from tradedata.fetch.web import FetchError, Web, seconds

COMEXT = OFFICES["comext"]


@pytest.mark.parametrize(
    "troubles",
    [[Reply("", 503)], [Reply("", 429), Reply("", 502)], [Reply(status=0)]],
    ids=["outage", "too many", "lost connection"],
)
def test_passing_troubles_are_waited_out(serve, tmp_path, troubles):
    desk = serve(speaking.comext)
    desk.first = list(troubles)
    fetch(COMEXT, ["2025-04"], tmp_path, address=desk.address)
    assert len(desk.asked) == len(troubles) + 1


def test_an_outage_that_lasts_is_told(serve, tmp_path):
    desk = serve(lambda _: Reply("<h1>Bad gateway</h1>", 502))
    with pytest.raises(FetchError, match=r"out of order or too busy \(status 502: Bad gateway\)"):
        fetch(COMEXT, ["2025-04"], tmp_path, address=desk.address)
    assert len(desk.asked) == QUICK["ATTEMPTS"]


def test_no_server_at_all_is_told(serve, tmp_path):
    nobody = "http://127.0.0.1:9"
    with pytest.raises(FetchError, match=r"no answer from 127\.0\.0\.1 \(ConnectError\)"):
        fetch(COMEXT, ["2025-04"], tmp_path, address=nobody)


def test_retry_after_is_waited_for(serve, tmp_path):
    desk = serve(speaking.comext)
    desk.first = [Reply("", 429, {"Retry-After": "1"})]
    started = time.monotonic()
    fetch(COMEXT, ["2025-04"], tmp_path, address=desk.address)
    assert time.monotonic() - started >= 1.0
    assert len(desk.asked) == 2


def test_a_long_retry_after_ends_the_fetch(serve, tmp_path):
    desk = serve(lambda _: Reply("slow down", 429, {"Retry-After": "7200"}))
    with pytest.raises(FetchError, match="asks to wait 120 minutes"):
        fetch(COMEXT, ["2025-04"], tmp_path, address=desk.address)
    assert len(desk.asked) == 1


def test_a_used_up_quota_is_told_at_once(serve, tmp_path):
    words = {"statusCode": 403, "message": "Out of call volume quota. Replenished in 03:14:17."}
    desk = serve(lambda _: Reply(words, 403))
    with pytest.raises(FetchError, match=r"the quota is used up .*03:14:17.*same command again"):
        fetch(OFFICES["comtrade"], ["2025-04"], tmp_path, address=desk.address)
    assert len(desk.asked) == 1


def test_retry_after_as_seconds_as_a_date_and_as_neither():
    assert seconds(None) is None
    assert seconds("120") == 120
    assert seconds("soon") is None
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 <= seconds(date) <= 90
    assert seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 0


def test_waits_grow_up_to_a_limit(serve, monkeypatch):
    waited = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    desk = serve(lambda _: Reply("", 503))
    for name, value in {"ATTEMPTS": 6, "FIRST": 1, "LONGEST": 8}.items():
        monkeypatch.setattr(f"tradedata.fetch.web.{name}", value)
    with Web("comext", desk.address) as web, pytest.raises(FetchError):
        web.get("/")
    assert len(waited) == 5
    for wait, least in zip(waited, [1, 2, 4, 8, 8], strict=True):
        assert least <= wait <= min(least + 1, 8)


def test_a_stopped_fetch_goes_on_with_the_months_that_are_missing(serve, tmp_path):
    desk = serve(partial(speaking.hmrc, "http://127.0.0.1"))
    desk.first = [Reply({"value": [speaking.hmrc_row("202401", 85051110, 1, 7.0)]})]
    desk.first += [Reply("<h1>Down</h1>", 404)]
    months = ["2024-01", "2024-02", "2024-03"]
    with pytest.raises(FetchError):
        fetch(OFFICES["hmrc"], months, tmp_path, address=desk.address)
    assert OFFICES["hmrc"].snapshots(tmp_path) == []
    done = fetch(OFFICES["hmrc"], months, tmp_path, address=desk.address)
    assert len(desk.asked) == 4, "January is not asked for again"
    assert done.empty == ("2024-02", "2024-03")
    assert load_flows(tmp_path)["kilograms"].tolist() == [7.0]
    assert not (tmp_path / "hmrc" / ".unfinished").exists()


def test_months_of_another_day_are_fetched_again(serve, tmp_path):
    desk = serve(partial(speaking.hmrc, "http://127.0.0.1"))
    desk.first = [Reply({"value": [speaking.hmrc_row("202401", 85051110, 1, 7.0)]})]
    desk.first += [Reply("<h1>Down</h1>", 404)]
    with pytest.raises(FetchError):
        fetch(OFFICES["hmrc"], ["2024-01", "2024-02"], tmp_path, address=desk.address)
    old = time.time() - FRESH_SECONDS - 60
    os.utime(tmp_path / "hmrc" / ".unfinished" / "2024-01.csv", (old, old))
    desk.first = [Reply({"value": [speaking.hmrc_row("202401", 85051110, 1, 9.0)]})]
    fetch(OFFICES["hmrc"], ["2024-01", "2024-02"], tmp_path, address=desk.address)
    assert load_flows(tmp_path)["kilograms"].tolist() == [9.0]


def test_snapshots_are_dated_recorded_and_never_overwritten(serve, tmp_path):
    desk = serve(speaking.comext)
    ask = partial(fetch, COMEXT, raw=tmp_path, address=desk.address)
    first = ask(["2025-04"])
    before = first.path.read_bytes()
    again = ask(["2025-04"])
    assert (again.path, again.is_new) == (first.path, False)
    second = ask(["2025-04", "2025-05"])
    assert second.path.name.endswith("_02.csv")
    assert first.path.read_bytes() == before
    origin = load_origin(second.path)
    assert "2025-04 to 2025-05" in origin.title
    assert desk.address in origin.description, "a test server is not taken for Eurostat"
    assert origin.producer == "Eurostat"
    assert "Kept as" in second.describe()
    assert "2 months with trade" in second.describe()
    assert "Nothing new since" in again.describe()


def test_the_newest_snapshot_of_a_month_counts(serve, tmp_path):
    months = ["2025-04", "2025-05"]
    desk = serve(speaking.comext)
    fetch(COMEXT, months, tmp_path, address=desk.address)
    line = "E,d,M,DE,CN,85051110,1,QUANTITY_IN_100KG,2025-05,1"
    revised = serve(lambda _: Reply(f"{speaking.COMEXT_HEADER}\n{line}\n"))
    newer = fetch(COMEXT, ["2025-05"], tmp_path, address=revised.address)
    flows = load_flows(tmp_path)
    may = flows[flows["month"] == "2025-05-01"]
    assert may["kilograms"].tolist() == [100.0]
    assert may["file"].tolist() == [newer.path.name]
    assert set(flows[flows["month"] == "2025-04-01"]["reporter"]) == {"DEU", "EU27"}


def test_a_changed_snapshot_is_refused(serve, tmp_path):
    done = fetch(COMEXT, ["2025-04"], tmp_path, address=serve(speaking.comext).address)
    done.path.write_text(done.path.read_text().replace("5123.45", "9999.99"))
    with pytest.raises(TableError, match="is not what its origin record says"):
        load_flows(tmp_path)


def test_months_and_batches():
    assert months_between("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert months_between("2025-02", "2025-01") == []
    months = ["2024-11", "2024-12", "2025-02", "2025-03", "2025-04"]
    assert list(batches(months, 2)) == [months[:2], months[2:4], months[4:]]


def test_country_codes_of_the_sources():
    """Comtrade's own codes from its reference lists, the others from M49 and ISO 3166."""
    assert [from_comext(code) for code in ("DE", "GR", "EL", "EU27_2020", "XK")] == [
        *("DEU", "GRC", "GRC", "EU27", "XKX"),
    ]
    comtrade = {"0": "WLD", "842": "USA", "699": "IND", "36": "AUS", "156": "CHN", "490": "TWN"}
    assert {code: from_comtrade(code) for code in comtrade} == comtrade
    assert from_comtrade("899") == "GRP_M49899"


@pytest.mark.parametrize("code", ["XI", "EU", "EU28", "EA20", "EA20_2023", "EXT_EU27_2020"])
def test_groups_and_parts_of_countries_are_no_destination(code):
    assert from_comext(code) is None


def test_no_code_is_invented():
    """ISO 3166 has 249 countries; with Kosovo's own code that makes 250."""
    assert len(alpha3()) == 250
    assert not {"EU", "XI", "QM", "ZZ", "XA", "AA"} & set(alpha3())


@pytest.mark.parametrize("code", ["ZZ", "QM", "D2", ""])
def test_a_reporter_that_names_nothing_is_refused(serve, tmp_path, code):
    line = f"E,d,M,{code},CN,85051110,1,QUANTITY_IN_100KG,2025-05,1"
    desk = serve(lambda _: Reply(f"{speaking.COMEXT_HEADER}\n{line}\n"))
    with pytest.raises(FetchError, match=f"found the reporter '{code}', which is no country"):
        fetch(COMEXT, ["2025-05"], tmp_path, address=desk.address)
    assert not COMEXT.snapshots(tmp_path)
