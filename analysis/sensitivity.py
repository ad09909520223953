"""Does a study's answer hold up? Its window under other data, baselines, models and estimators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from charts import Curve
from contracts import read_table
from contracts.files import file_state
from effects import (
    Counterfactual,
    EffectError,
    EffectResult,
    average_effect,
    common_shifts,
    counterfactual,
    influence,
    null_innovations,
    specification_curve,
    textbook,
)
from effects.results import effect_table
from effects.season import Season
from effects.textbook import MARK, Textbook
from ledger.constraints import (
    ONE,
    Level,
    Row,
    System,
    build_system,
    matrix,
    official_cells,
    parts,
)
from ledger.printed import distinct_figures
from ledger.programmes import EDGE_TONNES, Programme
from ledger.series import monthly_series
from ledger.tables import Figures, RejectedFigures, Sources
from scipy.optimize import linprog
from tradedata.tables import OfficialExports
from words import month_span

from analysis.answer import Policy, window_terms
from analysis.events import quiet_end
from analysis.new_year import new_year_regressors
from analysis.nowcast import filled, study_series
from analysis.regressors import series_regressors
from analysis.specifications import ESTIMANDS
from analysis.study import Cleaning, Study
from analysis.tables import Sensitivity
from analysis.totals import printed_totals

HEADLINE = "headline"
BASELINES = ("2023-12", "2024-06", "2024-09", "2024-12")
"""Ends of baseline tried beside the study's own and the month before its window."""
PANDEMIC = ("2020-01", "2021-12")
DRIFT = "drift"
TANGENTS = 10
"""Most tangents of the search for the extremes; they settle within a few."""
NUMBERS = ["estimate", "lower", "upper"]
ONE_THING_EACH = (
    "Every variant changes one thing and is fitted to nearly the same months, so they are not "
    "independent: how many intervals leave out zero is a count, and the test of all together is "
    "in the text."
)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Variant:
    """One thing changed: `aspect` is what sort of thing, `name` what it was changed to."""

    aspect: str
    name: str
    series: pd.Series
    baseline_end: str
    quiet_end: pd.Period
    regressors: pd.DataFrame
    season: Season = "auto"
    totals: pd.DataFrame | None = None

    def put_to(self, estimator: Callable[..., Answer], study: Study, **more: Any) -> Answer:
        """What an estimator that takes what `counterfactual` takes says of the study's window."""
        return estimator(
            self.series,
            study.start,
            study.end,
            baseline_end=self.baseline_end,
            regressors=self.regressors,
            season=self.season,
            **more,
        )


def variants(study: Study, exports: pd.DataFrame, policy: Policy, ledger: Ledger) -> list[Variant]:
    """The headline's own variant first. `ledger`: as `load_ledger` returns it."""
    series = study_series(study, exports)
    regressors = series_regressors(series, policy, study.baseline_end)
    quiet = quiet_end(policy)
    own = Variant(HEADLINE, "as reported", series, study.baseline_end, quiet, regressors)
    return [
        own,
        *_of_bounds(own, study, exports, ledger),
        *_of_baselines(own, study, policy),
        *_of_regressors(own),
        *_of_newsrooms(own, study, ledger),
        *_of_hindsight(own, study, exports),
        *_of_nowcast(own, study, policy),
        *_of_totals(own, study),
    ]


def _months(series: pd.Series) -> pd.PeriodIndex:
    return pd.PeriodIndex(series.index)


def _of_bounds(
    own: Variant, study: Study, exports: pd.DataFrame, ledger: Ledger
) -> Iterator[Variant]:
    """The least and the greatest estimate that the kept figures allow, all of them together.

    A search by linear programmes: the months that move the estimate's tangent farthest, a new
    tangent there, until no month moves.
    """
    ends = [
        monthly_series(exports, study.destination, bound).where(own.series.notna())
        for bound in ("lower", "upper")
    ]
    for name, sign in {"lowest": 1.0, "highest": -1.0}.items():
        series = own.series
        try:
            for _ in range(TANGENTS):
                pull = sign * replace(own, series=series).put_to(influence, study)
                before, moved = series, ledger.least(study.destination, pull / series[pull.index])
                alone = ends[0].where(pull.reindex(series.index) > 0, ends[1])[pull.index]
                series = series.copy()
                series[pull.index] = moved.fillna(alone)
                if np.allclose(series, before, rtol=1e-6, equal_nan=True):
                    break
        except EffectError:
            return
        name = f"{name} estimate that the figures allow"
        yield replace(own, aspect="bounds", name=name, series=series.where(series > 0))


