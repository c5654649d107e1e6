"""Alias tables for every row of a chain at once: a next state from one 64-bit word, whatever the row's length.

References: Walker 1977; the sweep is that of Hübschle-Schneider & Sanders 2022, "Parallel weighted random sampling".
"""

from __future__ import annotations

import numpy as np

from ..edges import Floats, Ints


def alias_tables(indptr: Ints, probability: Floats) -> tuple[Floats, Ints]:
    """The part of an even share that each slot keeps, in [0, 1], and the slot that has the rest; both [S].

    A slot of the row is drawn evenly; it stays with the probability it keeps, else its alias is taken.
    All rows take the same step of the sweep together, longest rows first, so the loop runs as often as the longest row
    has slots.
    """
    degree = np.diff(indptr)
    row = np.repeat(np.arange(len(degree)), degree)
    share = probability * degree[row]  # of an even slot; the mean of a row is 1
    heavy = share > 1
    keep, alias = np.ones(len(share)), np.arange(len(share))
    # Slots of a row, light ones first: one pointer runs through the light, one through the heavy.
    order = np.argsort(2 * row + heavy, kind="stable")
    lights = np.bincount(row[~heavy], minlength=len(degree))
    rows = np.flatnonzero(degree)
    light, light_end = indptr[rows], indptr[rows] + lights[rows]
    big, end = light_end.copy(), indptr[rows + 1]
    rest = share[order[np.minimum(big, end - 1)]]  # what the present heavy slot has left to give
    active = np.flatnonzero(big < end)
    while len(active):
        i, j = light[active], big[active]
        gives = rest[active] > 1
        fits = gives & (i < light_end[active])
        passes = ~gives & (j + 1 < end[active])
        a, slot, giver = active[fits], order[i[fits]], order[j[fits]]
        keep[slot], alias[slot] = share[slot], giver
        rest[a] -= 1 - share[slot]
        light[a] += 1
        b, slot, giver = active[passes], order[j[passes]], order[j[passes] + 1]
        keep[slot], alias[slot] = rest[b], giver
        rest[b] = share[giver] - (1 - rest[b])
        big[b] += 1
        active = active[fits | passes]  # what is left over keeps its own slot: it is full up to rounding
    return keep, alias
