"""Good inputs, spoilt: each is read with the right value or refused in a line that says where.

What is right is written down here a second time, without the code that reads: the forms of days,
months, numbers, names and addresses, and else the text as it stands in the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from contracts import TableError, load_origin, origin_path, sha256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from press.studies import load_studies
from tradedata.bulletin import load_bulletin

from analysis import forecast, sources
from analysis.sources import load_regimes
from analysis.study import ROOT

RAW = ROOT / "data" / "raw"
ROWS = 4
ODD = (
    *("now", "today", "2025", "20250404", "2025-4", "2025-04-04T00:00", "2025-04-04 10:00+08:00"),
    *(
        "2025-02-30",
        "2025-13",
        "2025-00",
        "0000-01",
        "2025-04\n",
        "WLD\n",
        "１２３",
        "٣",
        "２０２５-04",
    ),
    *(
        "-5",
        "-100.1",
        "9" * 400,
        "1e3",
        "nan",
        "inf",
        "-inf",
        "+5",
        "0x10",
        "1_000",
        "1,000",
        "--1",
    ),
    *("GRP_USA+USA", "GRP_WLD-WLD", "XXX", "usa", "ＷＬＤ", "", " ", "../..", "..", "/etc/passwd"),
    *(
        "javascript:alert(1)",
        "http://",
        "https://a b",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
    ),
    *("\t=1", "\x00", "\x1b[31m", "\u2028", "\u202e", "<script>alert(1)</script>", "None", "true"),
    *("TRUE", "no", "null", "0b_", "~", "'", '"', ",", ";", "{{x}}", "{destination}", "*a", "&a x"),
)
TEXTS = st.sampled_from(ODD) | st.text(max_size=12)
CASES = {"raw": 60, "bytes": 25, "study": 80, "grid": 30, "origin": 60}


def cases(kind: str) -> Any:
    """So many cases, the same ones each time."""
    return settings(
        max_examples=CASES[kind],
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def is_day(text: str, form: str = "%Y-%m-%d", pattern: str = "[0-9]{4}-[0-9]{2}-[0-9]{2}") -> bool:
    try:
        return bool(re.fullmatch(pattern, text) and datetime.strptime(text, form))
    except ValueError:
        return False


def is_month(text: str) -> bool:
    return is_day(text, "%Y-%m", "[0-9]{4}-[0-9]{2}")


def formed(pattern: str) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(pattern, text))


is_number = formed(r"-?[0-9]+(\.[0-9]+)?")
is_written_number = formed(r"[+-]?[0-9]+(\.[0-9]+)?(e[0-9]+)?")
is_address = formed(r"(?u:https?://\S+)")
is_name = formed("[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


RIGHT: dict[str, Callable[[str], bool]] = {
    "period_start": is_month,
    "period_end": is_month,
    "month": lambda text: is_month(text) or is_day(text),
    "last_observed": is_day,
    "issued": is_day,
    "horizon": formed("[0-9]+"),
    "direction": lambda text: text in ("", "fall", "rise"),
    **{name: lambda text: not text or is_day(text) for name in ("not_before", "not_after")},
    "alternative_source_url": lambda text: not text or is_address(text),
    "value": lambda text: is_number(text) and len(text) < 40 and Decimal(text) >= -100,
    "unit": lambda text: "\n" not in text,
    "approximate": lambda text: text in ("true", "false"),
    "destination": lambda text: bool(re.fullmatch(r"[A-Z0-9_+-]*", text)) and "USA+USA" not in text,
    "event_id": is_name,
    "url": lambda text: not text or is_address(text),
    "source_url": is_address,
    **{name: lambda text: not text or is_day(text) for name in ("date_announced", "date_ends")},
    **{name: lambda text: not text or is_day(text) for name in ("date_effective", "start_date")},
    "date_suspended": lambda text: not text or is_day(text),
    "published": lambda text: not text or is_day(text) or is_month(text),
    "targets": formed("[A-Z0-9]{3,4}(;[A-Z0-9]{3,4})*"),
}
"""What a cell must be to be read at all; of columns not named, any text that is safe."""


FOUND_ELSEWHERE = {("event_disagreements.csv", "event_id")}
"""What must be a name in another file, which is seen when all are read."""


def is_safe(text: str) -> bool:
    """No control characters, and nothing that a spreadsheet takes for a formula."""
    controls = any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)
    runs = text[:1] in ("=", "@") or (text[:1] in ("+", "-") and not is_decimal(text))
    return not controls and not runs


def is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def read_forecast(folder: Path) -> pd.DataFrame:
    """A forecast, filed under the name that its content asks for."""
    content = (folder / FORECAST.name).read_bytes()
    with TemporaryDirectory() as filed:
        name = FORECAST.name.replace(FORECAST.stem[-12:], hashlib.sha256(content).hexdigest()[:12])
        (Path(filed) / name).write_bytes(content)
        try:
            return forecast.read_issued(Path(filed))
        except TableError as error:
            raise TableError(str(error).replace(name, FORECAST.name)) from None


[FORECAST] = (ROOT / "data" / "forecasts").glob("WLD-2026-11-22-*.csv")
READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "figures.csv": sources.load_figures,
    "sources.csv": sources.load_sources,
    "events.csv": sources.load_events,
    "event_disagreements.csv": sources.load_event_disagreements,
    "claims.csv": sources.load_claims,
    "claim_reports.csv": sources.load_claim_reports,
    FORECAST.name: read_forecast,
    "products.csv": sources.load_products,
    "regimes.csv": load_regimes,
    "bulletin.csv": load_bulletin,
}
RECORD = yaml.safe_load(origin_path(RAW / "figures.csv").read_text(encoding="utf-8"))


def written(folder: Path, name: str, content: bytes) -> Path:
    """A raw file beside an origin record that agrees with it."""
    path = folder / name
    path.write_bytes(content)
    record = RECORD | {"sha256": sha256(path)}
    origin_path(path).write_text(yaml.safe_dump(record), encoding="utf-8")
    return path


def first_rows(name: str) -> list[list[str]]:
    path = FORECAST if name == FORECAST.name else RAW / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row, _ in zip(csv.reader(file), range(ROWS + 1), strict=False)]


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Nothing on disk may change while a spoilt input is read."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@dataclass
class Seen:
    """How many cases a generator came up with, and what became of them."""

    read: int = 0
    refused: int = 0

    def require(self, kind: str) -> None:
        assert self.read + self.refused >= CASES[kind] - 5
        assert self.refused


def require_line(said: str, *parts: str) -> None:
    """A refusal is short, and names where the fault is."""
    assert said.count("\n") < 6
    assert len(said) < 3000
    for part in parts:
        assert part in said
    assert "Traceback" not in said


def read_back(value: object, text: str) -> str:
    """A value of a table as it would be written into the file."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m" if len(text) == 7 else "%Y-%m-%d")
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, float) and is_written_number(text) and float(text) == value:
        return text
    return "" if value is None or pd.isna(value) else str(value)


