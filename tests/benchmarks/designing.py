"""Predicted widths of intervals against fits of simulated studies: `python -m tests.benchmarks.designing [studies]`.

For several grids and noises: the mean width of the 95 % interval that a bootstrap gives, over simulated studies, and
its ratio to what was predicted before.
"""

from __future__ import annotations

import sys

import numpy as np
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.selection.power_analysis import ASSUMED, Grid, expected_widths

NAMES = ("E", "alpha", "beta")


def grid(n: tuple[float, float, int], d: tuple[float, float, int]) -> Grid:
    """A product of log-spaced sizes and token counts, each given as low, high, number."""
    return Grid(tuple(np.geomspace(*n).tolist()), tuple(np.geomspace(*d).tolist()))


GRIDS = {
    "6 x 6, 0.2 % noise": (grid((1e7, 1e9, 6), (1e9, 3e10, 6)), 0.002),
    "4 x 8, 0.3 % noise": (grid((3e7, 3e9, 4), (5e8, 1e11, 8)), 0.003),
    "12 x 10, 0.5 % noise": (grid((1e7, 3e9, 12), (1e9, 1e11, 10)), 0.005),
    "5 x 5, 0.1 % noise": (grid((1e7, 1e9, 5), (1e9, 3e10, 5)), 0.001),
}


def simulated(planned: Grid, noise: float, studies: int) -> dict[str, float]:
    """Mean width of each parameter's interval."""
    at = planned.variables()
    exact = ASSUMED["E"] + ASSUMED["A"] * at["N"] ** -ASSUMED["alpha"] + ASSUMED["B"] * at["D"] ** -ASSUMED["beta"]
    widths: dict[str, list[float]] = {name: [] for name in NAMES}
    for study in range(studies):
        z = np.random.default_rng(study).normal(size=len(exact))
        fit = fit_law("chinchilla", Points(at, exact * np.exp(noise * z)), bootstrap=300, seed=study)
        for name in NAMES:
            widths[name].append(fit.intervals[name].high - fit.intervals[name].low)
    return {name: float(np.mean(seen)) for name, seen in widths.items()}


def main() -> None:
    """Print the table."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(f"mean width of 95 % intervals over {studies} simulated studies, and its ratio to the width predicted")
    print(f"{'':24}" + "".join(f"{name:>20}" for name in NAMES))
    for label, (planned, noise) in GRIDS.items():
        expected = expected_widths(planned.variables(), noise)
        seen = simulated(planned, noise, studies)
        row = "".join(f"{seen[name]:>12.3g}  ({seen[name] / expected[name]:.2f})" for name in NAMES)
        print(f"{label:24}{row}", flush=True)


if __name__ == "__main__":
    main()
