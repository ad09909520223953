"""The contracts of what this study reads and finds: every column's type, checks and meaning."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from claims.tables import ClaimReports, Claims, ClaimVerdicts
from contracts import EXACT, Estimates, Table, column, gaps, read_table, real_days, write_table
from ledger.tables import Exports, Figures, Products, RejectedFigures, Sources
from pandera.typing.pandas import Series
from tradedata.destinations import DESTINATION
from tradedata.tables import OfficialExports

__all__ = [
    "BatchEffects",
    "BatchStudies",
    "BreakShifts",
    "ClaimReports",
    "ClaimVerdicts",
    "Claims",
    "GoodsRanks",
]
__all__ += ["CounterfactualPath", "Effects", "EventDisagreements", "Events", "Exports", "Families"]
__all__ += ["Figures", "Forecasts", "IssuedForecasts", "Mirror", "Nowcast", "OfficialExports"]
__all__ += ["Products", "RealTime", "Regimes", "RejectedFigures", "Revisions", "Sensitivity"]
__all__ += ["Sources", "Swings", "Watch", "read_table", "write_table"]

MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])\Z"
MONTH_OR_NONE = r"([0-9]{4}-(0[1-9]|1[0-2]))?\Z"
NAME = r"[a-z0-9]+(-[a-z0-9]+)*\Z"
SHARE = {"ge": 0, "le": 1}
"""Bounds of a p-value."""


class Regimes(Table):
    """Stretches of policy in order, each from its start until the next begins: one row a regime."""

    name: Series[str] = column("What it is called.", unique=True, str_length={"min_value": 1})
    start_event: Series[str] = column(
        "The event whose announcement begins it; empty where none does."
    )
    start_date: Series[str] = column("The day it begins, where no event begins it.")
    note: Series[str] = column("Why it begins then.")

    @pa.check("start_date", error="a day that exists, like 2025-04-04, or nothing")
    def _start_exists(cls, start: pd.Series) -> pd.Series:
        return real_days(start).notna() | (start == "")


class Events(Table):
    """Dated policy events; an empty `date_effective` means none was stated."""

    event_id: Series[str] = column("Stable name of the event.", unique=True, str_matches=NAME)
    name: Series[str] = column(
        "What it is called in figures.", unique=True, str_length={"min_value": 1, "max_value": 34}
    )
    date_announced: Series[pd.Timestamp] = gaps("Day it was announced.")
    date_effective: Series[pd.Timestamp] = gaps(
        "Day it took or was to take effect; empty where none was stated."
    )
    date_suspended: Series[pd.Timestamp] = gaps(
        "Day another event of the catalogue suspended it, if one did."
    )
    date_ends: Series[pd.Timestamp] = gaps(
        "Day on which its own terms end it; empty where they name none."
    )
    actor: Series[str] = column("Who acted.")
    kind: Series[str] = column("What sort of measure it is.")
    targets: Series[str] = column(
        "Whom it is aimed at, ISO 3166 alpha-3 or WLD, joined by semicolons.",
        str_matches=r"[A-Z0-9]{3,4}(;[A-Z0-9]{3,4})*\Z",
    )
    products: Series[str] = column("What it covers.")
    legal_reference: Series[str] = column("The legal act.")
    summary: Series[str] = column("What happened, and where sources disagree.")
    source_url: Series[str] = column("Where it was read.", str_matches=r"https?://\S+\Z")
    source_publisher: Series[str] = column("Who published that page.")
    source_date: Series[str] = column("When that page was published.")
    confidence: Series[str] = column(
        "How sure the date and the event are.", isin=("low", "medium", "high")
    )


class EventDisagreements(Table):
    """Where sources give another date or value for an event."""

    event_id: Series[str] = column("The event.")
    field: Series[str] = column("What the sources disagree on.")
    value_in_events_csv: Series[str] = column("What events.csv says.")
    alternative: Series[str] = column("What another source says.")
    alternative_source_url: Series[str] = column(
        "Where it says so.", str_matches=r"(https?://\S+)?\Z"
    )
    note: Series[str] = column("Why they may differ.")


class Effects(Estimates):
    """Estimates of a study: one row an estimator and estimand."""

    study: Series[str] = column("Name of the study.")
    destination: Series[str] = column("Whose imports from China.")
    event_id: Series[str] = column("The event studied.")
    estimator: Series[str] = column("How it was estimated.")
    estimand: Series[str] = column("What was estimated.")
    start: Series[str] = column("First month it is about.", str_matches=MONTH)
    end: Series[str] = column("Last month it is about.", str_matches=MONTH)
    estimate: Series[float] = gaps("Point estimate, in `unit`.")
    lower: Series[float] = gaps("Lower end of the interval, in `unit`.")
    upper: Series[float] = gaps("Upper end of the interval, in `unit`.")
    level: Series[float] = gaps("Coverage of the interval.")
    p_value: Series[float] = gaps("p-value of no effect, where the estimator gives one.", **SHARE)
    unit: Series[str] = column("Unit of the estimate and its interval.")
    n_pre: Series[int] = column("Months observed before.", ge=0)
    n_post: Series[int] = column("Months observed in the window.", ge=0)


class GoodsRanks(Estimates):
    """Magnets among the other goods of customs' bulletin: one row a window, measure and set."""

    measure: Series[str] = column("What is compared.", isin=("quantity", "amount"))
    with_controlled: Series[bool] = column("Whether goods that China itself controls count too.")
    start: Series[str] = column("First month of the window.")
    end: Series[str] = column("Last month of the window.")
    base_end: Series[str] = column("Last of the three months that it is set against.")
    change_pct: Series[float] = column(
        "Change of the change on the year before, from the base to the window, percent."
    )
    others_pct: Series[float] = column("The middle one of the other goods' changes, percent.")
    rank: Series[int] = column("Place of magnets by size of that change; 1 is the largest.", ge=1)
    goods: Series[int] = column("Goods compared, magnets among them.", ge=2)
    p_value: Series[float] = column("Rank over goods.", ge=0, le=1)
    p_value_scaled: Series[float] = column(
        "The same with each change over the good's own past error.", ge=0, le=1
    )
    other_dates: Series[int] = column("Dates that those errors rest on.", ge=1)


