"""How often 95 % intervals hold the truth: `python -m tests.benchmarks.coverage [tables] [draws]`.

Synthetic tables with realistic noise, each fitted with its bootstrap; one row a scenario, the share of tables whose
interval holds the true E, alpha, beta, a, N* at a decade beyond the data, the law's value there, and a new run's loss.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from scalingdsl.engine.fits import Points, fit_law, optimum
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.optima.closed_form import allocation
from scalingdsl.engine.fits.predict import curve_interval, forecast

LAW = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2100.0, "beta": 0.37}
SLICE = {"E": 2.0, "A": 300.0, "alpha": 0.4}
NOISE = 0.003

Make = Callable[[np.random.Generator], tuple[Points, float]]


def surface(n: Array, d: Array) -> Array:
    """The assumed law."""
    return LAW["E"] + LAW["A"] * n ** -LAW["alpha"] + LAW["B"] * d ** -LAW["beta"]


def grid(sizes: int, counts: int, *, heavy: bool = False, share: float = 0.0, repeats: int = 1) -> Make:
    """A product grid; `share` of the noise's variance belongs to a run, whose marks are its token counts."""

    def make(rng: np.random.Generator) -> tuple[Points, float]:
        axes = np.geomspace(1e7, 3e9, sizes), np.geomspace(1e9, 1e11, counts)
        n, d = (np.tile(x.ravel(), repeats) for x in np.meshgrid(*axes, indexing="ij"))
        run = np.repeat(np.arange(sizes * repeats), counts)
        own = rng.standard_t(3, len(n)) / np.sqrt(3) if heavy else rng.normal(size=len(n))
        z = np.sqrt(share) * rng.normal(size=sizes * repeats)[run] + np.sqrt(1 - share) * own
        return Points({"N": n, "D": d}, surface(n, d) * np.exp(NOISE * z), run if share else None), NOISE

    return make


def sliced(points: int, noise: float) -> Make:
    """Sizes at one token count."""

    def make(rng: np.random.Generator) -> tuple[Points, float]:
        x = np.geomspace(1e6, 1e9, points)
        loss = SLICE["E"] + SLICE["A"] * x ** -SLICE["alpha"]
        return Points({"N": x}, loss * np.exp(noise * rng.normal(size=points))), noise

    return make


SCENARIOS: dict[str, Make] = {
    "grid 5 x 6": grid(5, 6),
    "grid 12 x 10": grid(12, 10),
    "grid 12 x 10, heavy tails": grid(12, 10, heavy=True),
    "8 trajectories of 6": grid(8, 6, share=0.7),
    "12 trajectories of 6": grid(12, 6, share=0.7),
    "24 trajectories of 6": grid(8, 6, share=0.7, repeats=3),
    "slice of 6": sliced(6, 0.0008),
    "slice of 8": sliced(8, 0.0008),
    "slice of 16": sliced(16, 0.0015),
}


def covered(make: Make, seed: int, draws: int) -> dict[str, bool]:
    """Whether each interval of one table holds its truth."""
    rng = np.random.default_rng(seed)
    points, noise = make(rng)
    plane = "D" in points.variables
    truth = LAW if plane else SLICE
    fit = fit_law("chinchilla" if plane else "power", points, bootstrap=draws, seed=seed)
    found = {name: (fit.intervals[name], truth[name]) for name in ("E", "alpha", "beta") if name in truth}
    at = {"N": np.array([3e10]), "D": np.array([1e12])} if plane else {"N": np.array([1e10])}
    value = float(surface(at["N"], at["D"])[0]) if plane else float(SLICE["E"] + SLICE["A"] * 1e10 ** -SLICE["alpha"])
    if plane:
        flops = np.array([6 * 3e10 * 1e12])
        best = optimum("surface", fit=fit, flops=flops)
        true = {k: float(v[0]) for k, v in allocation({k: np.array([v]) for k, v in LAW.items()}).items()}
        found["a"] = (best.intervals["a"], true["a"])
        curve = best.curves["N"]
        held = curve.low[0] <= true["N_1"] * flops[0] ** true["a"] <= curve.high[0]
    hits = {name: interval.low <= value <= interval.high for name, (interval, value) in found.items()}
    if plane:
        hits["N*"] = bool(held)
    (law,), (run,) = curve_interval(fit, at), forecast(fit, at)
    hits["law"] = law.low <= value <= law.high
    hits["run"] = run.low <= value * np.exp(noise * rng.normal()) <= run.high
    return hits


def main() -> None:
    """Print the table."""
    tables, draws = (int(sys.argv[i]) if len(sys.argv) > i else k for i, k in ((1, 200), (2, 300)))
    columns = ("E", "alpha", "beta", "a", "N*", "law", "run")
    print(f"{tables} tables, {draws} refits each; share of 95 % intervals that hold the truth")
    print(f"{'':28}" + "".join(f"{c:>8}" for c in columns) + "   seconds")
    for name, make in SCENARIOS.items():
        started = time.process_time()
        every = [covered(make, seed, draws) for seed in range(tables)]
        share = {c: np.mean([hits[c] for hits in every]) for c in columns if c in every[0]}
        row = "".join(f"{share[c]:8.3f}" if c in share else f"{'':8}" for c in columns)
        print(f"{name:28}{row}{time.process_time() - started:10.1f}", flush=True)


if __name__ == "__main__":
    main()
