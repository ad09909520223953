"""Failures stop nobody else, are listed at the end, and a killed batch goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from .conftest import GENEROUS_SECONDS, Batches, wait_until


def test_without_a_study_that_can_be_run_nothing_is(untouched: Batches) -> None:
    for path in (untouched.folder / "studies").glob("*.yaml"):
        path.unlink()
    untouched.grid("grid", "USA", "Mars", "Venus")
    refused = untouched.run()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "destination: found 'Mars'" in refused.stderr
    assert not untouched.place.reports.exists()


def test_a_file_that_is_no_study_stops_only_itself(fresh: Batches) -> None:
    fresh.grid("grid", "USA", "Mars")
    done = fresh.run()
    assert done.returncode == 1
    assert "grid.yaml: destination: found 'Mars'" in done.stderr
    assert "2 studies: 0 unchanged, 2 made; 1 file refused, as said above" in done.stdout
    assert fresh.ran() == ["one", "two"]
    listed = (fresh.place.reports / "batch" / "studies" / "studies.csv").read_text()
    assert "\ngrid," in listed
    assert "found 'Mars'" in listed


def test_what_another_batch_holds_is_not_replaced(fresh: Batches) -> None:
    """Neither its studies nor what they found together, while its file is there."""
    assert fresh.run().returncode == 0
    held, elsewhere = fresh.place.contents(), fresh.folder / "elsewhere" / "studies"
    elsewhere.mkdir(parents=True)
    (elsewhere / "new.yaml").write_text("study: one\ndestination: DEU\n")
    command = [part.replace("/studies/", "/elsewhere/studies/") for part in fresh.command()]
    for name, told in (("new", "found 'one', which"), ("studies", "--name: 'studies' holds what")):
        done = subprocess.run([*command, "--name", name], capture_output=True, text=True)
        assert (done.returncode, told in done.stderr) == (1, True)
    assert fresh.place.contents() == held
    (fresh.folder / "studies" / "one.yaml").unlink()
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_no_file(fresh: Batches) -> None:
    command = [part.replace("*.yaml", "*.yml") for part in fresh.command()]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 1
    assert refused.stderr == f"{fresh.folder}/studies/*.yml: no such file\n"


def test_a_failing_study_stops_nobody_else(fresh: Batches) -> None:
    fresh.model("assert destination != 'USA', 'no figures for USA'")
    failed = fresh.run()
    assert failed.returncode == 1
    assert "2 studies: 0 unchanged, 1 made, 1 failed" in failed.stdout
    (line,) = failed.stderr.splitlines()
    assert line.startswith("failed: ")
    assert "cell 6 (code-3), study two: AssertionError: no figures for USA (kept as" in line
    assert (fresh.place.reports / "failed" / "two-03_model.ipynb").exists()
    assert fresh.ran() == ["one"]

    fresh.place.study("two", "DEU")
    assert "1 unchanged, 1 made" in fresh.run().stdout
    assert fresh.ran() == ["two"]
    assert not (fresh.place.reports / "failed" / "two-03_model.ipynb").exists()


def test_without_tables_no_study_is_run(untouched: Batches) -> None:
    untouched.place.write("01_ingest", "1 / 0")
    failed = untouched.run()
    assert failed.returncode == 1
    assert "ZeroDivisionError" in failed.stdout
    assert failed.stderr == "the studies were not run, as they need the notebooks above\n"
    assert untouched.ran() == []


def test_a_study_whose_process_is_killed_is_tried_again(fresh: Batches) -> None:
    once = "from os import environ, kill\nonce = reports.parent / study"
    fresh.model(
        f"{once}\nif study == 'two' and not once.exists():\n"
        "    once.touch()\n    kill(int(environ['JPY_PARENT_PID']), 9)"
    )
    assert fresh.run("--jobs=1").returncode == 0
    assert fresh.ran() == ["one", "two"]


def test_a_study_that_always_kills_its_process_has_failed(fresh: Batches) -> None:
    fresh.model(
        "from os import environ, kill\n"
        "if study == 'two':\n    kill(int(environ['JPY_PARENT_PID']), 9)"
    )
    failed = fresh.run()
    assert failed.returncode == 1
    (line,) = (line for line in failed.stderr.splitlines() if line.startswith("failed: "))
    assert "two.yaml: the process that ran it was killed, each time it was tried" in line
    assert set(fresh.ran()) == {"one"}
    assert (fresh.place.reports / "one" / "index.html").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_batch_that_was_ended_goes_on(fresh: Batches, number: signal.Signals) -> None:
    running, resting = fresh.start_resting()
    os.kill(running.pid, number)
    running.communicate(timeout=GENEROUS_SECONDS)
    assert running.returncode in (130, -signal.SIGKILL)
    wait_until(lambda: not os.path.exists(f"/proc/{resting}"))
    assert fresh.ran() == ["one"]

    assert "1 unchanged, 1 made" in fresh.run().stdout
    assert fresh.ran() == ["two"]
