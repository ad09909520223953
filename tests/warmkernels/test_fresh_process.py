"""Every run is like a new process: nothing of another run, of the server or of old code."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
from contextvars import Context
from pathlib import Path

import pytest
from kernel_runs import Run, Write, current_server, text
from warmkernels.client import order_for, server_for


def test_runs_share_no_state(write: Write, run: Run) -> None:
    spoiling = write(
        "import numpy as np\nimport os",
        "np.spoilt = spoilt = os.environ['SPOILT'] = 'yes'\nnp.seterr(all='raise')\n"
        "os.makedirs('elsewhere')\nos.chdir('elsewhere')",
    )
    run(spoiling)
    looking = write(
        "import numpy as np\nimport os",
        "print(hasattr(np, 'spoilt'), 'spoilt' in globals(), 'SPOILT' in os.environ,"
        " np.geterr()['over'], os.path.basename(os.getcwd()) == 'elsewhere')",
    )
    assert text(run(looking)) == "False False False warn False\n"


def test_random_numbers_differ_between_runs(write: Write, run: Run) -> None:
    notebook = write(
        "import random, tempfile, uuid\nimport numpy as np",
        "for number in (random.random(), np.random.rand(), np.random.default_rng().random(),"
        " np.random.RandomState().rand(), uuid.uuid4(), tempfile.mktemp()):\n    print(number)",
    )
    first, second, third = (text(run(notebook)).split() for _ in range(3))
    assert all(len(set(drawn)) == 3 for drawn in zip(first, second, third, strict=True))


@pytest.mark.parametrize("engine", ["nbclient", "warm"])
def test_the_end_is_orderly(write: Write, run: Run, engine: str) -> None:
    notebook = write(
        "import atexit, pathlib, threading, time",
        "atexit.register(pathlib.Path('handler').write_text, 'ran'); None",
        "unclosed = open('unclosed', 'w')\nprint('written', file=unclosed)",
        "circle = [open('circle', 'w')]\ncircle.append(circle)\nprint('kept', file=circle[0])",
        "def late():\n    time.sleep(0.3)\n    pathlib.Path('thread').write_text('done')\n\n"
        "threading.Thread(target=late).start()",
    )
    run(notebook, engine)
    contents = [notebook.with_name(name) for name in ("handler", "unclosed", "circle", "thread")]
    assert [path.read_text() for path in contents] == ["ran", "written\n", "kept\n", "done"]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of Python, outside the one in which notebooks run."""
    folder = tmp_path / "library"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def test_edited_code_is_loaded_again(write: Write, run: Run, library: Path) -> None:
    module = library / "edited.py"
    notebook = write("import edited", "print(edited.VALUE)")
    module.write_text("VALUE = 1")
    assert text(run(notebook)) == "1\n"
    module.write_text("VALUE = 'two'")
    assert text(run(notebook)) == "two\n"


@pytest.mark.parametrize(
    ("source", "trouble"),
    [
        ("print('hello from the import')", "prints when it is imported"),
        (
            "import threading, time\nprint = threading.Thread(target=time.sleep, args=(9,))\n"
            "print.daemon = True\nprint.start()",
            "starts a thread when it is imported",
        ),
    ],
    ids=["prints", "starts a thread"],
)
def test_libraries_that_cannot_be_shared(
    write: Write, run: Run, library: Path, source: str, trouble: str
) -> None:
    (library / "troublesome.py").write_text(source)
    output = text(run(write("import troublesome", "print('ran')")))
    assert current_server().skipped == {"troublesome": trouble}
    assert output.endswith("ran\n")
    assert ("hello from the import" in output) == ("prints" in trouble)


def test_a_missing_library_fails_in_the_notebook(write: Write, run: Run) -> None:
    with pytest.raises(Exception, match="No module named 'no_such_library'"):
        run(write("import no_such_library"))


def test_the_environment_is_the_callers(
    write: Write, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = write("import os", "print(os.environ.get('COLOUR'), os.environ['OMP_NUM_THREADS'])")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    for colour in ("red", "blue"):
        monkeypatch.setenv("COLOUR", colour)
        assert text(run(notebook)) == f"{colour} 7\n"


def test_a_file_in_the_folder_hides_a_library(
    write: Write, run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "yaml.py").write_text("NAME = 'a file of the folder'")
    caplog.set_level(logging.WARNING)
    assert text(run(write("import yaml", "print(yaml.NAME)"))) == "a file of the folder\n"
    assert "yaml.py hides an installed module; an ordinary kernel is started" in caplog.text


def test_where_kernels_cannot_be_forked(
    write: Write, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        assert text(run(write("print('cold')"))) == "cold\n"
    assert caplog.text.count("papermill's own engine is used") == 1


def test_a_kernel_that_does_not_run_this_python(
    write: Write, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kernels" / "other").mkdir(parents=True)
    command = [sys.executable, "-X", "utf8", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specification = {"argv": command, "display_name": "Other", "language": "python"}
    (tmp_path / "kernels" / "other" / "kernel.json").write_text(json.dumps(specification))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = write("import sys", "print(sys.flags.utf8_mode)")
    assert text(run(notebook, kernel_name="other")) == "1\n"


@pytest.mark.parametrize(("module", "shared"), [("wave", "True"), ("this", "False")])
def test_libraries_that_a_notebook_loads_late(
    write: Write, run: Run, module: str, shared: str
) -> None:
    notebook = write(
        "import sys\nname = ''",
        "print(name in sys.modules)",
        "def late():\n    __import__(name)\n\nlate()",
    )
    outputs = [text(run(notebook, parameters={"name": module})) for _ in range(3)]
    assert outputs[0].startswith("False\n")
    assert outputs[2].startswith(f"{shared}\n")
    # the Zen of Python is printed whenever it is imported for the first time in a process
    assert all(("Beautiful is better" in output) == (module == "this") for output in outputs)


def test_forked_processes_share_what_was_loaded_before(
    write: Write, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = write(
        "import os\nimport yaml",
        "server = open(f'/proc/{os.getppid()}/stat').read().split()[3]\n"
        "print(server, os.environ['JPY_PARENT_PID'])",
    )
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # as for the runs
    server_for(*order_for({"companions": [notebook]}, []))
    server = current_server().pid

    def one_more(name: str) -> None:
        (tmp_path / name).write_text(text(run(notebook, output=tmp_path / f"{name}.ipynb")))

    context = multiprocessing.get_context("fork")
    processes = [
        # in an event loop of its own, not that of earlier tests
        context.Process(target=Context().run, args=[one_more, name])
        for name in ("first", "second")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    told = [(tmp_path / name).read_text().split() for name in ("first", "second")]
    assert told == [[str(server), str(process.pid)] for process in processes]


def test_settings_beside_a_notebook_count(write: Write, run: Run, tmp_path: Path) -> None:
    notebook = write("import matplotlib.pyplot as plt\nprint(plt.rcParams['font.size'])")
    (tmp_path / "matplotlibrc").write_text("font.size: 25\n")
    assert text(run(notebook, "nbclient")) == text(run(notebook)) == "25.0\n"
    (tmp_path / "matplotlibrc").unlink()
    assert text(run(notebook)) == "10.0\n"
