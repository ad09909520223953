"""Rendering study pages, beside nbconvert's own HTML of the same notebooks.

    python -m benchmarks.pages [PAGES]

Takes the executed notebooks of the studies in reports/, copies them until there are 100 (or PAGES),
and renders all in this process: as the pages of the report, with figures, key numbers and
downloads, and as nbconvert's templates `basic` and `lab` make them, one exporter for all.  CPU
seconds are counted, because a shared machine stretches the others.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from press.render import study_page
from press.site import site

from analysis.study import ROOT


def copied(folder: Path, count: int) -> list[Path]:
    """The folders of `count` studies, copied in turn from those of the report."""
    built = sorted(path.parent for path in (ROOT / "reports").glob("*/headline.json"))
    if not built:
        raise SystemExit("reports/ holds no study; make report builds some")
    turn = itertools.islice(itertools.cycle(built), count)
    return [shutil.copytree(path, folder / f"{place}") for place, path in enumerate(turn)]


def notebooks(study: Path) -> list[Path]:
    """The executed notebooks of a study."""
    return [study / "notebooks" / f"{stem}.ipynb" for stem in site().study]


def render(study: Path) -> None:
    """The page of the report."""
    study_page(notebooks(study), study / "index.html")


def nbconvert(template: str) -> Callable[[Path], None]:
    """nbconvert's own way, written to a file as ours is."""
    exporter = HTMLExporter(template_name=template)

    def convert(study: Path) -> None:
        for path in notebooks(study):
            body, _ = exporter.from_notebook_node(nbformat.read(path, 4))
            path.with_suffix(".html").write_text(body, encoding="utf-8")

    return convert


def milliseconds(act: Callable[[Path], None], studies: Sequence[Path]) -> float:
    """CPU milliseconds a study, after one that loads what all share."""
    act(studies[0])
    started = time.process_time()
    for study in studies:
        act(study)
    return 1000 * (time.process_time() - started) / len(studies)


def main(count: int = 100) -> None:
    """Measure the three and print their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        studies = copied(Path(folder), count)
        ours = milliseconds(render, studies)
        print(f"{count} study pages: {ours:.0f} ms of CPU a page", flush=True)
        for template in ("basic", "lab"):
            theirs = milliseconds(nbconvert(template), studies)
            print(f"nbconvert's {template}: {theirs:.0f} ms, {theirs / ours:.1f} times as long")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
