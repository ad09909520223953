"""Forecasts against R and statsmodels, scores by hand, and a ledger that nobody can rewrite."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import TableError, validate
from effects import EffectError
from effects.baseline import fit_baseline
from effects.forecasts import (
    Outlook,
    compare,
    interval_score,
    local_level,
    months_not_held,
    nearest_record,
    outlook,
    rolling_forecasts,
    score_issued,
    seasonal_naive,
    weighted_interval_score,
)
from effects.samples import observed_points
from effects.season import choose_terms, season_terms
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.forecast import (
    RELEASE,
    forecasts_table,
    issue,
    issue_rows,
    read_issued,
)
from analysis.pictures import plot_forecast
from analysis.regressors import new_year_regressors
from analysis.study import ROOT
from analysis.tables import Forecasts

REFERENCE = Path(__file__).parent / "reference"


def drivers() -> pd.Series:
    """Logs of drivers killed or seriously injured in Britain, 1969 to 1984."""
    frame = pd.read_csv(REFERENCE / "seatbelts.csv")
    months = pd.PeriodIndex(frame["month"], freq="M")
    return pd.Series(np.log(frame["drivers"].to_numpy(dtype="float64")), index=months)


def no_regressors(index: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
    return pd.DataFrame(index=index)


def new_year(index: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
    return new_year_regressors(index)


MODELS = {"naive": seasonal_naive, "level": local_level(no_regressors)}


@pytest.fixture(scope="module")
def series() -> pd.Series:
    """Five years of months with season and a level, three of them missing."""
    random = np.random.default_rng(6)
    months = pd.period_range("2020-01", periods=62, freq="M", name="month")
    level = 0.03 * np.cumsum(random.standard_normal(62)) + 0.05 * random.standard_normal(62)
    season = 0.2 * np.sin(2 * np.pi * months.month.to_numpy() / 12)
    made = pd.Series(5000 * np.exp(season + level), index=months, name="WLD")
    made.loc["2022-05":"2022-07"] = np.nan
    return made


@pytest.fixture(scope="module")
def found(series: pd.Series) -> Outlook:
    return outlook(series, MODELS)


def test_seasonal_naive_agrees_with_r() -> None:
    lines = (REFERENCE / "snaive.out").read_text().splitlines()
    expected = {line.split()[0]: np.array(line.split()[1:], dtype="float64") for line in lines}
    found = seasonal_naive(drivers(), 14)
    np.testing.assert_allclose(found.mean, expected["mean"], rtol=1e-12)
    np.testing.assert_allclose(found.error, expected["error"], rtol=1e-12)


def test_seasonal_naive_looks_further_back_over_a_gap() -> None:
    """Months missing a year ago come from two years ago, with √2 times the error."""
    logs = drivers().drop(pd.period_range("1983-01", "1983-02", freq="M")).loc[:"1983-12"]
    found = seasonal_naive(logs, 3)
    assert found.mean.tolist() == pytest.approx(logs[["1982-01", "1982-02", "1983-03"]].tolist())
    np.testing.assert_allclose(found.error / found.error[2], [np.sqrt(2), np.sqrt(2), 1])


@pytest.mark.parametrize("drift", [False, True])
def test_level_forecasts_agree_with_unobserved_components(drift: bool) -> None:
    """The exact diffuse filter of statsmodels at the variances that REML finds, over a gap."""
    logs = drivers().drop(pd.period_range("1975-03", "1975-09", freq="M"))
    found = local_level(new_year, drift)(logs, 5)
    every = pd.period_range(logs.index[0], logs.index[-1] + 5)
    exog = season_terms(every, "calendar").iloc[:, 1:].join(new_year_regressors(every))
    if drift:
        exog["drift"] = np.arange(len(every)) / 12.0
    terms = choose_terms(pd.PeriodIndex(logs.index), every, exog.iloc[:, 11:])
    fit = fit_baseline(observed_points(logs), terms).fit
    model = UnobservedComponents(
        logs.reindex(every[:-5]).to_numpy(),
        level="llevel",
        exog=exog.to_numpy()[:-5],
        mle_regression=False,
        use_exact_diffuse=True,
    )
    smoothed = model.smooth([(1 - fit.share) * fit.variance, fit.share * fit.variance])
    ahead = smoothed.get_forecast(5, exog=exog.to_numpy()[-5:])
    np.testing.assert_allclose(found.mean, ahead.predicted_mean, rtol=1e-6)
    np.testing.assert_allclose(found.error**2, ahead.var_pred_mean, rtol=1e-6)


def test_interval_score_by_hand() -> None:
    """Width 2; a miss of 0.5 costs 2/0.2 of it at 80 %, that is 5; 2/0.05 at 95 %, that is 20."""
    outcome, ones = np.array([2.0, 0.5, 3.5]), np.ones(3)
    assert interval_score(outcome, ones, 3 * ones, 0.80).tolist() == pytest.approx([2, 7, 7])
    assert interval_score(outcome, ones, 3 * ones, 0.95).tolist() == pytest.approx([2, 22, 22])


def test_weighted_interval_score_by_hand() -> None:
    """Logs: median 0, 80 % ±1, 95 % ±2, outcome 1.5.

    (|1.5|/2 + 0.1·(2 + 10·0.5) + 0.025·4) / 2.5 = (0.75 + 0.7 + 0.1) / 2.5 = 0.62.
    """
    ends = {"median": 0, "lower_80": -1, "upper_80": 1, "lower_95": -2, "upper_95": 2}
    forecast = pd.DataFrame({name: [np.exp(value)] for name, value in ends.items()})
    assert weighted_interval_score(forecast, np.exp([1.5])) == pytest.approx([62.0])
    assert np.isnan(weighted_interval_score(forecast, np.array([np.nan]))).all()


def test_no_forecast_sees_what_comes_after_it(series: pd.Series) -> None:
    logs = np.log(series.dropna())
    changed = logs.copy()
    changed.loc["2024-06":] += 1.0
    before, after = (
        rolling_forecasts(one, MODELS, 2).query("origin < '2024-06'") for one in (logs, changed)
    )
    columns = ["model", "origin", "period", "median", "lower_95", "upper_95"]
    pd.testing.assert_frame_equal(before[columns], after[columns])


def test_models_are_compared_over_the_same_months(series: pd.Series) -> None:
    table = rolling_forecasts(np.log(series.dropna()), MODELS, 2)
    board = compare(table, "naive")
    assert board.groupby("horizon")["cases"].nunique().eq(1).all()
    one = board[board["horizon"] == 1].set_index("model")
    assert one.loc["naive", "against_rival"] == 1
    assert one.index[0] == one["score"].idxmin()
    known = table.dropna(subset="outcome").query("horizon == 1")
    both = known.pivot(index="origin", columns="model", values="score").dropna()
    assert one["score"].to_dict() == pytest.approx(both.mean().to_dict())


def test_a_wandering_level_beats_the_year_before(found: Outlook, series: pd.Series) -> None:
    assert found.model == "level"
    first = found.table.iloc[0]
    assert first["period"] == series.index[-1] + 1
    assert first["lower_95"] < first["lower_80"] < first["median"]
    assert first["median"] < first["upper_80"] < first["upper_95"]


def test_missing_months_reach_further_and_widen(series: pd.Series) -> None:
    """The last observed month is four months back: the next is five months from it."""
    widths = outlook(series.iloc[:-4], MODELS, 5).table
    assert widths["period"].iloc[0] == series.index[-4]
    spread = np.log(widths["upper_95"] / widths["lower_95"])
    assert spread.iloc[4] > spread.iloc[0]


def test_what_is_too_wide_is_not_told(series: pd.Series) -> None:
    random = np.random.default_rng(1)
    wild = series * np.exp(np.cumsum(0.35 * random.standard_normal(len(series))))
    told = outlook(wild, MODELS, 12).table
    assert 0 < len(told) < 12
    assert (told["upper_95"] <= 3 * told["median"]).all()
    wilder = series * np.exp(np.cumsum(2.0 * random.standard_normal(len(series))))
    with pytest.raises(EffectError, match="none of the 3 months after 2025-02 can be forecast"):
        outlook(wilder, MODELS, 3)


@pytest.mark.parametrize(("months", "told"), [(14, "no model can be"), (26, "fewer than 8")])
def test_too_short_a_series_is_refused(series: pd.Series, months: int, told: str) -> None:
    with pytest.raises(EffectError, match=told):
        outlook(series.iloc[:months], MODELS)


def test_an_issued_forecast_is_filed_once_and_read_back(
    found: Outlook, series: pd.Series, tmp_path: Path
) -> None:
    rows = issue_rows(found, series, date(2025, 3, 22))
    path = issue(rows, tmp_path)
    assert path.name.startswith("WLD-2025-03-22-")
    pd.testing.assert_frame_equal(read_issued(tmp_path)[list(rows)], rows, check_dtype=False)
    with pytest.raises(TableError, match="from the same data was issued on 2025-03-22"):
        issue(issue_rows(found, series, date(2025, 4, 1)), tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_new_vintage_makes_a_new_forecast(
    found: Outlook, series: pd.Series, tmp_path: Path
) -> None:
    issue(issue_rows(found, series, date(2025, 3, 22)), tmp_path)
    revised = series.copy()
    revised.iloc[-1] += 1
    issue(issue_rows(outlook(revised, MODELS), revised, date(2025, 3, 22)), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert read_issued(tmp_path)["vintage"].nunique() == 2


def test_a_changed_forecast_is_refused_by_name(
    found: Outlook, series: pd.Series, tmp_path: Path
) -> None:
    path = issue(issue_rows(found, series, date(2025, 3, 22)), tmp_path)
    path.write_text(path.read_text().replace("level", "lucky"))
    with pytest.raises(TableError, match=f"{path.name}: its content was changed"):
        read_issued(tmp_path)


def test_the_forecasts_on_file_are_whole() -> None:
    """Every forecast ever issued is there as it was issued."""
    assert len(read_issued(ROOT / "data" / "forecasts"))


def test_forecasts_are_scored_when_their_month_arrives(
    found: Outlook, series: pd.Series, tmp_path: Path
) -> None:
    issue(issue_rows(found, series, date(2025, 3, 22)), tmp_path)
    issued = read_issued(tmp_path)
    waiting = score_issued(issued, series, RELEASE)
    assert waiting["outcome"].isna().all()
    later = pd.concat([series, pd.Series({series.index[-1] + 1: issued["median"].iloc[0]})])
    later = later.set_axis(pd.PeriodIndex(later.index), axis="index").rename("WLD")
    came = score_issued(issued, later, RELEASE)
    assert came["score"].notna().tolist() == [True, False, False]
    assert came["outcome"].iloc[0] == issued["median"].iloc[0]


def test_a_forecast_after_the_release_is_late(
    found: Outlook, series: pd.Series, tmp_path: Path
) -> None:
    """March's figures come out on 20 April: the 19th is in time, the 20th is not."""
    kinds = []
    for day in (date(2025, 4, 19), date(2025, 4, 20)):
        folder = tmp_path / str(day)
        issue(issue_rows(found, series, day), folder)
        kinds.append(score_issued(read_issued(folder), series, RELEASE)["kind"].tolist())
    assert kinds == [["issued"] * 3, ["issued late", "issued", "issued"]]


