"""Words of the language find what they do."""

from __future__ import annotations

import pytest
from scalingdsl.engine.sources import open_source, registry
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.graphs import Graph, Lattice
from scalingdsl.spec.vocabulary.words.sources import Source, Table, Walk


def test_every_graph_and_every_source_of_sequences_is_implemented() -> None:
    wanted = {
        word: term
        for word, term in REGISTRY.items()
        if issubclass(term, Graph) or (issubclass(term, Source) and term.shape == "sequences")
    }
    assert {"er", "ba", "ws", "regular", "sbm", "lattice", "config", "edges", "walk", "markov"} <= set(wanted)
    built = registry._BUILDERS.all()  # of `synthetic` its kinds, by what is copied
    assert {word for word, term in wanted.items() if not any(issubclass(kind, term) for kind in built)} == set()


def test_a_table_is_no_source_of_sequences() -> None:
    with pytest.raises(EngineError) as caught:
        open_source(Table(path="runs.csv"))
    assert str(caught.value) == "nothing can be drawn from table(...): it is not a source of training sequences"


def test_a_source_is_opened_once() -> None:
    assert open_source(Walk(graph=Lattice(side=3))) is open_source(Walk(graph=Lattice(side=3)))
