"""Raw folders as a later, or an earlier, user might have them, made from the shipped raw data.

Each scenario changes a copy of `data/raw` in place and writes the new hash into its origin record.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ledger import days_out
from lxml import html
from scipy.optimize import linprog

from analysis.sources import load_figures, load_products, load_sources
from analysis.study import ROOT, Cleaning
from analysis.vintages import reconcile_known

RAW = ROOT / "data" / "raw"
SERIES = "magnets_85051110"
CHANGES = {"pct_change_month": 1, "pct_change_year": 12}
"""Measures that compare a month with an earlier one, and how many months earlier that is."""
TOLD = {"WLD": "the world", "USA": "the United States"}
PARTNERS = (
    *("USA", "DEU", "JPN", "KOR", "VNM", "IND", "THA", "ITA", "TWN", "MEX", "CAN", "BRA", "ZAF"),
    *("AUS", "FRA", "GBR", "NLD", "POL", "CZE", "HUN", "ESP", "AUT", "SVK", "ROU", "SWE", "DNK"),
    *("FIN", "BEL", "SVN", "TUR", "RUS", "MYS", "SGP", "IDN", "PHL", "CHE", "NOR", "ISR", "ARE"),
    "HKG",
)
UNION = frozenset(
    ("DEU", "ITA", "FRA", "NLD", "POL", "CZE", "HUN", "ESP", "AUT", "SVK", "ROU", "SWE", "DNK")
) | {"FIN", "BEL", "SVN"}
PARTS = {
    "WLD": frozenset(PARTNERS),
    "EU27": UNION,
    "REG_EUROPE": UNION | {"GBR", "CHE", "NOR", "RUS"},
    "REG_ASIA": frozenset(
        ("JPN", "KOR", "VNM", "IND", "THA", "TWN", "MYS", "SGP", "IDN", "PHL", "HKG", "ISR", "ARE")
    )
    | {"TUR"},
    "REG_NORTHAM": frozenset({"USA", "CAN", "MEX"}),
    "REG_SOUTHAM": frozenset({"BRA"}),
    "REG_AFRICA": frozenset({"ZAF"}),
    "REG_OCEANIA": frozenset({"AUS"}),
}
"""Which of the partners lie in which destination."""
HEADER = "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,美元,"

PAST_DAYS = (
    *("2025-06-30", "2025-07-31", "2025-08-31", "2025-10-31", "2025-11-30", "2025-12-31"),
    *("2026-03-31", "2026-06-30"),
)
"""Days from the first on which a study can be answered."""

Scenario = Callable[[Path], None]


def exports_of(raw: Path) -> pd.DataFrame:
    """The table Exports that the printed figures of a raw folder give."""
    figures, sources = load_figures(raw), load_sources(raw)
    cleaning = Cleaning(raw_dir=str(raw))
    return reconcile_known(figures, sources, cleaning, load_products(raw)).exports


@cache
def shipped_exports() -> pd.DataFrame:
    """The table Exports of the shipped raw data."""
    return exports_of(RAW)


def rows_of(raw: Path, name: str) -> list[dict[str, str]]:
    """The rows of a raw file, as text."""
    with (raw / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(raw: Path, name: str, rows: list[dict[str, str]]) -> None:
    """Write a raw file anew, and its hash into its origin record."""
    path = raw / name
    header = path.read_text(encoding="utf-8").partition("\n")[0].split(",")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    record = raw / f"{name}.origin.yaml"
    text = record.read_text(encoding="utf-8")
    hashed = sha256(path.read_bytes()).hexdigest()
    record.write_text(re.sub(r"(?m)^sha256: .*$", f"sha256: {hashed}", text), encoding="utf-8")


def copy_raw(folder: Path) -> Path:
    """A copy of the shipped raw data in `folder`."""
    return Path(shutil.copytree(RAW, folder / "raw"))


def with_months(factors: tuple[float | None, ...]) -> Scenario:
    """Append months after the last: each a multiple of it; None is a month that nobody printed."""

    def change(raw: Path) -> None:
        known = _known_tonnes(shipped_exports())
        last = max(known["WLD"])
        figures, pages = rows_of(raw, "figures.csv"), rows_of(raw, "sources.csv")
        for ahead, factor in enumerate(factors, start=1):
            if factor is None:
                continue
            month = last + ahead
            page = f"s{sha256(str(month).encode()).hexdigest()[:8]}"
            pages.append(_page(page, month))
            for code, tonnes in known.items():
                tonnes[month] = float(round(factor * tonnes[last]))
                figures += _printed(code, tonnes, month, page, len(figures))
        write_rows(raw, "figures.csv", figures)
        write_rows(raw, "sources.csv", pages)

    return change


def _known_tonnes(exports: pd.DataFrame) -> dict[str, dict[pd.Period, float]]:
    """Tonnes by month; of every destination the last is that of the world's last month."""
    found = {}
    for code in TOLD:
        own = exports[(exports["destination"] == code) & exports["tonnes"].notna()]
        found[code] = dict(zip(own["month"].dt.to_period("M"), own["tonnes"], strict=True))
        found[code].setdefault(max(found["WLD"]), found[code][max(found[code])])
    return found


