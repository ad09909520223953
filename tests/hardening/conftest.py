"""A hundred kills take many minutes: they run where they are asked for, with `-m hardening`."""

from __future__ import annotations

import sys

import pytest

from analysis.study import ROOT

sys.path.insert(0, str(ROOT / "tests" / "press"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "hardening: a hundred kills; many minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "hardening" in config.getoption("-m"):
        return
    long = [item for item in items if item.get_closest_marker("hardening")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]
