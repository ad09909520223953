"""What git stores: notebooks as they were written, no folder of a machine, no secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.study import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SAVED_BY_JUPYTERLAB = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.13.1",
}
FOLDERS = (
    *(".ci", ".devcontainer", ".github", "analysis", "benchmarks", "binder", "data/forecasts"),
    *("data/raw", "docs", "libs", "notebooks", "pipeline", "studies", "tests"),
)
A_MACHINE = re.compile(r"(?<![\w.])(/home/|/Users/|/root/|/work/|/private/|[A-Z]:\\\\?Users)")
A_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[abp]-\w"
    r"|(?i:(api_?key|token|password|secret)\s*[=:]\s*[\"'][\w-]{12,}[\"'])"
)


def run(*command: str | Path, cwd: Path) -> str:
    given = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    given |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b"}
    given |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    done = subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make(target: str, cwd: Path) -> None:
    """Run the last line of a target's recipe; those before it set up .venv, which is there."""
    recipe = run("make", "--dry-run", target, cwd=ROOT)
    (cwd / ".venv").symlink_to(sys.prefix)
    run("sh", "-c", recipe.splitlines()[-1], cwd=cwd)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a notebook, set up by `make setup`."""
    for name in (".gitattributes", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(NOTEBOOKS[0], tmp_path / "notebooks")
    run("git", "init", "--quiet", cwd=tmp_path)
    make("setup", tmp_path)
    run("git", "add", ".", cwd=tmp_path)
    run("git", "commit", "--quiet", "--message=All", cwd=tmp_path)
    return tmp_path


def save_as_jupyterlab_does(path: Path) -> None:
    """Run and saved: outputs, counts, and what the editor notes."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"] = SAVED_BY_JUPYTERLAB
    for count, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}}
        if cell["cell_type"] == "code":
            said = {"output_type": "stream", "name": "stdout", "text": ["/home/me\n"]}
            cell |= {"execution_count": count, "outputs": [said]}
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def test_saving_a_notebook_changes_nothing_that_git_stores(repository: Path) -> None:
    path = NOTEBOOKS[0]
    stored = run("git", "show", f":notebooks/{path.name}", cwd=repository)
    assert stored == path.read_text(encoding="utf-8")
    save_as_jupyterlab_does(repository / "notebooks" / path.name)
    run("git", "add", ".", cwd=repository)
    assert run("git", "status", "--porcelain", cwd=repository) == ""


def test_a_change_of_a_cell_is_a_diff_of_its_lines(repository: Path) -> None:
    path = repository / "notebooks" / NOTEBOOKS[0].name
    save_as_jupyterlab_does(path)
    path.write_text(path.read_text().replace('raw_dir = \\"data/raw\\"', 'raw_dir = \\"else\\"', 1))
    told = run("git", "diff", "--numstat", cwd=repository)
    assert told.split("\t")[:2] == ["1", "1"]


def test_strip_cleans_what_the_notebooks_hold(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    for path in NOTEBOOKS:
        save_as_jupyterlab_does(tmp_path / "notebooks" / path.name)
    make("strip", tmp_path)
    for path in NOTEBOOKS:
        assert (tmp_path / "notebooks" / path.name).read_text() == path.read_text()


def stored() -> list[Path]:
    """The files that git stores, as far as they are text."""
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    files = [path for path in [*ROOT.iterdir(), *below] if path.is_file()]
    return [path for path in files if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_no_folder_of_a_machine(path: Path) -> None:
    assert not A_MACHINE.search(path.read_text(encoding="utf-8"))


def test_no_secret_is_stored() -> None:
    held = [path for path in stored() if A_SECRET.search(path.read_text("utf-8", "replace"))]
    assert held == []


def test_no_stored_file_is_large() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    most = int(re.findall(r"--maxkb=(\d+)", hooks)[0])
    large = [path for path in stored() if path.stat().st_size > most * 1024]
    assert [path.relative_to(ROOT).as_posix() for path in large] == []


@pytest.mark.parametrize(
    "text",
    [
        "token = " + "'0123456789abcdef'",
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + 36 * "a",
    ],
)
def test_a_secret_would_be_found(text: str) -> None:
    assert A_SECRET.search(text)


def test_hooks_run_the_programs_of_the_environment() -> None:
    """Nothing of pre-commit has a version of its own, but for the check of sizes."""
    (source,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert source["repo"] == "local"
    hooks = {hook["id"]: hook for hook in source["hooks"]}
    assert set(hooks) == {"ruff", "ruff-format", "nbstripout", "codespell", "large-files"}
    for name, hook in hooks.items():
        if name != "large-files":
            assert hook["entry"].startswith((".venv/bin/", "make "))


def test_binder_and_the_dev_container_install_the_lock() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for install in re.findall(r"\$\(PIP\) (install .*(?:requirements.lock|-e \.))\n", makefile):
        assert f"-m pip {install}\n" in (ROOT / "binder" / "postBuild").read_text()
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert python in {"3.11", "3.12", "3.13", "3.14"}
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].endswith("make setup")
    assert re.fullmatch(r"python:3\.1[1-4]-bookworm", container["image"])
