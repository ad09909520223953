"""What an answer rests on, in sentences made from its numbers."""

from __future__ import annotations

import pandas as pd
from effects import Counterfactual
from effects.results import percent_of, probability, signed
from effects.samples import row_at
from effects.spans import month_span, period_name, span_name
from effects.swing import too_few
from tradedata.destinations import destination_name

from analysis.events import events_in
from analysis.headline.answer import needed_to_overturn
from analysis.study import Study

SEASONS = {
    "calendar": "one effect a calendar month",
    "harmonics": "two harmonic pairs, because the baseline cannot tell an effect for each month",
    "none": "none",
}
FEW_PLACEBOS = 19
"""Placebo dates below which even the largest rank is no evidence at the 5 % level."""


def question_asked(study: Study) -> str:
    """What is asked of which series, in a line."""
    known = f"; as known on {study.as_of}" if study.as_of else ""
    return (
        f"**{study.question}** Destination: {destination_name(study.destination)}; window: "
        f"{month_span(study.start, study.end)}; baseline to "
        f"{month_span(study.baseline_end, study.baseline_end)}{known}."
    )


def sample(series: pd.Series) -> str:
    """How much of the series is observed."""
    return (
        f"{series.notna().sum()} of the {len(series)} months from "
        f"{span_name(series.index[0], series.index[-1])} are observed."
    )


def by_chance(swings: pd.DataFrame, level: float, calm: int) -> str:
    """How many of the changes are unusual, and how many would be by chance alone.

    calm: changes that these are ranked among; too few of them can call none unusual.
    """
    if why := too_few(calm, level):
        return (
            f"None of these {len(swings)} changes can be called unusual at the "
            f"{percent_of(level)} % level: {why}."
        )
    return (
        f"{swings['unusual'].sum()} of these {len(swings)} changes are unusual; by chance alone "
        f"one expects {len(swings) * (1 - level):.1f}."
    )


def assumptions(result: Counterfactual, study: Study) -> str:
    """What the counterfactual assumes and rests on, as a Markdown list."""
    fit = result.baseline.fit
    row = result.table.iloc[0]
    until = month_span(study.baseline_end, study.baseline_end)
    lines = [
        f"Without the event, exports would have gone on as they did to {until}: a level that "
        "wanders, season, New Year and the policy already in force then.",
        f"The baseline is {row['n_pre']} observed months; {len(fit.coefficients)} coefficients "
        f"leave {fit.free} degrees of freedom. Missing months are not filled in.",
        f"Season: {SEASONS[result.baseline.terms.season]}.",
        f"The level's random walk makes up {100 * fit.share:.0f} % of the variance that a month "
        f"adds; one month's standard deviation is {100 * fit.variance**0.5:.0f} %.",
        f"Standard errors are multiplied by {result.placebos.scale:.2f}: how far the same "
        f"estimator was off at {len(result.placebos.frame)} quiet dates, whose windows end by "
        f"{period_name(result.quiet_end)}.",
        "Effects are against the median counterfactual; sums take the months' joint errors.",
    ]
    if result.untold:
        untold = ", ".join(month_span(month, month) for month in result.untold)
        lines.append(
            f"No counterfactual can be told for {untold}: the baseline says too little of those "
            "calendar months, and sums leave them out."
        )
    return "\n".join(f"- {line}" for line in lines)


def net_sum(result: Counterfactual, study: Study, unit: str = "tonnes") -> str:
    """The sum since the baseline's end: at the window's end, at last, and when made good."""
    running = result.cumulative
    ends = running.loc[: pd.Period(study.end, freq="M")].iloc[[-1]], running.iloc[[-1]]
    parts = [
        f"{signed(row['estimate'])} {unit} by {month_span(str(month), str(month))} "
        f"({signed(row['lower'])} to {signed(row['upper'])})"
        for month, row in pd.concat(ends).iterrows()
    ]
    made = _made_good(running["estimate"].loc[pd.Period(study.end, freq="M") :])
    since = period_name(running.index[0])
    return f"Over the months since {since} the net is {'; '.join(parts)}. {made}"


