"""A warm kernel against a cold one: seconds for the same notebook, run in turn by both engines.

    python -m benchmarks.kernels [NOTEBOOK] [RUNS]

Without a notebook, a small one is made that imports pandas, matplotlib and statsmodels, fits a
line and draws it.  The first warm run, which loads the libraries, is reported by itself.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import papermill

CELLS = [
    "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
    "import statsmodels.api as sm",
    "frame = pd.DataFrame({'x': np.arange(60.0)})\nframe['y'] = frame.x * 2 + np.sin(frame.x)\n"
    "frame.describe()",
    "fitted = sm.OLS(frame.y, sm.add_constant(frame.x)).fit()\nfitted.params",
    "fig, ax = plt.subplots()\nax.plot(frame.x, frame.y)\nax.plot(frame.x, fitted.fittedvalues);",
]


def seconds(notebook: Path, engine: str) -> float:
    """Return how long papermill takes for a notebook."""
    start = time.perf_counter()
    output = notebook.with_name(f"out-{engine}.ipynb")
    papermill.execute_notebook(notebook, output, engine_name=engine, progress_bar=False)
    return time.perf_counter() - start


def example(folder: Path) -> Path:
    """Write the small notebook."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "small.ipynb")
    return folder / "small.ipynb"


def machine() -> str:
    """Describe the machine and how busy it is."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "CPU")
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python " + (
        platform.python_version()
    )


def main(notebook: Path | None = None, runs: int = 5) -> None:
    """Run both engines in turn and print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, notebook.name) if notebook else example(Path(folder))
        if notebook:
            path.write_bytes(notebook.read_bytes())
        first = seconds(path, "warm")
        pairs = [(seconds(path, "nbclient"), seconds(path, "warm")) for _ in range(runs)]
    cold, warm = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(machine())
    print(f"cold {cold:.2f} s, warm {warm:.2f} s (first {first:.2f} s): {cold / warm:.1f} times")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]), *map(int, sys.argv[2:3]))
