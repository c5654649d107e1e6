"""How a small text is divided, word by word as the engine divides it, so that checking knows what can be trained on.

Long texts are divided by the engine alone, in arrays; of these only what holds however they are divided is told.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ..constants import FIRST, GAMMA, SECOND
from .raw_file import FileError
from .reach import strong_classes
from .text_documents import BETWEEN, cut, no_split, too_few, too_many

#: Characters that a small text has at most, and one that is divided where it is asked how much is left to train on.
SMALL, DIVIDED = 30_000, 300_000
#: Part of what is to be held out that is, of a text of many documents, whatever their sizes.
SURELY = 0.9
#: Words of a shingle; hashes of a signature, in bands of so many rows; the share of them that near-duplicates share.
WORDS = 5
BANDS, ROWS = 8, 4
ALIKE = 0.5

_MASK = (1 << 64) - 1
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Wanted:
    """What is asked of a text."""

    separator: str
    #: Whether its texts are documents already.
    records: bool
    #: Share that is held out.
    split: float
    unique: int | None
    #: Whether tokens are bytes; of others no number is known before they are made.
    bytes: bool
    #: Tokens of a sequence; None where sequences are not taken from the text itself.
    length: int | None
    #: Tokens of an n-gram that are counted, and how often one is seen at most that is left out; None where none are.
    counted: tuple[int, int] | None = None


@dataclass(frozen=True)
class Lack:
    """What a text has too little of."""

    why: str
    #: Tokens that can be drawn from at most; 0 where none can.
    most: int
    #: Why it cannot be divided as it is, besides.
    whole: str = ""


class Small:
    """The texts of a study, kept as long as they are small."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._size = self._bytes = self._count = 0
        #: Characters of the shortest that is not blank.
        self._shortest = 0

    def add(self, text: str) -> None:
        """One more text."""
        self._size += len(text)
        self._bytes += len(text) if text.isascii() else len(text.encode())
        if size := len(text.strip()):
            self._count += 1
            self._shortest = min(self._shortest, size) if self._count > 1 else size
        if self._size <= DIVIDED:
            self._texts.append(text)

    @property
    def surely(self) -> int:
        """Training tokens that it has with the share held out that is usual; a token is seldom more than four bytes."""
        return self._bytes // 8

    def check(self, wanted: Wanted) -> None:
        """Refuse texts that cannot be trained on as it is wanted.

        Raises:
            FileError: Why they cannot.
        """
        if self._size <= SMALL:
            check_text(self._texts, wanted)
        else:
            check_long(self._bytes, wanted)
            # A group of documents is held out if half of it still fits in.
            if wanted.records and not wanted.separator and self._shortest > 2 * wanted.split * self._size:
                raise FileError(f": {no_split(self._count, self._count, wanted.split)}")

    def holds_less(self, unique: int, separator: str, records: bool, split: float) -> Lack | None:
        """What a text has too little of for so many tokens to be drawn from; None where it has enough.

        A token is a byte or more. At most twice the share wanted is held out, so that most texts need no division.
        """
        surely = int((1 - 2 * split) * self._bytes)
        if unique <= surely:
            return None
        at_most = self._bytes if records else round((1 - SURELY * split) * self._bytes)
        if self._size > DIVIDED:
            most = at_most
        else:
            try:
                most = len(_sides(self._texts, separator, records, split)[0])
            except FileError as error:
                whole = str(error).removeprefix(": ")
                more = too_many(at_most, unique)
                return Lack(more, surely, whole.split(": ")[0]) if more else Lack(whole, 0)
        more = too_many(most, unique)
        return Lack(more, most) if more else None


def check_text(texts: list[str], wanted: Wanted) -> None:
    """Refuse a small text that cannot be trained on as it is wanted.

    Raises:
        FileError: Why it cannot.
    """
    train, test = _sides(texts, wanted.separator, wanted.records, wanted.split)
    found = ""
    if wanted.length is not None and (wanted.bytes or too_few(len(train), len(test), wanted.length)):
        found = too_few(len(train), len(test), wanted.length)
    if not found and wanted.counted is not None and wanted.bytes:
        found = _nothing_counted(train[: wanted.unique], *wanted.counted)
    if found:
        raise FileError(f": {found}")


