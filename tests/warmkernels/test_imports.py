"""Which libraries a notebook imports is read from its code."""

from __future__ import annotations

import nbformat
import pytest
from warmkernels.imports import imported_libraries


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["import pandas as pd, numpy"], ["pandas", "numpy"]),
        (["import matplotlib.pyplot as plt"], ["matplotlib.pyplot"]),
        (["from scipy import stats, linalg as la"], ["scipy.stats", "scipy.linalg"]),
        (["from charts import *"], ["charts"]),
        (["import os, json", "from pathlib import Path"], []),
        (["import pandas", "import numpy", "import pandas"], ["pandas", "numpy"]),
        (["%matplotlib inline\n!ls\nimport pandas"], ["pandas"]),
        (["%%bash\nimport pandas"], []),
        (["from . import sibling"], []),
        (["this is not Python", "import pandas"], ["pandas"]),
        (["def load():\n    import pandas"], ["pandas"]),
        (["import pandas", "os.environ['KERAS_BACKEND'] = 'jax'\nimport keras"], ["pandas"]),
        (["%env MODE=fast", "import pandas"], []),
    ],
)
def test_imported_libraries(cells: list[str], expected: list[str]) -> None:
    code = [nbformat.v4.new_code_cell(source) for source in cells]
    prose = nbformat.v4.new_markdown_cell("import statsmodels")
    assert imported_libraries(nbformat.v4.new_notebook(cells=[prose, *code])) == expected
