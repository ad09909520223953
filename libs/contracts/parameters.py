"""Typed parameters of notebooks, and command lines; plain words for what they refuse."""

from __future__ import annotations

import argparse
import difflib
import textwrap
from collections.abc import Mapping
from typing import NoReturn, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from contracts.documents import PlainError

Asked = TypeVar("Asked", bound=BaseModel)


class Parser(argparse.ArgumentParser):
    """Says in a line what it cannot take, and ends with the status of everything that failed."""

    def error(self, message: str) -> NoReturn:
        """End the command; `message` is argparse's."""
        self.exit(1, f"{message}; see {self.prog} --help\n")


class ParameterError(PlainError):
    """Parameters that a notebook cannot take; one line a problem."""


def check(model: type[Asked], given: Mapping[str, object], where: str) -> Asked:
    """The whole parameter set of `model`, or ParameterError; `where` starts each line of it."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        problems = [_problem(detail, model) for detail in error.errors()]
        raise ParameterError("\n".join(f"{where}: {line}" for line in problems)) from None


def _problem(detail: ErrorDetails, model: type[BaseModel]) -> str:
    if not detail["loc"]:
        return detail["msg"].removeprefix("Value error, ")
    field = str(detail["loc"][0])
    found = f"{field}: found {textwrap.shorten(repr(detail['input']), 120)}"
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(field, model.model_fields, n=1)
        known = f"did you mean {near[0]}?" if near else f"known are {', '.join(model.model_fields)}"
        return f"{found}, but there is no such parameter; {known}"
    allowed = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    info = model.model_fields[field]
    example = (info.examples or [info.default])[0]
    return f"{found}; {allowed[0].lower()}{allowed[1:]}, such as {example!r}"


class Parameters(BaseModel):
    """What a notebook takes: names, types, defaults and bounds, all in one place."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def of(cls, names: Mapping[str, object]) -> Self:
        """The parameters among the `names` of a notebook, its `locals()`.

        Raises ParameterError, a line a problem, for a value that is refused and for a plain value
        under a name that is no parameter.
        """
        plain = (str, int, float, list, tuple, dict, type(None))
        given = {
            name: value
            for name, value in names.items()
            if isinstance(value, plain) and name[0] != "_" and name not in {"In", "Out"}
        }
        return check(cls, given, "parameters")