def _made_good(sums: pd.Series) -> str:
    if sums.iloc[0] >= 0:
        return "At the window's end there was no net loss to make good."
    back = sums.index[(sums >= 0).to_numpy()]
    if not len(back):
        return "The net loss has not been made good, going by medians."
    return f"The net loss was made good by {period_name(back[0])}, going by medians."


def tests(result: Counterfactual) -> str:
    """Three p-values side by side, each with the least it could have been."""
    rows = result.table.drop_duplicates("estimator").set_index("estimator")
    t_test, ranked, permuted = (
        probability(row_at(rows, name)["p_value"])
        for name in ("counterfactual", "placebo dates", "conformal permutation")
    )
    dates, floor = result.placebos, result.conformal.floor
    text = (
        f"Three tests of the same average effect: the t-test {t_test}; its rank among "
        f"{len(dates.frame)} placebo dates {ranked} (it could not be less than {dates.floor:.3f}); "
        f"conformal permutation {permuted} (not less than {floor:.3f}). {_inverted(result)}"
    )
    if len(dates.frame) < FEW_PLACEBOS:
        text += " So few placebo dates cannot by themselves reject at the 5 % level."
    return text


def _inverted(result: Counterfactual) -> str:
    """The permutation's own interval."""
    row = row_at(result.table.set_index("estimator"), "conformal permutation")
    if pd.isna(row[["lower", "upper"]]).any():
        return "Inverted, the permutation bounds the effect on one side at most."
    return (
        f"Inverted, the permutation keeps effects from {signed(row['lower'])} % to "
        f"{signed(row['upper'])} %."
    )


def overturned_by(result: Counterfactual, study: Study, unit: str = "tonnes") -> str:
    """What would have to be otherwise for the conclusion to fall."""
    gap = needed_to_overturn(result)
    window = month_span(study.start, study.end)
    if not gap:
        return (
            f"The interval of the window's {unit} holds zero: no effect is claimed for {window}. "
            "A tighter baseline, from official monthly data, could show one."
        )
    return (
        f"The conclusion falls if exports of {window} were in truth {gap:,.0f} {unit} nearer to "
        "their counterfactual, if something other than policy moved them in the same months, or "
        "if the level was about to move by itself as it never did at the placebo dates."
        f"{_untried(result)}"
    )


def _untried(result: Counterfactual) -> str:
    """How many months of the baseline are in no placebo because they are missing."""
    times = result.baseline.fit.times
    span = int(times[-1] - times[0]) + 1
    if span == len(times):
        return ""
    return (
        f" What moved exports in the {span - len(times)} of {span} months of the baseline that "
        "are missing is in no placebo."
    )


def window_events(events: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The catalogued events of the window's months: date, actor, kind, event."""
    last = pd.Period(study.end, freq="M").end_time.normalize()
    found = events_in(events, f"{study.start}-01", f"{last:%Y-%m-%d}")
    date = found["date_announced"].fillna(found["date_effective"]).dt.strftime("%Y-%m-%d")
    columns = ["date", "actor", "kind", "targets", "event_id"]
    return found.assign(date=date)[columns].sort_values("date", ignore_index=True)


def inseparable(events: pd.DataFrame, study: Study) -> str:
    """Which events monthly data cannot tell apart."""
    here = window_events(events, study)
    spring = len(events_in(events, "2025-04-01", "2025-06-30"))
    autumn = len(events_in(events, "2025-09-29", "2025-11-19"))
    actors = here["actor"].value_counts()
    by = ", ".join(f"{count} by {actor}" for actor, count in actors.items())
    window = f"Within the window's months the catalogue has {len(here)} events ({by})."
    return (
        f"{window if len(here) else 'The catalogue has no event within the window.'} In all "
        f"{spring} catalogued events fall in April to June 2025 and {autumn} between 29 September "
        "and 19 November: monthly data cannot separate them. What is estimated is what the months "
        "of a regime had in common, and United States tariffs of the same weeks are part of it."
    )
