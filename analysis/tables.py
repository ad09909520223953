"""The contract of every table and its atomic reading and writing."""

from __future__ import annotations

import ast
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pandera.typing.pandas import Series

MEASURES = (
    "tonnes",
    "pct_change_month",
    "pct_change_year",
    "share_pct",
    "rank",
    "usd",
    "usd_per_kg",
    "usd_per_tonne",
)
SERIES = (
    "magnets_85051110",
    "magnets_ndfeb_broad",
    "rare_earths_and_products",
    "rare_earths_raw",
)
DESTINATION = r"^([A-Z]{3}|EU27|REG_[A-Z]+|GRP_[A-Z0-9]+([+-][A-Z0-9]+)*)$"


class TableError(ValueError):
    """A table that breaks its contract; the message names file, column, row and value."""


class Table(pa.DataFrameModel):
    """What all tables share: no unknown columns, columns in order, types made to fit."""

    class Config:
        """Pandera's settings."""

        strict = True
        coerce = True
        ordered = True


class Figures(Table):
    """Published figures: one row a printed number, `value` as printed."""

    figure_id: Series[str] = pa.Field(
        unique=True, str_matches=r"^f\d+$", description="Stable name of the row."
    )
    series: Series[str] = pa.Field(
        isin=SERIES, description="Which export series the figure is about."
    )
    destination: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="ISO 3166 alpha-3, WLD, EU27, REG_ (continent), GRP_A+B (sum) or GRP_WLD-USA.",
    )
    period_start: Series[pd.Timestamp] = pa.Field(
        description="First month of the period, inclusive."
    )
    period_end: Series[pd.Timestamp] = pa.Field(description="Last month of the period, inclusive.")
    measure: Series[str] = pa.Field(
        isin=MEASURES,
        description="What the number is; pct_change_ compares whole periods.",
    )
    value: Series[str] = pa.Field(
        str_matches=r"^-?\d+(\.\d+)?$",
        description="The number as printed: its digits tell its precision.",
    )
    unit: Series[str] = pa.Field(description="Unit of `value`.")
    approximate: Series[bool] = pa.Field(
        description="The source wrote *about*, *nearly* or *more than*."
    )
    source_id: Series[str] = pa.Field(description="The page it was read on.")
    note: Series[str] = pa.Field(description="What a reader should know about this row.")

    @pa.dataframe_check(error="period_end comes before period_start")
    def _period_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return cast(pd.Series, frame["period_start"] <= frame["period_end"])


class Sources(Table):
    """Where figures were read: publisher, the newsroom behind it, address, date."""

    source_id: Series[str] = pa.Field(unique=True, description="Stable name of the page.")
    publisher: Series[str] = pa.Field(
        str_length={"min_value": 1}, description="Who published the page."
    )
    newsroom: Series[str] = pa.Field(
        str_length={"min_value": 1},
        description="The independent newsroom that the page's text goes back to.",
    )
    url: Series[str] = pa.Field(
        str_matches=r"^(https?://\S+)?$",
        description="Address of the page; empty where none was kept.",
    )
    published: Series[str] = pa.Field(description="Date of publication, where one was shown.")


class Events(Table):
    """Dated policy events; an empty `date_effective` means none was stated."""

    event_id: Series[str] = pa.Field(unique=True, description="Stable name of the event.")
    date_announced: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it was announced."
    )
    date_effective: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it took or was to take effect; empty where none was stated."
    )
    actor: Series[str] = pa.Field(description="Who acted.")
    kind: Series[str] = pa.Field(description="What sort of measure it is.")
    targets: Series[str] = pa.Field(
        description="Whom it is aimed at, ISO 3166 alpha-3 or WLD, joined by semicolons."
    )
    products: Series[str] = pa.Field(description="What it covers.")
    legal_reference: Series[str] = pa.Field(description="The legal act.")
    summary: Series[str] = pa.Field(description="What happened, and where sources disagree.")
    source_url: Series[str] = pa.Field(description="Where it was read.")
    source_publisher: Series[str] = pa.Field(description="Who published that page.")
    source_date: Series[str] = pa.Field(description="When that page was published.")
    confidence: Series[str] = pa.Field(
        isin=("low", "medium", "high"), description="How sure the date and the event are."
    )


class EventDisagreements(Table):
    """Where sources give another date or value for an event."""

    event_id: Series[str] = pa.Field(description="The event.")
    field: Series[str] = pa.Field(description="What the sources disagree on.")
    value_in_events_csv: Series[str] = pa.Field(description="What events.csv says.")
    alternative: Series[str] = pa.Field(description="What another source says.")
    alternative_source_url: Series[str] = pa.Field(description="Where it says so.")
    note: Series[str] = pa.Field(description="Why they may differ.")


