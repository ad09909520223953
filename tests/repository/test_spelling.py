"""One spelling, the British one, and no word mistyped."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest

from analysis.study import ROOT

PROSE = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "libs").glob("*/README.md"),
    *(ROOT / "notebooks").glob("*.ipynb"),
]
CODE = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\]\([^)]*\)|https?://\S+", re.S)
NOUN = re.compile(r"\b(?:a|an|the|no|any|its|their|of|export|under|without|each) licenses?\b", re.I)
"""The noun has a c: a licence; the verb has an s: to license."""
BRITISH_TOO = {"license", "licenses", "licensed", "licensing", "program", "programs"}


def american() -> dict[str, str]:
    """American spellings and their British ones, from codespell's list of the reverse."""
    found = find_spec("codespell_lib")
    assert found is not None
    data = Path(str(found.origin)).parent / "data" / "dictionary_en-GB_to_en-US.txt"
    pairs = [line.split("->") for line in data.read_text(encoding="utf-8").splitlines() if line]
    return {theirs.strip(" ,"): ours for ours, theirs in pairs if theirs not in BRITISH_TOO}


def prose(path: Path) -> str:
    """The text of a document, or of a notebook's Markdown cells, without code and links."""
    if path.suffix == ".md":
        return CODE.sub(" ", path.read_text(encoding="utf-8"))
    cells = nbformat.read(path, as_version=4).cells
    return CODE.sub(" ", "\n".join(one.source for one in cells if one.cell_type == "markdown"))


def test_no_word_is_mistyped() -> None:
    command = [sys.executable, "-m", "codespell_lib"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", PROSE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_prose_is_spelt_the_british_way(path: Path) -> None:
    text = prose(path)
    theirs = american()
    assert len(theirs) > 500
    found = {word: theirs[word] for word in re.findall(r"[a-z]+", text.lower()) if word in theirs}
    assert found == {}
    assert NOUN.findall(text) == []


def test_american_words_would_be_found() -> None:
    assert american()["color"] == "colour"
    assert american()["normalized"] == "normalised"
    assert NOUN.search("Without a license nothing is shipped")
