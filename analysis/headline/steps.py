"""How many figures and months were used, and lost, at each step from page to estimate."""

from __future__ import annotations

import pandas as pd
from contracts import read_table
from effects import Counterfactual
from ledger.printed import MEASURES, distinct_figures
from ledger.tables import Figures, RejectedFigures, Sources

from analysis.study import Cleaning, Study

Step = tuple[str, int, int, str]
"""What is counted, how many are left, how many were lost, and why."""


def steps_table(study: Study, exports: pd.DataFrame, effect: Counterfactual) -> pd.DataFrame:
    """One row a step: step, left, lost, and lost why.

    `exports` keeps the contract of that name; figures and verdicts are read from the study's
    vintage.
    """
    steps = [*_figures(study), *_cells(exports), *_months(exports, study, effect)]
    table = pd.DataFrame(steps, columns=["step", "left", "lost", "lost why"])
    return table.assign(**{"lost why": table["lost why"].where(table["lost"] > 0, "")})


def _figures(study: Study) -> list[Step]:
    figures = read_table(study.vintage / "figures.parquet", Figures)
    sources = read_table(study.vintage / "sources.parquet", Sources)
    doubted = read_table(study.vintage / "rejected_figures.csv", RejectedFigures)
    series = Cleaning().series
    linear = figures[(figures["series"] == series) & figures["measure"].isin(MEASURES)]
    names = {figure.name for figure in distinct_figures(figures, sources, series)}
    verdicts = doubted[doubted["figure_id"].isin(names)]["verdict"].value_counts()
    rejected, mismatch = (int(verdicts.get(name, 0)) for name in ("rejected", "mismatch"))
    used = len(names) - rejected
    return [
        ("figures printed", len(figures), 0, ""),
        (
            "tonnages, changes and shares of the series",
            len(linear),
            len(figures) - len(linear),
            "other series; ranks and prices",
        ),
        ("distinct figures", len(names), len(linear) - len(names), "the same number reprinted"),
        ("figures that can be true", used, rejected, "contradicted by the others"),
        (
            "of these, held at their narrow width",
            used - mismatch,
            mismatch,
            "held at the wider one instead",
        ),
    ]


def _cells(exports: pd.DataFrame) -> list[Step]:
    narrow = int(exports["tonnes"].notna().sum())
    return [
        ("months of destinations bounded by them", len(exports), 0, ""),
        ("of these, narrow enough to be data", narrow, len(exports) - narrow, "bounds too wide"),
    ]


def _months(exports: pd.DataFrame, study: Study, effect: Counterfactual) -> list[Step]:
    own = exports[exports["destination"] == study.destination]
    observed = effect.path["observed"].notna()
    baseline = int(observed.loc[: study.baseline_end].sum())
    after = observed.loc[study.baseline_end :].iloc[1:]
    window = observed.loc[study.start : study.end]
    seen, told = int(observed.sum()), int(after.sum()) - _untold(effect, after)
    return [
        ("months of this series, first to last", len(observed), 0, ""),
        ("of these, observed", seen, len(observed) - seen, _gaps(own, observed)),
        ("observed up to the baseline's end", baseline, seen - baseline, "they come later"),
        ("later months set against it", told, int(after.sum()) - told, "no counterfactual"),
        ("of these, in the window", int(window.sum()), len(window) - int(window.sum()), "missing"),
    ]


def _untold(effect: Counterfactual, after: pd.Series) -> int:
    """Observed months after the baseline for which no counterfactual can be told."""
    return sum(bool(after.get(pd.Period(month, freq="M"), False)) for month in effect.untold)


def _gaps(own: pd.DataFrame, observed: pd.Series) -> str:
    """Of the missing months of a series, how many are bounded roughly and how many not at all."""
    rough = own.loc[own["tonnes"].isna(), "month"].dt.to_period("M")
    bounded = int(rough.isin(observed.index[~observed]).sum())
    return f"{bounded} bounded too widely, {int((~observed).sum()) - bounded} not at all"
