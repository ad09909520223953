"""Tables in articles: no index, text as text, numbers as readers write them."""

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
