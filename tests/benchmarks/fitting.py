"""The fit of 240 points against the usual recipe: `python -m tests.benchmarks.fitting`.

Processor time on one core: the fit (median of repeats), 1,000 bootstrap refits, every start of the grid polished, and
L-BFGS-B with numeric gradients from forty of the recipe's 4,500 starts, drawn from its whole grid, extrapolated. The
objectives reached are compared too: with every start polished, and with the best of the forty.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.core.fit_result import Array
from scipy.optimize import minimize
from scipy.special import logsumexp

STARTS, TIMED, REPEATS, DELTA = 4500, 40, 9, 1e-3


def table() -> Points:
    """240 runs of a known law with 1 % noise and six outliers."""
    rng = np.random.default_rng(1)
    n, d = 10 ** rng.uniform(7.6, 10.2, 240), 10 ** rng.uniform(9.2, 11.4, 240)
    loss = (1.69 + 406.4 * n**-0.34 + 410.7 * d**-0.28) * np.exp(0.01 * rng.normal(size=240))
    loss[:6] *= 1.1
    return Points({"N": n, "D": d}, loss)


def recipe(points: Points, start: Array) -> float:
    """One start of the usual recipe: log-sum-exp, summed Huber, numeric gradients, the optimiser's own tolerances."""
    log_n, log_d, log_loss = np.log(points.variables["N"]), np.log(points.variables["D"]), np.log(points.loss)

    def objective(p: Array) -> float:
        terms = np.stack([p[0] - p[3] * log_n, p[1] - p[4] * log_d, np.full_like(log_n, p[2])])
        size = np.abs(logsumexp(terms, axis=0) - log_loss)
        return float(np.sum(np.where(size <= DELTA, 0.5 * size**2, DELTA * (size - 0.5 * DELTA))))

    return float(minimize(objective, start, method="L-BFGS-B").fun)


def main() -> None:
    """Print times and objectives."""
    points = table()
    rng = np.random.default_rng(0)
    axes = (
        np.arange(0, 30, 5),
        np.arange(0, 30, 5),
        np.arange(-1, 1.5, 0.5),
        np.arange(0, 2.5, 0.5),
        np.arange(0, 2.5, 0.5),
    )
    every = np.array(np.meshgrid(*axes)).reshape(5, -1).T
    starts = every[rng.choice(len(every), TIMED, replace=False)].astype(float)
    fit_law("chinchilla", points, bootstrap=0)
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        fit = fit_law("chinchilla", points, bootstrap=0)
        times.append(time.process_time() - started)
    once = statistics.median(times)
    started = time.process_time()
    fit_law("chinchilla", points, bootstrap=1000)
    draws = time.process_time() - started - once
    started = time.process_time()
    exhaustive = fit_law("chinchilla", points, bootstrap=0, exhaustive=True)
    polished = time.process_time() - started
    started = time.process_time()
    values = [recipe(points, s) for s in starts]
    usual = (time.process_time() - started) * STARTS / TIMED
    print(f"fit of 240 points          {1e3 * once:9.1f} ms   objective {fit.value:.12f}")
    print(f"1,000 bootstrap refits     {draws:9.2f} s    with the jackknife of 240 points")
    print(f"{exhaustive.starts} starts polished      {polished:9.2f} s    objective {exhaustive.value:.12f}")
    print(f"{STARTS} numeric starts      {usual:9.1f} s    objective {min(values):.12f} (best of {TIMED} timed)")
    beside = abs(exhaustive.value / fit.value - 1)
    print(f"ratio                      {usual / once:9.0f}      {beside:.0e} from every start polished")


if __name__ == "__main__":
    main()
