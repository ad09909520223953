"""What the command line cannot take is told in one line, before anything is run or written."""

from __future__ import annotations

from pathlib import Path

import pytest
from press.__main__ import main
from press.batch.run import sum_up
from press.site import site

from analysis.study import ROOT


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a refused command says, in a line, of itself or of its arguments."""
    try:
        status: object = main(list(arguments))
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr()
    assert (status, said.out, said.err.count("\n")) == (1, "", 1)
    return said.err.strip()


@pytest.mark.parametrize("command", [["report"], ["serve"], ["batch", "studies/*.yaml"]])
@pytest.mark.parametrize("jobs", ["0", "-2", "1.5", "many"])
def test_jobs_are_counted_from_one(
    capsys: pytest.CaptureFixture[str], command: list[str], jobs: str
) -> None:
    assert refusal(capsys, *command, "--jobs", jobs) == (
        f"argument --jobs: found {jobs!r}, needs a whole number from 1 on; "
        f"see python -m pipeline {command[0]} --help"
    )


def test_a_report_needs_a_study(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = [f"--{name}-dir={tmp_path / name}" for name in ("processed", "reports")]
    missing = tmp_path / "nosuch"
    told = refusal(capsys, "report", f"--studies={missing}", *made)
    assert told == f"{missing}: no such folder"
    (tmp_path / "empty").mkdir()
    told = refusal(capsys, "report", f"--studies={tmp_path / 'empty'}", *made)
    assert told == f"{tmp_path / 'empty'}: found no study file; needs one at least, *.yaml"
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_a_folder_is_no_study_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = f"{tmp_path}: is a folder; name its files, {tmp_path}/*.yaml"
    assert refusal(capsys, "batch", str(tmp_path)) == told
    assert refusal(capsys, "run", "notebooks/03_model.ipynb", "-f", str(tmp_path)) == told


def test_a_batch_leaves_the_report_s_studies_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("question: Q?\n")
    missing = f"{own}: study: found none; add a line that names it, `study: its-name`"
    assert refusal(capsys, "batch", str(own)) == missing
    for name, text in {
        "april-2025-world": "study: april-2025-world\nstart: 2030-04\nend: 2030-05\n",
        "april-2025-usa": "study: april-2025\ndestination: [USA]\n",
        "september-2025-swing": (ROOT / "studies/september-2025-swing.yaml").read_text(),
    }.items():
        own.write_text(text)
        assert refusal(capsys, "batch", str(own)) == (
            f"{own}: study: found {name!r}, which studies/{name}.yaml has already; "
            "give each study its own name"
        )


def test_what_no_command_knows(capsys: pytest.CaptureFixture[str]) -> None:
    told = refusal(capsys, "nonsense")
    assert all(name in told for name in ("report", "run", *site().about.commands))
    assert refusal(capsys, "run", "99_x") == "99_x: no such notebook"
    told = refusal(capsys, "report", "--job-s", "1")
    assert told == "unrecognized arguments: --job-s 1; see python -m pipeline --help"
    assert refusal(capsys).endswith("see python -m pipeline --help")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 1, 0), "1 study: 0 unchanged, 1 made"),
        ((1, 0, 0), "1 study; nothing had changed"),
        ((1200, 2, 1), "1,200 studies: 1,198 unchanged, 1 made, 1 failed"),
    ],
)
def test_a_batch_counts_its_studies(counts: tuple[int, int, int], said: str) -> None:
    assert sum_up(*counts) == said