@pytest.mark.parametrize("name", [name for name in READERS if name != "bulletin.csv"])
def test_a_spoilt_cell_is_read_as_it_stands_or_refused(name: str, tmp_path: Path) -> None:
    rows, seen = first_rows(name), Seen()
    places = st.tuples(st.integers(1, len(rows) - 1), st.integers(0, len(rows[0]) - 1))

    @cases("raw")
    @given(places, TEXTS)
    def check(place: tuple[int, int], text: str) -> None:
        line, at = place
        column = rows[0][at]
        spoilt = [list(row) for row in rows]
        spoilt[line][at] = text
        try:
            content = as_csv(spoilt)
        except (UnicodeEncodeError, csv.Error):
            content = as_csv(rows)
        path = written(tmp_path, name, content)
        with unchanged(tmp_path):
            try:
                frame = READERS[name](tmp_path)
            except TableError as error:
                seen.refused += 1
                require_line(str(error), name)
                return
        seen.read += 1
        stands = next(csv.reader(io.StringIO(path.read_text(), newline=""))).index(column)
        assert stands == at
        assert is_safe(text), (column, text)
        if (name, column) not in FOUND_ELSEWHERE:
            assert RIGHT.get(column, lambda _: True)(text), (column, text)
        assert read_back(frame[column].iloc[line - 1], text) == text

    check()
    seen.require("raw")


