"""How often 95 % intervals hold the truth: `python -m tests.benchmarks.coverage [tables] [draws] [kind ..]`.

Synthetic tables with realistic noise, each fitted with its bootstrap; one row a scenario, the share of tables whose
interval holds the true E, alpha, beta, a, N* at a decade beyond the data, the law's value there, and a new run's loss.
What is told of a parameter from one side holds the truth where it lies on that side; one that is unidentified says
nothing, and the last column is the share of tables that say so of any, with a coded warning each. Kinds are parts of
the scenarios' names. Of 200 tables, one in a hundred of shares whose truth is .94 comes out below .90; of 800, none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from scalingdsl.engine.fits import Fit, Points, fit_law, optimum
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.optima.closed_form import allocation
from scalingdsl.engine.fits.predict import curve_interval, forecast
from scalingdsl.engine.fits.tables.table_rows import best_over, groups, without_copies

LAW = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2100.0, "beta": 0.37}
SLICE = {"E": 2.0, "A": 300.0, "alpha": 0.4}
NOISE = 0.003
#: Rates that a sweep tries, in decades from the best one, and what a decade costs of log loss.
RATES, DECADE = np.array([-0.8, -0.4, 0.0, 0.4, 0.8]), 0.05


class Table(NamedTuple):
    """Points, the noise of a run's log loss, and the law behind them."""

    points: Points
    noise: float
    truth: Mapping[str, float]


Make = Callable[[np.random.Generator], Table]


def surface(n: Array, d: Array, law: Mapping[str, float] = LAW) -> Array:
    """The assumed law."""
    return law["E"] + law["A"] * n ** -law["alpha"] + law["B"] * d ** -law["beta"]


def grid(
    sizes: int, counts: int, *, heavy: bool = False, share: float = 0.0, repeats: int = 1, level: float = LAW["E"]
) -> Make:
    """A product grid; `share` of the noise's variance belongs to a run, whose marks are its token counts."""
    law = LAW | {"E": level}

    def make(rng: np.random.Generator) -> Table:
        axes = np.geomspace(1e7, 3e9, sizes), np.geomspace(1e9, 1e11, counts)
        n, d = (np.tile(x.ravel(), repeats) for x in np.meshgrid(*axes, indexing="ij"))
        run = np.repeat(np.arange(sizes * repeats), counts)
        own = rng.standard_t(3, len(n)) / np.sqrt(3) if heavy else rng.normal(size=len(n))
        z = np.sqrt(share) * rng.normal(size=sizes * repeats)[run] + np.sqrt(1 - share) * own
        return Table(
            Points({"N": n, "D": d}, surface(n, d, law) * np.exp(NOISE * z), run if share else None), NOISE, law
        )

    return make


def settings(sizes: int = 6, counts: int = 5) -> tuple[Array, Array]:
    """N and D of a product grid, shape (setting,) each."""
    n, d = np.meshgrid(np.geomspace(1e7, 3e9, sizes), np.geomspace(1e9, 1e11, counts), indexing="ij")
    return n.ravel(), d.ravel()


def repeated(rng: np.random.Generator) -> Table:
    """Three seeds of thirty settings, a row each."""
    n, d = (np.repeat(x, 3) for x in settings())
    loss = surface(n, d) * np.exp(NOISE * rng.normal(size=len(n)))
    return Table(Points({"N": n, "D": d}, loss, np.repeat(np.arange(30), 3)), NOISE, LAW)


def swept(rng: np.random.Generator) -> Table:
    """A sweep of five rates behind each of thirty settings, of which the best is kept: the law is that of the best."""
    n, d = (np.repeat(x, len(RATES)) for x in settings())
    rate = np.tile(RATES, 30)
    loss = surface(n, d) * np.exp(DECADE * rate**2 + NOISE * rng.normal(size=len(n)))
    kept = best_over({"rate": rate}, groups([n, d]), loss).kept
    return Table(Points({"N": n[kept], "D": d[kept]}, loss[kept]), NOISE, LAW)


def copied(rng: np.random.Generator) -> Table:
    """Thirty settings, exported twice; copies are left out."""
    n, d = (np.tile(x, 2) for x in settings())
    loss = np.tile(surface(n[:30], d[:30]) * np.exp(NOISE * rng.normal(size=30)), 2)
    rows = without_copies({"N": n, "D": d, "loss": loss}, np.arange(60))
    return Table(Points({"N": n[rows], "D": d[rows]}, loss[rows]), NOISE, LAW)


