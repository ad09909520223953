"""The contracts of what this study reads and finds: its own from `tables.yaml`, and the libraries'.

Each is asked for by its name: `tables.Effects`.
"""

from __future__ import annotations

from pathlib import Path

import claims.tables
import ledger.tables
import tradedata.tables
from contracts import Table, load_contracts, load_yaml
from contracts.contract import Rule
from contracts.package import dictionary

HERE = Path(__file__).parent
RULES: dict[str, dict[str, Rule]] = {
    "Regimes": {
        "needs either a start_event or a start_date": lambda rows: (
            (rows["start_event"] == "") != (rows["start_date"] == "")
        ),
    },
}
_ALL = {
    **ledger.tables.TABLES,
    **claims.tables.TABLES,
    **tradedata.tables.TABLES,
    **load_contracts(HERE / "tables.yaml", tradedata.tables.PLACE, RULES),
}
_NAMES = load_yaml((HERE / "files.yaml").read_text(encoding="utf-8"))
FILES: dict[str, Table] = {file: _ALL[name] for file, name in _NAMES.items()}
"""Which table each file holds."""


def __getattr__(name: str) -> Table:
    if name not in _ALL:
        raise AttributeError(f"analysis.tables has no {name!r}")
    return _ALL[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_ALL})


def data_dictionary() -> str:
    """The data dictionary of all files, in Markdown."""
    made = "Made by `python -m analysis.tables` from `analysis/tables.yaml` and the libraries."
    return f"# Data dictionary\n\n{made}\n\n{dictionary(FILES)}"


if __name__ == "__main__":
    print(data_dictionary(), end="")
