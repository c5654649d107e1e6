"""Kinds of files and requests that people of the field brought to other tools, each with a first case and three others.

    test_kinds_of_laws      runs that see part of their corpus; laws of coefficients alone
    test_kinds_of_tables    checkpoints of numbered runs; sweeps of which the best counts; what spreadsheets write;
                            exports appended to one another; folders and exports of trackers; numbers with units;
                            rows that are none; states, histories and logs of training programs
    test_kinds_of_graphs    names that begin with a mark; headers of edge lists; what networkx writes; directed edges;
                            signs between names; weights, times and counts; transition matrices as people have them
    test_kinds_of_texts     records that hold the text; documents that marks part; texts without line ends; encodings

Each is a function of a folder; a test is called after its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Case = Callable[[Path], None]
#: Cases of a kind: the first, and three others.
FOUR = 4


def cases(kinds: Mapping[str, tuple[Case, ...]]) -> list[Any]:
    """Parameters of a test, each called after its kind and case."""
    assert all(len(of) >= FOUR for of in kinds.values())
    return [pytest.param(case, id=f"{kind}: {case.__name__}") for kind, of in kinds.items() for case in of]
