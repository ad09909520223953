"""What the documents name is there, and what is said in two places is the same."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from press.site import site

from analysis.study import ROOT

DOCUMENTS = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("*.md")),
]
MADE = ("data/processed", "data/raw/customs", "reports", "out.ipynb")
"""What a run makes, or a reader adds."""
EXAMPLES = {"notebooks/15_newest.ipynb", "studies/its-name.yaml"}
BUILT_IN = {"report", "serve", "batch", "run", "verify"}
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text(encoding="utf-8")


def test_make_targets_exist(text: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.M)) <= targets


def test_commands_exist(text: str) -> None:
    asked = set(re.findall(r"python -m pipeline ([a-z]+)", text))
    assert asked <= BUILT_IN | set(site().about.commands)


def test_files_that_are_named_exist(text: str) -> None:
    place = r"(?:analysis|benchmarks|data|docs|libs|notebooks|pipeline|reports|studies|tests)/"
    named = set(re.findall(rf"`({place}[\w./-]*\w)/?`", text)) - EXAMPLES
    lost = {name for name in named if not (ROOT / name).exists() and not name.startswith(MADE)}
    assert not lost


def test_every_folder_and_raw_file_is_told_of() -> None:
    folders = [one.name for one in ROOT.glob("[!._]*") if one.is_dir() and any(one.glob("**/*"))]
    readme, places, data = (
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("README.md", "docs/architecture.md", "docs/REPLICATION.md")
    )
    assert [one for one in folders if f"{one}/" not in readme] == []
    code = [one for one in folders if any((ROOT / one).glob("*.py"))]
    assert [one for one in code if f"| `{one}/`" not in places] == []
    raw = [path.name for path in (ROOT / "data" / "raw").glob("*.csv")]
    assert [one for one in raw if f"{one}`" not in data] == []


def test_links_lead_to_files(request: pytest.FixtureRequest, text: str) -> None:
    document: Path = request.node.callspec.params["text"]
    for link in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (document.parent / link).exists(), link


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    zenodo = json.loads((ROOT / ".zenodo.json").read_text())
    assert {project["version"], citation["version"], zenodo["version"]} == {project["version"]}
    assert zenodo["title"] == citation["title"]
    assert zenodo["keywords"] == citation["keywords"]
    assert {zenodo["license"], citation["license"]} == {project["license"]}
    released = date.fromisoformat(str(citation["date-released"]))
    heading = f"## {project['version']}, {released:%-d %B %Y}\n"
    assert heading in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_change_of_method_is_in_the_changelog() -> None:
    changes = (ROOT / "docs" / "method.md").read_text("utf-8").split("## Changes")[1]
    parts = re.split(r"^### ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.M)
    told = "".join(part for part in parts if part.startswith("Methodology\n"))
    day = re.compile(r"^- (\d+ \w+ \d{4}):", re.M)
    assert set(day.findall(told)) == set(day.findall(changes)) != set()


ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib"),
    *("Apache 2.0", "Apache Software License", "Apache License, Version 2.0", "BSD"),
    *("BSD License", "ISC License (ISCL)", "MIT License", "Python Software Foundation License"),
    *("Mozilla Public License 2.0 (MPL 2.0)", "The Unlicense (Unlicense)", "Artistic License"),
}
"""Licences that let code be used, changed and passed on beside code under MIT."""
PROGRAMS = {"codespell": "GPL-2.0-only"}
"""What the tests start as a program of its own, so that its licence reaches nothing else."""
READ_BY_HAND = {"axe-playwright-python": "MIT", "pyftpdlib": "MIT"}
"""Packages whose metadata name none, with the licence in their files."""


def licences(name: str) -> list[set[str]]:
    """The licences of an installed package: one of each set is enough, each set is needed."""
    about = distribution(name).metadata
    classifiers = [line for line in about.get_all("Classifier", []) if line.startswith("License")]
    if classifiers and not about.get("License-Expression"):
        return [{line.rpartition(" :: ")[2] for line in classifiers}]
    told = about.get("License-Expression") or about.get("License") or READ_BY_HAND.get(name, "none")
    return [set(part.strip("() ").split(" OR ")) for part in told.split(" AND ")]


def locked() -> list[str]:
    """The packages of the lock that every supported Python and system installs."""
    return re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==\S+ \\$", LOCK, re.M)


def test_locked_packages_have_licences_that_are_allowed() -> None:
    names = locked()
    assert len(names) > 100
    lacking = {
        name: " or ".join(sorted(either))
        for name in names
        for either in licences(name)
        if not either & ALLOWED
    }
    assert lacking == PROGRAMS


def test_licences_read_by_hand_are_in_the_packages_files() -> None:
    for name, licence in READ_BY_HAND.items():
        held = [
            file.read_text()
            for file in distribution(name).files or []
            if "LICEN" in file.name.upper()
        ]
        assert any(licence in text for text in held), name
