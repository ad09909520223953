"""What holds for all tests."""

from __future__ import annotations

import os
import signal

import pytest

LONG = {
    "living": "builds a whole report on other data; minutes",
    "hardening": "a hundred kills; many minutes",
}
"""Tests that run where they are asked for, with `-m` and one of these markers."""


def pytest_configure(config: pytest.Config) -> None:
    """Take no part in how the tests were started.

    Signals that background jobs of a shell ignore are heard, since what tests start ends by them;
    a `make` that tests start is not that of `make test` once more, which would say where it is.
    """
    for marker, what in LONG.items():
        config.addinivalue_line("markers", f"{marker}: {what}")
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for ignored in (signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(ignored) is signal.SIG_IGN:
            signal.signal(ignored, signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave long tests out that are not asked for."""
    unasked = [marker for marker in LONG if marker not in config.getoption("-m")]
    left_out = [item for item in items if any(map(item.get_closest_marker, unasked))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
