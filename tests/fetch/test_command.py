"""The command line, and that keys stay in requests."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from functools import partial
from threading import Event
from urllib.parse import quote

import pytest
import speaking
from desk import KEY, Reply
from tradedata.fetch.__main__ import main
from tradedata.fetch.offices import load_flows
from tradedata.fetch.web import FetchError, Web

from analysis.study import ROOT

SPAN = ["--from", "2025-07", "--to", "2025-08"]


def run(source, desk, raw, folder, environment):
    command = [sys.executable, "-m", "pipeline", "fetch", source, *SPAN]
    command += ["--raw-dir", str(raw), "--address", desk.address]
    environment |= {"PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def assert_no_key(texts, folder):
    everything = [*texts, *(path.read_text() for path in folder.rglob("*") if path.is_file())]
    names = [str(path) for path in folder.rglob("*")]
    for text in [*everything, *names]:
        assert KEY not in text
        assert quote(KEY) not in text


def test_fetch_from_any_folder_with_a_key_that_is_written_nowhere(serve, tmp_path):
    desk = serve(partial(speaking.census, key=KEY))
    ended = run("census", desk, tmp_path / "raw", tmp_path, {"CENSUS_API_KEY": KEY})
    assert ended.returncode == 0, ended.stderr
    assert "holds 2 months with trade, 2025-07 to 2025-08" in ended.stdout
    assert "2/2" in ended.stderr, "the progress bar"
    assert len(list(tmp_path.glob("raw/census/census_*_01.csv.origin.yaml"))) == 1
    assert [asked.query["key"] for asked in desk.asked] == [KEY, KEY]
    assert_no_key([ended.stdout, ended.stderr], tmp_path)


def test_a_killed_fetch_goes_on(serve, tmp_path):
    reached, go_on = Event(), Event()

    def answer(asked):
        if "202508" in asked.query["$filter"]:
            reached.set()
            go_on.wait(60)
        month = asked.query["$filter"].split("MonthId eq ")[1][:6]
        return Reply({"value": [speaking.hmrc_row(month, 85051110, 1, 7.0)]})

    desk = serve(answer)
    command = [sys.executable, "-m", "tradedata.fetch", "hmrc", *SPAN, "--raw-dir", str(tmp_path)]
    command += ["--address", desk.address]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as stopped:
        assert reached.wait(60)
        stopped.kill()
    go_on.set()
    assert main(command[3:]) == 0
    asked = [request.query["$filter"].split("MonthId eq ")[1][:6] for request in desk.asked]
    assert asked == ["202507", "202508", "202508"]
    assert load_flows(tmp_path)["kilograms"].tolist() == [7.0, 7.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_an_error_that_repeats_the_key_is_told_without_it(
    serve, tmp_path, capsys, monkeypatch, status
):
    desk = serve(lambda asked: Reply(f"bad request {asked.query} quota", status))
    monkeypatch.setenv("CENSUS_API_KEY", KEY)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    given = ["census", *SPAN, "--raw-dir", str(tmp_path), "--address", desk.address]
    assert main(given) == 1
    told = capsys.readouterr()
    assert told.err.count("census: ") >= 1
    assert_no_key([told.out, told.err], tmp_path)


def test_rows_that_repeat_the_key_are_kept_without_it(serve, tmp_path, capsys, monkeypatch):
    row = speaking.census_row("2025-07", *speaking.CENSUS_ROWS[3])
    echo = [speaking.CENSUS_HEADER, [*row[:1], f"CHINA {KEY}", *row[2:]]]
    monkeypatch.setenv("CENSUS_API_KEY", KEY)
    desk = serve(lambda _: Reply(echo))
    given = ["census", *SPAN, "--raw-dir", str(tmp_path), "--address", desk.address]
    assert main(given) == 0
    told = capsys.readouterr()
    assert_no_key([told.out, told.err], tmp_path)


def test_logs_and_tracebacks_hold_no_key(serve, caplog):
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    caplog.set_level(logging.DEBUG)
    desk = serve(lambda _: Reply("no such thing", 404))
    with Web("census", desk.address, KEY) as web, pytest.raises(FetchError) as told:
        web.get("/data", {"key": KEY})
    assert desk.asked[0].query == {"key": KEY}
    assert KEY not in caplog.text
    error = told.value
    while error:
        assert KEY not in f"{error!r} {error.args}"
        error = None if error.__suppress_context__ else error.__context__


def test_a_missing_key_is_told_before_anything_is_asked(serve, tmp_path, capsys):
    desk = serve(partial(speaking.census, key=KEY))
    given = ["census", *SPAN, "--raw-dir", str(tmp_path), "--address", desk.address]
    assert main(given) == 1
    told = capsys.readouterr().err
    assert "https://api.census.gov/data/key_signup.html" in told
    assert "CENSUS_API_KEY" in told
    assert not desk.asked


@pytest.mark.parametrize("key", ["short", "two words and more"])
def test_what_cannot_be_a_key_is_refused(serve, tmp_path, capsys, monkeypatch, key):
    desk = serve(partial(speaking.census, key=KEY))
    monkeypatch.setenv("CENSUS_API_KEY", key)
    given = ["census", *SPAN, "--raw-dir", str(tmp_path), "--address", desk.address]
    assert main(given) == 1
    assert "copy it again" in capsys.readouterr().err
    assert not desk.asked


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--from", "2025-13", "--to", "2026-01"], "found '2025-13', needs a month like 2024-01"),
        (["--from", "april", "--to", "2026-01"], "found 'april'"),
    ],
)
def test_a_month_that_is_none(capsys, given, told):
    with pytest.raises(SystemExit):
        main(["comext", *given])
    assert told in capsys.readouterr().err


def test_months_in_the_wrong_order_and_an_address_that_is_none(tmp_path, capsys):
    assert main(["comext", "--from", "2025-02", "--to", "2025-01"]) == 1
    assert "--from 2025-02 comes after --to 2025-01" in capsys.readouterr().err
    assert main(["comext", *SPAN, "--raw-dir", str(tmp_path), "--address", "localhost"]) == 1
    assert "'localhost' is no address" in capsys.readouterr().err


def test_nothing_else_in_the_repository_uses_the_network():
    clients = re.compile(
        r"^\s*(?:import|from) (httpx|requests|aiohttp|http\.client|urllib\.request)", re.M
    )
    code = [*ROOT.glob("analysis/**/*.py"), *ROOT.glob("libs/**/*.py"), ROOT / "dodo.py"]
    found = {path.relative_to(ROOT).as_posix() for path in code if clients.search(path.read_text())}
    assert found == {"libs/tradedata/fetch/web.py"}