def _page(page: str, month: pd.Period) -> dict[str, str]:
    day = (month + 1).to_timestamp() + pd.DateOffset(days=19)
    url = f"https://example.org/{month}"
    return {
        "source_id": page,
        "publisher": "Simulated",
        "newsroom": "Simulated",
        "url": url,
        "published": f"{day:%Y-%m-%d}",
        "grade": "press",
    }


def _printed(
    code: str, tonnes: Mapping[pd.Period, float], month: pd.Period, page: str, count: int
) -> list[dict[str, str]]:
    """What a page prints of a month: its tonnes, and changes on months that are known."""
    values = {"tonnes": f"{tonnes[month]:.0f}"}
    for measure, back in CHANGES.items():
        if month - back in tonnes:
            values[measure] = f"{100 * (tonnes[month] / tonnes[month - back] - 1):.1f}"
    return [
        {
            "figure_id": f"f{count + place:04d}",
            "series": SERIES,
            "destination": code,
            "period_start": str(month),
            "period_end": str(month),
            "measure": measure,
            "value": value,
            "unit": "tonnes" if measure == "tonnes" else "percent",
            "approximate": "false",
            "source_id": page,
            "note": "",
        }
        for place, (measure, value) in enumerate(values.items(), start=1)
    ]


def add_event(raw: Path) -> None:
    """A control in the month after the last that is known."""
    events = rows_of(raw, "events.csv")
    pattern = next(row for row in events if row["event_id"] == named_event())
    day = max(row["period_end"] for row in rows_of(raw, "figures.csv"))
    first = f"{pd.Period(day[:7], freq='M') + 1}-15"
    made = {"event_id": "cn-simulated-control", "name": "A simulated control"}
    dates = {"date_announced": first, "date_effective": first}
    dates |= {"date_suspended": "", "date_ends": ""}
    write_rows(raw, "events.csv", [*events, pattern | made | dates])


def add_regime(raw: Path) -> None:
    """A control in the month after the last, and the regime it begins."""
    add_event(raw)
    regimes = rows_of(raw, "regimes.csv")
    made = {"name": "a simulated regime", "start_event": "cn-simulated-control", "note": "Made up."}
    write_rows(raw, "regimes.csv", [*regimes, dict.fromkeys(regimes[0], "") | made])


def remove_event(raw: Path) -> None:
    """The event that most studies name is no longer in the catalogue, nor the regime it began."""
    gone = named_event()
    regimes = [row for row in rows_of(raw, "regimes.csv") if row["start_event"] != gone]
    write_rows(raw, "regimes.csv", regimes)
    for name in ("events.csv", "event_disagreements.csv"):
        kept = [row for row in rows_of(raw, name) if row["event_id"] != gone]
        write_rows(raw, name, kept)


def move_event(raw: Path) -> None:
    """The same event two weeks later."""
    events = rows_of(raw, "events.csv")
    for row in events:
        if row["event_id"] == named_event():
            for column in ("date_announced", "date_effective"):
                if row[column]:
                    row[column] = f"{pd.Timestamp(row[column]) + pd.DateOffset(days=14):%Y-%m-%d}"
    write_rows(raw, "events.csv", events)