class Claims(Table):
    """Statements of press reports, to be checked."""

    claim_id: Series[str] = pa.Field(unique=True, description="Stable name of the claim.")
    seed: Series[str] = pa.Field(description="The press report it comes from.")
    statement: Series[str] = pa.Field(description="The claim, in our words.")
    kind: Series[str] = pa.Field(description="How it can be checked.")
    destination: Series[str] = pa.Field(
        description="Whom it is about; empty where it is about no destination."
    )
    month: Series[str] = pa.Field(
        str_matches=r"^\d{4}-(0[1-9]|1[0-2])$", description="The month it is about."
    )
    measure: Series[str] = pa.Field(description="What it states.")
    stated: Series[str] = pa.Field(description="The value it states, where it states one.")


class Exports(Table):
    """Tonnes by destination and month: one row a cell that the published figures bound."""

    destination: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="ISO 3166 alpha-3, WLD, or a group such as GRP_WLD-USA (all but the US).",
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    tonnes: Series[float] = pa.Field(
        ge=0,
        nullable=True,
        description="Midpoint of the bounds; empty when they are too wide to count as observed.",
    )
    lower: Series[float] = pa.Field(ge=0, description="Least tonnes that the kept figures allow.")
    upper: Series[float] = pa.Field(
        ge=0, description="Greatest tonnes that the kept figures allow."
    )
    status: Series[str] = pa.Field(
        isin=("official", "stated", "derived"),
        description="`official` (customs), `stated` (printed) or `derived` from other figures.",
    )
    newsrooms: Series[int] = pa.Field(ge=0, description="Independent newsrooms behind the cell.")
    figure_ids: Series[str] = pa.Field(
        description="Published figures behind the cell, joined by semicolons."
    )

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")

    @pa.dataframe_check(error="tonnes lies outside its bounds")
    def _within_bounds(cls, frame: pd.DataFrame) -> pd.Series:
        inside = (frame["lower"] <= frame["tonnes"]) & (frame["tonnes"] <= frame["upper"])
        return cast(pd.Series, inside | frame["tonnes"].isna())


class OfficialExports(Table):
    """What customs themselves say: one row a cell that a kept download holds."""

    destination: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="ISO 3166 alpha-3, WLD, EU27, or where ISO has no code GRP_GACC and customs'.",
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    tonnes: Series[float] = pa.Field(ge=0, description="Customs' kilograms, divided by 1,000.")
    partner: Series[str] = pa.Field(description="Customs' name of the destination.")
    file: Series[str] = pa.Field(description="The download in data/raw/customs it comes from.")
    vintage: Series[pd.Timestamp] = pa.Field(
        nullable=True,
        description="Day the download was saved; empty while it has no origin record.",
    )

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")


class ReportedFlows(Table):
    """What statistical offices report of trade in magnets with China: one row a value.

    One row a source, month, flow, reporter, partner and product code.
    """

    source: Series[str] = pa.Field(description="Who was asked: the folder in data/raw.")
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    flow: Series[str] = pa.Field(
        isin=("export", "import"), description="Seen from the reporter: `export` or `import`."
    )
    reporter: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="Whose customs say so; EU27, or where ISO has no code GRP_M49 and the UN's.",
    )
    partner: Series[str] = pa.Field(
        str_matches=DESTINATION, description="The other side, coded likewise; WLD is the world."
    )
    product: Series[str] = pa.Field(
        str_matches=r"^\d{6,10}$",
        description="The reporter's own code; six digits hold other metal magnets too.",
    )
    kilograms: Series[float] = pa.Field(
        ge=0, nullable=True, description="Net weight; empty where none was reported."
    )
    file: Series[str] = pa.Field(description="The snapshot it comes from.")
    vintage: Series[pd.Timestamp] = pa.Field(description="Day of the fetch.")

    class Config(Table.Config):
        """One row a value."""

        unique = ("source", "month", "flow", "reporter", "partner", "product")


