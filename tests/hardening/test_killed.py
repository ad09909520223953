"""Killed at any moment: nothing runs on, nothing stays, the next run ends in the same bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from little_notebooks import CHAIN
from places import Place, little_place
from press import keeper

PATIENCE = 5.0
"""Seconds after which nothing of a killed run is there any more."""
ENDING = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT")
OTHERS = ("kernel", "server", "guardian", "group")
SEED = 20260401


@dataclass
class Run:
    """A report or a batch being made, with a temporary folder that only it uses."""

    place: Place
    kind: str
    temporary: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.temporary.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            command(self.place, self.kind),
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def processes(self) -> dict[int, str]:
        """What was started with the temporary folder or one in it, and its command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"TMPDIR={self.temporary}".encode() in (entry / "environ").read_bytes():
                    words = (entry / "cmdline").read_bytes().decode(errors="replace")
                    found[int(entry.name)] = words
        return found

    def of(self, kind: str) -> list[int]:
        """The processes that are the server, its guardians or their kernels."""
        tree = {pid: parent(pid) for pid, words in self.processes().items() if "warmk" in words}
        servers = [pid for pid, above in tree.items() if above not in tree]
        guardians = [pid for pid, above in tree.items() if above in servers]
        kernels = [pid for pid, above in tree.items() if above in guardians]
        return {"server": servers, "guardian": guardians, "kernel": kernels}[kind]

    def kill(self, what: str, choose: random.Random) -> None:
        """Signal the main process, kill its group, or kill one of the other processes."""
        with suppress(ProcessLookupError, IndexError):
            if what in ENDING:
                os.kill(self.process.pid, getattr(signal, what))
            elif what == "group":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                os.kill(choose.choice(self.of(what)), signal.SIGKILL)


def parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def command(place: Place, kind: str) -> list[str]:
    folders = {"reports-dir": "reports", "processed-dir": "processed"}
    given = [f"--{option}={place.folder / name}" for option, name in folders.items()]
    given += [f"--notebooks={place.notebooks}", "--jobs=2"]
    asked = {
        "report": ["report", f"--studies={place.folder / 'studies'}"],
        "batch": ["batch", f"{place.folder}/studies/*.yaml", "--name=all"],
    }
    return [sys.executable, "-m", "pipeline", *asked[kind], *given]


def until(reached: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.05)
    return reached()


def files(place: Place) -> dict[str, bytes]:
    return {name: content for name, content in place.contents().items() if "failed/" not in name}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, dict[str, bytes]]:
    """A place, and what a report and a batch that nothing disturbs leave there."""
    place = little_place(tmp_path_factory.mktemp("killed"))
    for kind in ("report", "batch"):
        done = subprocess.run(command(place, kind), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return place, files(place)


def kill_and_go_on(built: tuple[Place, dict[str, bytes]], kind: str, what: str, seed: int) -> None:
    """Change the model, kill the run that follows at a random moment, and go on."""
    place, whole = built
    choose = random.Random(seed)
    place.write("03_model", *CHAIN["03_model"], f"import time; time.sleep(0.2)  # {seed}")
    run = Run(place, kind, place.folder / f"tmp-{seed}")
    until(lambda: run.process.poll() is not None, 0.5 + 4 * choose.random())
    run.kill(what, choose)
    if what in (*ENDING, "group"):
        assert until(lambda: run.process.poll() is not None, PATIENCE), "it runs on"
        assert until(lambda: not run.processes(), PATIENCE), run.processes()
        assert until(lambda: not list(run.temporary.iterdir()), PATIENCE)
    said = run.process.communicate(timeout=120)
    assert b"Traceback" not in b"".join(said), said
    assert not list(run.temporary.iterdir())
    assert not list(place.folder.rglob(".*.press-*"))
    for name, content in files(place).items():
        if name.endswith((".csv", ".svg")):
            assert content == whole[name], f"{name} is another"
    again = subprocess.run(command(place, kind), capture_output=True, text=True)
    assert again.returncode == 0, again.stdout + again.stderr
    assert files(place).keys() == whole.keys()


def test_what_a_killed_run_made_is_what_an_undisturbed_one_makes(
    built: tuple[Place, dict[str, bytes]],
) -> None:
    """The kills that `make test` has time for; the notebooks are then as they were at first."""
    place, whole = built
    cases = [("report", "group"), ("report", "SIGTERM"), ("batch", "SIGKILL"), ("report", "kernel")]
    for number, (kind, what) in enumerate(cases):
        kill_and_go_on(built, kind, what, SEED + number)
    place.write("03_model", *CHAIN["03_model"])
    for kind in ("report", "batch"):
        subprocess.run(command(place, kind), check=True, capture_output=True)
    assert files(place) == whole


def test_what_is_made_while_the_keeper_clears_up_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, remove = tmp_path / "press-x", shutil.rmtree
    own.mkdir()

    def too_early(folder: Path, **given: bool) -> None:
        monkeypatch.setattr(shutil, "rmtree", remove)
        (own / "run-x").mkdir()

    monkeypatch.setattr(shutil, "rmtree", too_early)
    keeper._clear(own, [])
    assert not own.exists()


@pytest.mark.hardening
@pytest.mark.parametrize("number", range(100))
def test_a_hundred_kills(built: tuple[Place, dict[str, bytes]], number: int) -> None:
    choose = random.Random(number)
    kind, what = choose.choice(["report", "batch"]), choose.choice(ENDING + OTHERS)
    kill_and_go_on(built, kind, what, number)
