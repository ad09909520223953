"""`make lab` opens the repository's root with the list of notebooks, in containers too."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from tenacity import retry, stop_after_delay, wait_fixed

from analysis.study import ROOT

CONTAINER = "--allow-root --ip=127.0.0.1 --port=0 --no-browser"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the command of `make lab` says that JupyterLab is."""
    recipe = subprocess.run(
        ["make", "--dry-run", "lab", f"LAB={CONTAINER}"], cwd=ROOT, capture_output=True, text=True
    )
    command = recipe.stdout.splitlines()[-1].replace(".venv", sys.prefix)
    folder = tmp_path_factory.mktemp("jupyter")
    kinds = ("CONFIG", "DATA", "RUNTIME")
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in kinds}
    lab = subprocess.Popen(
        ["sh", "-c", f"exec {command}"],
        cwd=ROOT,
        env=os.environ | own | {"HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert lab.stderr is not None
    told = (re.search(r"http://127\S+token=\w+", line) for line in lab.stderr)
    found = next(filter(None, told))[0]
    # It is told a moment before it answers.
    port = urlsplit(found).port
    wait = retry(stop=stop_after_delay(60), wait=wait_fixed(0.2))
    wait(socket.create_connection)(("127.0.0.1", port)).close()
    yield found
    lab.send_signal(signal.SIGTERM)
    lab.communicate(timeout=30)


def test_it_opens_at_the_notebooks(address: str) -> None:
    assert urlsplit(address).path == "/lab/tree/notebooks"
    with urlopen(address, timeout=30) as page:
        assert page.status == 200


def test_its_root_is_the_repository(address: str) -> None:
    place = urlsplit(address)
    token = parse_qs(place.query)["token"][0]
    where = f"{place.scheme}://{place.netloc}/api/contents/notebooks?token={token}"
    with urlopen(where, timeout=30) as answer:
        listed = {entry["name"] for entry in json.load(answer)["content"]}
    assert {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} <= listed


def test_the_flag_for_containers_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make lab LAB='--allow-root --ip=0.0.0.0'" in readme
    assert Path(ROOT / "Makefile").read_text().count("$(LAB)") == 1
