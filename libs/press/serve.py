"""The built site on this machine, built again when something that it is made of is saved."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from contracts import ParameterError
from watchfiles import DefaultFilter, watch

from press.modules import environment
from press.site import UNFINISHED, site
from press.unchanged import LEFT_BY_PYTHON

LOOPBACK = "127.0.0.1"
OWN_NAMES = (LOOPBACK, "localhost")
GRACE = 1.5
"""Seconds that a build is given to end its kernels."""
FIRST_LOOK = 500
"""Milliseconds after which a watch without a change gives a turn, the first of them a build."""


class Pages(SimpleHTTPRequestHandler):
    """The files of a folder as they are now, without a word about each request.

    Nothing hidden is shown, no list of a folder, and nothing that a link leads to outside. Who asks
    under another name than this machine's own is refused: a page of another site, whose name was
    made to point here, could read along.
    """

    def send_head(self) -> Any:
        """Send the head of an answer; the file to send after it, if there is one."""
        named, _, port = self.headers.get("Host", "").rpartition(":")
        if named not in OWN_NAMES or port != str(self.connection.getsockname()[1]):
            self.send_error(HTTPStatus.FORBIDDEN, "Only this machine's own names are answered")
        elif not self._is_shown():
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            return super().send_head()
        return None

    def _is_shown(self) -> bool:
        """Whether the path asked for is a file of the folder, or a folder with a page."""
        top = Path(self.directory).resolve()
        try:
            path = Path(self.translate_path(self.path)).resolve()
            path = path / "index.html" if path.is_dir() else path
            inside = path.resolve().relative_to(top).parts
            return path.is_file() and not any(name.startswith(".") for name in inside)
        except (OSError, ValueError, RuntimeError):  # a null byte, a loop of links, a way out
            return False

    def end_headers(self) -> None:
        """Have the browser ask again each time."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def serve(reports: Path, sources: Sequence[Path], build: Sequence[str], port: int) -> int:
    """Show `reports` until Ctrl-C; run the command `build` at first and when `sources` change.

    A port in use or a missing folder is a ParameterError. A failing build says so itself and
    leaves the pages as they were.
    """
    missing = [f"{site().shown(path)}: no such folder" for path in sources if not path.exists()]
    if missing:
        raise ParameterError("\n".join(missing))
    reports.mkdir(parents=True, exist_ok=True)
    try:
        with showing(reports, port) as address:
            print(f"{address} shows {site().shown(reports)}; Ctrl-C ends it", flush=True)
            keep_built(sources, build)
    except KeyboardInterrupt:
        print("stopped")
    return 0


@contextmanager
def showing(folder: Path, port: int) -> Iterator[str]:
    """The address at which `folder` is shown, to this machine only; port 0 is any that is free."""
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), partial(Pages, directory=str(folder)))
    except OSError as error:
        raise ParameterError(
            f"port {port} cannot be used ({error.strerror}); name another: make serve PORT=8001"
        ) from None
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def keep_built(sources: Sequence[Path], build: Sequence[str]) -> None:
    """Build, and build again after every change of a file in `sources`, until interrupted."""
    passed_over = [*DefaultFilter.ignore_dirs, *LEFT_BY_PYTHON, UNFINISHED]
    saved = DefaultFilter(ignore_dirs=passed_over)
    turns = watch(*sources, watch_filter=saved, rust_timeout=FIRST_LOOK, yield_on_timeout=True)
    for turn, changes in enumerate(turns):
        if changes or not turn:
            run(build)


def run(command: Sequence[str]) -> None:
    """Run a command to its end; when interrupted, end it and what it started."""
    child = subprocess.Popen(command, env=environment(), start_new_session=True)
    try:
        child.wait()
    except KeyboardInterrupt:
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        raise
