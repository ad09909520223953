"""The command line: `python -m pipeline` with `report`, `serve`, `batch FILES`, `run NOTEBOOK`,

`add FILE`, `fetch SOURCE` or `forecast`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any, TypeAlias

from contracts import ParameterError, Parser

from press.modules import run_module
from press.progress import run_graph
from press.report import LOCK, ROOT, ReportError, folder_names, report
from press.studies import given_values, matching, read_values, require_studies, shown

LAST_PORT = 65535
RECORD = ".origin.yaml"


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 if all of it went well, else 1."""
    asked = sys.argv[1:] if arguments is None else arguments
    try:
        if asked and (module := report().commands.get(asked[0])):
            return run_module(module, asked[1:])
        given = _parser().parse_args(asked)
        return int(given.command(given))
    except (ParameterError, ReportError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the next run goes on from here", file=sys.stderr)
        return 130


def build(given: argparse.Namespace) -> int:
    """Bring the report up to date, and say where it is and how long that took."""
    from press.progress import Progress

    started = time.monotonic()
    require_studies(ROOT / given.studies)
    raw = ROOT / _folder(given, "raw_dir")
    if has_dropped(raw) and run_module(report().commands["add"], ["--raw-dir", str(raw)]):
        return 1
    if run_graph(
        studies=given.studies,
        notebooks=given.notebooks,
        folders=_folders(given),
        processes=given.jobs,
    ):
        return 1
    index = ROOT / _folder(given, "reports_dir") / "index.html"
    took = f" ({time.monotonic() - started:.1f} s)" if Progress.started else "; nothing had changed"
    print(f"The report is in {shown(index)}{took}")
    return 0


def preview(given: argparse.Namespace) -> int:
    """Show the report on this machine and build it again whenever a source is saved."""
    from press.serve import SOURCES, serve

    raw, reports = (_folder(given, name) for name in ("raw_dir", "reports_dir"))
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
    return {name: value for name in folder_names() if (value := getattr(given, name))}


def _folder(given: argparse.Namespace, name: str) -> str:
    """A folder named on the command line, or else the usual one."""
    usual = next(iter(report().once.values())).model.model_fields[name].default
    return str(getattr(given, name) or usual)


def has_dropped(raw: Path) -> bool:
    """Whether a file without an origin record lies in the raw data's folder of downloads."""
    names = {path.name for path in (raw / report().downloads).glob("[!.]*")}
    return any(name + RECORD not in names for name in names if not name.endswith(RECORD))


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
    for name, module in report().commands.items():
        commands.add_parser(name, help=f"python -m {module}")
    return parser


def _report_and_batch(commands: Commands) -> None:
    whole = commands.add_parser("report", help="bring the report up to date")
    whole.set_defaults(command=build)

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
        for name in folder_names():
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


if __name__ == "__main__":
    sys.exit(main())