class BreakShifts(Estimates):
    """Where exports break, told no dates, and whether swings became larger."""

    destination: Series[str] = column("Whose imports from China.")
    estimator: Series[str] = column(
        "`breaks`: one row a break found; `volatility`: swings against those before.",
        isin=("breaks", "volatility"),
    )
    estimand: Series[str] = column("What was estimated.")
    start: Series[str] = column("First month of the new level, or compared.", str_matches=MONTH)
    end: Series[str] = column("Last observed month of it.", str_matches=MONTH)
    estimate: Series[float] = column("Shift, or change of the swings, percent.")
    lower: Series[float] = gaps("Lower end of the interval, percent.")
    upper: Series[float] = gaps("Upper end of the interval, percent.")
    level: Series[float] = gaps("Coverage of the intervals; empty where there is none.")
    p_value: Series[float] = column(
        "p-value of no shift beside the others, or of swings as before.", **SHARE
    )
    unit: Series[str] = column("Unit of the estimate and its interval.")
    n_pre: Series[int] = column("Observed months of the level before, or swings before.", ge=0)
    n_post: Series[int] = column("Observed months of the new level, or swings compared.", ge=0)
    date_lower: Series[str] = column(
        "Earliest month at which the break may have come; empty where none is dated.",
        str_matches=MONTH_OR_NONE,
    )
    date_upper: Series[str] = column(
        "Latest month at which it may have come.", str_matches=MONTH_OR_NONE
    )


class Families(Estimates):
    """Tests read together: one row a test, its p-value alone and among the others."""

    family: Series[str] = column("Which tests are read together, and how.")
    test: Series[str] = column("What was tested.")
    p_value: Series[float] = column("p-value of the test by itself.", **SHARE)
    adjusted_p_value: Series[float] = column(
        "p-value that counts how many tests the family has.", **SHARE
    )
    floor: Series[float] = column(
        "The least that the adjusted p-value could be; 0: no such bound.", **SHARE
    )


