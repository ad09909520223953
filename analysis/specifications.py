"""All studies of a batch beside each other: one table, and the curve of their headlines."""

from __future__ import annotations

import pandas as pd
from charts import Curve, choice_curve
from contracts import TableError, read_table, read_tables
from tradedata.destinations import destination_name
from words import month_span

from analysis.answer import load_headline
from analysis.study import BULLETIN, Batch, Study
from analysis.tables import BatchEffects, BatchStudies, Effects

ALWAYS = ("value", "level", "as_of", "nowcast")
HEADLINES = {
    "counterfactual": "Average effect over the window",
    "swing": "Change beyond the expected",
}
"""What the estimate of a kind of headline is: the first row of the estimator of that name."""
CHOICES = {
    "counterfactual": ["series", "destination", "window", "baseline_end", *ALWAYS],
    "swing": ["series", "destination", "swing_month", *ALWAYS],
}
"""What it is made from; an event gives a study its name only."""
ASKED = tuple(
    name.removeprefix("asked_") for name in BatchEffects.columns if name.startswith("asked_")
)
"""Parameters of a study that stand beside its estimates; its own columns hold the others."""

STUDIES_DIFFER = (
    "Studies of other destinations or months ask other questions, and studies that share months "
    "are not independent: how many intervals leave out zero is a count, not a test."
)


def list_studies(batch: Batch) -> pd.DataFrame:
    """The studies of a batch as BatchStudies; without a list of them, all that were ever made.

    Raises TableError where none has results.
    """
    listed = batch.folder / "studies.csv"
    if listed.exists():
        studies = read_table(listed, BatchStudies)
    else:
        made = sorted(path.parent.name for path in batch.reports.glob("*/headline.json"))
        studies = pd.DataFrame({"study": made, "file": "", "trouble": ""}, dtype=str)
    if (studies["trouble"] == "").any():
        return studies
    raise TableError(
        f"no study of the batch {batch.batch!r} has results; run 03_model for one, or `make batch`"
    )


def gather_effects(batch: Batch, studies: pd.DataFrame) -> pd.DataFrame:
    """All effects of the studies that did not fail, as BatchEffects. `studies`: BatchStudies."""
    names = studies.loc[studies["trouble"] == "", "study"]
    effects = read_tables([batch.reports / name / "effects.csv" for name in names], Effects)
    asked = pd.DataFrame([_asked(batch, name) for name in names])
    joined = effects.merge(asked, on="study", how="left", validate="many_to_one")
    found = joined["estimator"] == joined["asked_headline"]
    first = found & ~joined["study"].where(found).duplicated()
    return BatchEffects.stacked(joined.assign(is_headline=first))


def _asked(batch: Batch, name: str) -> dict[str, object]:
    study = Study.model_validate(load_headline(batch.reports / name)["parameters"])
    if study.study != name:
        raise TableError(f"{name}/headline.json: found study {study.study!r}; run it again")
    return {"study": name, **{f"asked_{one}": getattr(study, one) for one in ASKED}}


def specification_curves(effects: pd.DataFrame) -> list[Curve]:
    """A curve for each kind of headline that two studies or more have. `effects`: BatchEffects.

    Estimands and units are never mixed in one.
    """
    headlines = effects[effects["is_headline"]]
    return [
        choice_curve(
            rows,
            _choices(rows)[CHOICES[str(kind)]],
            kind=str(kind),
            estimand=HEADLINES[str(kind)],
            unit=str(unit),
            each="study",
            caution=STUDIES_DIFFER,
        )
        for (kind, unit), rows in headlines.groupby(["asked_headline", "unit"])
        if rows["estimate"].notna().sum() > 1
    ]


def _choices(rows: pd.DataFrame) -> pd.DataFrame:
    """What each study chose, as a reader is shown it."""
    told = rows.filter(like="asked_").rename(columns=lambda name: name.removeprefix("asked_"))
    return told.assign(
        series=told["series"].str.replace(BULLETIN, "").str.replace("_", " "),
        destination=rows["destination"].map(destination_name),
        window=[*map(month_span, told["start"], told["end"])],
        as_of=told["as_of"].replace("", "today"),
        level=told["level"].map("{:g}".format),
        nowcast=told["nowcast"].map({True: "estimated months", False: "known months"}),
    )
