"""The contracts of claims and of what was found of them."""

from __future__ import annotations

from contracts import Table, column, gaps
from contracts.contract import DAY
from pandera.typing.pandas import Series


class Claims(Table):
    """Statements of press reports, to be checked."""

    claim_id: Series[str] = column("Stable name of the claim.", unique=True)
    seed: Series[str] = column(
        "The press reports that make it, by file name, joined by semicolons."
    )
    statement: Series[str] = column("The claim, in our words.")
    kind: Series[str] = column("How it can be checked.")
    destination: Series[str] = column("Whom it is about; empty where it is about no destination.")
    month: Series[str] = column("The month it is about.", str_matches=r"[0-9]{4}-(0[1-9]|1[0-2])\Z")
    measure: Series[str] = column("What it states; with `kind` it names the rule.")
    stated: Series[str] = column("The value it states, where it states one.")
    direction: Series[str] = column(
        "Which way it says exports went; empty where it does not.", isin=("", "fall", "rise")
    )
    approximate: Series[bool] = column("Whether it says nearly, about or the like.")
    event_ids: Series[str] = column("The events it speaks of, joined by semicolons.")
    needs: Series[str] = column("What data beyond these tables it would take to decide it.")


class ClaimReports(Table):
    """The press reports that claims come from; what is not known of one is empty."""

    seed: Series[str] = column("Name of the report's file.", unique=True)
    title: Series[str] = column("Its title.")
    outlet: Series[str] = column("Who published it.")
    published: Series[str] = column("Day it was published.", real_day=DAY)
    not_before: Series[str] = column(
        "Earliest day on which it can have been written.", real_day=DAY
    )
    not_after: Series[str] = column("Latest day on which it can have been written.", real_day=DAY)
    told_by: Series[str] = column("What tells these days.")


class ClaimVerdicts(Table):
    """What the series says of each claim."""

    claim_id: Series[str] = column("The claim.", unique=True)
    seed: Series[str] = column(
        "The press reports that make it, by file name, joined by semicolons."
    )
    stated: Series[str] = column("What it stated.")
    computed: Series[float] = gaps("What the series says, in `unit`.")
    lower: Series[float] = gaps("Least value that the bounds allow.")
    upper: Series[float] = gaps("Greatest value that the bounds allow.")
    unit: Series[str] = column("Unit of the computed value.")
    verdict: Series[str] = column(
        "`supported`, `refuted`, `not supported`, `imprecise` or `not testable`.",
        isin=("supported", "refuted", "not supported", "imprecise", "not testable"),
    )
    reason: Series[str] = column(
        "How it was computed, or what data it would need.", str_length={"min_value": 1}
    )
