"""Study files and the parameters of a notebook, checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from glob import glob
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from contracts import ParameterError, Parameters
from contracts import check as check_values

from press.report import ROOT, folder_names, parameters_of, report

Loaded: TypeAlias = tuple[Path, dict[str, Any], Any]
"""A study: its file, the values it is run with, and all its parameters, checked."""


def shown(path: Path) -> str:
    """`path` as a reader of messages and stamps should see it: from the repository's root."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def check_parameters(notebook: str, values: Mapping[str, Any], where: str) -> Any:
    """Return the whole parameter set of `notebook` (a stem), or raise ParameterError.

    `where` names the file the values come from, and starts each line of the message.
    """
    listed = report().notebooks.get(notebook)
    if not listed:
        raise ParameterError(f"{where}: {notebook} is not listed in report.yaml; add it there")
    model: type[Parameters] = listed.model
    return check_values(model, values, where)


class _Loader(yaml.SafeLoader):
    """YAML without dates: 2026-03-31 is text, as it is to papermill."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, form) for tag, form in known if not tag.endswith(":timestamp")]
        for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


TEXT = "tag:yaml.org,2002:str"
UNREADABLE = (yaml.YAMLError, ValueError, KeyError, AttributeError)
"""What PyYAML raises; the last three where a value is not what it looks like, such as `0b_`."""


def read_values(path: Path) -> dict[str, Any]:
    """The flat `name: value` pairs of a study file, as papermill reads them."""
    where = shown(path)
    text = _read(path)
    try:
        values, problem = _parse(text)
    except UNREADABLE as error:
        raise ParameterError(f"{where}: cannot be read as YAML: {_flat(error)}") from None
    if not isinstance(values, dict):
        raise ParameterError(f"{where}: found {values!r}; needs lines of the form `name: value`")
    if problem:
        raise ParameterError(f"{where}: {problem}")
    return values


def _read(path: Path) -> str:
    where = shown(path)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParameterError(f"{where}: no such file") from None
    except IsADirectoryError:
        raise ParameterError(f"{where}: is a folder; name its files, {where}/*.yaml") from None
    except OSError as error:
        raise ParameterError(f"{where}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ParameterError(f"{where}: is not text in UTF-8: {error}") from None


def _parse(text: str) -> tuple[Any, str]:
    """What YAML makes of a study file, and what is wrong with its names, if anything."""
    loader = _Loader(text)
    node = loader.get_single_node()
    problem = _misnamed(node) if isinstance(node, yaml.MappingNode) else ""
    return None if node is None else loader.construct_document(node), problem


def _misnamed(whole: yaml.MappingNode) -> str:
    """What is wrong with the first name of a study file that is no text or there already."""
    lines: dict[str, int] = {}
    for name, _ in whole.value:
        line = name.start_mark.line + 1
        if name.tag != TEXT:
            return f"line {line}: found {name.value!r} before the colon; needs a parameter's name"
        if name.value in lines:
            before = lines[name.value]
            return f"line {line}: found {name.value!r}, as on line {before}; give it once"
        lines[name.value] = line
    return ""


def given_values(notebook: str, given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Values typed after a command for `notebook` (a stem): text as it is, numbers as in YAML."""
    fields = parameters_of(notebook)
    numbers = {name for name, field in fields.items() if field.annotation in (bool, int, float)}
    return {name: _number(text) if name in numbers else text for name, text in given}


def _number(text: str) -> Any:
    """The number that `text` is, if it is one."""
    try:
        return yaml.load(text, _Loader)
    except UNREADABLE:
        return text


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())


def matching(pattern: str) -> list[Path]:
    """The files that a name or a pattern names, such as `studies/*.yaml`, in order."""
    if Path(pattern).is_file():
        return [Path(pattern)]
    if found := [Path(name) for name in sorted(glob(pattern))]:
        return found
    raise ParameterError(f"{pattern}: no such file")


def require_studies(folder: Path) -> None:
    """Raise ParameterError if no study file lies in `folder`."""
    if not folder.is_dir():
        raise ParameterError(f"{shown(folder)}: no such folder")
    if not any(folder.glob("*.yaml")):
        raise ParameterError(f"{shown(folder)}: found no study file; needs one at least, *.yaml")


def load_grid(path: Path, folders: Mapping[str, str]) -> Iterator[tuple[dict[str, Any], Any]]:
    """The studies of a file, several if a parameter has a list of values.

    For each its values with `folders` added, and the checked study.
    """
    values = read_values(path)
    where = shown(path)
    misplaced = [name for name in folder_names() if name in values]
    if misplaced:
        raise ParameterError(f"{where}: {misplaced[0]}: folders are not set in a study; remove it")
    try:
        for own in expand(values, path.stem):
            whole = {**own, **folders}
            yield whole, check_parameters(next(iter(report().study)), whole, where)
    except GridError as error:
        raise ParameterError(f"{where}: {error}") from None


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