def _of_baselines(own: Variant, study: Study, policy: Policy) -> Iterator[Variant]:
    before = str(pd.Period(study.start, freq="M") - 1)
    for end in dict.fromkeys([*BASELINES, before]):
        if end < study.start and end != study.baseline_end:
            regressors = series_regressors(own.series, policy, end)
            yield replace(
                own,
                aspect="baseline",
                name=f"baseline to {month_span(end, end)}",
                baseline_end=end,
                regressors=regressors,
            )
    without = own.series.copy()
    without.loc[PANDEMIC[0] : PANDEMIC[1]] = np.nan
    yield replace(own, aspect="baseline", name="without 2020 and 2021", series=without)


def with_drift(regressors: pd.DataFrame) -> pd.DataFrame:
    """`regressors` and years since their first month."""
    return regressors.assign(**{DRIFT: np.arange(len(regressors)) / 12})


def _of_regressors(own: Variant) -> Iterator[Variant]:
    calendar = own.regressors.columns.intersection(new_year_regressors(_months(own.series)).columns)
    without = {
        ("regime", f"without {regime}"): own.regressors.drop(columns=regime)
        for regime in own.regressors.columns.difference(calendar, sort=False)
    }
    drifting = {("drift", "with a linear drift"): with_drift(own.regressors)}
    steady = {("season", "without Lunar New Year"): own.regressors.drop(columns=calendar)}
    steady = steady if len(calendar) else {}
    for (aspect, name), regressors in (without | drifting | steady).items():
        yield replace(own, aspect=aspect, name=name, regressors=regressors)
    yield replace(own, aspect="season", name="two harmonic pairs", season="harmonics")


def _of_newsrooms(own: Variant, study: Study, ledger: Ledger) -> Iterator[Variant]:
    months = list(pd.period_range(study.start, study.end, freq="M"))
    bounds = ledger.bounds_without(study.destination, months)
    wide = bounds["upper"] > bounds["lower"] * (1 + Cleaning().narrow_width)
    middle = ((bounds["lower"] + bounds["upper"]) / 2).where(~wide)
    for newsroom, rows in bounds.assign(tonnes=middle).groupby("newsroom"):
        series = own.series.copy()
        inside = rows[rows["month"].isin(series.index)]
        series.loc[inside["month"]] = inside["tonnes"].to_numpy()
        yield replace(own, aspect="newsroom", name=f"without {newsroom}", series=series)


def _of_hindsight(own: Variant, study: Study, exports: pd.DataFrame) -> Iterator[Variant]:
    """Without baseline months that follow from nothing but figures about later months."""
    figures = read_table(study.vintage / "figures.parquet", Figures)
    first = figures.set_index("figure_id")["period_start"]
    rows = exports[exports["destination"] == study.destination]
    rows = rows[rows["month"] <= pd.Period(study.baseline_end, freq="M").end_time]
    after = pd.Timestamp(f"{study.start}-01")
    reckoned_back = [
        month
        for month, ids in zip(rows["month"].dt.to_period("M"), rows["figure_ids"], strict=True)
        if ids and first.reindex(ids.split(";")).min() >= after
    ]
    series = own.series.copy()
    series.loc[series.index.isin(reckoned_back)] = np.nan
    if series.notna().sum() < own.series.notna().sum():
        name = "without months reckoned back from later figures"
        yield replace(own, aspect="hindsight", name=name, series=series)


def _of_nowcast(own: Variant, study: Study, policy: Policy) -> Iterator[Variant]:
    series = filled(own.series, study)
    if series.notna().sum() > own.series.notna().sum():
        regressors = series_regressors(series, policy, study.baseline_end)
        name = "with months estimated from customs' wider series"
        yield replace(own, aspect="nowcast", name=name, series=series, regressors=regressors)


def _of_totals(own: Variant, study: Study) -> Iterator[Variant]:
    totals = printed_totals(study)
    if len(totals):
        name = "with printed totals of missing months"
        yield replace(own, aspect="totals", name=name, totals=totals)


def sensitivity_table(study: Study, tried: Sequence[Variant]) -> pd.DataFrame:
    """One row a variant, in the columns of Sensitivity; the first is the headline.

    A season that is the headline's own is no change and is left out.
    """
    frame = pd.DataFrame([_row(study, variant) for variant in tried])
    same = (frame[NUMBERS] == frame[NUMBERS].iloc[0]).all(axis="columns")
    frame = frame[~(same & (frame["aspect"] == "season"))]
    side = np.select([frame["lower"] > 0, frame["upper"] < 0], [1, -1], 0)
    same_side = "survives" if side[0] else "cannot be told"
    conclusion = np.where(side == side[0], same_side, "changes")
    frame["conclusion"] = np.where(frame["reason"] == "", conclusion, "not told")
    names = {"study": study.study, "destination": study.destination}
    return frame.assign(**names)[list(Sensitivity.to_schema().columns)]


