"""What the studies and the claims article find."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series
from tradedata.destinations import DESTINATION


class Effects(Table):
    """Estimates of a study: one row an estimator and estimand."""

    study: Series[str] = pa.Field(description="Name of the study.")
    destination: Series[str] = pa.Field(description="Whose imports from China.")
    event_id: Series[str] = pa.Field(description="The event studied.")
    estimator: Series[str] = pa.Field(description="How it was estimated.")
    estimand: Series[str] = pa.Field(description="What was estimated.")
    start: Series[str] = pa.Field(
        str_matches=r"^\d{4}-\d{2}$", description="First month it is about."
    )
    end: Series[str] = pa.Field(str_matches=r"^\d{4}-\d{2}$", description="Last month it is about.")
    estimate: Series[float] = pa.Field(nullable=True, description="Point estimate, in `unit`.")
    lower: Series[float] = pa.Field(
        nullable=True, description="Lower end of the interval, in `unit`."
    )
    upper: Series[float] = pa.Field(
        nullable=True, description="Upper end of the interval, in `unit`."
    )
    level: Series[float] = pa.Field(nullable=True, description="Coverage of the interval.")
    p_value: Series[float] = pa.Field(
        ge=0,
        le=1,
        nullable=True,
        description="p-value of no effect, where the estimator gives one.",
    )
    unit: Series[str] = pa.Field(description="Unit of the estimate and its interval.")
    n_pre: Series[int] = pa.Field(ge=0, description="Months observed before.")
    n_post: Series[int] = pa.Field(ge=0, description="Months observed in the window.")


class BreakShifts(Table):
    """Where exports break, told no dates, and whether swings became larger."""

    destination: Series[str] = pa.Field(description="Whose imports from China.")
    estimator: Series[str] = pa.Field(
        isin=("breaks", "volatility"),
        description="`breaks`: one row a break found; `volatility`: swings against those before.",
    )
    estimand: Series[str] = pa.Field(description="What was estimated.")
    start: Series[str] = pa.Field(
        str_matches=r"^\d{4}-\d{2}$", description="First month of the new level, or compared."
    )
    end: Series[str] = pa.Field(
        str_matches=r"^\d{4}-\d{2}$", description="Last observed month of it."
    )
    estimate: Series[float] = pa.Field(description="Shift, or change of the swings, percent.")
    lower: Series[float] = pa.Field(
        nullable=True, description="Lower end of the interval, percent."
    )
    upper: Series[float] = pa.Field(
        nullable=True, description="Upper end of the interval, percent."
    )
    level: Series[float] = pa.Field(
        nullable=True, description="Coverage of the intervals; empty where there is none."
    )
    p_value: Series[float] = pa.Field(
        ge=0, le=1, description="p-value of no shift beside the others, or of swings as before."
    )
    unit: Series[str] = pa.Field(description="Unit of the estimate and its interval.")
    n_pre: Series[int] = pa.Field(
        ge=0, description="Observed months of the level before, or swings before."
    )
    n_post: Series[int] = pa.Field(
        ge=0, description="Observed months of the new level, or swings compared."
    )
    date_lower: Series[str] = pa.Field(
        str_matches=r"^(\d{4}-\d{2})?$",
        description="Earliest month at which the break may have come; empty where none is dated.",
    )
    date_upper: Series[str] = pa.Field(
        str_matches=r"^(\d{4}-\d{2})?$", description="Latest month at which it may have come."
    )


class Families(Table):
    """Tests read together: one row a test, its p-value alone and among the others."""

    family: Series[str] = pa.Field(description="Which tests are read together, and how.")
    test: Series[str] = pa.Field(description="What was tested.")
    p_value: Series[float] = pa.Field(ge=0, le=1, description="p-value of the test by itself.")
    adjusted_p_value: Series[float] = pa.Field(
        ge=0, le=1, description="p-value that counts how many tests the family has."
    )
    floor: Series[float] = pa.Field(
        ge=0, le=1, description="The least that the adjusted p-value could be; 0: no such bound."
    )


class Sensitivity(Table):
    """Does the conclusion survive? One row a variant of the counterfactual, headline first."""

    study: Series[str] = pa.Field(description="Name of the study.")
    destination: Series[str] = pa.Field(description="Whose imports from China.")
    aspect: Series[str] = pa.Field(
        isin=("headline", "bounds", "baseline", "regime", "drift", "season", "newsroom"),
        description="What was changed.",
    )
    variant: Series[str] = pa.Field(unique=True, description="To what it was changed.")
    estimate: Series[float] = pa.Field(nullable=True, description="Average effect, percent.")
    lower: Series[float] = pa.Field(
        nullable=True, description="Lower end of the interval, percent."
    )
    upper: Series[float] = pa.Field(
        nullable=True, description="Upper end of the interval, percent."
    )
    level: Series[float] = pa.Field(nullable=True, description="Coverage of the interval.")
    p_value: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="p-value of no effect."
    )
    n_pre: Series[int] = pa.Field(ge=0, description="Months observed before.")
    n_post: Series[int] = pa.Field(ge=0, description="Months observed in the window.")
    conclusion: Series[str] = pa.Field(
        isin=("survives", "changes", "not told"),
        description="`survives`: same side of zero as the headline, or like it not clear of zero.",
    )
    reason: Series[str] = pa.Field(description="Why it could not be told.")


class CounterfactualPath(Table):
    """One study's observed and counterfactual tonnes: one row a month of the series."""

    month: Series[pd.Timestamp] = pa.Field(unique=True, description="First day of the month.")
    observed: Series[float] = pa.Field(
        ge=0, nullable=True, description="Tonnes observed; empty where the month is missing."
    )
    observed_lower: Series[float] = pa.Field(
        ge=0, nullable=True, description="Least tonnes that the published figures allow."
    )
    observed_upper: Series[float] = pa.Field(
        ge=0, nullable=True, description="Greatest tonnes that the published figures allow."
    )
    counterfactual: Series[float] = pa.Field(
        ge=0,
        nullable=True,
        description="Median tonnes without the event; empty in the baseline and where untold.",
    )
    lower: Series[float] = pa.Field(
        ge=0, nullable=True, description="Lower end of the counterfactual's interval, tonnes."
    )
    upper: Series[float] = pa.Field(
        ge=0, nullable=True, description="Upper end of the counterfactual's interval, tonnes."
    )
    effect: Series[float] = pa.Field(
        nullable=True, description="Observed less counterfactual, tonnes."
    )
    effect_lower: Series[float] = pa.Field(
        nullable=True, description="Lower end of the effect's interval, tonnes."
    )
    effect_upper: Series[float] = pa.Field(
        nullable=True, description="Upper end of the effect's interval, tonnes."
    )


