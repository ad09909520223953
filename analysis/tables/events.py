"""Policy events, dates on which sources disagree, and the claims that are checked."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series


class Events(Table):
    """Dated policy events; an empty `date_effective` means none was stated."""

    event_id: Series[str] = pa.Field(
        unique=True,
        str_matches=r"[a-z0-9]+(-[a-z0-9]+)*\Z",
        description="Stable name of the event.",
    )
    name: Series[str] = pa.Field(
        unique=True,
        str_length={"min_value": 1, "max_value": 34},
        description="What it is called in figures.",
    )
    date_announced: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it was announced."
    )
    date_effective: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it took or was to take effect; empty where none was stated."
    )
    date_suspended: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day another event of the catalogue suspended it, if one did."
    )
    actor: Series[str] = pa.Field(description="Who acted.")
    kind: Series[str] = pa.Field(description="What sort of measure it is.")
    targets: Series[str] = pa.Field(
        str_matches=r"[A-Z0-9]{3,4}(;[A-Z0-9]{3,4})*\Z",
        description="Whom it is aimed at, ISO 3166 alpha-3 or WLD, joined by semicolons.",
    )
    products: Series[str] = pa.Field(description="What it covers.")
    legal_reference: Series[str] = pa.Field(description="The legal act.")
    summary: Series[str] = pa.Field(description="What happened, and where sources disagree.")
    source_url: Series[str] = pa.Field(
        str_matches=r"https?://\S+\Z", description="Where it was read."
    )
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
    alternative_source_url: Series[str] = pa.Field(
        str_matches=r"(https?://\S+)?\Z", description="Where it says so."
    )
    note: Series[str] = pa.Field(description="Why they may differ.")


class Claims(Table):
    """Statements of press reports, to be checked."""

    claim_id: Series[str] = pa.Field(unique=True, description="Stable name of the claim.")
    seed: Series[str] = pa.Field(description="The press report it comes from, by its file name.")
    statement: Series[str] = pa.Field(description="The claim, in our words.")
    kind: Series[str] = pa.Field(description="How it can be checked.")
    destination: Series[str] = pa.Field(
        description="Whom it is about; empty where it is about no destination."
    )
    month: Series[str] = pa.Field(
        str_matches=r"[0-9]{4}-(0[1-9]|1[0-2])\Z", description="The month it is about."
    )
    measure: Series[str] = pa.Field(description="What it states.")
    stated: Series[str] = pa.Field(description="The value it states, where it states one.")
