"""Tables in articles: no index, text as text, numbers as readers write them."""

from io import StringIO

import numpy as np
import pandas as pd

from analysis.article import show_table


def test_numbers_are_rounded_with_separators_and_a_true_minus() -> None:
    html = show_table(pd.DataFrame({"tonnes": [-6934.877, 0.5]}), digits=1).data
    assert "−6,934.9" in html
    assert "<td>0.5</td>" in html


def test_missing_numbers_are_dashes_and_the_index_is_left_out() -> None:
    html = show_table(pd.DataFrame({"tonnes": [float("nan")]}, index=[4711])).data
    assert "<td>–</td>" in html
    assert "4711" not in html


def test_text_is_shown_in_full_and_executes_nothing() -> None:
    html = show_table(pd.DataFrame({"note": ["<script>" + "x" * 200]})).data
    assert "&lt;script&gt;" + "x" * 200 in html


def test_every_row_of_a_long_table_is_shown() -> None:
    html = show_table(pd.DataFrame({"n": range(100)})).data
    assert html.count("<tr") == 101


def test_small_p_values_are_not_nought() -> None:
    for name in ("p_value", "adjusted_p_value"):
        html = show_table(pd.DataFrame({name: [0.0004, 0.0357]})).data
        assert "<td>&lt; 0.001</td>" in html
        assert "<td>0.036</td>" in html


def test_cells_and_columns_are_in_words() -> None:
    rows = pd.DataFrame(
        {
            "event_id": ["cn-ann18-2025-seven-ree"],
            "name": ["Licences"],
            "destination": ["USA"],
            "parts": ["GRP_DEU+KOR"],
            "targets": ["USA;WLD"],
            "effect_pct": [-1.0],
            "lower_80": [1.0],
            "n_pre": [46],
            "p_value": [0.5],
            "is_late": pd.Series([np.True_], dtype=object),
            "kind": ["control_tightening"],
            "actor": ["US/CN"],
            "month": [pd.Timestamp(2025, 4, 1)],
            "day": [pd.Timestamp(2025, 4, 4)],
            "until": [pd.Period("2025-05", freq="M")],
            "span": ["2025-04 to 2025-05"],
            "2025-06": ["fetch --from 2024-01 WLD"],
            "none": [None],
        }
    )
    (shown,) = pd.read_html(StringIO(show_table(rows).data))
    said = dict(zip(shown.columns, shown.iloc[0], strict=True))
    assert {
        name.replace("\xa0", " "): str(cell).replace("\xa0", " ") for name, cell in said.items()
    } == {
        "name": "Licences",
        "destination": "the United States",
        "parts": "Germany and South Korea together",
        "targets": "the United States and the world",
        "effect, %": "−1",
        "lower 80 %": "1",
        "months before": "46",
        "p": "0.5",
        "is late": "yes",
        "kind": "control tightening",
        "actor": "the United States and China",
        "month": "Apr 2025",
        "day": "4 Apr 2025",
        "until": "May 2025",
        "span": "Apr 2025 to May 2025",
        "Jun 2025": "fetch --from 2024-01 WLD",
        "none": "–",
    }


def test_cells_are_set_as_pandas_sets_them() -> None:
    table = pd.DataFrame({"a<b": ["x & y", "<i>", '"q"', "  padded "]})
    expected = table.to_html(index=False, border=0)
    assert show_table(table).data == expected
    assert show_table(table[:0]).data == table[:0].to_html(index=False, border=0)
