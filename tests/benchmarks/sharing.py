"""What parameters that optimisers share win where a law is extrapolated: `python -m tests.benchmarks.sharing [TABLES]`.

Tables of five optimisers, twenty cells each, whose law is known; the largest models are held out of the fits.
"""

from __future__ import annotations

import sys

import numpy as np

from tests.engine.fits.test_joint import held_out, least_held_out

NOISES = 0.001, 0.002, 0.005, 0.01, 0.02, 0.04


def row(errors: np.ndarray) -> str:
    """One fit over fits apart, errors in any shape behind (table, fit, target): root mean square against the law and
    against what was measured, each table's mean of optimisers' root mean squares likewise.
    """
    square = np.mean(errors**2, axis=(0, 3, 4))
    whole = np.sqrt(square[0] / square[1])
    own = np.mean(np.sqrt(np.mean(errors**2, axis=4)), axis=(0, 3))
    return " | ".join(f"{x:.2f}" for x in (*whole, *(own[0] / own[1]), *np.sqrt(square[:, 0])))


def main(tables: int) -> None:
    """The table, a line for each noise."""
    together, apart = least_held_out()
    with_noise = np.sqrt((1 + together**2) / (1 + apart**2))
    print(f"bound: {together / apart:.2f} of the law, {with_noise:.2f} of what is measured, at any noise")
    for noise in NOISES:
        errors = np.stack([held_out(noise, seed) for seed in range(tables)])
        print(f"| {noise:.1%} | {row(errors / noise)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
