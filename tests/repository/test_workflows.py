"""The workflows name what exists, take no more rights than they need, and pin what they use."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.study import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
MAY_WRITE = {
    ("test", "publish"): {"pages", "id-token"},
    ("monthly", "bulletin"): {"actions", "contents", "pull-requests"},
    ("release", "release"): {"contents", "actions"},
}
"""The only jobs that may write, and to what."""


def read(path: Path) -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            yield path.stem, name, job


def steps() -> Iterator[dict[str, Any]]:
    for _, _, job in jobs():
        yield from job["steps"]


def scripts() -> str:
    return "\n".join(step.get("run", "") for step in steps())


def test_there_is_a_workflow_for_tests_months_and_releases() -> None:
    # YAML 1.1 reads the key `on` as true.
    told = {path.stem: set(read(path)[True]) for path in WORKFLOWS}
    assert told == {
        "test": {"push", "pull_request", "workflow_dispatch"},
        "monthly": {"schedule", "workflow_dispatch"},
        "release": {"push"},
    }


def test_each_python_that_the_project_takes_is_tested() -> None:
    tested = read(ROOT / ".github/workflows/test.yaml")["jobs"]["test"]["strategy"]["matrix"]
    assert tested["python"] == ["3.11", "3.12", "3.13", "3.14"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={tested['python'][0]}"


def test_the_report_is_verified_on_another_kind_of_processor_than_it_was_made_on() -> None:
    made = read(ROOT / ".github/workflows/test.yaml")["jobs"]["processors"]["steps"][2:]
    assert [(step["run"], step["env"]["OPENBLAS_CORETYPE"]) for step in made] == [
        ("make report", "Nehalem"),
        ("make verify", "Haswell"),
    ]


def test_no_job_may_write_more_than_it_needs() -> None:
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {"contents": "read"}
    given = {(workflow, name): set(job.get("permissions", {})) for workflow, name, job in jobs()}
    assert {place: rights for place, rights in given.items() if rights} == MAY_WRITE


def test_no_step_that_holds_a_token_runs_what_packages_brought() -> None:
    holding = [step for step in steps() if "GH_TOKEN" in step.get("env", {})]
    assert len(holding) == 3
    assert not [step for step in holding if re.search(r"\bmake\b|\.venv", step["run"])]
    checkouts = [step for step in steps() if "actions/checkout" in step.get("uses", "")]
    assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_every_job_ends() -> None:
    assert all(job["timeout-minutes"] <= 90 for _, _, job in jobs())


def test_actions_are_pinned_by_commit_and_named_by_version() -> None:
    used = [line for path in WORKFLOWS for line in path.read_text().splitlines() if "uses:" in line]
    assert used
    for line in used:
        assert re.fullmatch(r"\s+(- )?uses: actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


def test_make_targets_and_files_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))
    assert set(re.findall(r"\bmake ([a-z]+)", scripts())) <= targets
    named = re.findall(r"(?:^|\s)((?:\.ci|\.github|data/raw)/[\w./]*\w)", scripts())
    made_by_the_run = {"data/raw/gacc"}
    assert {".ci/run", ".github/moved.py", "data/raw/bulletin.csv"} <= set(named)
    assert all((ROOT / name).exists() for name in set(named) - made_by_the_run)


def test_shell_scripts_parse() -> None:
    for step in steps():
        script = re.sub(r"\$\{\{.*?\}\}", "x", step.get("run", ""))
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_no_host_of_packages_is_named() -> None:
    for path in (ROOT / ".github").rglob("*.y*ml"):
        assert "://" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize(
    ("newest", "today", "wanted"),
    [
        ("2026-07", "2026-11-22", "2026-07 2026-10"),
        ("2025-11", "2026-01-22", "2025-11 2025-12"),
        ("2026-10", "2026-11-22", ""),
    ],
)
def test_the_months_that_are_fetched(tmp_path: Path, newest: str, today: str, wanted: str) -> None:
    (script,) = (step["run"] for step in steps() if "fetch gacc" in step.get("run", ""))
    (tmp_path / "data/raw/gacc").mkdir(parents=True)
    (tmp_path / "data/raw/bulletin.csv").write_text(
        f"month,name\n2024-01,a\n{newest},b\n2024-03,c\n"
    )
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    told = tmp_path / ".venv" / "bin" / "python"
    told.parent.mkdir(parents=True)
    told.write_text('#!/bin/sh\necho "$@" >> told\n: > data/raw/gacc/new.csv\n')
    told.chmod(0o755)
    clock = tmp_path / "clock" / "date"
    clock.parent.mkdir()
    clock.write_text(f'#!/bin/sh\n[ $# = 1 ] && set -- -d {today} "$1"\nexec /bin/date "$@"\n')
    clock.chmod(0o755)
    shell = ["bash", "-eo", "pipefail", "-c", script]
    environment = {"PATH": f"{clock.parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(shell, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "told").read_text() if (tmp_path / "told").exists() else ""
    start, end = wanted.split() if wanted else ("", "")
    fetch = f"-m pipeline fetch gacc --from {start} --to {end}\n"
    assert asked == (fetch + "-m pipeline add data/raw/gacc/new.csv\n" if wanted else "")


def test_each_release_s_site_stays_under_its_tag(tmp_path: Path) -> None:
    (script,) = (step["run"] for step in steps() if "gh release list" in step.get("run", ""))
    work, tools = tmp_path / "work", tmp_path / "tools"
    (work / "reports").mkdir(parents=True)
    (work / "reports" / "index.html").write_text("today")
    for tag in ("v0.1.0", "v0.2.0"):
        with zipfile.ZipFile(tmp_path / f"{tag}.zip", "w") as site:
            site.writestr("index.html", tag)
    tools.mkdir()
    (tools / "gh").write_text(
        '#!/bin/sh\ncase "$2" in\nlist) printf "v0.2.0\\nv0.1.0\\n" ;;\n'
        'download) cp "../$3.zip" "$7" ;;\nesac\n'
    )
    (tools / "unzip").write_text(
        f'#!/bin/sh\nexec {sys.executable} -m zipfile --extract "$2" "$4"\n'
    )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    shell = ["bash", "-eo", "pipefail", "-c", script]
    subprocess.run(shell, cwd=work, env={"PATH": f"{tools}:/usr/bin:/bin"}, check=True)
    left = {path.parent.name: path.read_text() for path in work.rglob("index.html")}
    assert left == {"reports": "today", "v0.1.0": "v0.1.0", "v0.2.0": "v0.2.0"}


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """Two copies: a row revised, a row come; a finding turned, a verdict turned, one claim new."""
    for name, rows, finding, claims in [
        ("before", "m,q\n2026-06,1\n2026-07,2\n", "No larger than usual", "c1,supported\n"),
        (
            "after",
            "m,q\n2026-06,1\n2026-07,3\n2026-08,4\n",
            "Unusual",
            "c1,refuted\nc2,imprecise\n",
        ),
    ]:
        raw, reports = tmp_path / name / "data" / "raw", tmp_path / name / "reports"
        for folder in (raw, reports / "a-study", reports / "data"):
            folder.mkdir(parents=True)
        (raw / "same.csv").write_text("m,q\n1,1\n")
        (raw / "bulletin.csv").write_text(rows)
        (reports / "a-study" / "headline.json").write_text(json.dumps({"finding": finding}))
        asked = [{"question": "Why?", "answer": "As before."}]
        (reports / "data" / "goods-answers.json").write_text(json.dumps(asked))
        (reports / "claims.csv").write_text("claim_id,verdict\n" + claims)
    return tmp_path / "before", tmp_path / "after"


def moved(before: Path, after: Path) -> str:
    command = [sys.executable, ROOT / ".github" / "moved.py", before, after]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_rows_and_answers_that_changed_are_told(copies: tuple[Path, Path]) -> None:
    assert moved(*copies).splitlines() == [
        "## Rows",
        "",
        "`data/raw/bulletin.csv`: 2 came, 1 went",
        "",
        "```diff",
        "-2026-07,2",
        "+2026-07,3",
        "+2026-08,4",
        "```",
        "",
        "",
        "## Answers that moved",
        "",
        "- claim c1: refuted (was: supported)",
        "- claim c2: imprecise (was: not there)",
        "- study `a-study`: Unusual (was: No larger than usual)",
    ]


def test_nothing_moved_is_told_too(copies: tuple[Path, Path]) -> None:
    assert moved(copies[0], copies[0]).endswith("## Answers that moved\n\nNone.\n")


def test_a_release_s_notes_are_its_part_of_the_changelog(tmp_path: Path) -> None:
    (script,) = (step["run"] for step in steps() if "gh release create" in step.get("run", ""))
    awk = script.split("awk", 1)[1].split("> ../notes.md")[0]
    text = "# Changes\n\n## 1.2.0, 1 May\n\nNew.\n\n### Method\n\nB.\n\n## 1.1.0\n\nOld.\n"
    (tmp_path / "CHANGELOG.md").write_text(text)
    done = subprocess.run(
        ["bash", "-c", f"awk{awk}"],
        cwd=tmp_path,
        env={"GITHUB_REF_NAME": "v1.2.0", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["New.", "###", "Method", "B."]