@pytest.mark.parametrize("name", READERS)
def test_a_file_with_spoilt_bytes_is_read_or_refused(name: str, tmp_path: Path) -> None:
    good, seen = as_csv(first_rows(name)), Seen()
    for other in ("bulletin_lines.csv",):
        written(tmp_path, other, (RAW / other).read_bytes())
    spoilers = st.sampled_from([b"", b"\xff", b"\x00", b'"', b",", b"\r", b"\n\n", b"\xef\xbb\xbf"])

    @cases("bytes")
    @given(st.integers(0, len(good)), st.integers(0, 40), spoilers)
    def check(at: int, lost: int, spoiler: bytes) -> None:
        written(tmp_path, name, good[:at] + spoiler + good[at + lost :])
        with unchanged(tmp_path):
            try:
                READERS[name](tmp_path)
                seen.read += 1
            except TableError as error:
                seen.refused += 1
                require_line(str(error), name.partition(".")[0])

    check()
    seen.require("bytes")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"a,b\n1\n", b"a,a\n1,2\n"])
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_no_table_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    written(tmp_path, name, content)
    with pytest.raises(TableError, match=name):
        READERS[name](tmp_path)


def test_a_number_that_is_none_of_those_known_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "bulletin_lines.csv", (RAW / "bulletin_lines.csv").read_bytes())
    heads, *rows = first_rows("bulletin.csv")
    rows[1][heads.index("level")] = "5"
    written(tmp_path, "bulletin.csv", as_csv([heads, *rows]))
    with pytest.raises(TableError, match=r"line 3, column level: found 5, needs one of 0, 1, 2, 3"):
        load_bulletin(tmp_path)


STUDY = yaml.safe_load((ROOT / "studies" / "april-2025-usa.yaml").read_text(encoding="utf-8"))
STUDY = {name: str(value) for name, value in STUDY.items()}


def test_a_spoilt_study_is_read_as_it_stands_or_refused(tmp_path: Path) -> None:
    seen, path = Seen(), tmp_path / "a-study.yaml"
    values = TEXTS | st.integers() | st.floats() | st.booleans() | st.none()

    @cases("study")
    @given(st.sampled_from([*STUDY, "destinations", "reports_dir", "=x"]), values, st.booleans())
    def check(name: str, value: object, raw: bool) -> None:
        plain = "".join(f"{key}: {one}\n" for key, one in STUDY.items() if key != name)
        text = f"{plain}{name}: {value}\n" if raw else yaml.safe_dump(STUDY | {name: value})
        path.write_bytes(text.encode(errors="surrogatepass"))
        with unchanged(tmp_path):
            loaded, refused = load_studies([path], {})
        if refused:
            seen.refused += 1
            require_line(refused[0].reason, "a-study.yaml")
            return
        seen.read += 1
        if not raw and isinstance(value, str):
            assert is_safe(value)
            assert str(getattr(loaded[0].study, name)) == value

    check()
    seen.require("study")


