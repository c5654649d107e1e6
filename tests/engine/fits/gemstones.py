"""The Gemstones tables (tests/data/gemstones) as points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scalingdsl.engine.fits import Points

FOLDER = Path(__file__).parents[2] / "data" / "gemstones"
#: The authors' own objectives: log-Huber, delta 1e-3, summed.
PUBLISHED = {"hot": 0.0019816129, "slim_chinchilla": 0.0001204363}


def gemstones(name: str) -> Points:
    """Cells of one table."""
    rows = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]
    column = {k: np.array([float(r[k]) for r in rows]) for k in ("params_active_precise", "tokens", "final_loss")}
    return Points({"N": column["params_active_precise"], "D": column["tokens"]}, column["final_loss"])
