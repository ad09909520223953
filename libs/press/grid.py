"""A parameter with a list of values makes a grid: a study for each combination."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

NAMES = ("study", "question")
"""Parameters that each study of a grid has its own of, made from the file's."""

NOTHING = "today"
"""What an empty value is called: an empty `as_of` means all that is known today."""


class GridError(ValueError):
    """A list that makes no grid."""


def expand(values: Mapping[str, Any], stem: str) -> Iterator[dict[str, Any]]:
    """The parameter sets of a study file, one if no value is a list.

    A study of a grid is named after the file's `study` (or else its `stem`) and its own values,
    and in its question `{destination}`, say, stands for its destination.
    """
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    for name, value in lists.items():
        if name in NAMES or not value:
            raise GridError(f"{name}: found {value!r}; give one name, or at least one value")
    for chosen in product(*lists.values()):
        own = dict(zip(lists, chosen, strict=True))
        yield {**values, **own, **(_names(values, own, stem) if own else {})}


def _names(values: Mapping[str, Any], own: Mapping[str, Any], stem: str) -> dict[str, Any]:
    words = {name: NOTHING if value == "" else str(value) for name, value in own.items()}
    names = {"study": "-".join([str(values.get("study", stem)), *map(slug, words.values())])}
    question = values.get("question")
    if isinstance(question, str):
        for name, word in words.items():
            question = question.replace(f"{{{name}}}", word)
        names["question"] = question
    return names


def slug(value: object) -> str:
    """A value as part of a name: `GRP_WLD-USA` as `grp-wld-usa`, 0.95 as `0-95`."""
    plain = str(value).lower().replace("+", "-and-")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
