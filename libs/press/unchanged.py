"""Whether a command would find anything to do, told before anything else is loaded.

A run that found all up to date leaves a listing of the repository's files: the size of each, when
it was written, and when anything of it was changed, which nobody can set. While all of that is the
same the files are. Whatever differs, a touch too, has the command look for itself, by content.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

COMMANDS = ("report", "batch")
LEFT_BY_PYTHON = {"__pycache__", ".ipynb_checkpoints"}
OUTPUT = ("reports", "data/processed")
"""Folders in which hidden files are the records of runs."""


class Linked(Exception):
    """A folder is a link: what lies behind it is not looked at."""


def said_before(root: str, asked: Sequence[str]) -> str:
    """What a command said when it had nothing to do, if it has nothing to do again."""
    if not (now := listing(root, asked)):
        return ""
    try:
        with open(_place(root, asked), encoding="utf-8") as file:
            said, named, listed = file.read().split("\n", 2)
    except (OSError, ValueError):
        return ""
    return said if named == repr([*asked]) and listed == now else ""


def note(root: str, asked: Sequence[str], said: str, before: str) -> None:
    """Write down what a command said that had nothing to do, if since `before` nothing changed."""
    if before and before == listing(root, asked):
        aside = f"{_place(root, asked)}.{os.getpid()}"
        with open(aside, "w", encoding="utf-8") as file:
            file.write("\n".join([said, repr([*asked]), before]))
        os.replace(aside, _place(root, asked))


def is_fed_alike(before: str, now: str) -> bool:
    """Whether two listings, neither empty, differ in nothing but the folders of OUTPUT."""
    one, other = (
        [line for line in text.split("\n") if not line.startswith(OUTPUT)] for text in (before, now)
    )
    return bool(before) and bool(now) and one == other


def listing(root: str, asked: Sequence[str]) -> str:
    """The files of the repository and their states, a line each.

    Empty where that cannot be told, and for commands with options or about other folders.
    """
    try:
        return "\n".join(sorted(_lines(root, ""))) if _is_plain(root, asked) else ""
    except (OSError, Linked):
        return ""


def _is_plain(root: str, asked: Sequence[str]) -> bool:
    """Whether a command is given here, without options, and about this repository alone."""
    names = [*asked[1:]]
    inside = all(not os.path.isabs(one) and ".." not in one.split("/") for one in names)
    options = any(one.startswith("-") for one in names)
    here = os.path.realpath(os.getcwd()) == os.path.realpath(root)
    return bool(asked) and asked[0] in COMMANDS and inside and not options and here


def _place(root: str, asked: Sequence[str]) -> str:
    return os.path.join(root, "reports", f".{asked[0]}.current")


def _lines(root: str, folder: str) -> Iterator[str]:
    with os.scandir(os.path.join(root, folder)) as entries:
        for one in entries:
            name = f"{folder}/{one.name}" if folder else one.name
            hidden = one.name.startswith(".") and (not folder or name.startswith(OUTPUT))
            if hidden or one.name in LEFT_BY_PYTHON:
                continue
            if one.is_dir():
                if one.is_symlink():
                    raise Linked
                yield from _lines(root, name)
            else:
                found = one.stat()
                yield f"{name} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