class Sensitivity(Estimates):
    """Does the conclusion survive? One row a variant of the counterfactual, headline first."""

    study: Series[str] = column("Name of the study.")
    destination: Series[str] = column("Whose imports from China.")
    aspect: Series[str] = column(
        "What was changed.",
        isin=(
            *("headline", "bounds", "baseline", "regime", "drift", "season", "newsroom"),
            *("hindsight", "nowcast", "totals"),
        ),
    )
    variant: Series[str] = column("To what it was changed.", unique=True)
    estimate: Series[float] = gaps("Average effect, percent.")
    lower: Series[float] = gaps("Lower end of the interval, percent.")
    upper: Series[float] = gaps("Upper end of the interval, percent.")
    level: Series[float] = gaps("Coverage of the interval.")
    p_value: Series[float] = gaps("p-value of no effect.", **SHARE)
    n_pre: Series[int] = column("Months observed before.", ge=0)
    n_post: Series[int] = column("Months observed in the window.", ge=0)
    conclusion: Series[str] = column(
        "`survives`: same side of zero as the headline; `cannot be told`: like it not clear of "
        "zero; `not told`: no estimate.",
        isin=("survives", "changes", "cannot be told", "not told"),
    )
    reason: Series[str] = column("Why it could not be told.")


class CounterfactualPath(Estimates):
    """One study's observed and counterfactual tonnes: one row a month of the series."""

    month: Series[pd.Timestamp] = column("First day of the month.", unique=True)
    observed: Series[float] = gaps(
        "Tonnes observed; empty where the month is missing.", ge=0, metadata=EXACT
    )
    observed_lower: Series[float] = gaps(
        "Least tonnes that the published figures allow.", ge=0, metadata=EXACT
    )
    observed_upper: Series[float] = gaps(
        "Greatest tonnes that the published figures allow.", ge=0, metadata=EXACT
    )
    counterfactual: Series[float] = gaps(
        "Median tonnes without the event; empty in the baseline and where untold.", ge=0
    )
    lower: Series[float] = gaps("Lower end of the counterfactual's interval, tonnes.", ge=0)
    upper: Series[float] = gaps("Upper end of the counterfactual's interval, tonnes.", ge=0)
    effect: Series[float] = gaps("Observed less counterfactual, tonnes.")
    effect_lower: Series[float] = gaps("Lower end of the effect's interval, tonnes.")
    effect_upper: Series[float] = gaps("Upper end of the effect's interval, tonnes.")


class Swings(Estimates):
    """One study's monthly changes: one row a month observed beside the month before it."""

    month: Series[pd.Timestamp] = column("First day of the month.", unique=True)
    change_pct: Series[float] = column("Change on the month before, percent.")
    expected_pct: Series[float] = column("Change that season and New Year imply, percent.")
    residual: Series[float] = column("Change beyond the expected, percent.")
    usual_lower: Series[float] = gaps("Residual down to which a change is usual, percent.")
    usual_upper: Series[float] = gaps("Residual up to which a change is usual, percent.")
    p_value: Series[float] = column(
        "Share of the calm months' changes as far from expected or farther.", **SHARE
    )
    unusual: Series[bool] = column("Whether the p-value is within 1 - level.")


class IssuedForecasts(Table):
    """A forecast as it was issued, in a file of its own that is never changed: one row a month."""

    destination: Series[str] = column("Whose imports from China.", str_matches=DESTINATION)
    issued: Series[pd.Timestamp] = column("Day it was issued.")
    vintage: Series[str] = column(
        "First digits of the SHA-256 of the months and tonnes it was made from.",
        str_matches="^[0-9a-f]{12}$",
    )
    last_observed: Series[pd.Timestamp] = column("Last month it was made from.")
    month: Series[pd.Timestamp] = column("First day of the month forecast.")
    horizon: Series[int] = column("Months after the last observed.", ge=1, lt=100)
    model: Series[str] = column("The model that made it.", str_length={"min_value": 1})
    median: Series[float] = column("Median forecast, tonnes.", gt=0, lt=1e9)
    lower_80: Series[float] = column("Lower end of the 80 % interval, tonnes.", gt=0, lt=1e9)
    upper_80: Series[float] = column("Upper end of the 80 % interval, tonnes.", gt=0, lt=1e9)
    lower_95: Series[float] = column("Lower end of the 95 % interval, tonnes.", gt=0, lt=1e9)
    upper_95: Series[float] = column("Upper end of the 95 % interval, tonnes.", gt=0, lt=1e9)

    class Config(Table.Config):
        """One row a destination, vintage and month."""

        unique = ("destination", "vintage", "month")


