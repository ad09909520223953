"""Building the report again from a copy of the repository, and what differs from its manifest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from contracts import ParameterError

from press.provenance import MANIFEST
from press.site import _flat, page, site

LEFT_OUT = (".git", ".venv", "reports", "processed", "__pycache__", ".*_cache", ".hypothesis")
SHOWN = 300


def verify(reports: Path, jobs: int) -> int:
    """Build the report elsewhere and print each difference; the exit status is 1 if any.

    Raises ParameterError if there is no manifest to compare with, or nothing can be built.
    """
    stated = _manifest(reports)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        copy = Path(folder) / site().root.name
        found = _built_again(copy, jobs)
    told = [*_sources(stated, found)]
    told += _differences(stated["outputs"], found["outputs"])
    for line in told[:SHOWN]:
        print(line)
    alike = f"{len(stated['outputs'])} files built again: the same bytes"
    print(f"{len(told)} differences" if told else alike)
    return 1 if told else 0


def _manifest(reports: Path) -> dict[str, Any]:
    path = reports / MANIFEST
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ParameterError(f"{site().shown(path)}: no such file; make report first") from None
    except ValueError:
        raise ParameterError(f"{site().shown(path)}: is no JSON; make report again") from None
    return found


def _built_again(copy: Path, jobs: int) -> dict[str, Any]:
    root = site().root
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    (copy / "data" / "processed").mkdir(exist_ok=True)
    if (root / ".git").is_dir():
        (copy / ".git").write_text(f"gitdir: {root / '.git'}\n", encoding="utf-8")
    elif (root / ".git").exists():
        shutil.copy(root / ".git", copy / ".git")
    paths = os.pathsep.join([str(copy), str(copy / "libs")])
    command = [sys.executable, "-m", "press", "report", f"--jobs={jobs}"]
    own = {"PYTHONPATH": paths, "PRESS_ROOT": str(copy)}
    subprocess.run(command, cwd=copy, env=os.environ | own, check=False)
    return _manifest(copy / "reports")


def _sources(stated: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    if stated["commit"] != found["commit"]:
        yield f"the report was made from {stated['commit']}, here is {found['commit']}"
    before, now = stated["inputs"], found["inputs"]
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"{name}: a source, which has changed since the report was made"


def _differences(stated: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*stated, *found}):
        if name not in found:
            yield f"{name}: not built again ({_maker(name)})"
        elif stated.get(name) != found[name]:
            yield f"{name}: {'other bytes' if name in stated else 'new'} ({_maker(name)})"


def _maker(name: str) -> str:
    """The notebook that a file of the site comes from."""
    of_study = f"folder/{name.partition('/')[2]}"
    for stem, entry in site().notebooks.items():
        made = of_study if stem in site().study else f"reports/{name}"
        own = Path(name).stem == stem or name == page(stem)
        if own or any(fnmatch(made, pattern) for pattern in _flat(entry.makes)):
            return stem
    return "the pages"
