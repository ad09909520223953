"""The recipes of CONTRIBUTING.md, followed as they stand; a build asks no other machine."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from analysis.study import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.M | re.S)
GUARD = Path(__file__).parent / "guard"
COPIED = ("analysis", "data/forecasts", "data/raw", "docs", "libs", "notebooks", "pipeline")
AS_A = ("-c", "user.name=a", "-c", "user.email=a@b")
KEPT = {"01_ingest", "02_clean", "03_model", "06_claims", "14_batch"}
"""The notebooks that the recipes touch; the others would only take time."""


def recipe(name: str) -> str:
    """What a file is to hold, or the rows or entry that it gets."""
    return "".join(text for path, text in BLOCK.findall(TEXT) if path == name)


def follow(root: Path) -> None:
    """Do what each recipe says."""
    for name in re.findall(r"^```csv (\S+)$", TEXT, re.M):
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(recipe(name))
    for name in re.findall(r"^```yaml (studies/\S+)$", TEXT, re.M):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(recipe(name), encoding="utf-8")
    for name in re.findall(r"^```python (\S+\.ipynb)$", TEXT, re.M):
        nbformat.write(notebook(recipe(name)), root / name)


def notebook(text: str) -> nbformat.NotebookNode:
    """The notebook that the percent format describes."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": ""}
    for part in re.split(r"^# %%", text, flags=re.M)[1:]:
        head, body = part.split("\n", 1)
        if "[markdown]" in head:
            made.cells.append(nbformat.v4.new_markdown_cell(body.replace("# ", "", 1).strip()))
            continue
        tags = re.findall(r"tags=(\[.*\])", head)
        cell = nbformat.v4.new_code_cell(body.strip())
        cell.metadata["tags"] = ast.literal_eval(tags[0]) if tags else []
        made.cells.append(cell)
    return made


def shortened(report: str) -> str:
    """report.yaml with the new notebook's entry and of the others those that are kept."""
    head, rest = report.split("notebooks:\n", 1)
    entries, tail = rest.split("\n# Run for each study", 1)
    kept = [
        entry
        for entry in re.split(r"^(?=  \d\d_)", entries, flags=re.M)
        if entry[2:].split(":")[0] in KEPT
    ]
    head = re.sub(r"^rounded: .*$", "rounded: [03_model]", head, flags=re.M)
    tail = re.sub(r"^study: .*$", "study: [03_model]", tail, flags=re.M)
    entries = "".join([*kept, recipe("report.yaml")])
    return f"{head}notebooks:\n{entries}\n# Run for each study{tail}"


class Followed:
    """A copy of the repository in which every recipe was followed, and what was said."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in COPIED:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in filter(Path.is_file, ROOT.glob("[!.]*")):
            shutil.copy(path, root)
        for command in (("init", "--quiet"), ("add", "data"), (*AS_A, "commit", "-qm", "Data")):
            subprocess.run(["git", *command], cwd=root, check=True)
        follow(root)
        (root / "report.yaml").write_text(shortened((ROOT / "report.yaml").read_text("utf-8")))
        self.accepted = self.run("pipeline", "accept")
        self.built = self.run("pipeline", "report", "--jobs=2")

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, [GUARD, self.root, self.root / "libs"])),
            "GUARD_NOTES": str(self.root / "asked"),
        }
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=given,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    return Followed(tmp_path_factory.mktemp("followed"))


def test_the_recipes_are_those_that_are_promised() -> None:
    promised = ("a month", "an event", "a study", "a claim", "a customs file", "a bulletin month")
    for what in (*promised, "a notebook"):
        assert f"\n## Add {what}\n" in TEXT


def test_the_rows_are_accepted_and_get_ids(followed: Followed) -> None:
    assert (followed.accepted.returncode, followed.accepted.stderr) == (0, "")
    for name in ("figures", "sources", "events", "claims"):
        written = recipe(f"data/raw/{name}.csv").strip()
        *_, last = (followed.root / f"data/raw/{name}.csv").read_text("utf-8").splitlines()
        assert written.startswith(","), name
        assert not last.startswith(","), name
        assert f"{name}.csv: 1 row" in followed.accepted.stdout


def test_the_report_is_built_with_them(followed: Followed) -> None:
    assert followed.built.returncode == 0, followed.built.stderr
    exports = pd.read_csv(followed.root / "data/processed/exports.csv")
    month = exports.query("destination == 'WLD' and month == '2026-08-01'").iloc[0]
    assert month["lower"] <= 5123 <= month["upper"]
    claims = pd.read_csv(followed.root / "reports/claims.csv")
    assert claims.iloc[-1]["verdict"] in {"supported", "refuted", "imprecise"}
    events = pd.read_parquet(followed.root / "data/processed/events.parquet")
    assert "Example rule" in set(events["name"])


def test_the_study_and_the_notebook_have_pages(followed: Followed) -> None:
    assert (followed.root / "reports/summer-2025-world/effects.csv").exists()
    assert (followed.root / "reports/newest.csv").exists()
    page = (followed.root / "reports/data/newest.html").read_text(encoding="utf-8")
    assert "The newest month is August 2026." in page
    assert "data/newest.html" in (followed.root / "reports/index.html").read_text("utf-8")


def test_nothing_but_this_machine_was_asked(followed: Followed) -> None:
    guarded = (followed.root / "asked.guarded").read_text("utf-8")
    for process in ("-m pipeline accept", "-m pipeline report", "-m warmkernels.server"):
        assert process in guarded
    assert not (followed.root / "asked").exists()


@pytest.mark.parametrize(
    "asks",
    [
        'socket.create_connection(("192.0.2.1", 9), timeout=1)',
        'socket.getaddrinfo("example.org", 80)',
        'socket.create_server(("0.0.0.0", 0))',
        'socket.create_server(("", 0))',
    ],
)
def test_the_guard_refuses_another_machine_and_to_listen_to_one(asks: str, tmp_path: Path) -> None:
    given = os.environ | {"PYTHONPATH": str(GUARD), "GUARD_NOTES": str(tmp_path / "asked")}
    command = [sys.executable, "-c", f"import socket; {asks}"]
    done = subprocess.run(command, env=given, capture_output=True, text=True)
    assert done.returncode == 1
    assert (tmp_path / "asked").read_text("utf-8").startswith("socket.")
    assert asks in (tmp_path / "asked.guarded").read_text("utf-8")


REACH_OUT = {
    "httpx",
    "requests",
    "urllib3",
    "aiohttp",
    "ftplib",
    "smtplib",
    "fsspec",
    "distributed",
}
MAY_REACH_OUT = (
    *("libs/tradedata/fetch", "libs/press/batch/exchange.py", "libs/press/batch/pools.py"),
    "benchmarks",
)
"""`fetch` and a batch on a cluster (`--scheduler`, `--address`) alone, and what measures that."""


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names | {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("folder", ["analysis", "libs", "pipeline"])
def test_only_fetch_and_clusters_import_what_reaches_out(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(MAY_REACH_OUT):
            reach_out = imported(path) & {*REACH_OUT, "urllib.request", "http.client"}
            assert not reach_out, f"{place} imports {reach_out}"
