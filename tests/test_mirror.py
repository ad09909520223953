"""Both sides of the border: like with like, missing stays missing, ratios and lags by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tradedata.fetch.offices import load_flows
from tradedata.mirror import compare_lags, ratios_by_month, sum_up_mirror
from tradedata.tables import ReportedFlows

from analysis.mirror import (
    METAL,
    RARE_EARTH,
    arrivals_in,
    build_mirror,
    plot_imports,
)
from analysis.pictures import plot_mirrors

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
    mirror = build_mirror(sent, reported).dropna(subset="ratio")
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


def test_sums_are_made_of_the_months_known_from_both_sides():
    mirror = build_mirror(exports(tonnes=np.array([100.0, 300.0])), census(np.array([50.0, 300.0])))
    row = sum_up_mirror(mirror).iloc[0]
    assert (row["months"], row["exporter_tonnes"], row["importer_tonnes"]) == (2, 400.0, 350.0)
    assert (row["sent_to"], row["median_ratio"]) == ("USA", 0.75)
    assert pd.isna(row["lag_months"])


def test_without_a_snapshot_nothing_is_compared():
    mirror = build_mirror(exports(), ReportedFlows.empty())
    assert mirror.empty
    assert sum_up_mirror(mirror).empty
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


def hmrc(tonnes: np.ndarray) -> pd.DataFrame:
    return census(tonnes, "85051110").assign(source="hmrc", reporter="GBR")


def test_an_importer_that_china_never_names_is_set_against_the_world():
    """2 % of the world's tonnes a month later: shares by hand, steadiest at a lag of one."""
    mirror = build_mirror(exports("WLD"), hmrc(0.02 * np.roll(SENT, 1)))
    assert set(mirror["sent_to"]) == {"WLD"}
    assert mirror["ratio"].iloc[1] == pytest.approx(0.02 * SENT[0] / SENT[1])
    assert set(mirror["lag_months"]) == {1.0}
    (row,) = sum_up_mirror(mirror).itertuples()
    assert (row.sent_to, row.lag_months) == ("WLD", 1.0), "a share of the world, no ratio of a pair"
    assert plot_mirrors(mirror) == []
    table = ratios_by_month(mirror)
    assert table["lag 1, %"].dropna().tolist() == pytest.approx([2.0] * 23)
    assert set(table["sent_to"]) == {"WLD"}


def test_an_importer_that_china_names_in_one_month_is_no_share():
    sent = pd.concat([exports("WLD"), exports("GBR", SENT[:1])])
    mirror = build_mirror(sent, hmrc(SENT))
    assert set(mirror["sent_to"]) == {"GBR"}
    assert mirror["ratio"].count() == 1


def test_arrivals_by_hand():
    """100 t a month, 40 in May and June 2025 (window April to May, a month's voyage): −60 %.

    24 months hold 20 placements of five months; 11 of them keep clear of April to August 2025:
    those that begin in January to November 2024.
    """
    tonnes = np.full(24, 100.0)
    tonnes[16:18] = 40.0
    mirror = build_mirror(exports("WLD"), hmrc(tonnes))
    table = arrivals_in(mirror, exports("WLD"), "2025-04", "2025-05")
    row = table[(table["destination"] == "GBR") & (table["lag_months"] == 1)].iloc[0]
    assert row["change_pct"] == pytest.approx(-60)
    assert (str(row["start"]), str(row["end"])) == ("2025-05", "2025-06")
    assert (row["other_dates"], row["as_deep"]) == (11, 0)
    assert row["p_value"] == pytest.approx(1 / 12)
    at_once = table[(table["destination"] == "GBR") & (table["lag_months"] == 0)].iloc[0]
    assert at_once["change_pct"] == pytest.approx(-30)
    world = table[table["destination"] == "WLD"].iloc[0]
    assert world["change_pct"] == pytest.approx(100 * (SENT[15:17].mean() / SENT[12:15].mean() - 1))


@pytest.mark.parametrize(("dip", "as_deep", "p_value"), [(40.0, 0, 1 / 36), (100.0, 35, 1.0)])
def test_a_fall_is_ranked_among_those_at_other_dates(dip, as_deep, p_value):
    """Four years hold 35 placements of five months that keep clear of April to August 2025."""
    months = pd.date_range(end="2025-12-01", periods=48, freq="MS")
    tonnes = np.full(len(months), 100.0)
    tonnes[-8:-6] = dip
    rows = [("hmrc", month, "import", "GBR", "CHN", "85051110", 1000.0 * value)
            for month, value in zip(months, tonnes, strict=True)]  # fmt: skip
    mirror = build_mirror(exports("WLD"), flows(*rows))
    found = arrivals_in(mirror, exports("WLD"), "2025-04", "2025-05")
    row = found[(found["destination"] == "GBR") & (found["lag_months"] == 1)].iloc[0]
    assert (row["other_dates"], row["as_deep"]) == (35, as_deep)
    assert row["p_value"] == pytest.approx(p_value)


def test_what_is_not_known_of_a_window_is_said():
    mirror = build_mirror(exports("USA"), hmrc(SENT[:14]))
    found = arrivals_in(mirror, exports("USA"), "2025-04", "2025-05")
    assert found["change_pct"].isna().all()
    assert "WLD" not in set(found["destination"])
    nothing = build_mirror(exports(), ReportedFlows.empty())
    assert arrivals_in(nothing, exports(), "2025-04", "2025-05").empty
    assert plot_imports(nothing, "2025-04", "2025-05") == []
    assert ratios_by_month(nothing).empty


def test_the_figure_of_imports_names_each_line_and_its_extremes():
    mirror = build_mirror(exports("WLD"), hmrc(SENT))
    (figure,) = plot_imports(mirror, "2025-04", "2025-05")
    assert figure.stem == "mirror-imports"
    assert figure.finding.startswith("The United Kingdom, rare-earth magnets: 24 months, least")
    assert "Shaded: April to May 2025" in figure.caption
    assert figure.data.iloc[:, 1].tolist() == pytest.approx(SENT.tolist())


def test_the_shipped_imports_are_read():
    """2,041,908 and 1,656,408 kg, summed by awk over the rows as they were gathered."""
    shipped = load_flows(Path(__file__).resolve().parents[1] / "data" / "raw")
    sums = shipped.groupby(["source", "reporter"])["kilograms"].agg(["sum", "size"])
    assert sums.loc[("hmrc", "GBR")].tolist() == [2_041_908, 25]
    assert sums.loc[("comexstat", "BRA")].tolist() == [1_656_408, 19]
