"""A forked kernel gives the notebook that papermill's own engine gives, byte for byte.

The site's own notebooks are compared in `press/test_ordinary_kernels.py`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from kernel_runs import Run, Write
from papermill.exceptions import PapermillExecutionError

RICH = [
    "count = 3",
    "import logging\nimport sys\nimport warnings\n\nimport matplotlib.pyplot as plt\n"
    "import numpy as np\nimport pandas as pd\nimport statsmodels.api as sm\n"
    "from IPython.display import HTML, Markdown, clear_output, display, update_display",
    "frame = pd.DataFrame({'x': np.arange(count), 'y': np.arange(count) ** 2.0})\nframe",
    "pd.DataFrame(np.eye(25))",
    "fig, ax = plt.subplots(figsize=(3, 2))\nax.plot(frame.x, frame.y)\nax.set_title('PNG')",
    "plt.bar(frame.x, frame.y);",
    "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 'fixed'\n"
    "%config InlineBackend.print_figure_kwargs = {'metadata': {'Date': None}}",
    "plt.plot(frame.y)\nplt.show()\nprint('after the figure')",
    "print(sm.OLS(frame.y, sm.add_constant(frame.x)).fit().params.round(6))",
    "display(HTML('<b>bold</b>'), Markdown('*text*'))\n"
    "handle = display(1, display_id='changing')\nupdate_display(2, display_id='changing')",
    "print('gone')\nclear_output()\nprint('stays')",
    "warnings.warn('a warning', stacklevel=1)\nprint('to stderr', file=sys.stderr)\n"
    "logging.getLogger('notebook').warning('a log record')",
    "!echo from a subprocess",
    "%%time_is_not_shown",
    "%%capture captured\nprint('captured')",
    "captured.stdout, _, Out.keys() if False else sorted(Out), len(In)",
    "%history -n 1-3",
    "import asyncio\nawait asyncio.sleep(0)\nfor line in 'ab':\n    print(line, flush=True)",
    "class Shape:\n    '''A class of the notebook.'''\n\nShape?",
    "import pickle\npickle.loads(pickle.dumps(Shape())).__class__",
    "def divide(a, b):\n    return a / b\n\ndivide(1, 0)",
    "frame['absent']",
    "input('name? ')",
    "1 +",
    "import sys\nsys.exit('this far')",
    "raise RuntimeWarning('last')",
]
RICH_RAISES = (13, 20, 21, 22, 23, 24, 25)

STATE = [
    "first, second = 1, 'two'",
    "import os, sys, signal, threading, warnings, logging, locale, gc, asyncio, random\n"
    "import matplotlib, numpy as np, pandas as pd, decimal, resource, builtins",
    "print(os.path.basename(sys.argv[0]), sys.argv[1], sys.argv[3:], os.getcwd(), sys.path)",
    "print({k: v for k, v in sorted(os.environ.items())})",
    "print(__name__, '__file__' in globals(), sorted(globals()), sys.modules['__main__'].__doc__)",
    "print([(s.name, str(signal.getsignal(s)).split(' at ')[0]) for s in signal.valid_signals()"
    " if isinstance(s, signal.Signals)])",
    # those that carry messages or watch for the client's end are not needed
    "carriers = {'ParentPollerUnix', 'Heartbeat', 'ControlThread', 'ShellChannelThread', 'Timer'}\n"
    "threads = [t for t in threading.enumerate()\n"
    "    if type(t).__name__ not in carriers and t.name != 'IOPub']\n"
    "print(sorted((t.name.split(' (')[0].rstrip('-0123456789'), t.daemon) for t in threads),"
    " threading.current_thread() is threading.main_thread())",
    "print(sys.flags, sys.warnoptions, sys._xoptions, sys.getrecursionlimit())",
    "print(warnings.filters)",
    "print(logging.root.level, [type(h).__name__ for h in logging.root.handlers],"
    " sorted(logging.root.manager.loggerDict))",
    "print(locale.getlocale(), decimal.getcontext(), np.geterr(), gc.isenabled(),"
    " gc.get_threshold())",
    "print(matplotlib.get_backend(), dict(matplotlib.rcParams))",
    "from pandas._config.config import _registered_options\n"
    "print({k: pd.get_option(k) for k in _registered_options}, np.get_printoptions())",
    "ip = get_ipython()\nprint(ip.starting_dir, _dh, ip.history_manager.enabled,"
    " ip.history_manager.hist_file, type(ip.parent).__name__, ip.kernel is ip.parent, ip.colors)",
    "print(sys.stdin.read(), sys.stdin.isatty(), type(sys.stdout).__name__,"
    " sys.displayhook.__class__.__name__, os.isatty(1))",
    "print(os.getpgid(0) == os.getsid(0) == os.getpid(), os.umask(0o22), resource.getrlimit(8))",
    "print(asyncio.get_running_loop().__class__, threading.stack_size(), sorted(dir(builtins)))",
    # a thread passes it on: only while the cell runs is it sure to be taken for the cell's
    "import time\nos.write(1, b'straight to the descriptor\\n')\ntime.sleep(1)",
    "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as pool:\n"
    "    print(pool.map(abs, [-1, -2]))",
    "import subprocess\nsubprocess.run(['sh', '-c', 'exit 3']).returncode",
]


def timeless(notebook: Path) -> str:
    """Read an executed notebook without times, random cell ids and process numbers."""
    content: dict[str, Any] = json.loads(notebook.read_text())
    for part in [content, *content["cells"]]:
        part["metadata"].pop("execution", None)
        for name in ("start_time", "end_time", "duration"):
            part["metadata"].get("papermill", {}).pop(name, None)
        if any("paper" in tag or "injected" in tag for tag in part["metadata"].get("tags", [])):
            del part["id"]  # papermill's own cells have random ones
    return re.sub(r"ipykernel_\d+", "ipykernel_PID", json.dumps(content, indent=1))


def test_rich_outputs(write: Write, run: Run) -> None:
    notebook = write(*RICH, raises=RICH_RAISES)
    results = []
    for engine in (None, "warm", "warm"):  # the second is from a kernel that was forked ahead
        with pytest.raises(PapermillExecutionError):  # papermill knows no error that may be
            run(notebook, engine, parameters={"count": 4})
        results.append(timeless(notebook.with_name("executed.ipynb")))
    assert "image/svg+xml" in results[0]
    assert '"ename": "RuntimeWarning"' in results[0]
    assert results[1] == results[0]
    assert results[2] == results[0]


def test_state_of_the_process(write: Write, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_VARIABLE", "of the caller")
    notebook = write(*STATE)
    results = []
    for engine in (None, "warm"):
        run(notebook, engine, parameters={"first": 3})
        results.append(timeless(notebook.with_name("executed.ipynb")))
    assert "of the caller" in results[0]
    assert results[1] == results[0]