def sliced(points: int, noise: float, *, level: float = SLICE["E"]) -> Make:
    """Sizes at one token count."""
    law = SLICE | {"E": level}

    def make(rng: np.random.Generator) -> Table:
        x = np.geomspace(1e6, 1e9, points)
        loss = law["E"] + law["A"] * x ** -law["alpha"]
        return Table(Points({"N": x}, loss * np.exp(noise * rng.normal(size=points))), noise, law)

    return make


SCENARIOS: dict[str, Make] = {
    "grid 5 x 6": grid(5, 6),
    "grid 12 x 10": grid(12, 10),
    "grid 12 x 10, heavy tails": grid(12, 10, heavy=True),
    "8 trajectories of 6": grid(8, 6, share=0.7),
    "12 trajectories of 6": grid(12, 6, share=0.7),
    "24 trajectories of 6": grid(8, 6, share=0.7, repeats=3),
    "24 runs of 5, 80 % shared": grid(8, 5, share=0.8, repeats=3),
    "three seeds of 30 settings": repeated,
    "the best of 5 rates, 30 times": swept,
    "30 settings, copied": copied,
    "grid 5 x 6, E = 0": grid(5, 6, level=0.0),
    "slice of 6": sliced(6, 0.0008),
    "slice of 8": sliced(8, 0.0008),
    "slice of 16": sliced(16, 0.0015),
    "slice of 8, E = 0": sliced(8, 0.01, level=0.0),
    "slice of 6 in noise": sliced(6, 0.03),
}
#: Tables of which a parameter or more is unidentified.
OPEN = "left open"


def holds(fit: Fit, name: str, truth: float) -> bool:
    """True where what a fit tells of a parameter holds the truth, or says that nothing is told."""
    told = fit.told[name]
    match told.status:
        case "above":
            return truth >= told.bound
        case "below":
            return truth <= told.bound
        case "identified":
            low, high = fit.intervals[name]
            return low <= truth <= high
    assert fit.warnings, "what is not told is warned of"
    return True


def covered(make: Make, seed: int, draws: int) -> dict[str, bool]:
    """Whether each interval of one table holds its truth; under `OPEN`, whether a parameter is unidentified."""
    rng = np.random.default_rng(seed)
    points, noise, truth = make(rng)
    plane = "D" in points.variables
    fit = fit_law("chinchilla" if plane else "power", points, bootstrap=draws, seed=seed)
    names = [name for name in ("E", "alpha", "beta") if name in truth]
    hits = {name: holds(fit, name, truth[name]) for name in names}
    at = {"N": np.array([3e10]), "D": np.array([1e12])} if plane else {"N": np.array([1e10])}
    value = float(surface(at["N"], at["D"], truth)[0]) if plane else truth["E"] + truth["A"] * 1e10 ** -truth["alpha"]
    if plane:
        flops = np.array([6 * 3e10 * 1e12])
        best = optimum("surface", fit=fit, flops=flops)
        true = {k: float(v[0]) for k, v in allocation({k: np.array([v]) for k, v in truth.items()}).items()}
        if "a" in best.intervals:
            hits["a"] = best.intervals["a"].low <= true["a"] <= best.intervals["a"].high
        curve = best.curves["N"]
        hits["N*"] = bool(curve.low[0] <= true["N_1"] * flops[0] ** true["a"] <= curve.high[0])
    (law,), (run,) = curve_interval(fit, at), forecast(fit, at)
    hits["law"] = law.low <= value <= law.high
    hits["run"] = run.low <= value * np.exp(noise * rng.normal()) <= run.high
    return hits | {OPEN: bool(fit.unidentified)}


def main() -> None:
    """Print the table."""
    tables, draws = (int(sys.argv[i]) if len(sys.argv) > i else k for i, k in ((1, 800), (2, 150)))
    asked = sys.argv[3:]
    columns = ("E", "alpha", "beta", "a", "N*", "law", "run", OPEN)
    print(f"{tables} tables, {draws} refits each; share of 95 % intervals that hold the truth")
    print(f"{'':32}" + "".join(f"{c:>10}" for c in columns) + "   seconds")
    for name, make in SCENARIOS.items():
        if asked and not any(part in name for part in asked):
            continue
        started = time.process_time()
        every = [covered(make, seed, draws) for seed in range(tables)]
        share = {c: np.mean(found) for c in columns if (found := [hits[c] for hits in every if c in hits])}
        row = "".join(f"{share[c]:10.3f}" if c in share else f"{'':10}" for c in columns)
        print(f"{name:32}{row}{time.process_time() - started:10.1f}", flush=True)


if __name__ == "__main__":
    main()
