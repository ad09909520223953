"""Whole reports take minutes: they run where they are asked for, with `-m living`."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "living: builds a whole report on other data; minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "living" in config.getoption("-m"):
        return
    long = [item for item in items if item.get_closest_marker("living")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]