def named_event() -> str:
    """The event that most of the shipped studies name."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "studies").glob("*.yaml")]
    named = [found for text in texts for found in re.findall(r"(?m)^event_id: (\S+)$", text)]
    return max(sorted(set(named)), key=named.count)


def cut_to(day: str) -> Scenario:
    """Only pages that had come out by `day`, and their figures."""

    def change(raw: Path) -> None:
        out = days_out(load_figures(raw), load_sources(raw))
        kept = set(out.loc[out["day"] <= pd.Timestamp(day), "source_id"])
        for name in ("figures.csv", "sources.csv"):
            rows = [row for row in rows_of(raw, name) if row["source_id"] in kept]
            write_rows(raw, name, rows)

    return change


def full_customs(raw: Path) -> None:
    """A download of 40 partners over 42 months within the bounds of the exports table."""
    add_customs(raw)


def contradicting_customs(raw: Path) -> None:
    """The same, every fourth month a tenth less than printed: ten months and more contradict."""
    add_customs(raw, factor=lambda place: 0.9 if place % 4 == 0 else 1.0)


def one_customs_month(raw: Path) -> None:
    """The last month alone."""
    add_customs(raw, months=1)


def revised_customs(raw: Path) -> None:
    """The full download, and a month later its last year again, 3 % more."""
    add_customs(raw)
    add_customs(raw, months=12, factor=lambda _: 1.03, later=1)


def add_customs(
    raw: Path, months: int = 42, factor: Callable[[int], float] = lambda _: 1.0, later: int = 0
) -> None:
    """Take in a download of the last `months` by `python -m pipeline add`.

    Every month lies within its own bounds, times a factor; a total of several months may be
    missed, as revisions do. Saved `later` months after the month that follows the last.
    """
    exports = shipped_exports()
    last = exports.loc[exports["destination"] == "WLD", "month"].max().to_period("M")
    names = pd.read_csv(ROOT / "tests" / "reference" / "customs_partners.csv", dtype=str)
    first = names.drop_duplicates("iso").set_index("iso")
    lines = [HEADER]
    for place, month in enumerate(pd.period_range(last - months + 1, last, freq="M")):
        own = exports[exports["month"] == month.to_timestamp()].set_index("destination")
        weights = factor(place) * tonnes_within(own, month)
        for code, tonnes in zip(PARTNERS, weights, strict=True):
            stamp = f"{month:%Y%m},85051110,稀土永磁,{first.loc[code, 'code']}"
            lines.append(f'{stamp},{first.loc[code, "name"]},"{1000 * tonnes:,.0f}",千克,"1",')
    path = raw.parent / f"downloadData{later}.csv"
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("gb18030"))
    add = [
        "add",
        str(path),
        "--saved",
        f"{(last + 1 + later).end_time:%Y-%m-%d}",
        "--raw-dir",
        str(raw),
    ]
    run_pipeline(add).check_returncode()


def tonnes_within(own: pd.DataFrame, month: pd.Period) -> np.ndarray:
    """Tonnes of each of PARTNERS, near usual shares, within the bounds of one month's rows."""
    weights = 1 / np.arange(3, len(PARTNERS) + 3)
    level = own["tonnes"].get("WLD", np.nan)
    usual = (5000.0 if np.isnan(level) else level) * weights / weights.sum()
    usual = usual * (1 + 0.05 * np.sin(month.ordinal + np.arange(len(PARTNERS))))
    known = [code for code in own.index if _signs(code) is not None]
    signs = np.array([_signs(code) for code in known]).reshape(-1, len(PARTNERS))
    bounds = own.loc[known, ["lower", "upper"]].to_numpy().reshape(-1, 2)
    one, zero = np.eye(len(PARTNERS)), np.zeros_like(signs)
    found = linprog(
        np.concatenate([np.zeros(len(PARTNERS)), 1 / usual]),
        A_ub=np.block([[one, -one], [-one, -one], [signs, zero], [-signs, zero]]),
        b_ub=np.concatenate([usual, -usual, bounds[:, 1], -bounds[:, 0]]),
        bounds=(0.001, None),
    )
    if found.status:
        raise ValueError(f"{month}: no tonnes lie within the bounds of {', '.join(known)}")
    return np.asarray(found.x[: len(PARTNERS)])


