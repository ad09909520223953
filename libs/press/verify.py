"""Building the report again from a copy of the repository, and what differs from its manifest."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts import ParameterError
from words import count

from press.modules import environment
from press.provenance import MANIFEST, sha256
from press.site import site

LEFT_OUT = (".git", ".venv", "reports", "processed", "__pycache__", ".*_cache", ".hypothesis")
SHOWN = 300
HASH = re.compile(r"\b[0-9a-f]{64}\b")
NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)")


def verify(reports: Path, jobs: int) -> int:
    """Build the report elsewhere and print each difference; the exit status is 1 if any.

    Raises ParameterError if there is no manifest to compare with, or nothing can be built.
    """
    stated = _manifest(reports)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        copy = Path(folder) / site().root.name
        found = _built_again(copy, jobs)
        told = [*_sources(stated, found)]
        told += _differences(stated, found, reports, copy / "reports")
    for line in told[:SHOWN]:
        print(line)
    before, now = stated["outputs"], found["outputs"]
    digits = sum(now.get(name) != sha for name, sha in before.items())
    alike = f"{count(len(before), 'file')} built again: the same bytes"
    alike += f", but for {digits} equal to {stated['rounded']['digits']} digits" if digits else ""
    print(count(len(told), "difference") if told else alike)
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
    command = [sys.executable, "-m", "press", "report", f"--jobs={jobs}"]
    subprocess.run(command, cwd=copy, env=environment(copy), check=False)
    return _manifest(copy / "reports")


def _sources(stated: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    if stated["commit"] != found["commit"]:
        yield f"the report was made from {stated['commit']}, here is {found['commit']}"
    before, now = stated["inputs"], found["inputs"]
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"{name}: a source, which has changed since the report was made"


def _differences(
    stated: Mapping[str, Any], found: Mapping[str, Any], reports: Path, again: Path
) -> Iterator[str]:
    """What differs between two manifests, whose files lie in `reports` and `again`."""
    before, now = stated["outputs"], found["outputs"]
    digits, rounded = stated["rounded"]["digits"], stated["rounded"]["files"]
    for name in sorted({*before, *now}):
        maker = site().maker(name) or "the pages"
        if name not in now:
            yield f"{name}: not built again ({maker})"
        elif name not in before:
            yield f"{name}: new ({maker})"
        elif before[name] == now[name]:
            continue
        elif name not in rounded or sha256(reports / name) != before[name]:
            yield f"{name}: other bytes ({maker})"
        elif not alike(reports / name, again / name, digits):
            yield f"{name}: differs within {digits} digits ({maker})"


def alike(one: Path, other: Path, digits: int) -> bool:
    """Whether two texts differ in hashes alone and, beyond `digits` digits, in numbers."""
    texts = [HASH.sub("", path.read_text(encoding="utf-8")) for path in (one, other)]
    before, now = (NUMBER.split(text) for text in texts)
    close = 10.0 ** (1 - digits)
    return before[::2] == now[::2] and all(
        a == b or math.isclose(float(a), float(b), rel_tol=close)
        for a, b in zip(before[1::2], now[1::2], strict=True)
    )
