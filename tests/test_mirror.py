"""Both sides of the border: like with like, missing stays missing, ratios and lags by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tradedata.tables import ReportedFlows

from analysis.mirror import (
    METAL,
    RARE_EARTH,
    build_mirror,
    compare_lags,
    describe_mirror,
    sum_up_mirror,
)
from analysis.pictures import plot_mirror, plot_mirrors

MONTHS = pd.date_range("2024-01-01", "2025-12-01", freq="MS")
SENT = 500.0 + 400 * np.cos(np.arange(24) ** 2)
"""24 months between 100 and 900 tonnes without a rhythm."""


def exports(destination: str = "USA", tonnes: np.ndarray = SENT) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "destination": destination,
            "month": MONTHS[: len(tonnes)],
            "tonnes": tonnes,
            "lower": tonnes - 1,
            "upper": tonnes + 1,
        }
    )


def flows(*rows: tuple[str, pd.Timestamp, str, str, str, str, float]) -> pd.DataFrame:
    columns = ["source", "month", "flow", "reporter", "partner", "product", "kilograms"]
    return pd.DataFrame(rows, columns=columns).assign(file="x.csv", vintage=MONTHS[0])


def census(tonnes: np.ndarray, code: str = "8505110070") -> pd.DataFrame:
    return flows(
        *(
            ("census", month, "import", "USA", "CHN", code, 1000 * value)
            for month, value in zip(MONTHS, tonnes, strict=False)
        )
    )


def test_only_codes_for_the_same_goods_are_compared():
    month = MONTHS[0]
    reported = flows(
        ("census", month, "import", "USA", "CHN", "8505110050", 10_000.0),
        ("census", month, "import", "USA", "CHN", "8505110070", 90_000.0),
        ("census", month, "import", "USA", "CHN", "8505110030", 800_000.0),
        ("comext", month, "import", "DEU", "CHN", "85051110", 60_000.0),
        ("hmrc", month, "import", "GBR", "CHN", "85051190", 5_000.0),
        ("comtrade", month, "import", "USA", "CHN", "850511", 900_000.0),
    )
    sent = pd.concat([exports(code, np.array([200.0])) for code in ("USA", "DEU", "GBR")])
    mirror = build_mirror(sent, reported)
    assert mirror["goods"].tolist() == [RARE_EARTH, RARE_EARTH]
    ratios = mirror.set_index("destination")["ratio"].to_dict()
    assert ratios == {"USA": 0.5, "DEU": 0.3}
    assert mirror["lag_months"].isna().all()


def test_all_metal_magnets_are_compared_within_hs6():
    month = MONTHS[0]
    reported = flows(
        ("comtrade", month, "export", "CHN", "BRA", "850511", 200_000.0),
        ("comtrade", month, "export", "CHN", "IND", "850511", 400_000.0),
        ("comtrade", month, "import", "BRA", "CHN", "850511", 999_000.0),
        ("comtrade", month, "import", "IND", "CHN", "850511", 100_000.0),
        ("comexstat", month, "import", "BRA", "CHN", "85051100", 190_000.0),
    )
    mirror = build_mirror(exports("USA"), reported)
    assert set(mirror["goods"]) == {METAL}
    told = mirror.set_index("destination")
    assert told["ratio"].to_dict() == {"BRA": 0.95, "IND": 0.25}
    assert told["source"].to_dict() == {"BRA": "comexstat", "IND": "comtrade"}


def test_what_is_missing_on_one_side_has_no_ratio():
    reported = pd.concat([census(np.array([90.0, np.nan, 90.0, 90.0]))], ignore_index=True)
    sent = exports(tonnes=np.array([100.0, 100.0, np.nan, 0.0])).assign(lower=0.0, upper=500.0)
    mirror = build_mirror(sent, reported)
    assert mirror["ratio"].dropna().tolist() == [0.9]
    assert len(mirror) == 4


def test_a_sum_with_a_missing_part_is_missing():
    parts = [census(np.array([90.0])), census(np.array([np.nan]), "8505110050")]
    mirror = build_mirror(exports(), pd.concat(parts, ignore_index=True))
    assert mirror["importer_tonnes"].isna().all()


@pytest.mark.parametrize("lag", [0, 1, 2, 3])
def test_the_lag_that_the_goods_took_is_found(lag):
    received = 0.9 * np.roll(SENT, lag)
    mirror = build_mirror(exports(), census(received))
    assert set(mirror["lag_months"]) == {float(lag)}
    lags = compare_lags(mirror).set_index("lag_months")
    assert lags.loc[lag, "spread"] < 1e-9
    assert lags["months"].tolist() == [21, 21, 21, 21]
    assert lags["spread"].idxmin() == lag


def test_spread_by_hand():
    """Twelve and three months; the ratio goes 1, 1/e, 1, …: alternating logs 0 and -1."""
    sent = np.full(15, 100.0)
    received = np.where(np.arange(15) % 2, 100.0 / np.e, 100.0)
    lags = compare_lags(build_mirror(exports(tonnes=sent), census(received)))
    logs = [-1, 0] * 6
    assert lags["spread"].tolist() == pytest.approx([np.std(logs, ddof=1)] * 4)
    assert lags["months"].tolist() == [12] * 4
    assert lags.query("best")["lag_months"].tolist() == [0.0], "the shortest of equals"


def test_too_few_months_tell_no_lag():
    mirror = build_mirror(exports(tonnes=SENT[:14]), census(SENT[:14]))
    assert compare_lags(mirror).empty
    assert mirror["lag_months"].isna().all()


def test_sentences_and_sums_are_made_of_the_numbers():
    mirror = build_mirror(exports(tonnes=np.array([100.0, 300.0])), census(np.array([50.0, 300.0])))
    row = sum_up_mirror(mirror).iloc[0]
    assert (row["months"], row["exporter_tonnes"], row["importer_tonnes"]) == (2, 400.0, 350.0)
    told = describe_mirror(mirror)
    assert told.startswith("- The United States: over 2 months known from both sides China reports")
    assert "400 tonnes sent there and the importer 350 tonnes" in told
    assert "0.75 of what was sent, too few to tell a lag" in told


def test_without_a_snapshot_it_says_so():
    mirror = build_mirror(exports(), ReportedFlows.empty())
    assert mirror.empty
    assert "Nothing can be compared yet" in describe_mirror(mirror)
    assert plot_mirrors(mirror) == []


def test_the_figure_shows_both_sides_and_says_their_ratio():
    sent = pd.concat([exports("USA"), exports("DEU", SENT / 10)])
    german = census(SENT / 20).assign(source="comext", reporter="DEU", product="85051110")
    mirror = build_mirror(sent, pd.concat([census(0.9 * SENT), german], ignore_index=True))
    figures = plot_mirrors(mirror)
    assert [figure.stem for figure in figures] == ["mirror-usa", "mirror-deu"]
    assert "24 months are known from both sides" in figures[0].finding
    assert "0.90 of what the exporter reports" in figures[0].finding
    assert figures[0].data["importer_tonnes"].tolist() == pytest.approx(0.9 * SENT)
    assert "received" in figures[0].svg
    with pytest.raises(ValueError, match="no month of FRA"):
        plot_mirror(mirror, "FRA")
