"""Study files and the parameters of a notebook, checked before anything runs.

A parameter with a list of values makes a grid: a study for each combination.
"""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from glob import glob
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from contracts import DocumentError, ParameterError, check, load_yaml, unsafe
from pydantic import BaseModel

from press.site import site

NAMES = ("study", "question")
"""Parameters that each study of a grid has its own of, made from the file's."""

MOST = 10_000
"""How many studies a file may stand for."""

FOLDER = "studies"
"""Where the report's study files lie."""

NOTHING = "today"
"""What an empty value is called: an empty `as_of` means all that is known today."""


class Loaded(NamedTuple):
    """A study: its file, the values it is run with, and all its parameters, checked.

    Its model has the names that the press asks for: `study`, `folder`, `reports`, `vintage`.
    """

    path: Path
    values: dict[str, Any]
    study: Any


class Refused(NamedTuple):
    """A study file that cannot be used, under the name that its study would have, and why."""

    path: Path
    name: str
    reason: str


def check_parameters(notebook: str, values: Mapping[str, Any], where: str) -> BaseModel:
    """Return the whole parameter set of `notebook` (a stem), or raise ParameterError.

    `where` names the file the values come from, and starts each line of the message.
    """
    try:
        model = site().model(notebook)
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from None
    return check(model, values, where)


def read_values(path: Path) -> dict[str, Any]:
    """The flat `name: value` pairs of a study file, as papermill reads them."""
    where = site().shown(path)
    text = _read(path)
    try:
        values = load_yaml(text)
    except DocumentError as error:
        raise ParameterError(f"{where}: {error}") from None
    if not isinstance(values, dict):
        found = textwrap.shorten(repr(values), 80)
        raise ParameterError(f"{where}: found {found}; needs lines of the form `name: value`")
    for name, value in values.items():
        several = value if isinstance(value, list) else [value]
        if problem := next(filter(None, map(unsafe, several)), ""):
            raise ParameterError(f"{where}: {name}: {problem}")
    return values


def _read(path: Path) -> str:
    where = site().shown(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ParameterError(f"{where}: is no file that can be read")
    try:
        return path.read_text(encoding="utf-8")
    except IsADirectoryError:
        raise ParameterError(f"{where}: is a folder; name its files, {where}/*.yaml") from None
    except OSError as error:
        raise ParameterError(f"{where}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ParameterError(f"{where}: is not text in UTF-8: {error}") from None


def given_values(notebook: str, given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Values typed after a command for `notebook` (a stem): text as it is, numbers as in YAML."""
    known = notebook in site().notebooks
    fields = (site().model(notebook) if known else site().folders).model_fields
    numbers = {name for name, field in fields.items() if field.annotation in (bool, int, float)}
    return {name: _number(text) if name in numbers else text for name, text in given}


def _number(text: str) -> Any:
    """The number that `text` is, if it is one."""
    try:
        return load_yaml(text)
    except DocumentError:
        return text


def matching(pattern: str) -> list[Path]:
    """The files that a name or a pattern names, such as `studies/*.yaml`, in order."""
    if Path(pattern).is_file():
        return [Path(pattern)]
    if found := [Path(name) for name in sorted(glob(pattern))]:
        return found
    raise ParameterError(f"{pattern}: no such file")


def stored(folder: Path) -> list[Path]:
    """The study files of a folder, in order; hidden ones are some system's own."""
    return sorted(path for path in folder.glob("*.y*ml") if not path.name.startswith("."))


def require_studies(folder: Path) -> None:
    """Raise ParameterError if no study file lies in `folder`."""
    if not folder.is_dir():
        raise ParameterError(f"{site().shown(folder)}: no such folder")
    if not stored(folder):
        raise ParameterError(
            f"{site().shown(folder)}: found no study file; needs one at least, *.yaml"
        )


def load_grid(path: Path, folders: Mapping[str, str]) -> Iterator[Loaded]:
    """The studies of a file, several if a parameter has a list of values.

    The values of each have `folders` added. Raises ParameterError.
    """
    values = read_values(path)
    where = site().shown(path)
    misplaced = [name for name in site().folders.model_fields if name in values]
    if misplaced:
        raise ParameterError(f"{where}: {misplaced[0]}: folders are not set in a study; remove it")
    try:
        sets = list(expand(values, path.stem))
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from None
    for own in sets:
        whole = {**own, **folders}
        study = check_parameters(site().study[0], whole, where)
        if "study" not in own:
            raise ParameterError(
                f"{where}: study: found none; add a line that names it, `study: its-name`"
            )
        yield Loaded(path, whole, study)


def load_studies(
    paths: Iterable[Path], folders: Mapping[str, str], others: Mapping[str, Path] | None = None
) -> tuple[list[Loaded], list[Refused]]:
    """All studies in the order of their files, and the files that hold none that can be run.

    A name that another study has already, or one of the `others` (files by name), is refused with
    its file; of several files the one that bears the name keeps it.
    """
    found: dict[Path, list[Loaded]] = {}
    refused: list[Refused] = []
    taken = dict(others or {})
    for path in paths:
        try:
            found[path] = list(load_grid(path, folders))
        except ParameterError as error:
            refused.append(Refused(path, slug(path.stem), str(error)))
    for path in sorted(found, key=lambda one: found[one][0].study.study != slug(one.stem)):
        try:
            taken |= _new_names(taken, found[path])
        except ParameterError as error:
            refused.append(Refused(path, slug(path.stem), str(error)))
            del found[path]
    return [one for several in found.values() for one in several], refused


def names_of_others(files: Iterable[Path], folders: Mapping[str, str]) -> dict[str, Path]:
    """The names of the report's studies whose files are not among `files`, and their files."""
    own = {site().shown(path) for path in files}
    reported = stored(site().root / FOLDER)
    others = load_studies((one for one in reported if site().shown(one) not in own), folders)[0]
    return {one.study.study: one.path for one in others}


def _new_names(taken: Mapping[str, Path], found: Iterable[Loaded]) -> dict[str, Path]:
    """The files of `found` by their studies' names; refused if one is taken, or comes twice."""
    new: dict[str, Path] = {}
    for path, _, study in found:
        if first := taken.get(study.study) or new.get(study.study):
            where, other = (site().shown(one) for one in (path, first))
            raise ParameterError(
                f"{where}: study: found {study.study!r}, which {other} has already; "
                "give each study its own name"
            )
        new[study.study] = path
    return new


def expand(values: Mapping[str, Any], stem: str) -> Iterator[dict[str, Any]]:
    """The parameter sets of a study file, one if no value is a list.

    A study of a grid is named after the file's `study` (or else its `stem`) and its own values,
    and in its question `{destination}`, say, stands for its destination.
    """
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    for name, value in lists.items():
        if name in NAMES or not value:
            raise ParameterError(f"{name}: found {value!r}; give one name, or at least one value")
    if (count := math.prod(map(len, lists.values()))) > MOST:
        raise ParameterError(f"found {count:,} studies, needs at most {MOST:,}; give fewer values")
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
    letters = unicodedata.normalize("NFKD", str(value))  # accents apart, which then are left out
    plain = re.sub(r"[\u0300-\u036f]", "", letters).lower().replace("+", "-and-")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