class Mirror(Table):
    """Both sides of the border: what China reports sent, and the importer received from China."""

    goods: Series[str] = pa.Field(
        isin=("rare-earth magnets", "all metal magnets"),
        description="What is compared: like codes on both sides; metal magnets are HS 850511.",
    )
    destination: Series[str] = pa.Field(
        str_matches=DESTINATION, description="The importer: ISO 3166 alpha-3 or EU27."
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    exporter_tonnes: Series[float] = pa.Field(
        ge=0, nullable=True, description="China's exports; empty where bounds are too wide."
    )
    exporter_lower: Series[float] = pa.Field(
        ge=0, nullable=True, description="Least exports that the kept figures allow."
    )
    exporter_upper: Series[float] = pa.Field(
        ge=0, nullable=True, description="Greatest exports that the kept figures allow."
    )
    importer_tonnes: Series[float] = pa.Field(
        ge=0, nullable=True, description="The importer's imports from China in the same month."
    )
    ratio: Series[float] = pa.Field(
        ge=0, nullable=True, description="Importer's tonnes over exporter's, same month."
    )
    lag_months: Series[float] = pa.Field(
        nullable=True,
        description="Months from export to import at which the ratio is steadiest, of 0 to 3; "
        "empty with fewer than 12 months to tell by.",
    )
    source: Series[str] = pa.Field(description="Who was asked for the importer's side.")

    class Config(Table.Config):
        """One row goods, a destination and a month."""

        unique = ("goods", "destination", "month")


class RejectedFigures(Table):
    """Published figures that the others contradict."""

    figure_id: Series[str] = pa.Field(unique=True, description="The doubted figure.")
    verdict: Series[str] = pa.Field(
        isin=("mismatch", "rejected"),
        description="`mismatch`: off by rounding or a near convention; `rejected`: cannot be true.",
    )
    stated: Series[str] = pa.Field(description="What was printed.")
    implied_lower: Series[float] = pa.Field(
        nullable=True,
        description="Least value that the kept figures imply, in the unit of the figure.",
    )
    implied_upper: Series[float] = pa.Field(
        nullable=True,
        description="Greatest value that the kept figures imply, in the unit of the figure.",
    )
    conflicts_with: Series[str] = pa.Field(
        str_length={"min_value": 1},
        description="A smallest set of kept figures that contradict it, joined by semicolons; "
        "`customs` where only customs' own values do.",
    )


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


class Sensitivity(Table):
    """Does the conclusion survive? One row a variant of the counterfactual, headline first."""

    study: Series[str] = pa.Field(description="Name of the study.")
    destination: Series[str] = pa.Field(description="Whose imports from China.")
    aspect: Series[str] = pa.Field(
        isin=("headline", "bounds", "baseline", "regime", "season", "newsroom"),
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
    seed: Series[str] = pa.Field(description="The press report it comes from.")
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


def validate(
    frame: pd.DataFrame, table: type[Table], where: str, row_word: str = "row"
) -> pd.DataFrame:
    """Return `frame` with the table's types, or raise TableError naming the broken rows.

    `row_word` says what the index of `frame` counts: `line` when it holds line numbers.
    """
    try:
        return table.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        mistyped = cases[cases["check"].str.startswith("coerce_dtype")]
        told = mistyped if len(mistyped) else cases
        found = [_complaint(case, row_word) for case in told.itertuples()]
        lines = [f"{where}: {complaint}" for complaint in dict.fromkeys(found)]
        more = [f"{where}: and {len(lines) - 5} more"] if len(lines) > 5 else []
        raise TableError("\n".join(lines[:5] + more)) from None


NEEDS = {
    "column_in_schema": "is not in the table's contract",
    "column_in_dataframe": "is missing",
    "column_ordered": "is out of order",
    "multiple_fields_uniqueness": "repeats the key of another",
    "field_uniqueness": "a value found once only",
    "not_nullable": "a value",
}
"""Plain words for the checks that pandera names in code."""


def _plain(check: str) -> str:
    """What a check of pandera's asks for, such as `isin(('a', 'b'))`, in words."""
    if check.startswith("isin("):
        return f"one of {', '.join(ast.literal_eval(check.removeprefix('isin')))}"
    return check.replace("coerce_dtype", "type ")


def _complaint(case: Any, row_word: str) -> str:
    needs = NEEDS.get(case.check) or _plain(case.check)
    row = "" if pd.isna(case.index) else f"{row_word} {case.index}"
    if case.schema_context == "Column":
        return f"{row}, column {case.column}: found {case.failure_case!r}, needs {needs}"
    return f"{row} {needs}" if row else f"column {case.failure_case} {needs}"


def read_table(path: Path, table: type[Table]) -> pd.DataFrame:
    """Read a .parquet or .csv file that keeps the contract of `table`."""
    if not path.exists():
        raise TableError(
            f"{path}: no such file; run the notebooks before this one, or `make report`"
        )
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, table)
    return validate(frame, table, path.name)


def _read_csv(path: Path, table: type[Table]) -> pd.DataFrame:
    """An empty cell is missing in a column of numbers or dates, and empty text in one of text."""
    columns = table.to_schema().columns
    text = [name for name, column in columns.items() if "str" in str(column.dtype)]
    frame = pd.read_csv(path, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values=[""])
    return frame.fillna(dict.fromkeys(text, ""))


def write_table(frame: pd.DataFrame, path: Path, table: type[Table]) -> Path:
    """Check `frame` and write it to `path` (.parquet or .csv), whole or not at all."""
    checked = validate(frame, table, path.name)
    with replacing(path) as aside:
        if path.suffix == ".parquet":
            checked.to_parquet(aside, index=False)
        else:
            checked.to_csv(aside, index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the block ends without error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        aside.chmod(0o644)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
