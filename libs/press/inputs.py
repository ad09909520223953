"""Which files the notebooks need and make: the report and batches agree on them."""

from __future__ import annotations

from pathlib import Path

from analysis.study import ROOT, Study

LOCK = ROOT / "requirements.lock"
LIBRARIES = ("charts", "contracts", "effects", "ledger", "tradedata")
"""The libraries that the notebooks run."""
INGESTED = (
    *("figures.parquet", "sources.parquet", "events.parquet", "event_disagreements.parquet"),
    *("claims.parquet", "official_exports.parquet", "products.parquet"),
)
"""Tables that 01_ingest makes."""

EXPORTS = "exports.parquet"
CLEANED = ("exports.csv", "rejected_figures.csv")
"""Tables that 02_clean makes beside the exports."""

LEDGER = ("figures.parquet", "sources.parquet", "official_exports.parquet")
VINTAGE = (*LEDGER, EXPORTS, *CLEANED)
"""Tables that a vintage, the series as it was known on a day, is made of."""

MODELLED = (
    *("effects.csv", "sensitivity.csv", "counterfactual.csv", "swings.csv"),
    "headline.json",
)
"""Files that 03_model makes in the folder of the study."""

GATHERED = ("effects.csv", "effects.parquet", "found.json")
"""Files that 12_batch makes in the folder of the batch."""


def files(folder: Path) -> list[Path]:
    """The files of a source folder, without what Python leaves there."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    )


def raw_files(raw: Path) -> list[Path]:
    """The raw data, without what a download has not finished."""
    return [path for path in files(raw) if path.parent.name != ".unfinished"]


def downloads(raw: Path) -> list[Path]:
    """The raw data that customs themselves gave."""
    return [path for path in raw_files(raw) if path.parent == raw / "customs"]


def vintage_needs(study: Study) -> list[Path]:
    """What the vintage of a study is made from."""
    ledger = [study.processed / name for name in LEDGER]
    return [LOCK, *analysis_files(), *downloads(study.raw), *ledger]


def study_tables(processed: Path, vintage: Path) -> list[Path]:
    """The tables that a study is made from, those of its vintage among them."""
    own = VINTAGE if vintage != processed else (EXPORTS, *CLEANED)
    return [processed / name for name in INGESTED] + [vintage / name for name in own]


def analysis_files() -> list[Path]:
    """What the notebooks run."""
    return [
        *files(ROOT / "analysis"),
        *(path for name in LIBRARIES for path in files(ROOT / "libs" / name)),
    ]


def rendering_files() -> list[Path]:
    """What makes pages of executed notebooks."""
    works = ROOT / "docs" / "references.json"
    return [*files(ROOT / "libs" / "press"), works]
