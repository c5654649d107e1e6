"""The nearest of some sites to every site of a forest, along its trees, exactly and in one sweep up and one down.

Going up, each site learns of the nearest below it; going down, of the nearest anywhere. A level is one array operation,
whatever the number of clusters, and several sets of sites are looked for side by side.

Axes: n site, C set of sites.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..sources.points.bethe_trees import Forest

#: Stands for "none": above every distance, with room to add one to it.
NONE = 2**62


def nearest(forest: Forest, known_nC: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Distance and place of the nearest known site of each site, as `distance * n + place`, shape (n, C).

    Ties go to the site that comes first. `NONE` or above where a cluster has no known site.
    """
    n = forest.n
    key = np.where(known_nC, np.arange(n)[:, None], NONE)
    levels, at = forest.levels.tolist(), forest.mothers_at.tolist()
    for level in range(len(levels) - 2, 0, -1):
        a, b = levels[level], levels[level + 1]
        i, j = at[level - 1], at[level]
        mothers = forest.mothers[i:j]
        below = np.minimum.reduceat(key[a:b], forest.first[i:j] - a, axis=0)
        below += n
        key[mothers] = np.minimum(key[mothers], below, out=below)
    for level in range(1, len(levels) - 1):
        a, b = levels[level], levels[level + 1]
        above = key[forest.parent[a:b]]
        above += n
        np.minimum(key[a:b], above, out=key[a:b])
    return key


def predictions(forest: Forest, known_nC: NDArray[np.bool_], sites: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the nearest known site says of some sites, shape (site, C).

    Its number over 1 + distance / sqrt(cluster size), since two sites that far apart have little in common; 0 where
    nothing of the cluster is known.

    Reference: arXiv:2412.07942, released code.
    """
    found = nearest(forest, known_nC)[sites]
    distance, place = np.divmod(found, forest.n)
    reach = np.sqrt(forest.sizes[forest.cluster[sites]])[:, None]
    return np.where(found < NONE, forest.value[place] / (1.0 + distance / reach), 0.0)
