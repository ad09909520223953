"""Studies as of a day: each day's tables are made once, and only its own studies fail with it."""

from __future__ import annotations

import pytest
from little_notebooks import CHAIN

from .conftest import Batches

LEDGER = """
import pandas as pd
from ledger.tables import Figures, Products, Sources
from tradedata.tables import OfficialExports
from contracts import write_table
month = [pd.Timestamp("2025-02-01"), pd.Timestamp("2025-03-01")]
figures = pd.DataFrame({
    "figure_id": ["f1", "f2"], "series": "magnets_85051110", "destination": "WLD",
    "period_start": month, "period_end": month, "measure": "tonnes", "value": ["100", "80"],
    "unit": "tonnes", "approximate": False, "source_id": ["march", "april"], "note": "",
})
pages = pd.DataFrame({
    "source_id": ["march", "april"], "publisher": "A", "newsroom": "A", "url": "",
    "published": ["2025-03-20", "2025-04-20"], "grade": "press",
})
products = pd.DataFrame(
    {"series": ["magnets_85051110"], "code": "85051110", "name": "magnets", "unit": "tonnes",
     "part_of": "", "parts": ""}
)
write_table(products, processed / "products.parquet", Products)
write_table(figures, processed / "figures.parquet", Figures)
write_table(pages, processed / "sources.parquet", Sources)
write_table(OfficialExports.empty(), processed / "official_exports.parquet", OfficialExports)
"""
MONTHS = """
import pandas as pd
from analysis.study import Study
vintage = Study(as_of=as_of, processed_dir=processed_dir).vintage
months = len(pd.read_parquet(vintage / "exports.parquet"))
(reports / study / "months.csv").write_text(f"{as_of} {months}")
"""


@pytest.fixture
def dated(fresh: Batches) -> Batches:
    """Two studies of all that is known, and one of each of three days; at the first, nothing is."""
    fresh.place.write("01_ingest", *CHAIN["01_ingest"], LEDGER)
    fresh.model("if as_of:" + MONTHS.replace("\n", "\n    "))
    path = fresh.folder / "studies" / "days.yaml"
    path.write_text("as_of: [2025-01-01, 2025-03-31, 2025-04-20]\n")
    return fresh


def test_days(dated: Batches) -> None:
    done = dated.run()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"failed: {dated.folder}/studies/days.yaml: as_of: found '2025-01-01'")
    assert "5 studies: 0 unchanged, 4 made, 1 failed" in done.stdout
    assert dated.ran() == ["days-2025-03-31", "days-2025-04-20", "one", "two"]
    files = dated.contents()
    assert files["days-2025-03-31/months.csv"] == b"2025-03-31 1"
    assert files["days-2025-04-20/months.csv"] == b"2025-04-20 2"

    spoilt = dated.folder / "processed" / "as_of" / "2025-03-31" / "exports.parquet"
    whole = spoilt.read_bytes()
    spoilt.write_text("spoilt")
    assert "4 unchanged, 0 made, 1 failed" in dated.run().stdout
    assert (dated.ran(), spoilt.read_bytes()) == ([], whole)

    report = dated.place.build()
    assert (report.returncode, dated.ran()) == (
        1,
        ["days-2025-03-31", "days-2025-04-20", "one", "two"],
    )
    assert f"{dated.folder}/studies/days.yaml: as_of: found '2025-01-01'" in report.stdout
    made = dated.contents()
    for name in (name for name in files if not name.endswith(".html")):
        assert made[name] == files[name], name