def _signs(code: str) -> np.ndarray | None:
    """+1 or −1 for each of PARTNERS that a destination adds or takes away; None if unknown."""
    words = re.findall(r"[+-]?[A-Z_0-9]+", code.removeprefix("GRP_"))
    total = np.zeros(len(PARTNERS))
    for word in words:
        name = word.lstrip("+-")
        parts = PARTS.get(name, {name})
        if not parts <= set(PARTNERS):
            return None
        total += (-1 if word[0] == "-" else 1) * np.isin(PARTNERS, sorted(parts))
    return total


ODD_STUDIES = (
    {"destination": "USA", "headline": "swing", "swing_month": "2025-09"},
    {"destination": "DEU"},
    {"destination": "VNM", "start": "2025-09", "end": "2025-09"},
    {"destination": "GRP_WLD-DEU"},
    {"destination": "FRA"},
    {"start": "2025-04", "end": "2025-04"},
    {"start": "2025-04", "end": "2026-07"},
    {"start": "2024-02", "end": "2024-03", "baseline_end": "2023-12"},
    {"level": 0.8},
    {"level": 0.999},
    {"value": "lower"},
    {"destination": "WLD", "headline": "swing", "swing_month": "2026-05"},
    {"series": "rare_earths_raw"},
    {"series": "gacc:Aluminium and products"},
    {"nowcast": True},
)
"""Questions that nobody planned."""


def odd_studies(folder: Path) -> list[str]:
    """Write ODD_STUDIES as files of `folder`; their names."""
    folder.mkdir()
    names = []
    for place, asked in enumerate(ODD_STUDIES):
        names.append(f"odd-{place}")
        lines = [f"study: {names[-1]}", "question: What of this?"]
        lines += [f"{name}: {json.dumps(value)}" for name, value in asked.items()]
        (folder / f"{names[-1]}.yaml").write_text("\n".join(lines), encoding="utf-8")
    return names


SCENARIOS: dict[str, Scenario] = {
    "as-shipped": lambda raw: None,
    "calm": with_months((1.01, 0.98, 1.02)),
    "collapse": with_months((0.5, 0.22, 0.5)),
    "boom": with_months((1.5, 1.8, 2.1)),
    "nine-calm": with_months((1.01, 0.98, 1.02, 1.0, 0.97, 1.03, 0.8, 1.01, 0.99)),
    "nine-with-a-collapse": with_months((1.01, 0.5, 0.25, 0.3, 0.6, 0.9, 1.0, 1.02, 0.98)),
    "a-month-nobody-printed": with_months((1.01, None, 1.02)),
    "event-added": add_event,
    "event-removed": remove_event,
    "event-moved": move_event,
    "regime-added": add_regime,
    **{f"known-by-{day}": cut_to(day) for day in PAST_DAYS},
    "full-customs": full_customs,
    "contradicting-customs": contradicting_customs,
    "one-customs-month": one_customs_month,
    "revised-customs": revised_customs,
}
"""What is done to the shipped raw data, by name."""


def run_pipeline(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m pipeline` from the repository's root, on its own code."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "libs")])
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def report(
    folder: Path, jobs: int = 2, studies: Path = ROOT / "studies"
) -> subprocess.CompletedProcess[str]:
    """What `make report` does, with `raw`, `processed` and `reports` in `folder`."""
    names = ("raw", "processed", "reports")
    where = list(chain.from_iterable((f"--{name}-dir", str(folder / name)) for name in names))
    return run_pipeline(["report", "--jobs", str(jobs), "--studies", str(studies), *where])


def pages(folder: Path) -> dict[str, str]:
    """The HTML pages of a built report, by their place in it."""
    reports = folder / "reports"
    return {
        str(path.relative_to(reports)): path.read_text(encoding="utf-8")
        for path in sorted(reports.rglob("*.html"))
    }


def words_of(page: str) -> list[str]:
    """The words that a reader of a page sees, without those of code."""
    root = html.fromstring(page.encode())
    for code in root.xpath("//pre | //code | //script | //style"):
        code.drop_tree()
    return re.findall(r"[^\s,;.:()]+", root.text_content())


def parse_answers(folder: Path) -> list[Any]:
    """The front page's answers of all shared notebooks."""
    files = sorted((folder / "reports" / "data").glob("*-answers.json"))
    return list(chain.from_iterable(json.loads(path.read_text("utf-8")) for path in files))
