"""A table like the digitised points of arXiv:2203.15556: isoFLOP curves, sizes read with an error, a few outliers."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import numpy as np
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.spec import load

E, A, B, ALPHA, BETA = 1.817, 477.8, 2143.0, 0.3473, 0.3672
#: Budgets of compute, FLOPs.
BUDGETS = np.geomspace(6e18, 3e21, 9)
OUTLIERS = 5
#: Sizes on a budget lie within this factor of the best.
AROUND = 8.2

STUDY = """
data table("points.csv", N="Model Size", C="Training FLOP", loss="loss")
let kept = rank(-loss) > 5
let law = chinchilla(objective=huber(1e-3), bootstrap=0) where kept
fit law, power(D, group=2%, bootstrap=0) where kept
report markdown, splits
"""


def table(sizes: int, seed: int = 0) -> str:
    """CSV text: of so many sizes each budget has those near its best, all read with an error of up to .5 %.

    Losses have one of 1 %; a few are as large as no law gives.
    """
    rng = np.random.default_rng(seed)
    nominal, flops = (x.ravel() for x in np.meshgrid(np.geomspace(44e6, 16e9, sizes), BUDGETS, indexing="ij"))
    near = np.abs(np.log(nominal / np.sqrt(flops / 120))) < np.log(AROUND)  # 20 tokens a parameter
    nominal, flops = nominal[near], flops[near]
    n = nominal * rng.uniform(0.995, 1.005, nominal.size)
    d = flops / (6 * n)
    loss = (E + A * n**-ALPHA + B * d**-BETA) * np.exp(0.01 * rng.normal(size=n.size))
    wrong = rng.choice(n.size, OUTLIERS, replace=False)
    loss[wrong] = loss.max() * rng.uniform(1.1, 1.3, OUTLIERS)
    rows = [f"{x!r},{c!r},{y!r}" for x, c, y in zip(n.tolist(), flops.tolist(), loss.tolist())]
    return "\n".join(["Model Size,Training FLOP,loss", *rows]) + "\n"


def analysis(folder: Path, text: str = STUDY, sizes: int = 12) -> Analysis:
    """The analysis of a study of such a table, written into a folder."""
    (folder / "points.csv").write_text(table(sizes))
    plan = load(folder / "points.scl", text=dedent(text))
    return analyse(plan, {}, table=study_table(plan, folder))
