"""Which files the notebooks need and make: the report and batches agree on them."""

from __future__ import annotations

from pathlib import Path

from analysis.study import ROOT

LOCK = ROOT / "requirements.lock"
INGESTED = (
    *("figures.parquet", "sources.parquet", "events.parquet", "event_disagreements.parquet"),
    *("claims.parquet", "official_exports.parquet"),
)
"""Tables that 01_ingest makes."""

EXPORTS = "exports.parquet"
CLEANED = ("exports.csv", "rejected_figures.csv")
"""Tables that 02_clean makes beside the exports."""

MODELLED = (
    *("effects.csv", "sensitivity.csv", "counterfactual.csv", "swings.csv"),
    "headline.json",
)
"""Files that 03_model makes in the folder of the study."""


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


def analysis_files() -> list[Path]:
    """What the notebooks run."""
    return files(ROOT / "analysis")


def rendering_files() -> list[Path]:
    """What makes pages of executed notebooks."""
    return [*files(ROOT / "templates"), *files(ROOT / "pipeline")]
