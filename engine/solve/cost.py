"""What a pack of solved runs will take: in closed form, from the amounts of data its source is expected to draw."""

from __future__ import annotations

from collections.abc import Sequence

from scalingdsl.spec.plan import Run
from scalingdsl.spec.vocabulary.percolation import Manifold, Percolation

#: Sets of known sites that settle how many sites a degree of freedom is worth, beside those of the runs.
SCALE_SETS = 50
#: Bytes of the table of nearest sites that is worked on at once.
TABLE_BYTES = 2**27
#: Python, numpy and torch in one worker, measured; bytes a site of a forest, its growth included.
PROCESS_BYTES, SITE_BYTES = 290 * 2**20, 64
#: Seconds of growing one site, of one number of its vector, of one site in one set, and of one query of a tree of
#: points; measured on one core.
GROW_S, EMBED_S, SITE_S, QUERY_S = 3e-7, 3e-8, 3.5e-8, 5e-6


def predicted_seconds(runs: Sequence[Run]) -> float:
    """Seconds of one worker on these runs of one source and seed."""
    source = runs[0].source
    if isinstance(source, Percolation):
        # Cluster sizes with density s^(1 - tau), tau = 5/2, have a mean of sqrt(smallest * largest).
        return source.largest * (GROW_S + EMBED_S * source.embed + SITE_S * (len(runs) + SCALE_SETS))
    if isinstance(source, Manifold):
        return QUERY_S * sum(source.tested + max(run.n_total, run.n_tokens) for run in runs)
    return 0.0


def predicted_bytes(runs: Sequence[Run]) -> int:
    """Resident memory of the worker."""
    source = runs[0].source
    sites = source.largest if isinstance(source, Percolation) else max(max(r.n_total, r.n_tokens) for r in runs)
    vectors = 4 * getattr(source, "embed", 0) * sites
    return PROCESS_BYTES + SITE_BYTES * sites + vectors + 3 * max(TABLE_BYTES, 8 * sites)
