"""A notebook is run whole or not at all, and a failure says where."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from contracts import ParameterError
from little_notebooks import WriteNotebook, save_notebook
from press.execute import NotebookFailed, beside, execute
from press.site import site


def failure(notebook: Path, folder: Path, **options: int) -> str:
    """The line a failing notebook ends with, when an older output is already there."""
    output = folder / "out.ipynb"
    output.write_text("as it was")
    with pytest.raises(NotebookFailed) as failed:
        execute(notebook, {"study": "a-study"}, output, folder / "kept.ipynb", **options)
    assert output.read_text() == "as it was"
    assert [path.name for path in folder.glob(".*")] == []
    assert "\n" not in str(failed.value)
    return str(failed.value)


def test_parameters_reach_the_notebook_and_the_stamp(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "print(destination, level)")
    output = tmp_path / "to {be} made" / "out.ipynb"
    execute(notebook, {"destination": "USA"}, output, tmp_path / "kept.ipynb", inputs=[notebook])
    executed = nbformat.read(output, as_version=4)
    assert executed.cells[-1].outputs[0].text == "USA 0.95\n"
    assert executed.metadata.provenance.parameters.destination == "USA"
    assert executed.metadata.provenance.parameters.level == 0.95
    assert list(executed.metadata.provenance.inputs) == [str(notebook)]
    assert not (tmp_path / "kept.ipynb").exists()


def test_an_executed_notebook_is_the_same_bytes_again_and_names_no_folder(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "1 + 1")
    texts = [
        execute(notebook, {"level": 0.9}, tmp_path / name / "o.ipynb", tmp_path / "k").read_text()
        for name in ("one", "two")
    ]
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]


def test_a_failing_cell_is_named_and_the_notebook_kept(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "x = 1", "raise ValueError('two\\nlines')")
    line = failure(notebook, tmp_path)
    kept = tmp_path / "kept.ipynb"
    assert line == (
        f"{notebook}, cell 5 (code-2), study a-study: ValueError: two lines (kept as {kept})"
    )
    outputs = [cell.get("outputs", []) for cell in nbformat.read(kept, as_version=4).cells]
    assert outputs[-1][0].ename == "ValueError"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda _: "[" * 3000,
        lambda _: "[]",
        lambda held: json.dumps(held | {"cells": None}),
        lambda held: json.dumps(held | {"nbformat": 3}),
        lambda held: json.dumps(held | {"metadata": None}),
        lambda held: json.dumps(held | {"cells": [held["cells"][0] | {"cell_type": "note"}]}),
        lambda held: json.dumps(held | {"cells": [held["cells"][0] | {"source": 5}]}),
        lambda held: json.dumps(held | {"cells": held["cells"][:1] * 2}),
    ],
)
def test_what_is_no_notebook_is_refused_before_a_kernel_starts(
    spoil: Callable[[dict[str, Any]], str], write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "x = 1")
    notebook.write_text(spoil(json.loads(notebook.read_text())))
    line = failure(notebook, tmp_path)
    assert line.startswith(f"{notebook}: found no notebook that keeps its format (")
    assert not (tmp_path / "kept.ipynb").exists()


def test_a_dying_kernel_is_named(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    notebook = write_notebook("03_model", "import os; os._exit(1)", "x = 1")
    line = failure(notebook, tmp_path)
    assert "cell 4 (code-1), study a-study: the kernel ended with exit status 1" in line
    assert (tmp_path / "kept.ipynb").exists()


def test_a_cell_that_does_not_end_is_stopped(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    notebook = write_notebook("03_model", "while True: pass")
    line = failure(notebook, tmp_path, cell_seconds=1)
    assert "cell 4 (code-1), study a-study: ran longer than 1 s" in line
    (said,) = nbformat.read(tmp_path / "kept.ipynb", as_version=4).cells[-1].outputs
    assert said.ename == "KeyboardInterrupt"
    assert len(said.traceback) > 1


def test_a_notebook_that_ends_itself_early_has_failed(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "import sys; sys.exit(0)", "x = 1")
    assert "ended before cell code-2" in failure(notebook, tmp_path)


def test_what_the_kernel_said_last_is_kept(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    crash = "import faulthandler, ctypes, sys; faulthandler.enable(sys.__stderr__)"
    notebook = write_notebook("03_model", crash, "ctypes.string_at(0)")
    assert "cell 5 (code-2), study a-study: the kernel was killed by SIGSEGV" in failure(
        notebook, tmp_path
    )
    assert "Segmentation fault" in (tmp_path / "kept.log").read_text()


def test_a_success_clears_away_the_failure_before_it(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    failure(write_notebook("03_model", "1 / 0"), tmp_path)
    execute(write_notebook("03_model"), {}, tmp_path / "out.ipynb", tmp_path / "kept.ipynb")
    assert not (tmp_path / "kept.ipynb").exists()


def test_wrong_parameters_are_refused_before_a_kernel_starts(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    notebook = write_notebook("03_model", f"open({str(ran)!r}, 'w')")
    output = tmp_path / "new" / "out.ipynb"
    with pytest.raises(ParameterError, match="did you mean destination"):
        execute(notebook, {"destinations": "USA"}, output, tmp_path / "kept.ipynb")
    assert not output.parent.exists()
    assert not ran.exists()


def command(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "run", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_the_command_ends_with_status_1_and_one_line(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "1 / 0")
    failed = command(notebook, "-o", "out.ipynb", folder=tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.count("\n") == 1
    assert "cell 4 (code-1), study april-2025-world: ZeroDivisionError" in failed.stderr


def test_the_command_takes_a_study_file_and_values(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "print(study, level)")
    (tmp_path / "s.yaml").write_text("study: mine\n")
    done = command(
        notebook, "-f", "s.yaml", "-p", "level", "0.9", "-o", "out.ipynb", folder=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    cells = json.loads((tmp_path / "out.ipynb").read_text())["cells"]
    assert cells[-1]["outputs"][0]["text"] == ["mine 0.9\n"]


def test_the_command_takes_a_question_with_a_colon(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model", "print(question)")
    asked = "Of May: a fall: or *noise*? #1"
    done = command(notebook, "-p", "question", asked, "-o", "out.ipynb", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    cells = json.loads((tmp_path / "out.ipynb").read_text())["cells"]
    assert cells[-1]["outputs"][0]["text"] == [f"{asked}\n"]


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("made", "a folder; needs the name of a file in it"),
        ("plain/new/out.ipynb", "but {folder}/plain is no folder"),
    ],
)
def test_the_command_refuses_an_output_that_cannot_be_written(
    write_notebook: WriteNotebook, tmp_path: Path, output: str, found: str
) -> None:
    notebook = write_notebook("03_model", "open('ran', 'w')")
    (tmp_path / "made").mkdir()
    (tmp_path / "plain").touch()
    before = sorted(tmp_path.rglob("*"))
    refused = command(notebook, "-o", output, folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"-o: found {output!r}, {found.format(folder=tmp_path)}\n"
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command_refuses_wrong_values(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    asked = ("-p", "level", "7", "-o", "executed.ipynb")
    refused = command(write_notebook("03_model"), *asked, folder=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr == "command line: level: found 7; should be less than 1, such as 0.95\n"


def test_the_command_does_not_write_over_its_notebook(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("03_model")
    refused = command(notebook, folder=notebook.parent)
    assert refused.returncode == 1
    told = f"-o: found {notebook.name!r}, the notebook itself; needs another name\n"
    assert refused.stderr == told


def test_a_mistyped_parameter_on_papermills_command_line_ends_it(tmp_path: Path) -> None:
    code = ["from analysis import Study\nasked = Study.of(locals())", "open('made', 'w')"]
    notebook = save_notebook(tmp_path / "03_model.ipynb", *code)
    command = [sys.executable, "-m", "papermill", str(notebook), str(tmp_path / "out.ipynb")]
    given = ["--cwd", str(tmp_path), "-p", "destinaton", "USA"]
    ended = subprocess.run([*command, *given], capture_output=True, text=True)
    assert ended.returncode != 0
    line = "parameters: destinaton: found 'USA', but there is no such parameter; did you mean"
    assert f"{line} destination?" in ended.stderr
    assert not (tmp_path / "made").exists()
    executed = nbformat.read(tmp_path / "out.ipynb", 4)
    (said,) = [one for cell in executed.cells for one in cell.get("outputs", []) if "ename" in one]
    assert len(said["traceback"]) == 1


def test_figures_that_are_no_longer_drawn_are_removed(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    """A bridge of earlier data; what another notebook makes stays."""
    figures = tmp_path / "a-study" / "figures"
    figures.mkdir(parents=True)
    for name in ("series.csv", "bridge.csv", "specifications-variants.csv", "notes.txt"):
        (figures / name).write_text("as it was")
    drawing = "(Path(reports_dir) / study / 'figures/series.csv')"
    notebook = write_notebook(
        "05_figures",
        f"from pathlib import Path; there = Path{drawing}; there.unlink(); there.write_text('new')",
    )
    values = {"study": "a-study", "reports_dir": str(tmp_path)}
    execute(notebook, values, tmp_path / "o.ipynb", tmp_path / "k.ipynb", publishes=True)
    left = {path.name: path.read_text() for path in figures.iterdir()}
    assert left == {
        "series.csv": "new",
        "specifications-variants.csv": "as it was",
        "notes.txt": "as it was",
    }


def test_what_is_made_ready_is_for_the_repository_s_own_notebooks(
    write_notebook: WriteNotebook,
) -> None:
    assert beside(site().root / "notebooks" / "03_model.ipynb")["ready"] == site().about.ready != []
    assert beside(write_notebook("03_model"))["ready"] == []


@pytest.mark.parametrize("publishes", [False, True])
def test_what_is_begun_ahead_is_what_the_kernel_is_forked_from(
    write_notebook: WriteNotebook, tmp_path: Path, publishes: bool
) -> None:
    """In a process that has loaded nothing yet: no library that it loads may ask for another."""
    notebook, output = write_notebook("07_mirror", "1 + 1"), tmp_path / "out.ipynb"
    code = (
        "import sys; from pathlib import Path; from warmkernels import client\n"
        "from press.execute import load_ahead, execute\n"
        "notebook, output, failed = map(Path, sys.argv[1:])\n"
        f"waiting = load_ahead(notebook, {publishes}); execute(notebook, {{}}, output, failed)\n"
        "waiting.join(); print(len(client._servers))"
    )
    asked = [sys.executable, "-c", code, notebook, output, tmp_path / "failed.ipynb"]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert output.exists()
