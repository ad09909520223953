"""The command line: `python -m pipeline report`, `run NOTEBOOK`, `add FILE`, `fetch SOURCE`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from analysis.study import ROOT, Folders
from pipeline.add import add_downloads, has_dropped
from pipeline.modules import run_module
from pipeline.studies import ParameterError, read_values, shown

LOCK = ROOT / "requirements.lock"


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
    from doit.cmd_base import DodoTaskLoader
    from doit.doit_cmd import DoitMain

    from pipeline.progress import Progress

    started = time.monotonic()
    raw = ROOT / (given.raw_dir or Folders().raw_dir)
    if has_dropped(raw) and add_downloads([], raw):
        return 1
    folders = {name: getattr(given, name) for name in Folders.model_fields}
    chosen = [f"{name}={value}" for name, value in folders.items() if value]
    command = ["run", "-f", str(ROOT / "dodo.py"), "-d", str(ROOT), "-n", str(given.jobs)]
    command += [*chosen, f"studies={given.studies}", f"notebooks={given.notebooks}"]
    status = DoitMain(DodoTaskLoader()).run(command)
    if status:
        return 1
    index = ROOT / (given.reports_dir or Folders().reports_dir) / "index.html"
    took = f" ({time.monotonic() - started:.1f} s)" if Progress.started else "; nothing had changed"
    print(f"The report is in {shown(index)}{took}")
    return 0


def add(given: argparse.Namespace) -> int:
    """Check customs downloads, say what they bring and keep them."""
    return add_downloads(given.file, ROOT / given.raw_dir, given.saved)


def fetch(given: argparse.Namespace) -> int:
    """Fetch months of a source and keep them as a snapshot."""
    span = ["--from", given.start, "--to", given.end]
    where = ["--raw-dir", str(ROOT / given.raw_dir), "--address", given.address]
    return run_module("analysis.fetch", [given.source, *span, *where])


def run(given: argparse.Namespace) -> int:
    """Run one notebook with one parameter set."""
    import yaml

    from pipeline.execute import NotebookFailed, execute

    values: dict[str, Any] = read_values(given.file) if given.file else {}
    values |= {name: yaml.safe_load(value) for name, value in given.parameters}
    output = given.output or Path(given.notebook.name)
    where = shown(given.file) if given.file else "command line"
    failed = output.with_name(f"{output.stem}.failed.ipynb")
    try:
        execute(given.notebook, values, output, failed, inputs=[given.notebook, LOCK], where=where)
    except NotebookFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(required=True)

    whole = commands.add_parser("report", help="bring the report up to date")
    whole.set_defaults(command=report)
    whole.add_argument("--studies", default="studies", help="folder of study files")
    whole.add_argument("--notebooks", default="notebooks", help="folder of the notebooks")
    whole.add_argument("--jobs", type=int, default=os.cpu_count(), help="notebooks at a time")
    for name in Folders.model_fields:
        whole.add_argument(f"--{name.replace('_', '-')}", dest=name)

    one = commands.add_parser("run", help="run one notebook with one parameter set")
    one.set_defaults(command=run)
    one.add_argument("notebook", type=Path)
    one.add_argument("-f", dest="file", type=Path, help="a study file")
    one.add_argument(
        "-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE")
    )
    one.add_argument("-o", dest="output", type=Path, help="the executed notebook")

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
    return parser


if __name__ == "__main__":
    sys.exit(main())