def test_the_table_keeps_its_contract(found: Outlook, series: pd.Series, tmp_path: Path) -> None:
    nothing = score_issued(read_issued(tmp_path), series, RELEASE)
    table = validate(forecasts_table(found, nothing, series), Forecasts, "forecasts")
    assert table["kind"].value_counts().index.tolist() == ["rolling origin", "next"]
    ahead = table[table["kind"] == "next"]
    assert ahead["median"].tolist() == found.table["median"].round(1).tolist()
    assert table["outcome"].isna().equals(table["kind"] == "next")
    assert not len(validate(forecasts_table(None, nothing, series), Forecasts, "forecasts"))


def test_a_forecast_beyond_all_that_was_observed_is_told(series: pd.Series) -> None:
    months = pd.period_range("2024-01", periods=3, freq="M")
    observed = pd.Series([1000.0, 3000.0, 2000.0], index=months)
    assert nearest_record(3001.0, observed) == months[1]
    assert nearest_record(999.0, observed) == months[0]
    assert nearest_record(1000.0, observed) is nearest_record(3000.0, observed) is None


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2025, 4, 19), []),
        (date(2025, 4, 20), ["2025-03"]),
        (date(2025, 6, 1), ["2025-03", "2025-04"]),
    ],
)
def test_months_published_but_not_held_are_told(
    found: Outlook, series: pd.Series, tmp_path: Path, day: date, told: list[str]
) -> None:
    issue(issue_rows(found, series, day), tmp_path)
    scored = score_issued(read_issued(tmp_path), series, RELEASE)
    assert [str(month) for month in months_not_held(found.origin, scored, RELEASE)] == told
    assert months_not_held(found.origin, scored.iloc[:0], RELEASE) == []


