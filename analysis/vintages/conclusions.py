"""The headline questions of the report, asked of every vintage of the data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from contracts import TableError
from effects import EffectError, average_effect, swing
from effects.results import signed
from effects.spans import month_span, period_name, span_name
from tradedata.destinations import destination_name

from analysis.events import Regime, policy_regimes, quiet_end
from analysis.new_year import new_year_regressors
from analysis.regressors import counterfactual_regressors
from analysis.series import monthly_series
from analysis.study import Study
from analysis.tables import RealTime

SPRING = Study()
HEADLINES = (
    SPRING,
    Study(study="april-2025-usa", destination="USA"),
    Study(study="april-2025-world-ex-usa", destination="GRP_WLD-USA"),
    Study(
        study="september-2025-swing",
        headline="swing",
        start="2025-09",
        end="2025-09",
        baseline_end="2025-08",
        swing_month="2025-09",
    ),
    Study(
        study="october-2025-announcements",
        event_id="cn-ann57-2025-five-ree",
        start="2025-10",
        end="2025-11",
        baseline_end="2025-09",
        swing_month="2025-10",
    ),
)
"""The questions of the shipped studies."""
NUMBERS = ["estimate", "lower", "upper", "level", "p_value"]


def ask_vintages(vintages: Mapping[str, pd.DataFrame], events: pd.DataFrame) -> pd.DataFrame:
    """Every headline question asked of every vintage (tables Exports by day).

    Keeps the contract RealTime.
    """
    policy = policy_regimes(events)
    rows = [
        {"vintage": pd.Timestamp(day), **_about(study), **_ask(study, exports, policy)}
        for study in HEADLINES
        for day, exports in vintages.items()
    ]
    return pd.DataFrame(rows)[list(RealTime.to_schema().columns)]


def _about(study: Study) -> dict[str, object]:
    return study.model_dump(include={"study", "destination", "headline", "start", "end"})


def _ask(study: Study, exports: pd.DataFrame, policy: tuple[Regime, ...]) -> dict[str, object]:
    try:
        row = _estimate(study, exports, policy)
    except (EffectError, TableError) as reason:
        return dict.fromkeys(NUMBERS, np.nan) | {"verdict": "not told", "reason": str(reason)}
    found = {name: row[name] for name in NUMBERS}
    side = {(True, False): "above", (False, True): "below"}
    verdict = side.get((row["lower"] > 0, row["upper"] < 0), "within noise")
    return found | {"verdict": verdict, "reason": ""}


def _estimate(study: Study, exports: pd.DataFrame, policy: tuple[Regime, ...]) -> pd.Series:
    series = monthly_series(exports, study.destination, study.value)
    window = pd.period_range(study.start, study.end, freq="M")
    if series.reindex(window).isna().any():
        raise EffectError(f"not every month from {study.start} to {study.end} is observed")
    months = pd.PeriodIndex(series.index)
    if study.headline == "swing":
        result = swing(
            series,
            study.swing_month,
            baseline_end=quiet_end(policy),
            regressors=new_year_regressors(months),
            level=study.level,
        ).table
    else:
        result = average_effect(
            series,
            study.start,
            study.end,
            baseline_end=study.baseline_end,
            quiet_end=quiet_end(policy),
            regressors=counterfactual_regressors(months, policy, study.baseline_end),
            level=study.level,
        ).table
    return result.iloc[0]


def compare_conclusions(real_time: pd.DataFrame) -> pd.DataFrame:
    """Each headline question under the last two vintages, and whether its answer moved.

    An answer has moved when its verdict is another, or when one estimate lies outside the other's
    interval. Columns study, question, before, now (estimates with intervals), verdict, outcome.
    """
    before, now = (
        real_time[real_time["vintage"] == day].set_index("study")
        for day in sorted(real_time["vintage"].unique())[-2:]
    )
    rows = [
        {
            "study": study,
            "question": _question(now.loc[study]),
            "before": _words(before.loc[study]),
            "now": _words(now.loc[study]),
            "outcome": "moved" if _moved(before.loc[study], now.loc[study]) else "stands",
        }
        for study in now.index
    ]
    return pd.DataFrame(rows)


def _moved(before: pd.Series, now: pd.Series) -> bool:
    if before["verdict"] != now["verdict"]:
        return True
    inside = [
        one["lower"] <= other["estimate"] <= one["upper"]
        for one, other in ((before, now), (now, before))
    ]
    return now["verdict"] != "not told" and not all(inside)


def _question(row: pd.Series) -> str:
    kind = "change in" if row["headline"] == "swing" else "effect in"
    where = destination_name(row["destination"])
    return f"{kind} {month_span(row['start'], row['end'])}, {where}"


def _words(row: pd.Series) -> str:
    if row["verdict"] == "not told":
        return "not told"
    ends = f"{signed(row['lower'])} to {signed(row['upper'])}"
    return f"{signed(row['estimate'])} % ({ends}), {row['verdict']}"


def out_of_reach(revisions: pd.DataFrame, real_time: pd.DataFrame) -> str:
    """That no added month could move an answer, where all of them come after every window.

    Empty where one comes before, or none was added. `revisions` and `real_time` keep the contracts
    of those names.
    """
    asked = revisions[revisions["destination"].isin(real_time["destination"])]
    months = pd.PeriodIndex(asked["month"], freq="M")
    added, end = months[asked["change"] == "added"], pd.Period(real_time["end"].max(), freq="M")
    if not len(added) or added.min() <= end:
        return ""
    earlier = int((months <= end).sum())
    return (
        f"This is so {'almost ' if earlier else ''}by construction: the months added, "
        f"{span_name(added.min(), added.max())}, come after every window, the last of which ends "
        f"in {period_name(end)}; up to then {earlier or 'no'} months of the destinations asked "
        "about changed."
    )


def describe_conclusions(compared: pd.DataFrame, days: tuple[str, str], reach: str = "") -> str:
    """Which conclusions moved from one vintage to the next; if none, `out_of_reach` says why."""
    moved = compared[compared["outcome"] == "moved"]
    since = f"{pd.Timestamp(days[0]):%B %Y}"
    if moved.empty:
        none = f"None of the {len(compared)} headline answers has moved since {since}."
        return f"{none} {reach}".strip()
    told = [f"{row.question}: {row.before} then, {row.now} now" for row in moved.itertuples()]
    return f"{len(moved)} of {len(compared)} headline answers moved: {'; '.join(told)}."
