"""The report: where the results of its notebooks and studies lie, and its front page at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from press.batch.record import Record, Stage, digest
from press.provenance import MANIFEST, hashes, write_manifest
from press.site import BATCHES, DATA, DOCS, FAILED, page, site, text_page
from press.studies import Loaded, Refused, load_studies, stored

OWN = (DATA, DOCS, FAILED, BATCHES)
"""Folders of the site that are no study's."""


@dataclass(frozen=True)
class Failure:
    """Something without a result of this run: its page, and why; `older` results may be there."""

    name: str
    href: str
    reason: str
    older: bool = False


@dataclass(frozen=True)
class Report:
    """A report on the studies of a folder; `folders` are those given on the command line."""

    studies: str
    notebooks: str
    folders: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _read(self) -> tuple[list[Loaded], list[Refused]]:
        folder = site().root / self.studies
        return load_studies(stored(folder), self.folders)

    @property
    def loaded(self) -> list[Loaded]:
        """The studies that can be run."""
        return self._read[0]

    @property
    def refused(self) -> list[Refused]:
        """The study files that cannot."""
        return self._read[1]

    @cached_property
    def reports(self) -> Path:
        """The folder of the site."""
        return site().folder("reports", self.folders)

    def notebook(self, stem: str) -> Path:
        """A notebook as it is stored."""
        return site().root / self.notebooks / f"{stem}.ipynb"

    def asked(self, stem: str) -> BaseModel:
        """The parameters of a shared notebook."""
        return site().model(stem).model_validate(dict(self.folders))

    @cached_property
    def shared(self) -> dict[str, Path]:
        """The shared notebooks, executed, by stem."""
        return {stem: self.reports / DATA / "notebooks" / f"{stem}.ipynb" for stem in site().shared}

    @cached_property
    def texts(self) -> dict[Path, Path]:
        """The texts in docs/ and their pages."""
        docs = site().root / DOCS
        return {docs / f"{stem}.md": self.reports / text_page(stem) for stem in site().texts}

    def sources(self) -> list[Path]:
        """Everything the site is made from."""
        given = [site().lock, *(path for path, _, _ in self.loaded)]
        stored = sorted((site().root / self.notebooks).glob("*.ipynb"))
        read = [path for stem in self.shared for path in site().needs(stem, self.asked(stem))]
        raw = [path for path in read if path not in self._made]
        return [*given, *stored, *self.texts, *site().sources, *raw, *site().rendering]

    @cached_property
    def _made(self) -> set[Path]:
        """What notebooks make, for all studies together."""
        return {path for stem in self.shared for path in site().makes(stem, self.asked(stem))}

    def publish(self, failed: Mapping[str, str]) -> bool:
        """Write the front page and the manifest, and pages of what has failed; whether any changed.

        `failed` are the tasks of the graph without a result and why, as `run_graph` gives them.
        """
        record = Record(self.reports)
        failures = [*self._failures(failed), *self._refusals()]
        used = hashes(path for path in [*self.sources(), *self._results()] if path.exists())
        told = [[one.name, one.reason, one.older] for one in failures]
        return record.bring(Stage("site", digest([used, told]), lambda: self._write(failures)))

    def _results(self) -> list[Path]:
        pages = [self.reports / page(stem) for stem in self.shared]
        tables = [path for path in self._made if path.is_relative_to(self.reports)]
        studies = [path for _, _, study in self.loaded for path in study_files(study)]
        return [*pages, *self.texts.values(), *self.shared.values(), *tables, *studies]

    def _failures(self, failed: Mapping[str, str]) -> Iterator[Failure]:
        """Shared notebooks and studies without a result of this run."""
        roots = [(name, reason) for name, reason in failed.items() if reason]
        name, reason = roots[0] if roots else ("", "")
        beside = f"needs {name.partition(':')[2]}, which failed: {reason}"
        for stem in self.shared:
            own = [failed[task] for task in (f"notebook:{stem}", f"page:{stem}") if task in failed]
            if own:
                there = (self.reports / page(stem)).exists() and self._was_made(stem)
                yield Failure(stem, page(stem), own[0] or beside, there)
        for _, _, study in self.loaded:
            runs = [f"notebook:{study.study}/{stem}" for stem in site().study]
            tasks = [f"vintage:{site().known(study)}", *runs, f"page:{study.study}"]
            own = [failed[task] for task in tasks if task in failed]
            if own:
                told = next(filter(None, own), "")
                whole = all(path.exists() for path in study_files(study))
                there = not told and self._was_made(study.study) and whole
                yield Failure(study.study, f"{study.study}/index.html", told or beside, there)

    def _refusals(self) -> Iterator[Failure]:
        taken = {"", *OWN, *(study.study for _, _, study in self.loaded)}
        for _, name, reason in self.refused:
            yield Failure(name, "" if name in taken else f"{name}/index.html", reason)

    def _was_made(self, name: str) -> bool:
        """Whether what lies there under a name is a result, not the page of a failure."""
        return name not in self._before.get("failed", {})

    @cached_property
    def _before(self) -> dict[str, Any]:
        """The manifest of the run before."""
        try:
            found: dict[str, Any] = json.loads((self.reports / MANIFEST).read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def _sweep(self, made: set[Path]) -> set[Path]:
        """Remove what the run before made and this one does not; what the site holds then.

        While a study file is refused nobody knows which it names, and all stays.
        """
        top = self.reports.resolve()
        named = {self.reports / name for name in self._before.get("outputs", {})}
        before = {path for path in named if path.is_file() and top in path.resolve().parents}
        if self.refused:
            return made | before
        for path in before - made:
            path.unlink()
            with suppress(OSError):  # a folder that still holds something
                for folder in path.relative_to(self.reports).parents[:-1]:
                    (self.reports / folder).rmdir()
        return made

    def _outputs(self) -> Iterator[Path]:
        """The pages, notebooks, tables and figures there are of the notebooks and studies."""
        yield from self._results()
        for stem in self.shared:
            yield from site().makes(stem, self.asked(stem), drawn=True)
        for _, _, study in self.loaded:
            for stem in site().study:
                yield from site().makes(stem, study, drawn=True)

    def _write(self, failures: list[Failure]) -> list[Path]:
        from press.render import failure_page, front_page

        told = [one for one in failures if one.href and not one.older]
        written = [failure_page(self.reports, one) for one in told]
        lost = {one.name for one in failures if one.href and not one.older}
        shown = [study for _, _, study in self.loaded if study.study not in lost]
        shared = {stem: path for stem, path in self.shared.items() if stem not in lost}
        written += front_page(
            self.reports,
            studies=[study.folder for study in shown],
            notebooks=shared,
            raw=site().folder("raw", self.folders),
            failures=failures,
        )
        there = (path for path in self._outputs() if path.is_file())
        made = {*written, *(path for path in there if path.is_relative_to(self.reports))}
        manifest = write_manifest(
            self.reports,
            self._sweep(made),
            hashes(self.sources()),
            {study.study: study.model_dump() for study in shown},
            {one.name: one.reason for one in failures if not one.older},
        )
        return [*written, manifest]


def executed(study: Any) -> list[Path]:
    """Where a study's executed notebooks lie."""
    return [study.folder / "notebooks" / f"{stem}.ipynb" for stem in site().study]


def study_files(study: Any) -> list[Path]:
    """A study's executed notebooks, what they make, and its page."""
    made = [path for stem in site().study for path in site().makes(stem, study)]
    return [*executed(study), *made, study.folder / "index.html"]