def test_the_figure_shows_what_it_says(found: Outlook, series: pd.Series) -> None:
    drawn = plot_forecast(found, series)
    coming = drawn.data[drawn.data["observed"].isna()]
    assert coming["month"].dt.strftime("%Y-%m").tolist() == ["2025-03", "2025-04", "2025-05"]
    assert f"{coming['median'].iloc[0]:,.0f} tonnes" in drawn.finding


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "forecast", "--processed-dir", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "exports.parquet: no such file" in ended.stderr


YEAR = [100.0, 80, 120, 110, 90, 95, 105, 130, 70, 85, 99, 101]
MONTHS = pd.period_range("2020-01", periods=72, freq="M", name="month")


@pytest.mark.parametrize("last", [[], [6.0, 5.0]], ids=["seasonal", "flat but for two months"])
def test_a_past_in_which_nothing_moved_forecasts_nothing(last: list[float]) -> None:
    values = np.append(np.full(70, 5.0), last) if last else np.tile(YEAR, 6)
    with pytest.raises(EffectError, match=r"fewer than 8 forecasts .* can be made by every model"):
        outlook(pd.Series(values, index=MONTHS), MODELS)


def test_a_series_that_repeats_itself_has_no_naive_forecast() -> None:
    logs = pd.Series(np.log(np.tile(YEAR, 6)), index=MONTHS)
    with pytest.raises(EffectError, match="no period differs from that of the year before"):
        seasonal_naive(logs, 3)


