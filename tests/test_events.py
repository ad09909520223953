"""Regimes begin where the catalogue says, and cover the days they cover."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from contracts import TableError
from contracts.raw import load_origin, sha256, write_origin
from effects import EffectError
from effects.events import event_date, events_in

from analysis import events, sources
from analysis.study import ROOT, Folders


@pytest.fixture(scope="module")
def catalogue() -> pd.DataFrame:
    return sources.load_events(ROOT / "tests" / "reference" / "raw-2026-11-22")


def test_regime_dates_are_the_catalogue_s(catalogue: pd.DataFrame) -> None:
    """4 April, 10 June, 9 October and 7 November 2025; stockpiling is ours."""
    starts = {regime.name: f"{regime.start:%m-%d}" for regime in events.policy_regimes(catalogue)}
    assert starts == {
        "stockpiling": "01-01",
        "tight licensing": "04-04",
        "licences flowing": "06-10",
        "October package": "10-09",
        "suspension": "11-07",
    }


def test_a_moved_date_moves_the_regime(catalogue: pd.DataFrame) -> None:
    moved = catalogue.copy()
    moved.loc[moved["event_id"] == "uscn-london-framework", "date_announced"] = pd.Timestamp(
        2025, 6, 20
    )
    exposure = events.policy_regimes(moved).exposure(pd.PeriodIndex(["2025-06"], freq="M"))
    assert exposure["tight licensing"].iloc[0] == pytest.approx(19 / 30)


def test_exposure_by_hand(catalogue: pd.DataFrame) -> None:
    months = pd.period_range("2024-12", "2025-12", freq="M")
    exposure = events.policy_regimes(catalogue).exposure(months)
    assert exposure.loc["2025-04", "tight licensing"] == pytest.approx(27 / 30)
    assert exposure.loc["2025-04", "stockpiling"] == pytest.approx(3 / 30)
    assert exposure.loc["2025-06", "licences flowing"] == pytest.approx(21 / 30)
    assert exposure.loc["2025-10", "October package"] == pytest.approx(23 / 31)
    assert exposure.loc["2025-11", "suspension"] == pytest.approx(24 / 30)
    assert exposure.loc["2024-12"].sum() == 0
    assert exposure.loc["2025-01":].sum(axis="columns").to_numpy() == pytest.approx(1)


def test_the_last_regime_goes_on_without_the_event(catalogue: pd.DataFrame) -> None:
    policy = events.policy_regimes(catalogue)
    kept = policy.continued(pd.Period("2025-09", freq="M"))
    exposure = kept.exposure(pd.PeriodIndex(["2025-10", "2025-11"], freq="M"))
    assert list(exposure.columns) == ["stockpiling", "tight licensing", "licences flowing"]
    assert (exposure["licences flowing"] == 1).all()
    assert policy.continued(pd.Period("2024-12", freq="M")) == ()


def test_events_that_monthly_data_cannot_separate(catalogue: pd.DataFrame) -> None:
    """Thirteen and seventeen, as counted by hand in the catalogue, scheduled dates left out."""
    assert len(events_in(catalogue, "2025-04", "2025-06")) == 13
    assert len(events_in(catalogue, "2025-09-29", "2025-11-19")) == 17


def test_an_unknown_event_is_named(catalogue: pd.DataFrame) -> None:
    with pytest.raises(EffectError, match="no event 'cn-ann99' in the catalogue"):
        event_date(catalogue, "cn-ann99", "date_announced")


def test_a_missing_date_is_named(catalogue: pd.DataFrame) -> None:
    with pytest.raises(EffectError, match="gives no date_effective"):
        event_date(catalogue, "us-100pct-tariff-threat", "date_effective")


def test_an_event_without_an_announcement_has_the_day_it_took_effect(
    catalogue: pd.DataFrame,
) -> None:
    either = "date_announced", "date_effective"
    portal = event_date(catalogue, "cn-ree-traceability-portal", *either)
    assert portal == pd.Timestamp(2025, 6, 1)
    licences = event_date(catalogue, "cn-ann18-2025-seven-ree", *either)
    assert licences == pd.Timestamp(2025, 4, 4)


def test_a_suspended_event_names_the_day_of_the_event_that_suspended_it(
    catalogue: pd.DataFrame,
) -> None:
    days = catalogue.set_index("event_id")
    by = {"cn-ann46-2024-us-ban": "cn-ann72-suspension"}
    by |= {"nl-nexperia-order": "nl-nexperia-order-suspended"}
    package = [name for name in days.index if name.startswith(("cn-ann5", "cn-ann6"))]
    by |= dict.fromkeys(package, "cn-ann70-suspension")
    suspended = days["date_suspended"].dropna()
    assert len(package) == 5
    assert suspended.to_dict() == {
        name: days.loc[suspending, "date_effective"] for name, suspending in by.items()
    }


def regimes(**changed: str) -> pd.DataFrame:
    """The shipped regimes with cells of the second one changed."""
    table = sources.load_regimes(Folders().raw)
    table.loc[1, list(changed)] = list(changed.values())
    return table


def test_a_regime_may_begin_on_a_day_instead_of_an_event(catalogue: pd.DataFrame) -> None:
    table = regimes(start_event="", start_date="2025-04-11")
    assert events.policy_regimes(catalogue, table)[1].start == pd.Timestamp(2025, 4, 11)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start_event": "cn-ann99"}, "regime 'tight licensing' needs its event: no event"),
        ({"start_event": "", "start_date": "2024-04-11"}, "begins on 2024-04-11, not after"),
    ],
)
def test_regimes_that_cannot_be_are_refused(
    catalogue: pd.DataFrame, changed: dict[str, str], message: str
) -> None:
    with pytest.raises(TableError, match=message):
        events.policy_regimes(catalogue, regimes(**changed))


def test_a_regime_needs_one_start(tmp_path: Path) -> None:
    lines = ["name,start_event,start_date,note", "calm,,,why", ""]
    (tmp_path / "regimes.csv").write_text("\n".join(lines))
    origin = load_origin(Folders().raw / "regimes.csv")
    found = {"sha256": sha256(tmp_path / "regimes.csv")}
    write_origin(tmp_path / "regimes.csv", origin.model_copy(update=found))
    with pytest.raises(
        TableError, match="line 2 needs either a start_event or a start_date: found start_event"
    ):
        sources.load_regimes(tmp_path)


def test_a_regime_past_its_scheduled_end_is_overdue(catalogue: pd.DataFrame) -> None:
    *before, last = events.policy_regimes(catalogue)
    assert last.is_overdue(pd.Period("2026-11", freq="M"))
    assert not last.is_overdue(pd.Period("2026-10", freq="M"))
    assert not any(regime.is_overdue(pd.Period("2030-01", freq="M")) for regime in before)
