"""The command line: `report`, `verify`, `serve`, `batch`, `run` and what report.yaml adds."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeAlias

from contracts import ParameterError, Parser

from press import PUBLISHING
from press.keeper import alone, kept
from press.modules import run_module
from press.site import FILE, site, unfiled
from press.studies import FOLDER, given_values, matching, read_values, require_studies
from press.unchanged import is_fed_alike, listing, note

LAST_PORT = 65535

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 if all of it went well, else 1."""
    asked = sys.argv[1:] if arguments is None else arguments
    try:
        if asked and asked[0] in site().about.commands:
            return run_module(site().about.commands[asked[0]], asked[1:])
        given = _parser().parse_args(asked)
        named = {name: getattr(given, name, None) for name in site().folders.model_fields}
        given.folders = {name: value for name, value in named.items() if value}
        given.root, given.asked = str(site().root), asked
        folders = [site().folder(name, given.folders) for name in ("reports", "processed")]
        with kept(*folders), alone(folders[0]) if given.command in BUILDING else nullcontext():
            given.before = listing(given.root, asked)
            status = int(given.command(given))
        if not status:
            note(given.root, asked, getattr(given, "said", ""), given.before)
        return status
    except ParameterError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        place = f"{site().shown(Path(error.filename))}: " if error.filename else ""
        print(f"{place}{error.strerror or error}; mend that and run it again", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped; the next run goes on from here", file=sys.stderr, flush=True)
        os._exit(130)  # without waiting for what waits for kernels
    return 1


def report(given: argparse.Namespace) -> int:
    """Bring the report up to date, and say where it is, how long that took and what failed."""
    from press.graph import Progress, run_graph
    from press.report import Report

    started = time.monotonic()
    require_studies(site().root / given.studies)
    site().require_notebooks(site().root / given.notebooks)
    if _take_in(given.folders):
        return 1
    graph = {name: getattr(given, name) for name in ("studies", "notebooks", "folders")}
    made = Report(**graph)
    for one in made.refused:
        print(one.reason, file=sys.stderr)
    failed = run_graph(**graph, processes=given.jobs)
    changed = made.publish(failed) or bool(Progress.started)
    lacking = "; its front page says what is missing" if failed or made.refused else ""
    if (
        changed
        and not lacking
        and is_fed_alike(given.before, now := listing(given.root, given.asked))
    ):
        given.before = now
        made.publish(run_graph(**graph))  # done is what building it again does not change
    took = f" ({time.monotonic() - started:.1f} s)" if changed else "; nothing had changed"
    given.said = f"The report is in {site().shown(made.reports / 'index.html')}"
    print(f"{given.said}{took}{lacking}")
    given.said += "; nothing had changed"
    return 1 if lacking else 0


def _take_in(folders: dict[str, str]) -> int:
    """Take in what lies in the inbox without an origin record; the exit status."""
    inbox, commands = site().about.inbox, site().about.commands
    head, _, rest = inbox.partition("/")
    if not inbox or not unfiled(site().folder(head, folders) / rest):
        return 0
    return run_module(commands["add"], ["--raw-dir", str(site().folder("raw", folders))])


def preview(given: argparse.Namespace) -> int:
    """Show the report on this machine and build it again whenever a source is saved."""
    from press.serve import serve

    folders = given.folders
    named = [given.studies, given.notebooks, FILE, *site().source_folders]
    sources = [site().folder("raw", folders), *(site().root / name for name in named)]
    options = [f"--{name.replace('_', '-')}={value}" for name, value in folders.items()]
    options += [f"--studies={given.studies}", f"--notebooks={given.notebooks}"]
    build = [sys.executable, "-m", "press", "report", f"--jobs={given.jobs}", *options]
    return serve(site().folder("reports", folders), sources, build, given.port)


def batch(given: argparse.Namespace) -> int:
    """Bring the studies of some files up to date, here or on a cluster."""
    from press.batch.run import Batch, run_batch

    paths = [path for pattern in given.files for path in matching(pattern)]
    options = ("scheduler", "notebooks", "folders", "name", "address")
    asked = Batch(paths, given.jobs, **{name: getattr(given, name) for name in options})
    status, given.said = run_batch(asked)
    return status


def compare(given: argparse.Namespace) -> int:
    """Build the report again elsewhere, and say where it differs from the one here."""
    from press.verify import verify

    return verify(site().folder("reports"), given.jobs)


def run(given: argparse.Namespace) -> int:
    """Run one notebook with one parameter set, by hand: the site is not meant."""
    from press.execute import NotebookFailed, execute

    if not given.notebook.is_file():
        raise ParameterError(f"{given.notebook}: no such notebook")
    os.environ.pop(PUBLISHING, None)
    values: dict[str, Any] = read_values(given.file) if given.file else {}
    values |= given_values(given.notebook.stem, given.parameters)
    output = given.output or Path(given.notebook.name)
    _require_place(output, given.notebook)
    where = site().shown(given.file) if given.file else "command line"
    failed = output.with_name(f"{output.stem}.failed.ipynb")
    try:
        inputs = [given.notebook, site().lock]
        execute(given.notebook, values, output, failed, inputs=inputs, where=where)
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
    place = f"-o: found {str(output)!r}, but {site().shown(nearest)}"
    if not nearest.is_dir():
        raise ParameterError(f"{place} is no folder")
    if not os.access(nearest, os.W_OK):
        raise ParameterError(f"{place} cannot be written")


def _parser() -> Parser:
    parser = Parser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(required=True)
    whole = _command(commands, report, "report", "bring the report up to date")
    shown_here = _command(commands, preview, "serve", "show the report and build what changes")
    many = _command(commands, batch, "batch", "run many studies, those that changed")
    again = _command(commands, compare, "verify", "build the report elsewhere and compare")
    _run(commands)
    for name, module in site().about.commands.items():  # which `main` runs, but here they are named
        commands.add_parser(name, help=f"python -m {module}")
    shown_here.add_argument(
        "--port", type=_port, default=8000, help="port on this machine; 0 is any that is free"
    )
    for command in (whole, shown_here):
        command.add_argument("--studies", default=FOLDER, help="folder of study files")

    many.add_argument("files", nargs="+", help="study files, or patterns of their names")
    many.add_argument("--name", default="", help="name of the results together")
    many.add_argument("--scheduler", help="address of a Dask scheduler, such as tcp://host:8786")
    many.add_argument(
        "--address", default="", help="where workers without this folder get and put files: s3://…"
    )

    for command in (whole, shown_here, many, again):
        command.add_argument(
            "--jobs", type=_positive, default=os.cpu_count(), help="how many at a time"
        )
    for command in (whole, shown_here, many):
        command.add_argument("--notebooks", default="notebooks", help="folder of the notebooks")
        for name in site().folders.model_fields:
            command.add_argument(f"--{name.replace('_', '-')}", dest=name)
    return parser


BUILDING = (report, batch)
"""Commands that write the site, which do so one after the other."""


def _command(
    commands: Commands, act: Callable[[argparse.Namespace], int], name: str, told: str
) -> Parser:
    command = commands.add_parser(name, help=told)
    command.set_defaults(command=act)
    return command


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"found {text!r}, needs a whole number from 1 on")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"found {text!r}, needs a port from 0 to {LAST_PORT}")
    return int(text)


def _run(commands: Commands) -> None:
    one = _command(commands, run, "run", "run one notebook with one parameter set")
    one.add_argument("notebook", type=Path)
    one.add_argument("-f", dest="file", type=Path, help="a study file")
    one.add_argument(
        "-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE")
    )
    one.add_argument("-o", dest="output", type=Path, help="the executed notebook")


if __name__ == "__main__":
    sys.exit(main())
