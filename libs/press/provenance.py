"""What a result was made from: commit, inputs by hash, package versions, and the manifest."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from contracts import DIGITS, replacing

from press.site import site

MANIFEST = "manifest.json"
INPUTS = (
    *("notebooks", "studies", "pipeline", "data/raw", "data/forecasts"),
    *("dodo.py", "Makefile", "pyproject.toml", "requirements.lock", "report.yaml"),
)
"""What a commit must hold, beside the folders of code and texts, to be named without reserve."""


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 by file name as shown to readers, in order of name."""
    return dict(sorted((site().shown(path), sha256(path)) for path in paths))


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(site().root), *arguments]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env = plain | {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def commit() -> str:
    """The git commit, marked when the sources differ from it.

    `unknown` where this folder is no repository of its own, though it may lie in another's.
    """
    top, head = _git("rev-parse", "--show-toplevel"), _git("rev-parse", "HEAD")
    if top is None or head is None or Path(top).resolve() != site().root:
        return "unknown"
    changed = _git("status", "--porcelain", "--", *site().source_folders, *INPUTS)
    return f"{head} with uncommitted changes" if changed else head


@cache
def versions() -> dict[str, str]:
    """Python's version and those of the packages this project asks for directly."""
    project = tomllib.loads((site().root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in project["dependencies"]}
    found = {name: metadata.version(name) for name in sorted(names)}
    return {"python": platform.python_version(), **found}


def provenance(
    parameters: Mapping[str, Any], inputs: Iterable[Path] | Mapping[str, str], made_at: str = ""
) -> dict[str, Any]:
    """The stamp of one executed notebook; what is not known of its sources is looked up."""
    return {
        "commit": made_at or commit(),
        "parameters": dict(parameters),
        "inputs": inputs if isinstance(inputs, Mapping) else hashes(inputs),
        "packages": versions(),
    }


def write_text(path: Path, text: str) -> Path:
    """Write `text` to `path`, whole or not at all."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_manifest(
    reports: Path,
    made: Iterable[Path],
    inputs: Mapping[str, str],
    parameters: Mapping[str, Any],
    failed: Mapping[str, str],
) -> Path:
    """Write `reports`/manifest.json: every file made with its hash, and what has failed.

    `rounded` names the files that other processors may make equal to so many digits only.
    """
    outputs = {path.relative_to(reports).as_posix(): sha256(path) for path in made}
    content = {
        "commit": commit(),
        "packages": versions(),
        "parameters": parameters,
        "inputs": inputs,
        "outputs": dict(sorted(outputs.items())),
        "rounded": {"digits": DIGITS, "files": sorted(filter(site().is_rounded, outputs))},
    } | ({"failed": failed} if failed else {})
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return write_text(reports / MANIFEST, text + "\n")
