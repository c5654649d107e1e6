"""Documents that say nearly the same, so that no near-copy of a training document is held out.

Two documents are near-duplicates if at least half of their shingles, runs of five words, are shared. That share is
estimated by 32 minima of random hashes; pairs are looked for where four of them agree, in eight groups of four.

Reference: Broder 1997, "On the resemblance and containment of documents".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import numpy as np
from scalingdsl.spec.constants import GAMMA
from scalingdsl.spec.files.small_texts import ALIKE, BANDS, ROWS, WORDS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ...splitmix import mix
from ..edges import Ints

#: Shingles hashed, or pairs of documents compared, at once.
BLOCK = 1 << 16
#: Words whose hash is remembered.
KNOWN = 1 << 20

_WORD = re.compile(r"\w+")


class Signatures:
    """MinHash signatures of documents that are met one after another: `BANDS * ROWS` words of each."""

    def __init__(self) -> None:
        self._words = bytearray()
        self._known: dict[str, int] = {}

    def add(self, document: str) -> None:
        """One more document: the smallest hash of its shingles under each of `BANDS * ROWS` hashes."""
        if len(self._known) > KNOWN:
            self._known.clear()
        found = _WORD.findall(document.casefold())
        for word in found:
            if word not in self._known:
                self._known[word] = _hash(word)
        words = [self._known[word] for word in found] + [0] * (WORDS - len(found))
        hashes = np.array(words, dtype=np.uint64)
        count = len(words) - WORDS + 1
        shingle = np.zeros(count, dtype=np.uint64)
        for k in range(WORDS):
            shingle = mix(shingle + hashes[k : k + count])
        least = [mix(shingle[at : at + BLOCK] ^ _SALTS[:, None]).min(axis=1) for at in range(0, count, BLOCK)]
        self._words += np.minimum.reduce(least).tobytes()

    def kin(self) -> Ints:
        """[document] a number that near-duplicates share, chains of them included."""
        signature = np.frombuffer(self._words, dtype=np.uint64).reshape(-1, BANDS * ROWS)
        ends: list[tuple[Ints, Ints]] = []
        for band in range(BANDS):
            rows = signature[:, band * ROWS : (band + 1) * ROWS]
            order = np.lexsort(rows.T)
            a, b = order[:-1], order[1:]
            same = np.concatenate([(rows[a[at]] == rows[b[at]]).all(axis=1) for at in _blocks(len(a))])
            a, b = a[same], b[same]
            alike = [(signature[a[at]] == signature[b[at]]).mean(axis=1) >= ALIKE for at in _blocks(len(a))]
            near = np.concatenate(alike)
            ends.append((a[near], b[near]))
        source, target = (np.concatenate([pair[k] for pair in ends]) for k in (0, 1))
        links = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(len(signature),) * 2)
        return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _blocks(count: int) -> Iterator[slice]:
    """Parts of an array, one at least."""
    return (slice(at, at + BLOCK) for at in range(0, max(1, count), BLOCK))


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


_SALTS = mix(np.arange(1, BANDS * ROWS + 1, dtype=np.uint64) * np.uint64(GAMMA))
