"""Typed parameters of notebooks, and command lines; plain words for what they refuse."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
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


def of_form(pattern: str, needs: str) -> AfterValidator:
    """Refuses text that is not wholly of the form `pattern`, and says what it `needs`."""

    def checked(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"needs {needs}")
        return text

    return AfterValidator(checked)


def _day(text: str) -> str:
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("needs a day, year first, or nothing for everything") from None


Day = Annotated[str, AfterValidator(_day)]
"""A day, or nothing for everything."""
Month = Annotated[str, of_form(r"[0-9]{4}-(0[1-9]|1[0-2])", "a month, year first")]
Slug = Annotated[
    str,
    of_form(r"[a-z0-9]+(-[a-z0-9]+)*", "small letters and digits, joined by hyphens"),
    StringConstraints(max_length=80),
]
Folder = Annotated[str, of_form(r"(?s).*\S.*", "the name of a folder")]


def kind(parameter: FieldInfo) -> type:
    """The plain type of a parameter."""
    given: Any = get_origin(parameter.annotation) or parameter.annotation
    return str if given is Literal else given


class Parameters(BaseModel):
    """What a notebook takes: names, types, defaults and bounds, all in one place."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Tell in the docstring, which editors show, what each parameter means."""
        told, plain = [cls.__doc__ or "", "", "Parameters", "----------"], []
        for name, one in cls.model_fields.items():
            told += [f"{name} : {kind(one).__name__}", f"    {one.description}"]
            plain.append(
                Parameter(name, Parameter.KEYWORD_ONLY, default=one.default, annotation=kind(one))
            )
        cls.__doc__ = "\n".join(told)
        cls.__signature__ = Signature(plain)

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


def run(
    name: str,
    about: str,
    parameters: tuple[type[Asked], Sequence[str]],
    work: Callable[[Asked], str],
    arguments: Sequence[str] | None = None,
    refusals: tuple[type[Exception], ...] = (),
) -> int:
    """Print what `work` says of the parameters that a command line sets; the exit status.

    name: the command's; parameters: a model, and which of its fields are options. What is refused,
    a PlainError, an OSError or one of `refusals`, is printed as an error.
    """
    model, names = parameters
    refused: tuple[type[Exception], ...] = (PlainError, OSError, *refusals)
    parser = Parser(prog=f"python -m pipeline {name}", description=about)
    for field in names:
        info = model.model_fields[field]
        means = str(info.description).replace("%", "%%")
        told = {"type": kind(info), "default": info.default, "help": means}
        parser.add_argument(f"--{field.replace('_', '-')}", **told)
    try:
        print(work(check(model, vars(parser.parse_args(arguments)), name)))
    except refused as error:
        print(error, file=sys.stderr)
        return 1
    return 0
