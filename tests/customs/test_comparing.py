"""What a download changes, cell by cell."""

import pandas as pd
from official_cells import official
from tradedata.customs.adding import changes


def test_changes_are_what_is_new_other_or_gone():
    after = official(
        {("USA", "2025-03"): 584.2, ("USA", "2025-04"): 250.0, ("DEU", "2025-04"): 9.0}
    )
    before = official(
        {("USA", "2025-03"): 584.2, ("USA", "2025-04"): 246.0, ("KOR", "2025-04"): 8.0}
    )
    rows = changes(before, after).set_index("destination")[["old", "new"]]
    assert rows.loc["USA"].tolist() == [246.0, 250.0]
    assert pd.isna(rows.loc["DEU", "old"])
    assert pd.isna(rows.loc["KOR", "new"])
    assert len(rows) == 3


def test_equal_tables_show_no_change():
    table = official({("USA", "2025-03"): 584.2})
    assert changes(table, table).empty
