"""Curves of sources as cells that laws are fitted to."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.analysis.cells.curve_cells import curve_cells
from scalingdsl.engine.analysis.panel_fits import of_curves
from scalingdsl.spec import load
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, curves

RANKS = np.arange(1.0, 21.0)
WALK = "data walk(er(n=60, edges=200))\nmodels transformer(width=8)\ntrain adamw  tokens=4k"
STUDIES = {
    "unigram": WALK,
    "successor": WALK,
    "eigenvalue": "data latents(M=40)\nmodels features(width=5)\ntrain ridge",
    "cluster": "data percolation(largest=3k, smallest=30, tested=4%)\nmodels nearest(cells=5)",
}


def test_every_curve_by_rank_is_tried() -> None:
    assert {name for name in curves() if QUANTITIES[name].along == "rank"} == set(STUDIES)


@pytest.mark.parametrize("name", STUDIES)
def test_a_curve_of_any_name_is_what_was_stored(name: str) -> None:
    """Sizes of clusters are a curve called as the column is that keeps trajectories apart."""
    plan = load("s.scl", text=f"{STUDIES[name]}\nfit power(rank, E=0, loss={name})\n")
    stored = {"x": RANKS.tolist(), "y": (0.5 * RANKS**-1.5).tolist(), "error": [0.0] * 20}
    table = curve_cells(plan, [{"point": [], "curves": {name: stored}}])
    assert table.columns[name].tolist() == stored["y"]
    (found,) = of_curves(plan.fits[0].changed(bootstrap=0), table)
    assert found.fit is not None
    assert found.fit.params["alpha"] == pytest.approx(1.5, rel=1e-4)
    assert found.fit.n_clusters == 20
