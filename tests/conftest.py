"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable

import pytest

LONG = {
    "living": "builds a whole report on other data; minutes",
    "hardening": "a hundred kills; many minutes",
}
"""Tests that run where they are asked for, with `-m` and one of these markers."""
SLOW = "builds a site, starts kernels or simulates: left out by `make test FAST=1`"
SLOW_FILES = (
    *("batch/", "hardening/", "repository/", "warmkernels/", "fetch/test_command.py"),
    *("effects/test_blind_places.py", "effects/test_breaks.py", "effects/test_swing.py"),
    *("ledger/test_frozen_ledger.py", "ledger/test_planted_errors.py"),
    *("press/test_execute.py", "press/test_graph.py", "press/test_serve.py"),
)
FIRST = (
    "press/test_ordinary_kernels.py",
    "press/test_browser.py",
    "press/",
    "batch/",
)
"""What takes longest in one piece, so that no worker is left alone with it at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Take no part in how the tests were started.

    Signals that background jobs of a shell ignore are heard, since what tests start ends by them;
    a `make` that tests start is not that of `make test` once more, which would say where it is.
    """
    for marker, what in LONG.items():
        config.addinivalue_line("markers", f"{marker}: {what}")
    config.addinivalue_line("markers", f"slow: {SLOW}")
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for ignored in (signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(ignored) is signal.SIG_IGN:
            signal.signal(ignored, signal.SIG_DFL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Twice as many workers as there are cores: many tests wait for what they have started."""
    return 2 * (os.cpu_count() or 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave long tests out that are not asked for, and mark slow ones."""
    unasked = [marker for marker in LONG if marker not in config.getoption("-m")]
    left_out = [item for item in items if any(map(item.get_closest_marker, unasked))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]

    for item in items:
        sites = {"real", "little", "site"}.intersection(getattr(item, "fixturenames", ()))
        if sites or _begins(item, SLOW_FILES):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: [not _begins(item, [place]) for place in FIRST])


def _begins(item: pytest.Item, places: Iterable[str]) -> bool:
    """Whether a test lies in one of `places`, folders of tests or files."""
    place = item.path.relative_to(item.config.rootpath).as_posix().removeprefix("tests/")
    return place.startswith(tuple(places))
