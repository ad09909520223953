"""Fuzzes a reader: whatever bytes it is given, it reads them or refuses them in one plain line.

    python tests/hardening/fuzz.py [READER [SECONDS]]

Without a reader it names them. Libfuzzer changes good files and keeps what reaches new code of the
reader (atheris, `make fuzz`). What ends in another error than a refusal, or takes 10 seconds, is
kept as a file and named.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / room) for room in ("", "libs", "tests/customs", "tests/fetch")]
with atheris.instrument_imports(include=["tradedata", "contracts", "press", "analysis"]):
    from conftest import HEADER, customs_row
    from contracts import TableError, load_origin, origin_path, sha256
    from gacc_pages import page
    from press.studies import load_studies
    from tradedata.bulletin import load_bulletin
    from tradedata.bulletin.printed import read_page, read_workbook
    from tradedata.customs.reading import read_customs

    from analysis import forecast, sources

RAW = ROOT / "data" / "raw"
PLACE = Path(tempfile.mkdtemp(prefix="fuzz-"))
RECORD = yaml.safe_load(origin_path(RAW / "figures.csv").read_text(encoding="utf-8"))
Reader = Callable[[Path], object]


def raw_file(name: str, read: Reader) -> tuple[str, Reader, list[bytes]]:
    """A file of data/raw, its first rows to begin with; its origin record always agrees."""

    def recorded(path: Path) -> object:
        origin_path(path).write_text(yaml.safe_dump(RECORD | {"sha256": sha256(path)}), "utf-8")
        return read(path.parent)

    return name, recorded, [b"".join((RAW / name).read_bytes().splitlines(keepends=True)[:5])]


def read_forecast(path: Path) -> object:
    """A forecast, filed under the name that its content asks for."""
    filed = PLACE / "filed" / f"WLD-2026-11-22-{sha256(path)[:12]}.csv"
    filed.parent.mkdir(exist_ok=True)
    path.replace(filed)
    try:
        return forecast.read_issued(filed.parent)
    finally:
        filed.unlink()


def contents(paths: Iterable[Path]) -> list[bytes]:
    """The bytes of files."""
    return [path.read_bytes() for path in paths]


MONTHS = "\r\n".join([HEADER, customs_row(), customs_row(month="202505"), ""])
READERS: dict[str, tuple[str, Reader, list[bytes]]] = {
    "figures": raw_file("figures.csv", sources.load_figures),
    "sources": raw_file("sources.csv", sources.load_sources),
    "events": raw_file("events.csv", sources.load_events),
    "disagreements": raw_file("event_disagreements.csv", sources.load_event_disagreements),
    "claims": raw_file("claims.csv", sources.load_claims),
    "reports": raw_file("claim_reports.csv", sources.load_claim_reports),
    "products": raw_file("products.csv", sources.load_products),
    "regimes": raw_file("regimes.csv", sources.load_regimes),
    "bulletin": raw_file("bulletin.csv", load_bulletin),
    "forecasts": ("a.csv", read_forecast, contents((ROOT / "data" / "forecasts").glob("*.csv"))),
    "customs": ("a.csv", read_customs, [MONTHS.encode("gb18030"), MONTHS.encode("utf-8-sig")]),
    "workbook": (
        *("table.xls", read_workbook),
        contents((ROOT / "tests" / "tradedata").glob("*.xls")),
    ),
    "page": (
        *("page.html", lambda path: read_page(path.read_text("utf-8", "replace"), "a page")),
        [page(month, yuan=yuan).encode() for month in ("2026-01", "2026-04") for yuan in (0, 1)],
    ),
    "studies": (
        *("study.yaml", lambda path: load_studies([path], {})),
        contents((ROOT / "studies").glob("*.yaml")),
    ),
    "origins": ("a.csv.origin.yaml", lambda p: load_origin(p.with_name("a.csv")), []),
}


def main(name: str, seconds: str = "60") -> None:
    """Fuzz one reader for so long."""
    file, read, seeds = READERS[name]
    (PLACE / "a.csv").touch()
    (corpus := PLACE / "corpus").mkdir()
    for number, seed in enumerate(seeds or contents(RAW.glob("*.origin.yaml"))):
        (corpus / str(number)).write_bytes(seed)

    def once(data: bytes) -> None:
        (PLACE / file).write_bytes(data)
        try:
            read(PLACE / file)
        except TableError as error:
            if len(str(error)) > 3000 or "Traceback" in str(error):
                raise AssertionError(f"no plain line: {error}") from error

    kept = f"-artifact_prefix={ROOT}/fuzz-{name}-"
    atheris.Setup([name, str(corpus), f"-max_total_time={seconds}", "-timeout=10", kept], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else print(*READERS, sep="\n")