def test_a_grid_makes_the_studies_it_stands_for_or_says_how_many(tmp_path: Path) -> None:
    seen, path = Seen(), tmp_path / "a-grid.yaml"
    counts = st.lists(st.integers(0, 60), min_size=1, max_size=4)

    @cases("grid")
    @given(counts)
    def check(sizes: list[int]) -> None:
        names = ("level", "draws", "seed", "season")[: len(sizes)]
        lists = {
            name: [n / 100 for n in range(size)] for name, size in zip(names, sizes, strict=True)
        }
        path.write_text(yaml.safe_dump({"study": "a-grid", **lists}), encoding="utf-8")
        loaded, refused = load_studies([path], {})
        seen.read, seen.refused = seen.read + bool(loaded), seen.refused + bool(refused)
        for one in refused:
            require_line(one.reason, "a-grid.yaml")

    check()
    seen.require("grid")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"level: {[n / 20000 for n in range(10001, 20002)]}", "found 10,001 studies"),
        ("a: &a [1, 2]\nb: *a\n", "line 1: found & or * before a name; write the value out"),
        (f"level: {'[' * 1000}", "found more than 20 values within each other"),
        (f"level: {'[' * 1000}{']' * 1000}", "found more than 20 values within each other"),
        ("#" * 1_000_001, "found 1000001 characters, needs at most 1000000"),
        ("question: \"a\\x07b\"", "question: found 'a\\x07b', needs text without line ends"),
        ("question: \"=cmd|'/C calc'!A0\"", "needs text that does not begin as a formula"),
        ("level: 0b_", "cannot be read as YAML"),
        ("start: 2025-02-30", "start: found '2025-02-30'"),
    ],
)  # fmt: skip
def test_a_bad_study_stops_only_itself(text: str, words: str, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(text)
    good.write_text("study: good\n")
    loaded, refused = load_studies([bad, good], {})
    assert [one.study.study for one in loaded] == ["good"]
    require_line(refused[0].reason, "bad.yaml", words)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe would be waited at for ever, a loop of links ends in an error of the system."""
    for folder in ("pipe", "loop"):
        (tmp_path / folder).mkdir()
    os.mkfifo(tmp_path / "pipe" / "figures.csv")
    (tmp_path / "loop" / "figures.csv").symlink_to("figures.csv")
    for folder in ("pipe", "loop"):
        with pytest.raises(TableError, match=r"figures\.csv: no such file"):
            sources.load_figures(tmp_path / folder)
    os.mkfifo(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").symlink_to("b.yaml")
    _, refused = load_studies([tmp_path / "a.yaml", tmp_path / "b.yaml"], {})
    assert [one.path.name for one in refused] == ["a.yaml", "b.yaml"]


def test_a_spoilt_origin_record_is_read_as_it_stands_or_refused(tmp_path: Path) -> None:
    path, seen = written(tmp_path, "figures.csv", b"a,b\n"), Seen()
    good = RECORD | {"sha256": sha256(path)}
    good = {name: str(value) for name, value in good.items()}
    values = TEXTS | st.integers() | st.booleans() | st.none() | st.lists(st.text(), max_size=2)

    @cases("origin")
    @given(st.sampled_from([*good, "titel"]), values, st.sampled_from(["value", "raw", "twice"]))
    def check(name: str, value: object, how: str) -> None:
        text = yaml.safe_dump(good | {name: value}) if how == "value" else yaml.safe_dump(good)
        if how == "twice":
            text += f"{name}: {good.get(name)}\n"
        if how == "raw":
            text = re.sub(rf"(?m)^{name}: .*\n(  .*\n)*", "", text) + f"{name}: {value}\n"
        origin_path(path).write_bytes(text.encode(errors="surrogatepass"))
        with unchanged(tmp_path):
            try:
                origin = load_origin(path)
            except TableError as error:
                seen.refused += 1
                require_line(str(error), "figures.csv")
                return
        seen.read += 1
        assert how != "twice"
        found = str(getattr(origin, name))
        if how == "value":
            assert found == value
        if name.startswith("date_"):
            assert is_day(str(value).strip())
        if name == "url_main":
            assert is_address(found)

    check()
    seen.require("origin")


def test_there_are_five_hundred_cases() -> None:
    raw = (len(READERS) - 1) * CASES["raw"] + len(READERS) * (CASES["bytes"] + 5)
    assert raw + CASES["study"] + CASES["grid"] + CASES["origin"] >= 500