class Forecasts(Estimates):
    """Forecasts beside what came: those issued, and those that models would have made."""

    kind: Series[str] = column(
        "`issued` before the month was published, `issued late` after; `next`, from all that is "
        "known; or what a model would have forecast earlier, seeing earlier months as they are "
        "known today.",
        isin=("issued", "issued late", "next", "rolling origin"),
    )
    destination: Series[str] = column("Whose imports from China.", str_matches=DESTINATION)
    issued: Series[pd.Timestamp] = gaps("Day it was issued; empty where none was.")
    last_observed: Series[pd.Timestamp] = column("Last month it was made from.")
    month: Series[pd.Timestamp] = column("First day of the month forecast.")
    horizon: Series[int] = column("Months after the last observed.", ge=1)
    model: Series[str] = column("The model that made it.")
    median: Series[float] = column("Median forecast, tonnes.", gt=0)
    lower_80: Series[float] = column("Lower end of the 80 % interval, tonnes.", gt=0)
    upper_80: Series[float] = column("Upper end of the 80 % interval, tonnes.", gt=0)
    lower_95: Series[float] = column("Lower end of the 95 % interval, tonnes.", gt=0)
    upper_95: Series[float] = column("Upper end of the 95 % interval, tonnes.", gt=0)
    outcome: Series[float] = gaps(
        "Tonnes observed; empty where the month is missing.", gt=0, metadata=EXACT
    )
    score: Series[float] = gaps(
        "Weighted interval score, near enough percent off; less is better.", ge=0
    )


class Nowcast(Estimates):
    """Months estimated from customs' wider series, and how such estimates did: one row a month."""

    destination: Series[str] = column("Whose imports from China.", str_matches=DESTINATION)
    month: Series[pd.Timestamp] = column("First day of the month.")
    wider: Series[float] = column(
        "Rare earths with products less rare earths, tonnes.", gt=0, metadata=EXACT
    )
    tonnes: Series[float] = column("Estimate.", gt=0)
    lower: Series[float] = column("Lower end of its 95 % interval, tonnes.")
    upper: Series[float] = column("Upper end of its 95 % interval, tonnes.", gt=0)
    known: Series[float] = gaps(
        "Tonnes known from other figures; empty where none are.", gt=0, metadata=EXACT
    )
    status: Series[str] = column("`estimated`: never a bound.", eq="estimated")


class Watch(Estimates):
    """Which change of the next month would be unusual: one row a destination."""

    destination: Series[str] = column("Whose imports from China.", str_matches=DESTINATION)
    last_month: Series[pd.Timestamp] = column("Last month known.")
    tonnes: Series[float] = column("Tonnes of that month.", gt=0, metadata=EXACT)
    month: Series[pd.Timestamp] = column("The month after it.")
    expected: Series[float] = column("What season and calendar lead to expect, tonnes.", gt=0)
    lower: Series[float] = column("Less than this would be unusual, tonnes.", gt=0)
    upper: Series[float] = column("More than this would be unusual, tonnes.", gt=0)
    lower_pct: Series[float] = column("The same as a change on the month before, %.")
    upper_pct: Series[float] = column("The same as a change on the month before, %.")
    calm: Series[int] = column("Changes of the calm months that it is judged by.")
    since: Series[int] = column("Known changes after the calm months.", ge=0)
    outside: Series[int] = column("How many of these lay outside the same bounds.", ge=0)


class BatchStudies(Table):
    """The studies of a batch, in the order of their files: one row a study."""

    study: Series[str] = column("Name of the study.", unique=True)
    file: Series[str] = column("The study file it comes from.")
    trouble: Series[str] = column("Why it failed; empty if it did not.")


class BatchEffects(Effects):
    """All estimates of all studies of a batch, each with what its study was asked."""

    is_headline: Series[bool] = column(
        "Whether it is the estimate that the study's headline speaks of."
    )
    asked_question: Series[str] = column("The study's question.")
    asked_headline: Series[str] = column("What the headline is: kind of estimate.")
    asked_start: Series[str] = column("First month of the study's window.")
    asked_end: Series[str] = column("Last month of the study's window.")
    asked_baseline_end: Series[str] = column("Last month of the baseline.")
    asked_swing_month: Series[str] = column("Month whose change is ranked.")
    asked_value: Series[str] = column(
        "Column of the exports that was taken for the months: `tonnes` or a bound."
    )
    asked_as_of: Series[str] = column(
        "Day after which nothing counted; empty where everything did."
    )
    asked_series: Series[str] = column("The series of the products table.")
    asked_nowcast: Series[bool] = column("Whether estimated months counted as observed.")
    asked_level: Series[float] = column("Coverage that intervals were to have.")


