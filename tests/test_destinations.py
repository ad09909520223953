"""Destinations as sentences name them."""

import subprocess
import sys

import pytest
from tradedata.destinations import destination_name

LOADED = "import sys; import tradedata.destinations as d; {}; print('babel' in sys.modules)"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("WLD", "the world"),
        ("GBR", "the United Kingdom"),
        ("DEU", "Germany"),
        ("CZE", "Czechia"),
        ("XKX", "Kosovo"),
        ("ROU", "Romania"),  # ISO's code; ROM is the withdrawn one
        ("GRP_GACC701", "partner 701 of China's customs"),
        ("GRP_DEU+KOR+USA", "Germany, South Korea and the United States together"),
        ("GRP_WLD-DEU", "the world without Germany"),
    ],
)
def test_name(code: str, name: str) -> None:
    assert destination_name(code) == name


@pytest.mark.parametrize(("code", "loaded"), [("USA", "False"), ("AUT", "True")])
def test_the_library_of_names_is_loaded_where_it_is_needed_only(code: str, loaded: str) -> None:
    command = LOADED.format(f"d.destination_name('{code}')")
    told = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert told.stdout.strip() == loaded
