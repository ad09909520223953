"""What `report.yaml` says: the notebooks, what they read and make; and where a site has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE = "report.yaml"
ROOT = next(
    (folder for folder in Path(__file__).resolve().parents if (folder / FILE).is_file()), Path.cwd()
)
"""The repository: the nearest folder above that holds a report.yaml."""

LOCK = ROOT / "requirements.lock"
DATA, DOCS, FAILED, BATCHES = "data", "docs", "failed", "batch"
"""Folders of the site."""
FOLDERS = ("raw", "processed", "reports", "vintage", "folder", "issued")
"""Properties of a notebook's parameters that are folders."""
PASSED_OVER = {"__pycache__", ".ipynb_checkpoints", ".unfinished"}

Places = list[Any]
"""Names of files, in lists within lists as YAML's anchors make them."""


class ReportError(ValueError):
    """A report.yaml that cannot be followed; the message says where and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Strict):
    """What a step of the report reads and makes."""

    reads: Places = []
    makes: Places = []


class Notebook(Step):
    """A notebook, and the class of its parameters as `module:Name`."""

    parameters: str = Field(pattern=r"^[\w.]+:\w+$")
    menu: str = ""

    @property
    def model(self) -> type[Any]:
        """The class of its parameters."""
        module, _, name = self.parameters.partition(":")
        found: type[Any] = getattr(import_module(module), name)
        return found


class Vintage(Step):
    """How the series of a day is made."""

    module: str


class Report(_Strict):
    """The notebooks of a repository: those that run once, those of a study, that of a batch."""

    title: str
    code: list[str]
    commands: dict[str, str] = {}
    downloads: str = ""
    once: dict[str, Notebook]
    study: dict[str, Notebook]
    vintage: Vintage
    batch: dict[str, Notebook]

    @property
    def notebooks(self) -> dict[str, Notebook]:
        """Every notebook by its stem."""
        return dict(sorted({**self.once, **self.study, **self.batch}.items()))


@cache
def report() -> Report:
    """Read `report.yaml`; raises ReportError with the field and the remedy."""
    path = ROOT / FILE
    try:
        read = Report.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        detail = error.errors()[0]
        place = ".".join(map(str, detail["loc"])) or "the whole file"
        raise ReportError(f"{FILE}: {place}: {detail['msg']}, found {detail['input']!r}") from None
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ReportError(f"{FILE}: {' '.join(str(error).split())}") from None
    steps: dict[str, Step] = {**read.notebooks, "vintage": read.vintage}
    for stem, one in steps.items():
        for place in _flat([one.reads, one.makes]):
            if place.partition("/")[0] not in FOLDERS:
                raise ReportError(
                    f"{FILE}: {stem}: found {place!r}; needs {', '.join(FOLDERS)} first"
                )
    return read


def _flat(places: Iterable[Any]) -> Iterator[str]:
    for place in places:
        yield from [place] if isinstance(place, str) else _flat(place)


def resolve(places: Iterable[Any], asked: Any) -> list[Path]:
    """The files that `reads` or `makes` name, in the folders of the parameters `asked`.

    `{a,b}` stands for each; `*` and `**` for the files that are there.
    """
    found: dict[Path, None] = {}
    for place in _flat(places):
        name, _, rest = place.partition("/")
        for spelt in _spelt(rest):
            base = getattr(asked, name)
            there = _there(base, spelt) if "*" in spelt else [base / spelt]
            found |= dict.fromkeys(there)
    return list(found)


def _spelt(name: str) -> Iterator[str]:
    parts = re.split(r"\{([^}]*)\}", name)
    choices = [part.split(",") if place % 2 else [part] for place, part in enumerate(parts)]
    yield from map("".join, product(*choices))


def _there(base: Path, pattern: str) -> list[Path]:
    found = base.glob(f"{pattern}/*" if pattern.endswith("**") else pattern)
    return sorted(path for path in found if path.is_file() and not PASSED_OVER & set(path.parts))


def files(folder: Path) -> list[Path]:
    """The files of a source folder, without what tools leave there."""
    return _there(folder, "**")


def code_files() -> list[Path]:
    """What the notebooks run."""
    return [LOCK, *(path for folder in report().code for path in files(ROOT / folder))]


def rendering_files() -> list[Path]:
    """What makes pages of executed notebooks."""
    return [*files(ROOT / "libs" / "press"), ROOT / FILE, ROOT / "docs" / "references.json"]


def study_tables(asked: Any) -> list[Path]:
    """What the notebooks of a study read that none of them makes."""
    notebooks = report().study.values()
    own = {path for notebook in notebooks for path in resolve(notebook.makes, asked)}
    reads = dict.fromkeys(path for one in notebooks for path in resolve(one.reads, asked))
    vintage = resolve(report().vintage.makes, asked) if asked.as_of else []
    return [path for path in dict.fromkeys([*reads, *vintage]) if path not in own]


def vintage_needs(asked: Any) -> list[Path]:
    """What the vintage of a study is made from."""
    return [*code_files(), *resolve(report().vintage.reads, asked)]


def texts() -> dict[str, Path]:
    """Descriptions of method and data by their stems; each has a page."""
    return {path.stem: path for path in sorted((ROOT / "docs").glob("*.md"))}


def page(stem: str) -> str:
    """The page of a notebook that runs once, from the root: 01_ingest has data/ingest.html."""
    return f"{DATA}/{stem.partition('_')[2]}.html"


def answers(stem: str) -> str:
    """What such a notebook may leave for the front page: data/ingest-answers.json."""
    return page(stem).replace(".html", "-answers.json")


def text_page(stem: str) -> str:
    """The page of a text in docs/, from the site's root."""
    return f"{DOCS}/{stem}.html"


def menu() -> dict[str, str]:
    """The pages that every page leads to, from the site's root, and the words for them."""
    shown = {page(stem): one.menu for stem, one in report().once.items() if one.menu}
    return shown | {text_page("method"): "Method"}


def links(root: str, own: str) -> dict[str, str]:
    """Where links of notebooks lead, on a page from which `root` leads home.

    `own` is where the notebooks of a study are shown, seen from that page.
    """
    shared = {f"{stem}.ipynb": f"{root}{page(stem)}" for stem in report().once}
    docs = {f"../docs/{stem}.md": f"{root}{text_page(stem)}" for stem in texts()}
    return shared | docs | {f"{stem}.ipynb": own for stem in report().study}


def text_links() -> dict[str, str]:
    """Where links of one text in docs/ to another lead."""
    return {f"{stem}.md": f"{stem}.html" for stem in texts()}


def folder_names() -> list[str]:
    """The parameters that are folders of the whole repository, which commands can name."""
    return list(next(iter(report().once.values())).model.model_fields)


def executed(folder: Path) -> list[Path]:
    """Where a study's executed notebooks lie."""
    return [folder / "notebooks" / f"{stem}.ipynb" for stem in report().study]


def parameters_of(stem: str) -> Mapping[str, Any]:
    """The fields of a notebook's parameters by name; of one that is not listed, none."""
    notebook = report().notebooks.get(stem)
    fields: Mapping[str, Any] = notebook.model.model_fields if notebook else {}
    return fields
