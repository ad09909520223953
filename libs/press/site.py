"""What a site consists of and where it lies: report.yaml, read once, for all who run notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any

import yaml
from contracts import ParameterError
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ImportString,
    ValidationError,
    model_validator,
)

from press.unchanged import LEFT_BY_PYTHON

FILE = "report.yaml"
ROOT_NAME = "PRESS_ROOT"
"""The environment variable that fixes the repository's root; else it is looked for."""
DATA, DOCS, FAILED, BATCHES = "data", "docs", "failed", "batch"
"""Folders of the site: shared pages and tables, texts, notebooks that failed, and batches."""
IN_MENU = ("method", "glossary")
"""Texts that every page leads to."""
PACKAGE = "datapackage.json"
FEED = "feed.xml"
CITATION, CHANGELOG = "CITATION.cff", "CHANGELOG.md"
UNFINISHED = ".unfinished"
"""The folder of what a download has not finished."""


def _flat(paths: Any) -> list[Any]:
    """A path, or lists of paths and lists, as one list."""
    return [one for path in paths for one in _flat(path)] if isinstance(paths, list) else [paths]


Model = ImportString[type[BaseModel]]
"""A pydantic model, written as `module:Class`."""
Paths = Annotated[list[str], BeforeValidator(_flat)]


class _Entry(BaseModel):
    """A part of report.yaml; a field it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Notebook(_Entry):
    """What a notebook is asked, needs and makes; one with a page of its own has a word in menus."""

    parameters: Model
    menu: str = ""
    needs: Paths = []
    makes: Paths = []

    @model_validator(mode="after")
    def _begins_with_folders(self) -> Notebook:
        model = self.parameters
        for path in [*self.needs, *self.makes]:
            head = path.partition("/")[0]
            if not isinstance(getattr(model, head, None), property):
                place = f"{model.__module__}:{model.__name__}"
                raise ValueError(f"{path}: {head} is no folder of {place}")
        return self


class Vintage(_Entry):
    """How tables as known on a day are made, and what of a study names series and day."""

    known: str
    module: str
    needs: Paths
    makes: Paths


class Description(_Entry):
    """The whole of report.yaml."""

    title: str
    heading: str
    question: str
    lede: str
    sources: list[str]
    rounded: list[str] = []
    folders: Model
    basis: str = ""
    lists: dict[str, Any] = {}
    notebooks: dict[str, Notebook]
    study: list[str]
    batch: str
    vintage: Vintage
    commands: dict[str, str] = {}
    inbox: str = ""
    ready: list[str] = []


class Site:
    """The site of the repository at `root`, as its report.yaml describes it."""

    def __init__(self, root: Path) -> None:
        """Raises ParameterError, a line a problem, for a description that cannot be used."""
        self.root = root
        self.about = _described(root / FILE)
        self.lock = root / "requirements.lock"
        self.references = root / DOCS / "references.json"
        self.folders = self.about.folders
        """The model of the folders, which all models of notebooks have too."""
        self.notebooks = self.about.notebooks
        self.study = self.about.study
        self.batch = self.about.batch
        of_studies = {*self.study, self.batch}
        self.shared = [stem for stem in self.notebooks if stem not in of_studies]

    def model(self, notebook: str) -> type[BaseModel]:
        """The parameter model of a notebook (a stem); ParameterError for one not listed."""
        if notebook not in self.notebooks:
            raise ParameterError(f"no parameters are declared for {notebook}; add it to {FILE}")
        return self.notebooks[notebook].parameters

    @property
    def study_model(self) -> type[BaseModel]:
        """The parameter model of a study."""
        return self.model(self.study[0])

    def folder(self, name: str, given: Mapping[str, str] | None = None) -> Path:
        """A folder, such as `raw`, with those `given` on the command line."""
        return Path(getattr(self.folders.model_validate(dict(given or {})), name))

    def needs(self, notebook: str, asked: BaseModel) -> list[Path]:
        """The files that a notebook reads when it is run with the parameters `asked`."""
        return _files(self.notebooks[notebook].needs, asked)

    def makes(self, notebook: str, asked: BaseModel, drawn: bool = False) -> list[Path]:
        """The files it makes; those known by a pattern only if they are `drawn` already."""
        makes = self.notebooks[notebook].makes
        return _files([path for path in makes if drawn or "*" not in path], asked)

    def maker(self, name: str) -> str:
        """The notebook that a file of the site comes from; empty if it is made from several."""
        of_study = f"folder/{name.partition('/')[2]}"
        for stem, entry in self.notebooks.items():
            made = of_study if stem in self.study else f"reports/{name}"
            own = Path(name).stem == stem or name == page(stem)
            if own or any(fnmatch(made, pattern) for pattern in entry.makes):
                return stem
        return ""

    def is_rounded(self, name: str) -> bool:
        """Whether a file of the site holds estimates, or hashes of files that do, as text."""
        makers = {"", *self.about.rounded}
        return self.maker(name) in makers and Path(name).suffix != ".parquet"

    def vintage_needs(self, study: BaseModel) -> list[Path]:
        """What the tables of the day that a study names are made from."""
        return [self.lock, *self.sources, *_files(self.about.vintage.needs, study)]

    def vintage_makes(self, study: BaseModel) -> list[Path]:
        """The tables of the day that a study names."""
        return _files(self.about.vintage.makes, study)

    def known(self, study: BaseModel) -> str:
        """Which series as known on which day a study asks for, empty for the usual ones."""
        return str(getattr(study, self.about.vintage.known))

    def require_notebooks(self, folder: Path) -> None:
        """Raise ParameterError if a notebook of the list is not in `folder`."""
        missing = [stem for stem in self.notebooks if not (folder / f"{stem}.ipynb").exists()]
        if missing:
            place = self.shown(folder)
            lines = [f"{FILE}: {stem}: no such notebook in {place}" for stem in missing]
            raise ParameterError("\n".join(lines))

    @cached_property
    def sources(self) -> list[Path]:
        """What the notebooks run."""
        return [file for name in self.about.sources for file in files(self.root / name)]

    @cached_property
    def rendering(self) -> list[Path]:
        """What makes pages of executed notebooks."""
        about = [self.references, *(self.root / name for name in (FILE, CITATION, CHANGELOG))]
        return [*files(self.root / "libs" / "press"), *filter(Path.exists, about)]

    @property
    def source_folders(self) -> list[str]:
        """The folders of the repository that code and texts lie in."""
        return sorted({name.partition("/")[0] for name in [*self.about.sources, "libs/", DOCS]})

    def shown(self, path: Path) -> str:
        """`path` as a reader of messages and stamps should see it: from the repository's root."""
        path = Path(os.path.realpath(path))  # a loop of links is named as it is
        inside = path.is_relative_to(self.root)
        return path.relative_to(self.root).as_posix() if inside else path.as_posix()

    @cached_property
    def texts(self) -> list[str]:
        """Descriptions of method and data, the stems of docs/; each has a page."""
        return sorted(path.stem for path in (self.root / DOCS).glob("*.md"))

    def menu(self) -> dict[str, str]:
        """The pages that every page leads to, from the site's root, and the words for them."""
        words = {page(stem): self.notebooks[stem].menu for stem in self.shared}
        return words | {
            text_page(stem): stem.capitalize() for stem in IN_MENU if stem in self.texts
        }

    def links(self, root: str, own: str, whole: bool = True) -> dict[str, str]:
        """Where links of notebooks lead, on a page from which `root` leads home.

        `own` is where the notebooks of a study are shown, seen from that page. Without a `whole`
        report nothing leads off the page.
        """
        shared = {f"{stem}.ipynb": f"{root}{page(stem)}" for stem in self.shared}
        texts = {f"../{DOCS}/{stem}.md": f"{root}{text_page(stem)}" for stem in self.texts}
        found = shared | texts | {f"{stem}.ipynb": own for stem in self.study}
        return {file: at for file, at in found.items() if whole or at.startswith("#")}

    def text_links(self) -> dict[str, str]:
        """Where links of one text in docs/ to another lead."""
        return {f"{stem}.md": f"{stem}.html" for stem in self.texts}