def _sides(texts: list[str], separator: str, records: bool, split: float) -> tuple[bytes, bytes]:
    """What is trained on and what is held out; `FileError` where all would be, or none."""
    documents = list(cut(texts, separator, records))
    held_out = _held_out(documents, split)
    sides = [[d.encode() for d, out in zip(documents, held_out) if out == side] for side in (False, True)]
    train, test = (BETWEEN.encode().join(side) for side in sides)
    return train, test


def check_long(n_bytes: int, wanted: Wanted) -> None:
    """Refuse what no division of a text of so many bytes allows: at most twice the share wanted is held out.

    Raises:
        FileError: Why it cannot be trained on.
    """
    most = min(n_bytes, int(2 * wanted.split * n_bytes) + 1)
    if wanted.length is not None and (found := too_few(n_bytes, most, wanted.length)):
        raise FileError(f": {found.replace('held-out', 'held-out (at most)')}")


def _held_out(documents: list[str], share: float) -> list[bool]:
    """[document] whether it is held out; the rule is that of the engine's `divide`.

    Raises:
        FileError: All of them would be, or none.
    """
    group = kin(documents)
    weight: Counter[int] = Counter()
    least: dict[int, bytes] = {}
    for g, document in zip(group, documents):
        weight[g] += len(document)
        hashed = hashlib.sha256(document.encode()).digest()
        least[g] = min(least.get(g, hashed), hashed)
    wanted, out = share * weight.total(), set()
    for g in sorted(least, key=least.__getitem__):
        if weight[g] / 2 <= wanted:
            wanted -= weight[g]
            out.add(g)
    if len(out) in (0, len(least)):
        raise FileError(f": {no_split(len(documents), len(least), share)}")
    return [g in out for g in group]


def kin(documents: Iterable[str]) -> list[int]:
    """[document] a number that near-duplicates share, chains of them included; as the engine finds them."""
    signatures = [_signature(document) for document in documents]
    parent = list(range(len(signatures)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for band in range(BANDS):
        rows = slice(band * ROWS, (band + 1) * ROWS)
        # Ordered by the last row first; only neighbours in this order are compared.
        order = sorted(range(len(signatures)), key=lambda i: signatures[i][rows][::-1])
        for a, b in pairwise(order):
            one, two = signatures[a], signatures[b]
            if one[rows] == two[rows] and sum(x == y for x, y in zip(one, two)) >= ALIKE * len(one):
                parent[root(a)] = root(b)
    return [root(i) for i in range(len(signatures))]


def _signature(document: str) -> tuple[int, ...]:
    """The smallest hash of the document's shingles under each of `BANDS * ROWS` hashes."""
    words = [_hash(word) for word in _WORD.findall(document.casefold())]
    words += [0] * (WORDS - len(words))
    shingles = set()
    for at in range(len(words) - WORDS + 1):
        shingle = 0
        for word in words[at : at + WORDS]:
            shingle = _mix((shingle + word) & _MASK)
        shingles.add(shingle)
    return tuple(min(_mix(shingle ^ salt) for shingle in shingles) for salt in _SALTS)


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _mix(x: int) -> int:
    x = ((x ^ (x >> 30)) * FIRST) & _MASK
    x = ((x ^ (x >> 27)) * SECOND) & _MASK
    return x ^ (x >> 31)


_SALTS = tuple(_mix((i * GAMMA) & _MASK) for i in range(1, BANDS * ROWS + 1))


def _nothing_counted(train: bytes, n: int, drop: int) -> str:
    """Why no chain is counted from these tokens; empty where one is."""
    contexts: dict[bytes, int] = {}
    states = [contexts.setdefault(train[at : at + n - 1], len(contexts)) for at in range(len(train) - n + 2)]
    often = [pair for pair, count in Counter(pairwise(states)).items() if count > drop]
    ahead: list[list[int]] = [[] for _ in contexts]
    for a, b in often:
        ahead[a].append(b)
    label = strong_classes(ahead)
    chain = any(label[a] == label[b] and a != b for a, b in often)
    return "" if chain else nothing_left(len(train), drop)


def nothing_left(tokens: int, drop: int) -> str:
    """Why no chain is counted from so many tokens."""
    return (
        f"no chain is left of the transitions seen more than drop={drop} times in {tokens:,} tokens: take a longer "
        "text or a smaller `drop`"
    )
