"""The command line: `python -m pipeline` with `report`, `serve`, `batch FILES`, `run NOTEBOOK`,

`add FILE`, `fetch SOURCE` or `forecast`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from analysis.study import ROOT, Folders, Forecasting
from press.add import add_downloads, has_dropped
from press.graph import run_graph
from press.inputs import LOCK
from press.modules import run_module
from press.studies import (
    ParameterError,
    given_values,
    matching,
    read_values,
    require_studies,
    shown,
)

LAST_PORT = 65535


class Parser(argparse.ArgumentParser):
    """Says in a line what it cannot take, and ends with the status of everything that failed."""

    def error(self, message: str) -> NoReturn:
        """End the command; `message` is argparse's."""
        self.exit(1, f"{message}; see {self.prog} --help\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 if all of it went well, else 1."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.command(given))
    except ParameterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the next run goes on from here", file=sys.stderr)
        return 130


def report(given: argparse.Namespace) -> int:
    """Bring the report up to date, and say where it is and how long that took."""
    from press.progress import Progress

    started = time.monotonic()
    require_studies(ROOT / given.studies)
    raw = ROOT / (given.raw_dir or Folders().raw_dir)
    if has_dropped(raw) and add_downloads([], raw):
        return 1
    if run_graph(
        studies=given.studies,
        notebooks=given.notebooks,
        folders=_folders(given),
        processes=given.jobs,
    ):
        return 1
    index = ROOT / (given.reports_dir or Folders().reports_dir) / "index.html"
    took = f" ({time.monotonic() - started:.1f} s)" if Progress.started else "; nothing had changed"
    print(f"The report is in {shown(index)}{took}")
    return 0


def preview(given: argparse.Namespace) -> int:
    """Show the report on this machine and build it again whenever a source is saved."""
    from press.serve import SOURCES, serve

    raw, reports = (
        getattr(given, name) or getattr(Folders(), name) for name in ("raw_dir", "reports_dir")
    )
    sources = [ROOT / name for name in (given.studies, given.notebooks, raw, *SOURCES)]
    options = [f"--{name.replace('_', '-')}={value}" for name, value in _folders(given).items()]
    options += [f"--studies={given.studies}", f"--notebooks={given.notebooks}"]
    build = [sys.executable, "-m", "pipeline", "report", f"--jobs={given.jobs}", *options]
    return serve(ROOT / reports, sources, build, given.port)


def batch(given: argparse.Namespace) -> int:
    """Bring the studies of some files up to date, here or on a cluster."""
    from press.batch.run import Batch, run_batch

    paths = [path for pattern in given.files for path in matching(pattern)]
    asked = Batch(
        paths,
        given.jobs,
        given.scheduler,
        given.notebooks,
        _folders(given),
        given.name,
        given.address,
    )
    return run_batch(asked)


def _folders(given: argparse.Namespace) -> dict[str, str]:
    """The folders named on the command line."""
    return {name: value for name in Folders.model_fields if (value := getattr(given, name))}


def add(given: argparse.Namespace) -> int:
    """Check customs downloads, say what they bring and keep them."""
    return add_downloads(given.file, ROOT / given.raw_dir, given.saved)


def fetch(given: argparse.Namespace) -> int:
    """Fetch months of a source and keep them as a snapshot."""
    span = ["--from", given.start, "--to", given.end]
    where = ["--raw-dir", str(ROOT / given.raw_dir), "--address", given.address]
    return run_module("tradedata.fetch", [given.source, *span, *where])


def forecast(given: argparse.Namespace) -> int:
    """Issue a forecast of the next months from the tables as they are, and file it for good."""
    where = ["--processed-dir", given.processed_dir, "--forecasts-dir", given.forecasts_dir]
    return run_module("analysis.forecast", ["--ahead", str(given.ahead), *where])


