"""A finished figure: its SVG, what it shows in words, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from contracts import replacing

Bundle = tuple[dict[str, str], dict[str, dict[str, str]]]


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure that a notebook can show, a page can hold and a reader can download.

    `finding` says in numbers what the figure shows, `alt` says that and what kind of chart it is;
    `data` are the numbers drawn.
    """

    stem: str
    title: str
    svg: str
    alt: str
    finding: str
    caption: str
    data: pd.DataFrame
    source: str

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> Bundle:
        words = {"alt": self.alt, "caption": self.caption, "stem": self.stem}
        return {"image/svg+xml": self.svg, "text/plain": self.alt}, {"image/svg+xml": words}

    def save(self, folder: Path) -> list[Path]:
        """Write `<stem>.svg` and `.csv` into `folder`, each whole or not at all."""
        numbers = self.data.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
        contents = {"svg": self.svg.encode(), "csv": numbers.encode()}
        for kind, content in contents.items():
            with replacing(folder / f"{self.stem}.{kind}") as aside:
                aside.write_bytes(content)
        return [folder / f"{self.stem}.{kind}" for kind in contents]


def save_figures(figures: Iterable[Figure], folder: Path) -> pd.DataFrame:
    """Save all `figures` into `folder` and list their files."""
    rows = [
        {"figure": figure.stem, "files": " ".join(path.name for path in figure.save(folder))}
        for figure in figures
    ]
    return pd.DataFrame(rows)
