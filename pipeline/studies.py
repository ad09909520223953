"""Study files and the parameters of a notebook, checked before anything runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from analysis.study import PARAMETERS, ROOT, Folders, Study
from pipeline.grid import GridError, expand
from pipeline.layout import RESERVED

Loaded: TypeAlias = tuple[Path, dict[str, Any], Study]
"""A study: its file, the values it is run with, and all its parameters, checked."""


class ParameterError(ValueError):
    """Parameters that a notebook cannot take; one line a problem."""


def shown(path: Path) -> str:
    """`path` as a reader of messages and stamps should see it: from the repository's root."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def check_parameters(notebook: str, values: Mapping[str, Any], where: str) -> Folders:
    """Return the whole parameter set of `notebook` (a stem), or raise ParameterError.

    `where` names the file the values come from, and starts each line of the message.
    """
    if notebook not in PARAMETERS:
        raise ParameterError(
            f"{where}: no parameters are declared for {notebook}; "
            "add its model to PARAMETERS in analysis/study.py"
        )
    model = PARAMETERS[notebook]
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        problems = [_problem(detail, model) for detail in error.errors()]
        raise ParameterError("\n".join(f"{where}: {line}" for line in problems)) from None


def _problem(detail: ErrorDetails, model: type[Folders]) -> str:
    if not detail["loc"]:
        return detail["msg"].removeprefix("Value error, ")
    field = str(detail["loc"][0])
    found = f"{field}: found {detail['input']!r}"
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(field, model.model_fields, n=1)
        known = f"did you mean {near[0]}?" if near else f"known are {', '.join(model.model_fields)}"
        return f"{found}, but there is no such parameter; {known}"
    allowed = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    info = model.model_fields[field]
    example = (info.examples or [info.default])[0]
    return f"{found}; {allowed[0].lower()}{allowed[1:]}, such as {example!r}"


class _Loader(yaml.SafeLoader):
    """YAML without dates: 2026-03-31 is text, as it is to papermill."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, form) for tag, form in known if not tag.endswith(":timestamp")]
        for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_value(text: str) -> Any:
    """A value as YAML writes it."""
    return yaml.load(text, _Loader)


def read_values(path: Path) -> dict[str, Any]:
    """The flat `name: value` pairs of a study file, as papermill reads them."""
    where = shown(path)
    try:
        values = read_value(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParameterError(f"{where}: no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterError(f"{where}: cannot be read as YAML: {_flat(error)}") from None
    if not isinstance(values, dict):
        raise ParameterError(f"{where}: found {values!r}; needs lines of the form `name: value`")
    return values


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())


def matching(pattern: str) -> list[Path]:
    """The files that a pattern names, such as `studies/*.yaml`, in order."""
    if found := [Path(name) for name in sorted(glob(pattern))]:
        return found
    raise ParameterError(f"{pattern}: no such file")


def load_grid(path: Path, folders: Mapping[str, str]) -> Iterator[tuple[dict[str, Any], Study]]:
    """The studies of a file, several if a parameter has a list of values.

    For each its values with `folders` added, and the checked study.
    """
    values = read_values(path)
    where = shown(path)
    misplaced = [name for name in Folders.model_fields if name in values]
    if misplaced:
        raise ParameterError(f"{where}: {misplaced[0]}: folders are not set in a study; remove it")
    try:
        for own in expand(values, path.stem):
            whole = {**own, **folders}
            yield whole, _check(whole, where)
    except GridError as error:
        raise ParameterError(f"{where}: {error}") from None


def _check(values: Mapping[str, Any], where: str) -> Study:
    study = check_parameters("03_model", values, where)
    assert isinstance(study, Study)
    if study.study in RESERVED:
        raise ParameterError(f"{where}: study: found {study.study!r}; the site uses that folder")
    return study


def load_studies(paths: Iterable[Path], folders: Mapping[str, str]) -> list[Loaded]:
    """All studies in the order of their files; raises ParameterError naming every problem."""
    loaded: list[Loaded] = []
    problems: list[str] = []
    for path in paths:
        try:
            loaded += [(path, *study) for study in load_grid(path, folders)]
        except ParameterError as error:
            problems.append(str(error))
    problems += _repeated(loaded)
    if problems:
        raise ParameterError("\n".join(problems))
    return loaded


def _repeated(loaded: list[Loaded]) -> list[str]:
    first: dict[str, Path] = {}
    problems = []
    for path, _, study in loaded:
        other = first.get(study.study)
        first.setdefault(study.study, path)
        if other:
            problems.append(
                f"{shown(path)}: study: found {study.study!r}, which {shown(other)} has already; "
                "give each study its own name"
            )
    return problems
