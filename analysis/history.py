"""The data as they came in: what each vintage changed, and what it would have answered.

A vintage is what was known at the end of a month in which something came out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from claims import Evidence, check_claims
from contracts import TableError, load_origin, origin_path, read_table, write_json, write_table
from effects import EffectError, average_effect
from ledger import days_out, known_figures
from ledger.series import monthly_series
from ledger.tables import Exports
from tradedata.customs import days_saved
from tradedata.customs.vintages import downloads
from tradedata.destinations import destination_name
from words import interval, months, percent

from analysis.answer import fit_change, window_terms
from analysis.events import Regime, quiet_end
from analysis.numbers import MEASURE_WORDS
from analysis.study import ROOT, Cleaning, Study
from analysis.tables import RealTime, Revisions
from analysis.vintages import reconcile_known

KEY = ["destination", "month"]
TONNES = ("tonnes", "lower", "upper")
SAME_TONNES = 0.01
"""Bounds that differ by less have not changed: no newsroom prints such digits."""
Policy = tuple[Regime, ...]
ESTIMATES = ["estimate", "lower", "upper", "level", "p_value"]
METHOD = ("libs/ledger", "libs/tradedata", "libs/contracts", "analysis/vintages.py")
"""What decides a vintage's series beside its figures, and the versions of the libraries used."""
FOLDER = "vintages"
"""Where the series of past days are kept, beside the tables they are made from."""
MOST_DRAWN = 3
"""Destinations that one figure can tell apart."""


def exports_by_vintage(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    exports: pd.DataFrame,
    cleaning: Cleaning,
    most: int,
    first_told: Sequence[Study] = (),
    policy: Policy | None = None,
    products: pd.DataFrame | None = None,
) -> dict[pd.Timestamp, pd.DataFrame]:
    """The table Exports by day, of the last `most` vintages; the last of them is `exports` itself.

    Older ones are kept where they are the first to answer a study of `first_told`, with `policy`
    as catalogued. `figures`, `sources` and `products` keep the contracts of that name. The series
    of past days are stored under `cleaning.processed`, so that each is made once.
    """
    *earlier, last = vintage_days(figures, sources, cleaning)
    kept = _Kept(figures, sources, cleaning, products)
    split = max(len(earlier) + 1 - most, 0)
    known: dict[str, pd.DataFrame] = {}
    if policy is not None:
        known = _first_answers(earlier[:split], kept, list(first_told), policy)
    known |= {day: kept.exports(day) for day in earlier[split:]}
    kept.sweep()
    return {pd.Timestamp(day): table for day, table in {**known, last: exports}.items()}


def vintage_days(figures: pd.DataFrame, sources: pd.DataFrame, cleaning: Cleaning) -> list[str]:
    """The last days of all months in which a page or a customs download came out."""
    pages = days_out(figures[figures["series"] == cleaning.series], sources)["day"].dropna()
    days = [*pages, *map(pd.Timestamp, days_saved(cleaning.raw))]
    ends = sorted({pd.Period(day, freq="M") for day in days})
    return [f"{month.end_time:%Y-%m-%d}" for month in ends]


def _first_answers(
    days: Sequence[str], kept: _Kept, waiting: list[Study], policy: Policy
) -> dict[str, pd.DataFrame]:
    """The vintages among `days` that are the first to answer a study."""
    found = {}
    for day in days:
        asked = [study for study in waiting if study.end < day]
        if not asked:
            continue
        exports = kept.exports(day)
        told = [study for study in asked if _ask(study, exports, policy)["verdict"] != "not told"]
        if told:
            found[day] = exports
        waiting = [study for study in waiting if study not in told]
    return found


