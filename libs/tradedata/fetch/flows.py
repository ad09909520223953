"""What the kept snapshots of all statistical offices say, in one shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tradedata.fetch.offices import KEY, OFFICES, Office
from tradedata.tables import ReportedFlows

KEY_WORDS = {True: "{}, required", False: "{}, optional"}
COMMAND = ".venv/bin/python -m pipeline fetch {name} --from {first} --to {last}"


def load_flows(raw: Path) -> pd.DataFrame:
    """Kilograms by source, month, flow, reporter, partner and product: the contract ReportedFlows.

    The newest snapshot that holds a month of a source replaces what older ones say of it.
    Raises TableError for a snapshot that was changed or has no origin record.
    """
    parts = [part for office in OFFICES.values() for part in _newest_months(raw, office)]
    if not parts:
        return ReportedFlows.empty()
    return pd.concat(parts, ignore_index=True).sort_values(KEY, ignore_index=True)


def list_snapshots(raw: Path, last: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every office with what is asked of it, its newest snapshot and the command that fetches.

    The command asks for the months up to `last`, from January two years before; without `last` it
    leaves both open.
    """
    first, until = ("MONTH", "MONTH") if last is None else (f"{last.year - 2}-01", f"{last:%Y-%m}")
    return pd.DataFrame(
        [
            {
                "source": office.title,
                "key": KEY_WORDS[office.key_needed].format(office.key_name)
                if office.key_name
                else "none needed",
                "newest snapshot": (["none"] + [path.name for path in office.snapshots(raw)])[-1],
                "to fetch": COMMAND.format(name=name, first=first, last=until),
            }
            for name, office in OFFICES.items()
        ]
    )


def _newest_months(raw: Path, office: Office) -> Iterator[pd.DataFrame]:
    seen: set[pd.Timestamp] = set()
    for path in reversed(office.snapshots(raw)):
        flows = office.read_file(path)
        yield flows[~flows["month"].isin(seen)]
        seen |= set(flows["month"])
