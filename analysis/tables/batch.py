"""What the studies of a batch are and find together."""

from __future__ import annotations

import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series

from analysis.tables.results import Effects


class BatchStudies(Table):
    """The studies of a batch, in the order of their files: one row a study."""

    study: Series[str] = pa.Field(unique=True, description="Name of the study.")
    file: Series[str] = pa.Field(description="The study file it comes from.")
    trouble: Series[str] = pa.Field(description="Why it failed; empty if it did not.")


class BatchEffects(Effects):
    """All estimates of all studies of a batch, each with what its study was asked."""

    is_headline: Series[bool] = pa.Field(
        description="Whether it is the estimate that the study's headline speaks of."
    )
    asked_question: Series[str] = pa.Field(description="The study's question.")
    asked_headline: Series[str] = pa.Field(description="What the headline is: kind of estimate.")
    asked_start: Series[str] = pa.Field(description="First month of the study's window.")
    asked_end: Series[str] = pa.Field(description="Last month of the study's window.")
    asked_baseline_end: Series[str] = pa.Field(description="Last month of the baseline.")
    asked_swing_month: Series[str] = pa.Field(description="Month whose change is ranked.")
    asked_value: Series[str] = pa.Field(
        description="Column of the exports that was taken for the months: `tonnes` or a bound."
    )
    asked_as_of: Series[str] = pa.Field(
        description="Day after which nothing counted; empty where everything did."
    )
    asked_level: Series[float] = pa.Field(description="Coverage that intervals were to have.")