class _Kept:
    """The series of past days, each in a file named by its day and a digest of what made it."""

    def __init__(
        self,
        figures: pd.DataFrame,
        sources: pd.DataFrame,
        cleaning: Cleaning,
        products: pd.DataFrame | None,
    ) -> None:
        self.figures, self.sources, self.cleaning = figures, sources, cleaning
        self.products = products
        self.folder = cleaning.processed / FOLDER
        self.used: set[Path] = set()
        saved = [path for path in downloads(cleaning.raw) if origin_path(path).exists()]
        records = [load_origin(path) for path in saved]
        self.customs = [(f"{one.date_accessed}", one.sha256) for one in records]
        folders = {"raw_dir", "processed_dir", "reports_dir", "as_of"}
        linked = "" if products is None else products.to_csv(index=False)
        self.method = _digest([*_method(), cleaning.model_dump_json(exclude=folders), linked])

    def exports(self, day: str) -> pd.DataFrame:
        """The table Exports as it was known on `day`; TableError if nothing was."""
        return read_table(self._made(day), Exports)

    def doubted(self, day: str) -> set[str]:
        """The figures that the others contradicted on `day`."""
        listed = self._made(day).with_suffix(".json").read_text(encoding="utf-8")
        return set(json.loads(listed))

    def _made(self, day: str) -> Path:
        """The file of the series of `day`, and beside it the list of its doubted figures."""
        path = self.folder / f"{day}-{self._digest(day)}.parquet"
        beside = path.with_suffix(".json")
        self.used |= {path, beside}
        if not (path.exists() and beside.exists()):
            dated = self.cleaning.model_copy(update={"as_of": day})
            found = reconcile_known(self.figures, self.sources, dated, self.products)
            write_json(sorted(found.doubted_ids), beside)
            write_table(found.exports, path, Exports)
        return path

    def sweep(self) -> None:
        """Remove what this history has not used."""
        for path in set(self.folder.glob("*.*")) - self.used:
            path.unlink(missing_ok=True)

    def _digest(self, day: str) -> str:
        known = known_figures(self.figures, self.sources, day)
        pages = self.sources[self.sources["source_id"].isin(known["source_id"])]
        customs = [sha256 for saved, sha256 in self.customs if saved <= day]
        return _digest([self.method, known.to_csv(), pages.to_csv(index=False), *customs])


def _method() -> list[str]:
    """The code that makes a vintage, and the versions of what it runs on."""
    roots = [ROOT / name for name in METHOD]
    files = [file for root in roots for file in (root.rglob("*.py") if root.is_dir() else [root])]
    files = [*sorted(files), ROOT / "requirements.lock"]
    return [file.read_text(encoding="utf-8") for file in files]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def doubted_since(
    day: pd.Timestamp,
    rejected: pd.DataFrame,
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    cleaning: Cleaning,
    products: pd.DataFrame | None = None,
) -> tuple[list[str], int]:
    """The figures doubted now and not on `day`, in words, and how many are doubted no more."""
    before, now = (
        _Kept(figures, sources, cleaning, products).doubted(f"{day:%Y-%m-%d}"),
        rejected["figure_id"],
    )
    new = figures[figures["figure_id"].isin(set(now) - before)].merge(sources, on="source_id")
    rows: list[Any] = list(new.itertuples())
    said = [
        f"{row.publisher}: {row.value} {MEASURE_WORDS.get(row.measure, row.unit)}, "
        f"{destination_name(row.destination)}, {months(row.period_start, row.period_end)}"
        for row in rows
    ]
    return said, len(before - set(now))


def verdicts_then(
    claims: pd.DataFrame,
    exports: pd.DataFrame,
    day: pd.Timestamp,
    sources: pd.DataFrame,
    evidence: Evidence,
) -> pd.Series:
    """The verdicts on claims, by claim, from the `exports` and the figures known on `day`."""
    known = known_figures(evidence.figures, sources, f"{day:%Y-%m-%d}")
    then = replace(evidence, exports=exports, figures=known)
    return check_claims(claims, then).set_index("claim_id")["verdict"]


def verdict_changes(real_time: pd.DataFrame) -> pd.DataFrame:
    """Each first answer of a vintage to a study, and each that differs from the one before it.

    Columns vintage, study, question, before (nothing for a first answer) and now.
    """
    told = real_time[real_time["verdict"] != "not told"].sort_values(["study", "vintage"])
    before = told.groupby("study")["verdict"].shift().fillna("")
    changed = told.assign(before=before, now=told["verdict"])[before != told["verdict"]]
    changed = changed.assign(question=[question_of(row) for _, row in changed.iterrows()])
    return changed[["vintage", "study", "question", "before", "now"]]