@cache
def site() -> Site:
    """The site that is worked on."""
    return Site(find_root())


def find_root() -> Path:
    """The nearest folder with a report.yaml: named, above this file, or above the working folder.

    This file comes before the working folder, which may be any on a worker of a cluster. Raises
    ParameterError where there is none.
    """
    if named := os.environ.get(ROOT_NAME):
        return Path(named).resolve()
    here, own = Path.cwd(), Path(__file__).resolve()
    for folder in (*own.parents, here, *here.parents):
        if (folder / FILE).is_file():
            return folder.resolve()
    raise ParameterError(f"found no {FILE} in {here} or above it")


def page(notebook: str) -> str:
    """The page of a shared notebook, from the site's root: 01_ingest is on data/ingest.html."""
    return f"{DATA}/{notebook.partition('_')[2]}.html"


def text_page(stem: str) -> str:
    """The page of a text in docs/, from the site's root."""
    return f"{DOCS}/{stem}.html"


def has_report(reports: Path) -> bool:
    """Whether a report was made there, whose pages others may lead to."""
    return (reports / "index.html").exists()


def files(folder: Path) -> list[Path]:
    """The files of a folder (or the file that it is), without what Python leaves there."""
    if folder.is_file():
        return [folder]
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if LEFT_BY_PYTHON.isdisjoint(path.parts))


