"""Edge lists and transition matrices from files, good and bad."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.sources import draw_graph, open_source
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.graphs import EdgeList
from scalingdsl.spec.vocabulary.words.sources import Markov, Walk

SQUARE = {(0, 1), (1, 2), (2, 3), (0, 3)}


@pytest.mark.parametrize(
    "text",
    [
        "0 1\n1 2\n2 3\n3 0\n",
        "# a ring\n% and more\n\n3\t0\n2\t1\n0\t1\n  2 3  \n",
        "10,20\n20,30\n30,40\n40,10\n",
        "2 3\r\n9 2\r\n10 9\r\n10 3\r\n",  # numeric order, not that of the text: 2 3 9 10
        "b c\na b\nd c\na d\nd a\nc c\n",
        "\ufeff-1 0\n0 1\n1 2\n2 -1\n",
    ],
)
def test_one_ring_in_many_spellings(tmp_path: Path, text: str) -> None:
    (tmp_path / "g.txt").write_text(text, newline="")
    edges = draw_graph(EdgeList(path="g.txt"), tmp_path)
    assert edges.n == 4
    found = set(zip(edges.u.tolist(), edges.v.tolist()))
    assert found in (SQUARE, {(0, 1), (1, 3), (2, 3), (0, 2)}, {(0, 1), (0, 2), (2, 3), (1, 3)})
    assert edges.weights is None


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "g.edges").write_bytes(gzip.compress(b"0 1\n1 2\n"))
    assert len(draw_graph(EdgeList(path="g.edges"), tmp_path)) == 2


def test_weights_and_loops(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("a,b,2\nb,c,1\nc,c,5\nb,a,2\n")
    edges = draw_graph(EdgeList(path="g.csv"), tmp_path)
    assert edges.weights is not None
    assert edges.weights.tolist() == [2, 1]
    both = "1 of 2 edges stand there in both directions, the others in one: all are walked both ways."
    assert edges.notes == ("1 loop is left out.", both)
    stream = open_source(Walk(graph=EdgeList(path="g.csv")), tmp_path)
    assert isinstance(stream, ChainStream)
    assert stream.vocab == 3
    np.testing.assert_allclose(stream.chain.stationary, [2 / 6, 3 / 6, 1 / 6])
    assert stream.notes == ("1 loop is left out.", both)


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    lines = ["a b 1", "b c 2", "c d 3", "d a 4"]
    digests = set()
    for i in range(4):
        (tmp_path / f"{i}.txt").write_text("\n".join(lines[i:] + lines[:i]))
        digests.add(open_source(Walk(graph=EdgeList(path=f"{i}.txt")), tmp_path).digest)
    assert len(digests) == 1


BAD_EDGES = [
    ("0 1\n1\n", "g, line 2: wanted two node names and an optional weight, found '1'"),
    ("0 1\n1 2 3 4\n", "g, line 2: wanted two node names and an optional weight, found '1, 2, 3, 4'"),
    ("a,b\na,\n", "g, line 2: wanted two node names and an optional weight, found 'a, '"),
    ("0 1\n\n1 2 3\n", "g, line 3: this edge has a weight, but line 1 has none"),
    ("0 1 1\n1 2\n", "g, line 2: this edge has no weight, but line 1 has one"),
    ("0 1 x\n", "g, line 1: the weight 'x' is not a number"),
    ("0 1 0\n", "g, line 1: the weight 0 is not positive and finite; leave out edges of no weight"),
    (
        "0 1 -2\n",
        "g, line 1: the weight -2 is below 0, and a walk takes an edge in proportion to its weight; "
        "write its absolute value",
    ),
    ("0 1 nan\n", "g, line 1: the weight nan is not positive and finite; leave out edges of no weight"),
    (
        "0 1 1\n2 1 1\n1 0 3\n",
        "g, line 3: this edge has weight 3, but 1 on line 1; write directed=true if each direction has its own",
    ),
    ("7 8\n07 9\n", "g: one node is written in two ways, 7 and 07; write it in one"),
    ("# nothing\n\n", "g: holds no data"),
    ("1 1\n", "g: there is nothing to walk on: every edge leads from a node to itself"),
]


@pytest.mark.parametrize(("text", "message"), BAD_EDGES)
def test_bad_edge_lists(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "g").write_text(text)
    with pytest.raises(EngineError) as caught:
        open_source(Walk(graph=EdgeList(path="g")), tmp_path)
    assert str(caught.value).replace(f"{tmp_path / 'g'}", "g") == message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    good = gzip.compress(b"0 1\n1 2\n" * 100)
    (tmp_path / "cut.gz").write_bytes(good[:-12])
    (tmp_path / "bent.gz").write_bytes(good[:20] + b"\xff\xff\xff" + good[23:])
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 bar\n")
    for name, part in (
        ("none.txt", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("cut.gz", "is not a whole gzip file"),
        ("bent.gz", "is not a whole gzip file"),
        ("latin.txt", "is not UTF-8 text at byte 3"),
    ):
        with pytest.raises(EngineError, match=part):
            draw_graph(EdgeList(path=name), tmp_path)


def test_a_file_that_changed_since_it_was_checked(tmp_path: Path) -> None:
    file = tmp_path / "g"
    file.write_text("0 1\n1 2\n")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert len(draw_graph(EdgeList(path="g", sha256=sha256, nodes=3), tmp_path)) == 2
    with pytest.raises(EngineError, match="has 3 nodes, but 4 when the study was checked; check it again"):
        draw_graph(EdgeList(path="g", nodes=4), tmp_path)
    file.write_text("0 1\n1 2\n2 3\n")
    with pytest.raises(EngineError, match="has changed since the study was checked; check it again"):
        draw_graph(EdgeList(path="g", sha256=sha256, nodes=3), tmp_path)


def markov(tmp_path: Path, text: str, **settings: object) -> ChainStream:
    (tmp_path / "m").write_text(text)
    stream = open_source(Markov(path="m", **settings), tmp_path)  # type: ignore[arg-type]
    assert isinstance(stream, ChainStream)
    return stream


@pytest.mark.parametrize(
    "text",
    [
        "0.9,0.1,0\n0.4,0.1,0.5\n0,1,0\n",  # three rows of three
        ".9 .1 0\n.4 .1 .5\n0 1 0\n",
        "0 0 .9\n0 1 .1\n1 0 .4\n1 1 .1\n1 2 .5\n2 1 1\n",  # triples
        "# from, to, how often\n2,1,1\n1,0,.4\n1,1,.1\n1,2,.5\n0,0,.9\n0,1,.1\n0,2,0\n",
    ],
)
def test_one_chain_in_many_spellings(tmp_path: Path, text: str) -> None:
    stream = markov(tmp_path, text)
    dense = np.zeros((3, 3))
    dense[stream.chain.rows, stream.chain.indices] = stream.chain.probability
    np.testing.assert_allclose(dense, np.array([[0.9, 0.1, 0.0], [0.4, 0.1, 0.5], [0.0, 1.0, 0.0]]), atol=1e-15)
    np.testing.assert_allclose(stream.chain.stationary @ dense, stream.chain.stationary, atol=1e-15)


def test_three_triples_are_not_three_rows(tmp_path: Path) -> None:
    assert markov(tmp_path, "0 1 1\n1 0 .5\n1 1 .5\n").vocab == 2


def test_rows_are_normalised_after_rounding(tmp_path: Path) -> None:
    stream = markov(tmp_path, ".3333333,.3333333,.3333333\n" * 3)
    np.testing.assert_allclose(stream.entropy_rate, np.log(3), atol=1e-15)


def test_options_reach_the_stream(tmp_path: Path) -> None:
    stream = markov(tmp_path, ".5,.5\n1,0\n", length=3, exhaustive=True, start="uniform")
    evaluation = stream.evaluation()
    assert evaluation.tokens.shape == (5, 4)
    assert stream.start_law.tolist() == [0.5, 0.5]


BAD_CHAINS = [
    ("0.5,0.4\n0,1\n", "m, line 1: the probabilities that leave state 0 sum to 0.9, not 1; divide each row by its sum"),
    (
        ".5,.5\n1,1\n.2,.2\n",
        "m: 3 rows of 2 numbers; a transition matrix is square, and triples have three fields: i j probability",
    ),
    (
        ".5,.4\n1,1\n",
        "m, line 1: the probabilities that leave state 0 sum to 0.9, not 1 (1 more states are wrong too); "
        "divide each row by its sum",
    ),
    ("1,0\n0,0\n", "m, line 2: nothing leaves state 1: all its probabilities are 0"),
    (".5,.5\n1\n", "m, line 2: 1 fields, but line 1 has 2: give it one for every state, 0 for those that never follow"),
    (".5,x\n1,0\n", "m, line 1: 'x' is not a number in column 2"),
    ("1.5,-.5\n1,0\n", "m, line 1: -.5 in column 2 is not a probability"),
    ("nan,1\n1,0\n", "m, line 1: nan in column 1 is not a probability"),
    ("0 1 1\n1 0 .5\n1 0 .5\n2 0 1\n", "m, line 3: the probability from 1 to 0 was given on line 2"),
    ("0 1 1\n2 0 1\n", "m: no line leaves state 1; every state needs probabilities that sum to 1"),
    ("0 1 1\n0.5 0 1\n", "m: a line is i j probability, which stands last: write `1,1,0`, and so in every line"),
    ("0 999999999999 1\n1 0 1\n", "m: no line leaves state 2; every state needs probabilities that sum to 1"),
]


@pytest.mark.parametrize(("text", "message"), BAD_CHAINS)
def test_bad_chains(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        markov(tmp_path, text)
    assert str(caught.value).replace(f"{tmp_path / 'm'}", "m") == message


def test_another_number_of_states_than_was_checked(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="has 2 states, but 5 when the study was checked; check it again"):
        markov(tmp_path, "0,1\n1,0\n", states=5)