def run(given: argparse.Namespace) -> int:
    """Run one notebook with one parameter set."""
    from press.execute import NotebookFailed, execute

    values: dict[str, Any] = read_values(given.file) if given.file else {}
    values |= given_values(given.notebook.stem, given.parameters)
    output = given.output or Path(given.notebook.name)
    _require_place(output, given.notebook)
    where = shown(given.file) if given.file else "command line"
    failed = output.with_name(f"{output.stem}.failed.ipynb")
    try:
        execute(given.notebook, values, output, failed, inputs=[given.notebook, LOCK], where=where)
    except NotebookFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _require_place(output: Path, notebook: Path) -> None:
    """Raise ParameterError if no file can be written at `output`, or it is `notebook` itself."""
    if output.resolve() == notebook.resolve():
        raise ParameterError(f"-o: found {str(output)!r}, the notebook itself; needs another name")
    if output.is_dir():
        raise ParameterError(f"-o: found {str(output)!r}, a folder; needs the name of a file in it")
    nearest = next(path for path in output.absolute().parents if path.exists())
    if not nearest.is_dir():
        raise ParameterError(f"-o: found {str(output)!r}, but {shown(nearest)} is no folder")
    if not os.access(nearest, os.W_OK):
        raise ParameterError(f"-o: found {str(output)!r}, but {shown(nearest)} cannot be written")


def _parser() -> Parser:
    parser = Parser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _report_and_batch(commands)
    _run(commands)
    _add_and_fetch(commands)
    _forecast(commands)
    return parser


def _report_and_batch(commands: Commands) -> None:
    whole = commands.add_parser("report", help="bring the report up to date")
    whole.set_defaults(command=report)

    shown_here = commands.add_parser("serve", help="show the report and build what changes")
    shown_here.set_defaults(command=preview)
    shown_here.add_argument(
        "--port", type=_port, default=8000, help="port on this machine; 0 is any that is free"
    )
    for command in (whole, shown_here):
        command.add_argument("--studies", default="studies", help="folder of study files")

    many = commands.add_parser("batch", help="run many studies, those that changed")
    many.set_defaults(command=batch)
    many.add_argument("files", nargs="+", help="study files, or patterns of their names")
    many.add_argument("--name", default="", help="name of the results together")
    many.add_argument("--scheduler", help="address of a Dask scheduler, such as tcp://host:8786")
    many.add_argument(
        "--address", default="", help="where workers without this folder get and put files: s3://…"
    )

    for command in (whole, shown_here, many):
        command.add_argument("--notebooks", default="notebooks", help="folder of the notebooks")
        command.add_argument(
            "--jobs", type=_positive, default=os.cpu_count(), help="how many at a time"
        )
        for name in Folders.model_fields:
            command.add_argument(f"--{name.replace('_', '-')}", dest=name)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"found {text!r}, needs a whole number from 1 on")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"found {text!r}, needs a port from 0 to {LAST_PORT}")
    return int(text)


def _run(commands: Commands) -> None:
    one = commands.add_parser("run", help="run one notebook with one parameter set")
    one.set_defaults(command=run)
    one.add_argument("notebook", type=Path)
    one.add_argument("-f", dest="file", type=Path, help="a study file")
    one.add_argument(
        "-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE")
    )
    one.add_argument("-o", dest="output", type=Path, help="the executed notebook")


def _add_and_fetch(commands: Commands) -> None:
    more = commands.add_parser("add", help="take in a download from China's customs")
    more.set_defaults(command=add)
    more.add_argument("file", nargs="+", type=Path, help="a CSV from the customs query page")
    more.add_argument("--saved", help="day it was downloaded, if not the file's own date")
    more.add_argument("--raw-dir", default=Folders().raw_dir)

    far = commands.add_parser("fetch", help="fetch months from a statistical office")
    far.set_defaults(command=fetch)
    far.add_argument("source", help="census, comext, comexstat, comtrade or hmrc")
    far.add_argument("--from", dest="start", required=True, help="first month, like 2024-01")
    far.add_argument("--to", dest="end", required=True, help="last month")
    far.add_argument("--address", default="", help="another address of the source, for tests")
    far.add_argument("--raw-dir", default=Folders().raw_dir)


def _forecast(commands: Commands) -> None:
    default = Forecasting()
    ahead = commands.add_parser("forecast", help="issue a forecast of the next months")
    ahead.set_defaults(command=forecast)
    ahead.add_argument("--ahead", type=int, default=default.ahead, help="how many months")
    for name in ("processed_dir", "forecasts_dir"):
        ahead.add_argument(f"--{name.replace('_', '-')}", default=getattr(default, name))


if __name__ == "__main__":
    sys.exit(main())