class Swings(Table):
    """One study's monthly changes: one row a month observed beside the month before it."""

    month: Series[pd.Timestamp] = pa.Field(unique=True, description="First day of the month.")
    change_pct: Series[float] = pa.Field(description="Change on the month before, percent.")
    expected_pct: Series[float] = pa.Field(
        description="Change that season and New Year imply, percent."
    )
    residual: Series[float] = pa.Field(description="Change beyond the expected, percent.")
    p_value: Series[float] = pa.Field(
        ge=0, le=1, description="Share of the calm months' changes as far from expected or farther."
    )
    unusual: Series[bool] = pa.Field(description="Whether the p-value is within 1 - level.")


class ClaimVerdicts(Table):
    """What the series says of each claim."""

    claim_id: Series[str] = pa.Field(unique=True, description="The claim.")
    seed: Series[str] = pa.Field(description="The press report it comes from, by its file name.")
    stated: Series[str] = pa.Field(description="What it stated.")
    computed: Series[float] = pa.Field(
        nullable=True, description="What the series says, in `unit`."
    )
    lower: Series[float] = pa.Field(nullable=True, description="Least value that the bounds allow.")
    upper: Series[float] = pa.Field(
        nullable=True, description="Greatest value that the bounds allow."
    )
    unit: Series[str] = pa.Field(description="Unit of the computed value.")
    verdict: Series[str] = pa.Field(
        isin=("supported", "refuted", "imprecise", "not testable"),
        description="`supported`, `refuted`, `imprecise` or `not testable`.",
    )
    reason: Series[str] = pa.Field(
        str_length={"min_value": 1}, description="How it was computed, or what data it would need."
    )


class IssuedForecasts(Table):
    """A forecast as it was issued, in a file of its own that is never changed: one row a month."""

    destination: Series[str] = pa.Field(
        str_matches=DESTINATION, description="Whose imports from China."
    )
    issued: Series[pd.Timestamp] = pa.Field(description="Day it was issued.")
    vintage: Series[str] = pa.Field(
        str_matches=r"^[0-9a-f]{12}$",
        description="First digits of the SHA-256 of the months and tonnes it was made from.",
    )
    last_observed: Series[pd.Timestamp] = pa.Field(description="Last month it was made from.")
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month forecast.")
    horizon: Series[int] = pa.Field(ge=1, description="Months after the last observed.")
    model: Series[str] = pa.Field(description="The model that made it.")
    median: Series[float] = pa.Field(gt=0, description="Median forecast, tonnes.")
    lower_80: Series[float] = pa.Field(gt=0, description="Lower end of the 80 % interval, tonnes.")
    upper_80: Series[float] = pa.Field(gt=0, description="Upper end of the 80 % interval, tonnes.")
    lower_95: Series[float] = pa.Field(gt=0, description="Lower end of the 95 % interval, tonnes.")
    upper_95: Series[float] = pa.Field(gt=0, description="Upper end of the 95 % interval, tonnes.")

    class Config(Table.Config):
        """One row a destination, vintage and month."""

        unique = ("destination", "vintage", "month")


class Forecasts(Table):
    """Forecasts beside what came: those issued, and those that models would have made."""

    kind: Series[str] = pa.Field(
        isin=("issued", "issued late", "rolling origin"),
        description="`issued` before the month was published, `issued late` after, or what a model "
        "would have forecast earlier, seeing earlier months as they are known today.",
    )
    destination: Series[str] = pa.Field(
        str_matches=DESTINATION, description="Whose imports from China."
    )
    issued: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it was issued; empty for a rolling origin."
    )
    last_observed: Series[pd.Timestamp] = pa.Field(description="Last month it was made from.")
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month forecast.")
    horizon: Series[int] = pa.Field(ge=1, description="Months after the last observed.")
    model: Series[str] = pa.Field(description="The model that made it.")
    median: Series[float] = pa.Field(gt=0, description="Median forecast, tonnes.")
    lower_80: Series[float] = pa.Field(gt=0, description="Lower end of the 80 % interval, tonnes.")
    upper_80: Series[float] = pa.Field(gt=0, description="Upper end of the 80 % interval, tonnes.")
    lower_95: Series[float] = pa.Field(gt=0, description="Lower end of the 95 % interval, tonnes.")
    upper_95: Series[float] = pa.Field(gt=0, description="Upper end of the 95 % interval, tonnes.")
    outcome: Series[float] = pa.Field(
        gt=0, nullable=True, description="Tonnes observed; empty where the month is missing."
    )
    score: Series[float] = pa.Field(
        ge=0,
        nullable=True,
        description="Weighted interval score, near enough percent off; less is better.",
    )