def _row(study: Study, variant: Variant) -> dict[str, object]:
    named: dict[str, object] = {"aspect": variant.aspect, "variant": variant.name, "reason": ""}
    try:
        result = variant.put_to(
            average_effect,
            study,
            level=study.level,
            quiet_end=variant.quiet_end,
            totals=variant.totals,
        )
    except EffectError as reason:
        blank = dict.fromkeys(["estimate", "lower", "upper", "level", "p_value"], np.nan)
        return named | blank | {"n_pre": 0, "n_post": 0, "reason": str(reason)}
    return {str(name): value for name, value in result.table.iloc[0].items()} | named


def variant_curve(table: pd.DataFrame) -> Curve:
    """The variants that could be estimated, sorted, over what was changed. `table`: Sensitivity."""
    told = table.dropna(subset="estimate").sort_values(["estimate", "variant"], ignore_index=True)
    aspects = tuple(dict.fromkeys(table["aspect"]))
    changed = {aspect: told["variant"].where(told["aspect"] == aspect) for aspect in aspects}
    return Curve(
        "variants",
        ESTIMANDS["counterfactual"],
        "%",
        told[["variant", "estimate", "lower", "upper", "p_value"]].assign(**changed),
        tuple(aspect for aspect in aspects if changed[aspect].notna().any()),
        tuple(table.loc[table["estimate"].isna(), "variant"]),
        "variant",
        ONE_THING_EACH,
    )


def joint_test(study: Study, tried: Sequence[Variant], table: pd.DataFrame) -> EffectResult:
    """One test of all variants that `table` tells.

    The estimate is the median t of the variants, the p-value that of its common shifts; the
    variant with totals has no part, since a sum of months cannot be moved round. Raises
    EffectError where none can be told, or shifts are too few.
    """
    told = set(table.loc[table["reason"] == "", "variant"])
    innovations = {
        variant.name: variant.put_to(null_innovations, study)
        for variant in tried
        if variant.name in told and variant.totals is None
    }
    if not innovations:
        raise EffectError("no variant can be estimated")
    found = specification_curve(common_shifts(pd.DataFrame(innovations), study.start), study.level)
    median = found.table.iloc[0]
    row = {
        "estimator": "common shifts",
        "estimand": "median t of all variants",
        "start": study.start,
        "end": study.end,
        "estimate": median["observed"],
        "p_value": median["p_value"],
        "unit": "t",
        "n_pre": table["n_pre"].iloc[0],
        "n_post": table["n_post"].iloc[0],
    }
    return EffectResult(effect_table([row]), found.sentence)


def fit_drift(study: Study, series: pd.Series, policy: Policy) -> Counterfactual:
    """The counterfactual of a baseline that may grow steadily; EffectError as without."""
    terms = window_terms(study, series, policy)
    quiet = quiet_end(policy)
    return counterfactual(series, study.start, study.end, quiet_end=quiet, drift=True, **terms)


def fit_textbook(study: Study, series: pd.Series, policy: Policy) -> Textbook:
    """The window's effect by a regression's step, errors treated in five usual ways."""
    terms = window_terms(study, series, policy)
    return textbook(series, study.start, study.end, name=study.exports, **terms)


OVER_REJECTS = {
    f"{MARK}{name}": "textbook; over-rejects"
    for name in ("OLS with HAC errors", "Prais–Winsten AR(1)", "Huber regression")
}
"""Those that docs/calibration.md shows to find effects where there are none."""


def robustness_table(effects: pd.DataFrame) -> pd.DataFrame:
    """One row an estimator of the average effect: kind, estimate, interval, p-value, percent.

    effects: rows of a counterfactual and of textbook estimators, as Effects has them.
    """
    rows = effects[effects["estimand"] == "average effect"]
    kinds = {
        name: "textbook" if name.startswith(MARK) else "rank among dates or shifts"
        for name in rows["estimator"]
    }
    kinds |= OVER_REJECTS | {"counterfactual": "default"}
    columns = ["estimator", "kind", "estimate", "lower", "upper", "p_value"]
    table = rows.assign(kind=rows["estimator"].map(kinds))[columns].reset_index(drop=True)
    return table.assign(estimator=table["estimator"].str.removeprefix(MARK))


