"""What is installed is named, may be used, and asks no machine but this one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from analysis.study import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
FREE = {
    *("MIT", "MIT License", "MIT-0", "MIT-CMU", "0BSD", "BSD", "BSD License", "BSD-2-Clause"),
    *("BSD-3-Clause", "ISC", "ISC License (ISCL)", "Zlib", "CC0-1.0", "Apache 2.0", "Apache-2.0"),
    *("Apache Software License", "Apache License, Version 2.0", "PSF-2.0", "MPL-2.0"),
    *("Python Software Foundation License", "Mozilla Public License 2.0 (MPL 2.0)"),
}
"""Licences that let what is built be passed on; packages under the MPL are left as they are."""
OTHER = {"codespell": "GPL-2.0-only", "text-unidecode": "Artistic License"}
"""A program that only `make test` starts, and a package that may be had under either licence."""


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    command = [sys.executable, str(ROOT / ".github" / "bill.py"), "1.2.3"]
    made: dict[str, Any] = json.loads(subprocess.check_output(command))
    return made


def test_the_bill_names_every_locked_package_at_its_version(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["metadata"]["component"]["version"]) == ("CycloneDX", "1.2.3")
    named = [(part["name"], part["version"]) for part in bill["components"]]
    assert named == re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.M)
    assert len({part["bom-ref"] for part in bill["components"]}) == len(named) > 150
    installed = [part for part in bill["components"] if part["scope"] == "required"]
    assert len(installed) > 150
    assert all(part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}" for part in installed)


def test_every_licence_is_known_and_free(bill: dict[str, Any]) -> None:
    for part in bill["components"]:
        for entry in part.get("licenses", []):
            stated = entry.get("expression") or entry["license"]["name"]
            terms = set(re.split(r"; | AND | OR ", stated))
            assert terms <= FREE or OTHER.get(part["name"]) in terms, (part["name"], stated)


def test_only_programs_are_under_a_licence_that_binds_what_uses_them() -> None:
    for path in [*(ROOT / "libs").rglob("*.py"), *(ROOT / "analysis").rglob("*.py")]:
        assert not re.search(r"^\s*(import|from) codespell", path.read_text("utf-8"), re.M)


def test_every_package_is_locked_by_its_content() -> None:
    for entry in re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.M)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_a_release_carries_its_bill_and_installs_nothing_unlocked() -> None:
    release = yaml.safe_load((ROOT / ".github/workflows/release.yaml").read_text("utf-8"))
    scripts = "\n".join(step.get("run", "") for step in release["jobs"]["release"]["steps"])
    assert ".venv/bin/python .github/bill.py" in scripts
    assert "pip" not in scripts.split()