def compare_vintages(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """The months and destinations that differ between two tables Exports.

    Keeps the contract Revisions.
    """
    columns = [*KEY, *TONNES]
    old = earlier[columns].rename(columns={name: f"old_{name}" for name in TONNES})
    new = later[columns].rename(columns={name: f"new_{name}" for name in TONNES})
    both = old.merge(new, on=KEY, how="outer", sort=True)
    both.insert(2, "change", _changes(both))
    changed = both[both["change"] != ""].reset_index(drop=True)
    return changed[list(Revisions.to_schema().columns)]


def _changes(both: pd.DataFrame) -> np.ndarray:
    """What happened to each row; nothing where its bounds stayed."""
    apart = both["new_lower"] > both["old_upper"] + SAME_TONNES
    apart |= both["new_upper"] < both["old_lower"] - SAME_TONNES
    moved = (both["new_lower"] - both["old_lower"]).abs() > SAME_TONNES
    moved |= (both["new_upper"] - both["old_upper"]).abs() > SAME_TONNES
    was, is_now = both["old_tonnes"].notna(), both["new_tonnes"].notna()
    cases = {
        "added": both["old_upper"].isna(),
        "withdrawn": both["new_upper"].isna(),
        "revised": apart,
        "settled": ~was & is_now,
        "unsettled": was & ~is_now,
        "refined": moved,
    }
    return np.select(list(cases.values()), list(cases), "")


def ask_vintages(
    vintages: Mapping[pd.Timestamp, pd.DataFrame], policy: Policy, studies: Iterable[Study]
) -> pd.DataFrame:
    """Every study's headline question asked of every vintage (tables Exports by day).

    Keeps the contract RealTime.
    """
    rows = [
        {"vintage": day, **_about(study), **_ask(study, exports, policy)}
        for study in studies
        for day, exports in vintages.items()
    ]
    return pd.DataFrame(rows, columns=list(RealTime.to_schema().columns))


def _about(study: Study) -> dict[str, object]:
    return study.model_dump(include={"study", "destination", "headline", "start", "end"})


def _ask(study: Study, exports: pd.DataFrame, policy: Policy) -> dict[str, object]:
    try:
        row = _estimate(study, exports, policy)
    except (EffectError, TableError) as reason:
        return dict.fromkeys(ESTIMATES, np.nan) | {"verdict": "not told", "reason": str(reason)}
    found = {name: row[name] for name in ESTIMATES}
    side = {(True, False): "above", (False, True): "below"}
    verdict = side.get((row["lower"] > 0, row["upper"] < 0), "within noise")
    return found | {"verdict": verdict, "reason": ""}


def _estimate(study: Study, exports: pd.DataFrame, policy: tuple[Regime, ...]) -> pd.Series:
    series = monthly_series(exports, study.destination, study.value)
    window = pd.period_range(study.start, study.end, freq="M")
    if series.reindex(window).isna().any():
        raise EffectError(f"not every month from {study.start} to {study.end} is observed")
    if study.headline == "swing":
        return fit_change(study, series, policy).table.iloc[0]
    terms = window_terms(study, series, policy)
    quiet = quiet_end(policy)
    return average_effect(series, study.start, study.end, quiet_end=quiet, **terms).table.iloc[0]


def compare_conclusions(real_time: pd.DataFrame) -> pd.DataFrame:
    """Each question under the last two vintages, and whether its answer moved.

    An answer has moved when its verdict is another, or when one estimate lies outside the other's
    interval. Columns study, question, before, now (estimates with intervals), outcome; no row
    where there are not two vintages.
    """
    columns = ["study", "question", "before", "now", "outcome"]
    days = sorted(real_time["vintage"].unique())[-2:]
    if len(days) < 2:
        return pd.DataFrame(columns=columns)
    before, now = (real_time[real_time["vintage"] == day].set_index("study") for day in days)
    rows = []
    for study in now.index:
        old, new = before.loc[study], now.loc[study]
        outcome = "moved" if _moved(old, new) else "stands"
        rows.append((study, question_of(new), answer_of(old), answer_of(new), outcome))
    return pd.DataFrame(rows, columns=columns)


def _moved(before: pd.Series, now: pd.Series) -> bool:
    if before["verdict"] != now["verdict"]:
        return True
    inside = [
        one["lower"] <= other["estimate"] <= one["upper"]
        for one, other in ((before, now), (now, before))
    ]
    return now["verdict"] != "not told" and not all(inside)


def question_of(row: pd.Series) -> str:
    """What a row of RealTime answers: exports to the world in April to May 2025."""
    kind = "change of exports" if row["headline"] == "swing" else "exports"
    window = months(*(pd.Period(row[end], freq="M") for end in ("start", "end")))
    return f"{kind} to {destination_name(row['destination'])} in {window}"


def answer_of(row: pd.Series) -> str:
    """What a row of RealTime says: −61 % (−70 to −50 %), below."""
    if row["verdict"] == "not told":
        return "not told"
    ends = interval(row["lower"], row["upper"], unit="%")
    return f"{percent(row['estimate'])} ({ends}), {row['verdict']}"


class Reach(NamedTuple):
    """Months added after every window asked about, so that they could hardly move an answer.

    first, last: of the months added; end: of the last window; earlier: how many months up to then
    changed, of the destinations asked about.
    """

    first: pd.Period
    last: pd.Period
    end: pd.Period
    earlier: int


def out_of_reach(revisions: pd.DataFrame, real_time: pd.DataFrame) -> Reach | None:
    """What the added months missed; None where one comes before a window's end, or none was added.

    `revisions` and `real_time` keep the contracts of those names.
    """
    asked = revisions[revisions["destination"].isin(real_time["destination"])]
    index = pd.PeriodIndex(asked["month"], freq="M")
    added = index[asked["change"] == "added"]
    if not len(added):
        return None
    end = pd.Period(real_time["end"].max(), freq="M")
    if added.min() <= end:
        return None
    return Reach(added.min(), added.max(), end, int((index <= end).sum()))


def first_answers(real_time: pd.DataFrame) -> pd.DataFrame:
    """Of each study that a vintage tells: the first that did, and how its answers went on.

    Columns study, question, first (day), then, now (verdicts), turned (whether a later vintage
    that could tell said otherwise than the first).
    """
    told = real_time[real_time["verdict"] != "not told"]
    rows = [
        (
            study,
            question_of(own.iloc[0]),
            own["vintage"].iloc[0],
            own["verdict"].iloc[0],
            own["verdict"].iloc[-1],
            own["verdict"].nunique() > 1,
        )
        for study, own in told.groupby("study", sort=False)
    ]
    return pd.DataFrame(rows, columns=["study", "question", "first", "then", "now", "turned"])


def never_answered(real_time: pd.DataFrame) -> list[str]:
    """The questions that no vintage answers."""
    told = set(real_time.loc[real_time["verdict"] != "not told", "study"])
    lost = real_time[~real_time["study"].isin(told)].drop_duplicates("study")
    return [question_of(row) for _, row in lost.iterrows()]


def drawn_together(real_time: pd.DataFrame) -> pd.DataFrame:
    """The rows of the window asked about for most destinations, one study for each of them.

    Empty where no vintage tells such an effect; at most MOST_DRAWN destinations.
    """
    asked = real_time[real_time["headline"] == "counterfactual"]
    told = asked.dropna(subset="estimate")
    if told.empty:
        return told
    counts = told.groupby(["start", "end"])["destination"].nunique()
    start, end = counts.index[int(counts.to_numpy().argmax())]
    own = told[(told["start"] == start) & (told["end"] == end)]
    first = own.drop_duplicates("destination")["study"].iloc[:MOST_DRAWN]
    return asked[asked["study"].isin(first)]


def lags_out(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """How long after the last month it speaks of each page came out.

    Columns shown (whether the page says when it came out), figures (how many it has) and lag
    (days from the end of that month).
    """
    out = days_out(figures, sources).set_index("source_id")
    ends = figures.groupby("source_id")["period_end"].max() + pd.offsets.MonthEnd(0)
    counts = figures.groupby("source_id").size().reindex(out.index, fill_value=0)
    lag = (out["day"] - ends).dt.days
    return pd.DataFrame({"shown": out["shown"], "figures": counts, "lag": lag})
