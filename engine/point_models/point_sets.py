"""What a trained model sees of points: those it may learn from in an order of their own, and those held out.

Axes: n point, d number of a point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from torch import Tensor

from ..sources.points.bethe_trees import Forest
from ..sources.points.coalescent import Cloud
from ..sources.points.manifold import Torus
from ..sources.seeded import generators
from . import nearest_in_space
from .nearest import RUNS, hold_out

#: Streams of role "data": which points are learnt from, and in which order they are shown.
LEARNT, SHOWN = 4, 5


@dataclass(frozen=True, eq=False)
class Points:
    """Points to learn from and points to be tested on, brought to a mean square of 1 a number."""

    #: [n, d] and [n] float32; a model with D samples sees the first D.
    known: Tensor
    value: Tensor
    #: [n, d] float32 and [n] float64.
    tested: Tensor
    truth: NDArray[np.float64]
    #: Whether there is no end of points, so that a model without a D sees none of them twice.
    endless: bool
    #: Standard deviation of the noise in the numbers, which those of the points held out are without.
    noise: float = 0.0


@singledispatch
def points_of(drawn: Any, seed: int, samples: Sequence[int], shown: int) -> Points:
    """The points of a drawn source; what a source draws is registered here.

    Args:
        drawn: What the source drew for the seed.
        seed: The runs' seed: the first D points are the same for every model of it.
        samples: The D of every model; 0 for one that learns from all there are.
        shown: Points that such a model is shown in all.

    Raises:
        EngineError: A model is to learn from more points than there are, or from points that have no place.
    """
    raise EngineError(f"no model here learns from a {type(drawn).__name__}")


@points_of.register
def _of_a_torus(drawn: Torus, seed: int, samples: Sequence[int], shown: int) -> Points:
    random, testing = next(generators(seed, "data", LEARNT)), next(generators(seed, "eval", RUNS))
    places = drawn.points(random, max(*samples, shown)), drawn.points(testing, drawn.tested)
    value, truth = drawn.seen(places[0], random), drawn.value(places[1])
    known, tested = (drawn.place(part) for part in places)
    return _points(known, value, tested, truth, endless=True, noise=drawn.noise)


@points_of.register
def _of_a_forest(drawn: Forest, seed: int, samples: Sequence[int], shown: int) -> Points:
    held_out = hold_out(drawn, drawn.tested, seed, RUNS)
    return _divided(drawn, held_out.sites, np.flatnonzero(~held_out.held_out_n), seed, samples, "sites")


@points_of.register
def _of_a_cloud(drawn: Cloud, seed: int, samples: Sequence[int], shown: int) -> Points:
    return _divided(drawn, *nearest_in_space.held_out(drawn, seed, RUNS), seed, samples, "points")


def _divided(
    drawn: Forest | Cloud,
    tested_at: NDArray[np.int64],
    free: NDArray[np.int64],
    seed: int,
    samples: Sequence[int],
    noun: str,
) -> Points:
    """Points held out, which are those that a neighbour is tested on, and those that are left."""
    if drawn.vectors is None:
        raise EngineError("a multilayer perceptron learns from vectors; give the clusters some with `embed`")
    free = next(generators(seed, "data", LEARNT)).permutation(free)
    nearest_in_space.enough(max(samples), free, seed, noun)
    free = free if 0 in samples else free[: max(samples)]
    size = np.sqrt(np.mean(np.square(drawn.vectors), dtype=np.float64))
    known, tested = (np.asarray(drawn.vectors[sites] / np.float32(size)) for sites in (free, tested_at))
    return _points(known, drawn.value[free], tested, drawn.value[tested_at], endless=False)


def _points(
    known: NDArray[Any],
    value: NDArray[Any],
    tested: NDArray[Any],
    truth: NDArray[np.float64],
    *,
    endless: bool,
    noise: float = 0.0,
) -> Points:
    return Points(
        known=torch.from_numpy(known.astype(np.float32, copy=False)),
        value=torch.from_numpy(value.astype(np.float32)),
        tested=torch.from_numpy(tested.astype(np.float32, copy=False)),
        truth=truth,
        endless=endless,
        noise=noise,
    )


def order(seed: int, n: int, count: int) -> Tensor:
    """Places of the points shown one after another, shape (count,): pass after pass over n, each in an order of its
    own.
    """
    passes: Iterator[np.random.Generator] = generators(seed, "data", SHOWN)
    found = [next(passes).permutation(n) for _ in range(-(-count // n))]
    return torch.from_numpy(np.concatenate(found)[:count])