@dataclass(frozen=True)
class Ledger:
    """The figures of a series as constraints, and how far each of them is kept."""

    series: str
    system: System
    kept: Level

    def amounts(self, destination: str, months: Sequence[pd.Period]) -> dict[pd.Period, Row]:
        """What each month is in the system's unknowns; those of which nothing was printed are out.

        A group is the sum or remainder of its parties.
        """
        cells, names = self.system.cells, [name for name, _ in parts(destination)]
        return {
            month: cells.amount(self.series, destination, [month.ordinal])
            for month in months
            if all((self.series, name, month.ordinal) in cells.column for name in names)
        }

    def least(self, destination: str, cost: pd.Series) -> pd.Series:
        """The tonnes by month whose sum, each times its `cost`, is least; NaN where unprinted."""
        amounts = self.amounts(destination, list(cost.index))
        count = self.system.cells.count
        held = [row for code, level in self.kept.items() for row in self.system.levels[level][code]]
        rows = matrix([*self.system.always, *held], count).toarray()
        wanted = matrix(list(amounts.values()), count)
        limits: list[tuple[float, float | None]] = [(0.0, None)] * count
        limits[ONE] = (1.0, 1.0)
        found = linprog(
            wanted.T @ cost.loc[cost.index.isin(list(amounts))].to_numpy(),
            A_ub=rows,
            b_ub=np.zeros(len(rows)),
            bounds=limits,
            method="highs",
            options={"primal_feasibility_tolerance": EDGE_TONNES},
        )
        if found.x is None:
            raise EffectError(f"the kept figures give no extreme of the estimate: {found.message}")
        return pd.Series(wanted @ found.x, list(amounts)).reindex(cost.index)

    def bounds_without(self, destination: str, months: Sequence[pd.Period]) -> pd.DataFrame:
        """Bounds in `months` without each newsroom that alone printed a figure there.

        Rows newsroom × month, columns lower and upper in tonnes; upper is infinite where nothing
        bounds it. The verdicts on the other figures stay: only figures that no other newsroom
        printed are let go, and with fewer figures bounds can only widen.
        """
        system, kept = self.system, self.kept
        programme = Programme(system, kept.items())
        asked = self.amounts(destination, months)
        amounts = [(amount, {ONE: 1.0}) for amount in asked.values()]
        extents = programme.extents(kept, amounts)
        behind = {index for extent in extents for index in extent.binding}
        rows = []
        for newsroom in sorted(_alone(system, behind)):
            held = {i: k for i, k in kept.items() if system.printed[i].newsrooms != {newsroom}}
            for month, extent in zip(asked, programme.extents(held, amounts), strict=True):
                rows.append((newsroom, month, extent.lower, extent.upper))
        return pd.DataFrame(rows, columns=["newsroom", "month", "lower", "upper"])


LEDGER = {
    "figures.parquet": Figures,
    "sources.parquet": Sources,
    "rejected_figures.csv": RejectedFigures,
    "official_exports.parquet": OfficialExports,
}
"""The tables of a ledger."""


def load_ledger(study: Study) -> Ledger:
    """The ledger of the study's series, made once while its tables stay as they are."""
    states = tuple(file_state(study.vintage / name) for name in LEDGER)
    return _load_ledger(study.vintage, study.series, states)


@lru_cache(maxsize=8)
def _load_ledger(folder: Path, series: str, _states: object) -> Ledger:
    figures, sources, rejected, official = (
        read_table(folder / name, LEDGER[name]) for name in LEDGER
    )
    return make_ledger(figures, sources, rejected, official, series)


def make_ledger(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    rejected: pd.DataFrame,
    official: pd.DataFrame,
    series: str,
) -> Ledger:
    """The figures of a series but those rejected, a mismatch at its own level."""
    printed = distinct_figures(figures, sources, series)
    system = build_system(printed, official_cells(official))
    verdicts = dict(zip(rejected["figure_id"], rejected["verdict"], strict=True))
    found = {code: verdicts.get(figure.name, "kept") for code, figure in enumerate(system.printed)}
    kept = {code: verdict for code, verdict in found.items() if verdict != "rejected"}
    return Ledger(series, system, kept)


def _alone(system: System, behind: set[int]) -> set[str]:
    return {
        newsroom
        for index in behind
        for newsroom in system.printed[index].newsrooms
        if len(system.printed[index].newsrooms) == 1
    }