def unfiled(folder: Path) -> bool:
    """Whether a file without an origin record lies in `folder`."""
    names = {path.name for path in folder.glob("[!.]*")}
    record = ".origin.yaml"
    return any(name + record not in names for name in names if not name.endswith(record))


def _described(path: Path) -> Description:
    try:
        about = Description.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ParameterError(f"{FILE}: cannot be read: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise ParameterError("\n".join(map(_refusal, error.errors()))) from None
    if problems := list(_problems(about)):
        raise ParameterError("\n".join(f"{FILE}: {problem}" for problem in problems))
    return about


def _refusal(detail: Any) -> str:
    place = ": ".join(map(str, detail["loc"]))
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = "no such field"
    elif isinstance(detail["input"], str):
        message = f"found {detail['input']!r}; {message}"
    return f"{FILE}: {place}: {message[0].lower()}{message[1:]}"


def _problems(about: Description) -> Iterator[str]:
    """What is wrong between the entries: names of no notebook, one output of two notebooks."""
    for name in [*about.study, about.batch, *about.rounded]:
        if name not in about.notebooks:
            yield f"{name}: no such notebook among those listed"
    makers: dict[tuple[str, str], str] = {}
    for stem, entry in about.notebooks.items():
        for path in dict.fromkeys(entry.makes):
            owner = "batch" if stem == about.batch else ""
            other = makers.setdefault((owner, path), stem)
            if other != stem:
                yield f"{stem}: makes {path}, which {other} makes too"
        if stem not in (*about.study, about.batch) and not entry.menu:
            yield f"{stem}: menu: needs a word, or a place in study"


def _files(paths: Iterable[str], asked: BaseModel) -> list[Path]:
    """The files that paths of report.yaml stand for, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        head, _, rest = path.partition("/")
        found |= dict.fromkeys(_matching(getattr(asked, head), rest))
    return list(found)


def _matching(folder: Path, pattern: str) -> list[Path]:
    if "*" not in pattern:
        return [folder / pattern]
    named = folder.rglob("*") if pattern == "**" else folder.glob(pattern)
    kept = (path for path in named if path.is_file() and not path.name.startswith("."))
    unwanted = LEFT_BY_PYTHON | {UNFINISHED}
    return sorted(path for path in kept if unwanted.isdisjoint(path.parts))