def test_why_nothing_can_be_forecast_is_said() -> None:
    series = pd.Series(np.tile(YEAR, 6), index=MONTHS)
    with pytest.raises(EffectError, match="any part of the series: no period differs from that"):
        outlook(series, {"naive": seasonal_naive})


def test_a_forecast_of_the_record_itself_is_not_beyond_it() -> None:
    """exp(log 5) is less than 5 in floats."""
    observed = pd.Series([5.0, 6.0], index=pd.period_range("2024-01", periods=2, freq="M"))
    assert np.exp(np.log(5.0)) < 5
    assert nearest_record(float(np.exp(np.log(5.0))), observed) is None


HEAD = (
    "destination,issued,vintage,last_observed,month,horizon,model,"
    "median,lower_80,upper_80,lower_95,upper_95\n"
)
GOOD = ["WLD,2025-03-22,1ad1057f98e3,2025-02-01", "2025-03-01,1,level", "100.0,90.0,110.0,80.0,120"]
ROW = ",".join(GOOD) + "\n"


def file_as(folder: Path, content: bytes, day: str = "2025-03-22") -> Path:
    digits = hashlib.sha256(content).hexdigest()[:12]
    path = folder / f"WLD-{day}-{digits}.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "column destination is missing"),
        (HEAD, "line 2: found no row"),
        (ROW, "column WLD is not in"),
        (HEAD.replace("median", "mean") + ROW, "column median is missing"),
        (HEAD + ROW.replace(",120", ""), "line 2: found 11 fields, needs 12"),
        (HEAD + ROW.replace("110.0", "inf"), "line 2, column upper_80: found inf"),
        (HEAD + ROW.replace("110.0", "nan"), "line 2, column upper_80: found nan"),
        (HEAD + ROW.replace("80.0", "0.0"), "line 2, column lower_95: found 0.0"),
        (HEAD + ROW.replace("100.0", "9" * 400), "line 2, column median: found inf"),
        (HEAD + ROW.replace("80.0", "95.0"), "line 2, column lower_80: found 90.0"),
        (HEAD + ROW.replace("110.0", "95.0"), "line 2, column upper_80: found 95.0"),
        (HEAD + ROW.replace(",1,", ",1.5,"), "line 2, column horizon: found '1.5'"),
        (HEAD + ROW.replace(",1,", ",2,"), "line 2, column horizon: found 2"),
        (HEAD + ROW.replace("2025-03-22", "2099-03-22"), "column issued: found 2099-03-22"),
        (HEAD + ROW.replace("2025-03-22", "2025-02-30"), "column issued: found '2025-02-30'"),
        (HEAD + ROW.replace("2025-03-22", "today"), "line 2, column issued: found 'today'"),
        (HEAD + ROW.replace("03-01", "03-02"), "line 2, column month: found 2025-03-02"),
        (HEAD + ROW + ROW, "line 3 repeats the key of another"),
        (HEAD + ROW + ROW.replace("level", "lucky").replace("03-01,1", "04-01,2"), "found lucky"),
    ],
)
def test_a_malformed_forecast_is_refused_with_file_and_place(
    tmp_path: Path, content: str, told: str
) -> None:
    path = file_as(tmp_path, content.encode())
    with pytest.raises(TableError) as refused:
        read_issued(tmp_path)
    assert all(line.startswith(f"{path}: ") for line in str(refused.value).splitlines())
    assert told in str(refused.value)


def test_a_forecast_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = file_as(tmp_path, HEAD.encode() + b"WLD,\xff\xfe\n")
    with pytest.raises(TableError, match=f"{path.name}: line 2: not a CSV file in UTF-8"):
        read_issued(tmp_path)


def test_one_forecast_under_two_names_is_refused(tmp_path: Path) -> None:
    first = file_as(tmp_path, (HEAD + ROW).encode())
    second = file_as(tmp_path, (HEAD + ROW).encode(), "2025-03-23")
    assert first != second
    with pytest.raises(TableError, match=f"{second.name}: line 2, .* {first.name} has"):
        read_issued(tmp_path)
