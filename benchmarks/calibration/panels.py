"""The part of panels and synthetic controls: how often their tests and clustered errors reject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from effects import EffectError
from effects.level import Array
from effects.panel import assignments, clustered, fit_poisson, lay_out, leads_p_value, p_value
from effects.samples import ask_units
from effects.synthetic_control import Rule, placebos_in_space, take_sample

from benchmarks.calibration.part import Part, by_noise

SEED, SIZE = 20261122, 0.05
DRAWS = 2000
UNITS, MONTHS, HORIZON, LEADS = 40, 68, 3, 6
EFFECT = -0.5
NOISES = {"AR(0)": 0.0, "AR(0.5)": 0.5, "AR(0.8)": 0.8, "random walk": 1.0}
"""Coefficient of each unit's own noise on the month before."""
TREATED = {
    "one at random": lambda sizes, random: [random.integers(len(sizes))],
    "the largest": lambda sizes, random: [sizes.argmax()],
    "the smallest": lambda sizes, random: [sizes.argmin()],
    "five at random": lambda sizes, random: random.choice(len(sizes), 5, replace=False),
    "all but five": lambda sizes, random: random.permutation(len(sizes))[5:],
}
TESTS = (
    "randomisation",
    f"randomisation, effect of {EFFECT:.0%}",
    "leads",
    "clustered errors",
    "synthetic control",
)


@dataclass(frozen=True)
class PanelCase:
    """One cell of the simulation."""

    noise: str
    treated: str


def draw_panel(case: PanelCase, random: np.random.Generator) -> tuple[pd.DataFrame, list[str]]:
    """Units of very different size that share a season and a level, the small ones noisier.

    Whole numbers, so that small units have zeros.
    """
    sizes = np.exp(random.normal(4.0, 1.8, UNITS)).clip(5)
    shared = 0.3 * np.sin(2 * np.pi * np.arange(MONTHS) / 12) + 0.05 * np.cumsum(
        random.standard_normal(MONTHS)
    )
    spread = 0.1 + 0.4 / (1 + np.sqrt(sizes / 10))
    logs = np.log(sizes) + shared[:, None] + spread * _noise(NOISES[case.noise], random)
    names = [f"u{place}" for place in range(UNITS)]
    months = pd.period_range("2020-01", periods=MONTHS, freq="M")
    frame = pd.DataFrame(random.poisson(np.exp(logs)).astype(float), index=months, columns=names)
    return frame, [names[place] for place in TREATED[case.treated](sizes, random)]


def _noise(persistence: float, random: np.random.Generator) -> Array:
    """Months × units with a standard deviation of one; a random walk's steps have 0.3."""
    steps = random.standard_normal((MONTHS, UNITS))
    if persistence == 1.0:
        return np.asarray(0.3 * np.cumsum(steps, axis=0))
    for month in range(1, MONTHS):
        steps[month] = persistence * steps[month - 1] + steps[month] * np.sqrt(1 - persistence**2)
    return steps


def p_values(case: PanelCase, random: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Every test's p-value in one drawn panel."""
    frame, treated = draw_panel(case, random)
    start = frame.index[-HORIZON]
    cells = lay_out(ask_units(frame, start, None, 0.95), treated)
    fit, drawn = fit_poisson(cells.values.to_numpy(), cells.regressor[None]), assignments(cells)
    yield "randomisation", p_value(cells, drawn)
    yield "leads", leads_p_value(cells, drawn, fit, LEADS)
    yield "clustered errors", float(clustered(fit).test(float(fit.coefficients[0]), 0.95)[0])
    frame.loc[start:, treated] *= 1 + EFFECT
    cells = lay_out(ask_units(frame, start, None, 0.95), treated)
    yield TESTS[1], p_value(cells, assignments(cells))


def _answered(case: PanelCase, random: np.random.Generator) -> list[tuple[str, float]]:
    """The p-values, or none where the treated units are all zero and the panel is refused."""
    try:
        return list(p_values(case, random))
    except EffectError:
        return []


def control_p_value(case: PanelCase, random: np.random.Generator) -> float:
    """The p-value of a synthetic control of one unit, zeros left out of the panel."""
    frame, treated = draw_panel(case, random)
    kept = frame.loc[:, (frame > 0).all() | frame.columns.isin(treated)].clip(lower=1)
    units = ask_units(kept, frame.index[-HORIZON], None, 0.95)
    return placebos_in_space(take_sample(units, treated[0], None, True), Rule()).p_value()


def rates(case: PanelCase) -> list[dict[str, Any]]:
    """How often each test rejects at the 5 % level in one case."""
    random = np.random.default_rng([SEED, *map(ord, repr(case))])
    found: dict[str, list[float]] = {}
    for _ in range(DRAWS):
        for test, p in _answered(case, random):
            found.setdefault(test, []).append(p)
        if case.treated in ("one at random", "the largest"):
            found.setdefault("synthetic control", []).append(control_p_value(case, random))
    return [
        asdict(case)
        | {"test": test, "draws": len(p), "rejected": float((np.array(p) <= SIZE + 1e-12).mean())}
        for test, p in found.items()
    ]


def report(table: pd.DataFrame, when: str) -> str:
    """The page: what was simulated, and a table of rates for each test."""
    error = 100 * (SIZE * (1 - SIZE) / DRAWS) ** 0.5
    parts = [
        "# Calibration of panels",
        f"Made by `make calibrate` on {when}, seed {SEED}; the rates are in "
        "[calibration-panels.csv](calibration-panels.csv), what the estimators are in "
        "[method-effects.md](method-effects.md).",
        f"Each case has {DRAWS:,} panels of {UNITS} units and {MONTHS} months: sizes from 5 to "
        "thousands, a shared season and wandering level, noise of each unit's own (10 % a month "
        "for the largest, up to 40 % for the smallest, AR(1) or a random walk) and whole numbers "
        f"drawn around it, so that small units have zeros. The last {HORIZON} months are treated. "
        f"A rate of 5 % has a standard error of {error:.1f} points.",
        "With one treated of 40 a 5 % test can reject for 2 of 40 units, which is 5 % exactly.",
    ]
    table = table.assign(treated=pd.Categorical(table["treated"], list(TREATED), ordered=True))
    for test in TESTS:
        rates = by_noise(table[table["test"] == test], ["treated"], list(NOISES))
        parts += [f"## {test[0].upper()}{test[1:]}", rates]
    return "\n\n".join(parts).replace("-50%", "−50 %") + "\n"


CASES = [PanelCase(*cell) for cell in product(NOISES, TREATED)]
PANELS = Part("panels", CASES, rates, report, "calibration-panels")
