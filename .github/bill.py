"""The bill of materials of a release, CycloneDX 1.6 in JSON: `python .github/bill.py VERSION`.

It names every package of requirements.lock at its version, with its licence where the package is
installed; those that another Python would get instead are `optional`.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
UNSTATED = {"axe-playwright-python": "MIT", "pyftpdlib": "MIT"}
"""Licences that the metadata leave out; read in the LICENSE file of each package."""


def locked() -> list[Requirement]:
    """Every requirement of requirements.lock, at its version and with its marker."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalnum()]


def licence(package: Distribution) -> dict[str, Any]:
    """What a package says of its licence: an SPDX expression, else its classifiers or a name."""
    told = package.metadata
    if told["License-Expression"]:
        return {"expression": told["License-Expression"]}
    classes = [line.split(" :: ") for line in told.get_all("Classifier", [])]
    classified = "; ".join(words[-1] for words in classes if words[0] == "License")
    return {"license": {"name": classified or told["License"] or UNSTATED[package.name]}}


def component(requirement: Requirement) -> dict[str, Any]:
    """The entry of one package."""
    name, version = requirement.name, str(requirement.specifier).removeprefix("==")
    purl = f"pkg:pypi/{name}@{version}"
    entry = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if requirement.marker and not requirement.marker.evaluate():
        return entry | {"scope": "optional"}
    return entry | {"scope": "required", "licenses": [licence(distribution(name))]}


def bill(version: str) -> dict[str, Any]:
    """The whole bill of a version of this repository."""
    about = {"type": "application", "name": "magnet-swings", "version": version}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": [component(requirement) for requirement in locked()],
    }


if __name__ == "__main__":
    print(json.dumps(bill(sys.argv[1]), indent=1))