class Mirror(Table):
    """Both sides of the border: what China reports sent, and the importer received from China."""

    goods: Series[str] = column(
        "What is compared: like codes on both sides; metal magnets are HS 850511.",
        isin=("rare-earth magnets", "all metal magnets"),
    )
    destination: Series[str] = column(
        "The importer: ISO 3166 alpha-3 or EU27.", str_matches=DESTINATION
    )
    month: Series[pd.Timestamp] = column("First day of the month.")
    sent_to: Series[str] = column(
        "Whom China's side is about: the importer, or WLD where exports to it are not known.",
        str_matches=DESTINATION,
    )
    exporter_tonnes: Series[float] = gaps("China's exports; empty where bounds are too wide.", ge=0)
    exporter_lower: Series[float] = gaps("Least exports that the kept figures allow.", ge=0)
    exporter_upper: Series[float] = gaps("Greatest exports that the kept figures allow.", ge=0)
    importer_tonnes: Series[float] = gaps(
        "The importer's imports from China in the same month.", ge=0
    )
    ratio: Series[float] = gaps(
        "Importer's tonnes over exporter's, same month; a share where `sent_to` is WLD.", ge=0
    )
    lag_months: Series[float] = gaps(
        "Months from export to import at which the ratio is steadiest, of 0 to 3; empty with "
        "fewer than 12 months to tell by."
    )
    source: Series[str] = column("Who was asked for the importer's side.")

    class Config(Table.Config):
        """One row goods, a destination and a month."""

        unique = ("goods", "destination", "month")


class Revisions(Table):
    """What the last vintage of the data changed: one row a destination and month that differs."""

    destination: Series[str] = column("As in the exports table.", str_matches=DESTINATION)
    month: Series[pd.Timestamp] = column("First day of the month.")
    change: Series[str] = column(
        "`added`: not known before; `settled`: known too roughly before, now data; `revised`:"
        " moved to tonnes ruled out before; `refined`: other bounds that overlap; "
        "`unsettled`: data before, now too rough; `withdrawn`: no longer known.",
        isin=("added", "settled", "revised", "refined", "unsettled", "withdrawn"),
    )
    old_tonnes: Series[float] = gaps("Best estimate before.", ge=0)
    old_lower: Series[float] = gaps("Least tonnes before.", ge=0)
    old_upper: Series[float] = gaps("Greatest tonnes before.", ge=0)
    new_tonnes: Series[float] = gaps("Best estimate now.", ge=0)
    new_lower: Series[float] = gaps("Least tonnes now.", ge=0)
    new_upper: Series[float] = gaps("Greatest tonnes now.", ge=0)

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")


class RealTime(Estimates):
    """The headline estimates as they would have been: one row a vintage of the data and study."""

    vintage: Series[pd.Timestamp] = column(
        "Day as of which the data are: the end of a month in which some came out."
    )
    study: Series[str] = column("Name of the study.")
    destination: Series[str] = column("Whose imports from China.")
    headline: Series[str] = column(
        "`counterfactual`: the average effect; `swing`: the change beyond season.",
        isin=("counterfactual", "swing"),
    )
    start: Series[str] = column("First month it is about.")
    end: Series[str] = column("Last month it is about.")
    estimate: Series[float] = gaps("Point estimate, percent.")
    lower: Series[float] = gaps("Lower end of the interval, percent.")
    upper: Series[float] = gaps("Upper end of the interval, percent.")
    level: Series[float] = gaps("Coverage of the interval.")
    p_value: Series[float] = gaps("p-value of no effect.", **SHARE)
    verdict: Series[str] = column(
        "On which side of zero the interval lies, if on one.",
        isin=("below", "above", "within noise", "not told"),
    )
    reason: Series[str] = column("Why it could not be told.")

    class Config(Table.Config):
        """One row a vintage and study."""

        unique = ("vintage", "study")
