"""The nearest of some sites of a cluster where sites are vectors: by distance in space, not along the tree.

A step along the tree is a step of length 1 in a direction of its own, so that two sites t steps apart lie a squared
distance of about t apart, the more nearly so the higher the dimension.

Axes: n site, C set of sites.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..sources.points.bethe_trees import Forest

#: Distances that are held at once.
MOST_PAIRS = 2**23


def predictions(forest: Forest, known_nC: NDArray[np.bool_], sites: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the nearest known site of the same cluster says of some sites, shape (site, C).

    As `trees.predictions`, with the squared distance in place of the distance along the tree.
    """
    said = np.zeros((len(sites), known_nC.shape[1]))
    of_site = forest.cluster[sites]
    for k in np.unique(of_site).tolist():
        members = forest.members[forest.starts[k] : forest.starts[k] + forest.sizes[k]]
        asked = np.flatnonzero(of_site == k)
        for c in range(known_nC.shape[1]):
            known = members[known_nC[members, c]]
            if len(known):
                place, distance = _nearest(forest, sites[asked], known)
                said[asked, c] = forest.value[place] / (1.0 + distance / np.sqrt(forest.sizes[k]))
    return said


def _nearest(
    forest: Forest, asked: NDArray[np.int64], known: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of each site asked about the nearest known one, the first of equals, and its squared distance."""
    assert forest.vectors is not None
    there = forest.vectors[known]
    length = np.einsum("nd,nd->n", there, there)
    places = np.empty(len(asked), dtype=np.int64)
    together = max(1, MOST_PAIRS // len(known))
    for first in range(0, len(asked), together):
        part = slice(first, first + together)
        # Less the asked site's own length, which moves no minimum.
        places[part] = known[np.argmin(length - 2.0 * forest.vectors[asked[part]] @ there.T, axis=1)]
    apart = (forest.vectors[asked] - forest.vectors[places]).astype(np.float64)
    return places, np.einsum("nd,nd->n", apart, apart)
