"""The loss by position in a sequence: what a model makes of the first tokens that it reads, and of the later ones.

A position is the number of tokens read before the one foretold, 1 to T. Neighbouring positions are taken together
evenly in the logarithm, the first eight each alone: a power law in the position sees nothing finer, and a record stays
small. Where sequences are drawn, standard errors are over sequences, which are independent; positions of one sequence
are not.

Axes: W sequence, T time.

Reference: arXiv:2602.07488.
"""

from __future__ import annotations

import math
from bisect import bisect_left

import torch
from torch import Tensor

#: Means a doubling of positions: 20 of 64 positions, 36 of 1,024.
PER_DOUBLING = 4
#: Positions that means end at, ascending.
ENDS = tuple(sorted({math.ceil(2 ** (k / PER_DOUBLING)) for k in range(32 * PER_DOUBLING)}))
#: Digits kept, as of losses along a run.
DIGITS = 6


def ends_of(length: int) -> tuple[int, ...]:
    """Positions that means end at in sequences of `length` tokens; the last mean may be over fewer."""
    return (*ENDS[: bisect_left(ENDS, length)], length)


def by_position(above_WT: Tensor, entropy_WT: Tensor | None, weights_WT: Tensor | None) -> dict[str, tuple[float, ...]]:
    """Fields of `ByPosition` but for the step.

    Args:
        above_WT: Losses above the entropy of the law at each context, or losses where no law is known; nats, float64.
        entropy_WT: Entropies of the law at the contexts, None where it is not known.
        weights_WT: Probabilities of the contexts of an evaluation of all there are, None where they were drawn.
    """
    ends = ends_of(above_WT.shape[1])
    loss, loss_error = _means(above_WT if entropy_WT is None else above_WT + entropy_WT, weights_WT, ends)
    found: dict[str, tuple[float, ...]] = {"ends": ends, "loss": loss, "loss_error": loss_error}
    if entropy_WT is not None:
        found["excess"], found["excess_error"] = _means(above_WT, weights_WT, ends)
    return found


def _means(
    each_WT: Tensor, weights_WT: Tensor | None, ends: tuple[int, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means up to each end, and their standard errors."""
    means, errors = [], []
    for first, end in zip((0, *ends), ends):
        part = each_WT[:, first:end]
        if weights_WT is not None:
            share = weights_WT[:, first:end]
            means.append(float((part * share).sum() / share.sum()))
            errors.append(0.0)
        else:
            of_sequence = part.mean(1)
            means.append(float(of_sequence.mean()))
            errors.append(float(torch.nan_to_num(of_sequence.std()) / len(of_sequence) ** 0.5))
    return _short(means), _short(errors)


def _short(values: list[float]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)
