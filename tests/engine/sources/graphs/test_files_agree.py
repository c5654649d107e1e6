"""Files that a study is checked with are those that it is run on: valid if and only if they are read, to one graph.

Graphs and matrices are generated and written as programs write them; networkx and numpy say what they hold.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.spec import check
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.graphs import EdgeList
from scalingdsl.spec.vocabulary.words.sources import Markov, Walk
from scipy.io import mmread, mmwrite
from scipy.sparse import coo_array

FEW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=800)
#: Files of each format: `EXAMPLES_A_FORMAT=500` generates as many for every one.
EACH = settings(FEW, max_examples=int(os.environ.get("EXAMPLES_A_FORMAT", "50")))

NAMES = {
    "number": str,
    "word": lambda i: "abcdefghijkl"[i] * 2,
    "tag": lambda i: f"#{'abcdefghijkl'[i]}x",
    "city": lambda i: f"New {'ABCDEFGHIJKL'[i]}ork",
}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[nx.Graph, bool]:
    """A graph of numbers 0 .. n - 1, directed or not, weighted or not."""
    directed, weighted = draw(st.booleans()), draw(st.booleans())
    n = draw(st.integers(2, 12))
    pairs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=30))
    graph: nx.Graph = nx.DiGraph() if directed else nx.Graph()
    for i, (a, b) in enumerate(pairs):
        graph.add_edge(a, b, **({"weight": (i % 7) + 0.5} if weighted else {}))
    return graph, weighted


def written(graph: nx.Graph, name: str, how: str) -> bytes:
    """The graph with its nodes named, as a program writes it."""
    named = nx.relabel_nodes(graph, {node: NAMES[name](node) for node in graph})
    buffer = io.BytesIO()
    if how in ("graphml", "gml", "gexf"):
        getattr(nx, f"write_{how}")(named, buffer)
    elif how == "mtx":
        order = sorted(graph, key=lambda i: i if name == "number" else NAMES[name](i))
        mmwrite(
            buffer,
            coo_array(nx.to_scipy_sparse_array(graph, nodelist=order)),
            field=None if weighted(graph) else "pattern",
        )
    elif how == "csv":
        rows = ["source,target,weight"] if weighted(graph) else ["source,target"]
        rows += [",".join(map(str, (a, b, *data.values()))) for a, b, data in named.edges(data=True)]
        buffer.write("\n".join(rows).encode())
    else:
        data = {"data": True, "plain": ["weight"] if weighted(graph) else False}[how]
        nx.write_edgelist(named, buffer, delimiter="\t" if name == "city" else " ", data=data)
    return buffer.getvalue()


def weighted(graph: nx.Graph) -> bool:
    return bool(nx.is_weighted(graph))


def checked(content: bytes, call: str) -> tuple[list[str], int]:
    """Codes of errors of a study of a file, and its vocabulary."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "f").write_bytes(content)
        text = f"data {call}\nmodels width=8\ntrain adamw tokens = 64k"
        result = check(Path(name, "study.scl"), text=text, at_hand=True)
        vocab = next(result.plan.runs()).source.vocab if result.plan else 0  # type: ignore[attr-defined]
        return [f"{d.code} {d.message}" for d in result.errors], vocab


def opened(content: bytes, source: Walk | Markov) -> ChainStream | None:
    """The chain that runs are trained on; None where it is refused."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "f").write_bytes(content)
        try:
            stream = open_source(source, Path(name))
        except EngineError:
            return None
    assert isinstance(stream, ChainStream)
    return stream


def dense(stream: ChainStream) -> np.ndarray:
    matrix = np.zeros((stream.vocab, stream.vocab))
    matrix[stream.chain.rows, stream.chain.indices] = stream.chain.probability
    return matrix


def kept_class(graph: nx.Graph) -> set[int] | None:
    """Nodes that a walk runs on, by networkx; None where there is none."""
    if not graph.is_directed():
        found = max(len(c) for c in nx.connected_components(graph))
        tied = [c for c in nx.connected_components(graph) if len(c) == found]
        return min(tied, key=min) if found > 1 else None
    closed = list(nx.attracting_components(graph))
    largest = max(map(len, closed))
    return min((c for c in closed if len(c) == largest), key=min) if largest > 1 else None


def agree(graph: nx.Graph, name: str, how: str) -> None:
    content = written(graph, name, how)
    first = content.split(b"\n")[0].split()
    if name == "number" and how == "plain" and len(first) == 2 and int(first[1]) == graph.size() - 1:
        return  # it may be the numbers of nodes and edges
    directed = "true" if graph.is_directed() else "false"
    errors, vocab = checked(content, f'walk(edges("f", directed={directed}))')
    stream = opened(content, Walk(graph=EdgeList(path="f", directed=graph.is_directed())))
    assert bool(errors) == (stream is None), errors
    walked = graph.copy()
    if not graph.is_directed():
        walked.remove_edges_from(list(nx.selfloop_edges(walked)))
    kept = kept_class(walked)
    assert (kept is None) == bool(errors), (errors, kept)
    if stream is None or kept is None:
        return
    assert stream.vocab == vocab == len(graph)
    order = sorted(graph, key=lambda i: i if name == "number" else NAMES[name](i))
    weights = nx.to_numpy_array(walked, nodelist=order)
    weights[[i for i, node in enumerate(order) if node not in kept]] = 0
    total = weights.sum(axis=1, keepdims=True)
    expected = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    np.testing.assert_allclose(dense(stream), expected, atol=1e-12)


WRITTEN = ("data", "plain", "csv", "graphml", "gml", "gexf", "mtx")
FORMATS = st.sampled_from(WRITTEN)


@FEW
@given(graphs(), st.sampled_from(list(NAMES)), FORMATS)
def test_what_networkx_writes_is_read_as_it_is(drawn: tuple[nx.Graph, bool], name: str, how: str) -> None:
    agree(drawn[0], name, how)


@pytest.mark.slow
@pytest.mark.parametrize("how", WRITTEN)
@EACH
@given(drawn=graphs(), name=st.sampled_from(list(NAMES)))
def test_many_of_what_networkx_writes_are_read_as_they_are(drawn: tuple[nx.Graph, bool], name: str, how: str) -> None:
    agree(drawn[0], name, how)


# --- anything at all --------------------------------------------------------------------------------------------------

FIELD = st.one_of(
    st.integers(-3, 12).map(str),
    st.sampled_from(
        ["", "a", "b", "#a", "%b", "07", "1.5", "nan", "1e400", "{}", "{'weight': 2}", "source", "to", "\x85"]
    ),
    st.floats().map(str),
)
LINES = st.lists(st.lists(FIELD, max_size=5), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def any_file(lines: list[list[str]], between: str, end: str) -> bytes:
    return end.join(between.join(line) for line in lines).encode()


def valid_if_read(content: bytes) -> None:
    for call, source in (
        ('walk(edges("f"))', Walk(graph=EdgeList(path="f"))),
        ('walk(edges("f", directed=true))', Walk(graph=EdgeList(path="f", directed=True))),
        ('markov("f")', Markov(path="f")),
    ):
        errors, vocab = checked(content, call)
        stream = opened(content, source)
        assert bool(errors) == (stream is None), (call, errors)
        assert stream is None or (stream.vocab == vocab and np.isfinite(stream.entropy_rate))


@FEW
@given(LINES, st.sampled_from([" ", ",", "\t", ";"]), ENDS)
def test_a_file_is_valid_if_and_only_if_it_is_read(lines: list[list[str]], between: str, end: str) -> None:
    valid_if_read(any_file(lines, between, end))


@pytest.mark.slow
@MANY
@given(LINES, st.sampled_from([" ", ",", "\t", ";"]), ENDS)
def test_many_files_are_valid_if_and_only_if_they_are_read(lines: list[list[str]], between: str, end: str) -> None:
    valid_if_read(any_file(lines, between, end))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A graph as a program writes it, a piece of which is gone or stands elsewhere."""
    graph, _ = draw(graphs())
    content = written(graph, draw(st.sampled_from(list(NAMES))), draw(FORMATS))
    at, to = sorted(draw(st.tuples(st.integers(0, len(content)), st.integers(0, len(content)))))
    by = draw(
        st.sampled_from([b"", content[: to - at], b"0", b" ", b'"', b"<", b"nan", b"-1", b"\n", b"]", b"directed"])
    )
    return content[:at] + by + content[min(to, at + draw(st.integers(0, 12))) :]


@FEW
@given(damaged())
def test_a_damaged_graph_is_valid_if_and_only_if_it_is_read(content: bytes) -> None:
    valid_if_read(content)


@pytest.mark.slow
@MANY
@given(damaged())
def test_many_damaged_graphs_are_valid_if_and_only_if_they_are_read(content: bytes) -> None:
    valid_if_read(content)


# --- matrices ---------------------------------------------------------------------------------------------------------


WAYS = ("counts", "rows", "rounded", "labels", "triples", "from 1", "columns", "percent", "market", "market counts")


@st.composite
def matrices(draw: st.DrawFn, ways: tuple[str, ...] = WAYS) -> tuple[np.ndarray, str, str]:
    """Counts, how they are written, and the text."""
    n = draw(st.integers(2, 8))
    rows = draw(st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n))
    counts = np.array(rows, dtype=float)
    counts[counts.sum(axis=1) == 0, 0] = 1
    how = draw(st.sampled_from(ways))
    p = counts / counts.sum(axis=1, keepdims=True)
    buffer = io.StringIO()
    names = [f"s{i}" for i in range(n)]
    if how == "counts":
        np.savetxt(buffer, counts, fmt="%d")
    elif how == "rows":
        np.savetxt(buffer, p)
    elif how == "rounded":
        np.savetxt(buffer, p, fmt="%.5f", delimiter=",")
    elif how == "columns":
        np.savetxt(buffer, p.T)
    elif how == "percent":
        np.savetxt(buffer, 100 * p, fmt="%.12f")
    elif how in ("market", "market counts"):
        binary = io.BytesIO()
        mmwrite(binary, coo_array(p) if how == "market" else coo_array(counts.astype(int)))
        return counts, how, binary.getvalue().decode()
    elif how == "labels":
        buffer.write("," + ",".join(names) + "\n")
        buffer.writelines(f"{name},{','.join(map(repr, row))}\n" for name, row in zip(names, p.tolist()))
    else:
        start = 1 if how == "from 1" else 0
        buffer.writelines(f"{i + start} {j + start} {p[i, j].item()!r}\n" for i, j in np.argwhere(p > 0))
    return counts, how, buffer.getvalue()


def same_chain(counts: np.ndarray, how: str, text: str) -> None:
    errors, vocab = checked(text.encode(), 'markov("f")')
    stream = opened(text.encode(), Markov(path="f"))
    assert not errors, errors
    assert stream is not None
    p = counts / counts.sum(axis=1, keepdims=True)
    tolerance = 2e-4 if how == "rounded" else 1e-9
    if how == "columns" and np.allclose(p.sum(axis=0), 1, atol=1e-6):
        p = p.T
    if "counts" in how and np.allclose(counts.sum(axis=0), 1):  # a permutation of columns
        return
    if how.startswith("market"):
        read = mmread(io.BytesIO(text.encode())).toarray()
        np.testing.assert_allclose(read / read.sum(axis=1, keepdims=True), p, atol=1e-12)
    kept = stream.chain.states
    np.testing.assert_allclose(dense(stream)[kept], p[kept], atol=tolerance)
    assert stream.vocab == vocab == len(counts)


@FEW
@given(matrices())
def test_a_matrix_is_the_same_chain_however_it_is_written(drawn: tuple[np.ndarray, str, str]) -> None:
    same_chain(*drawn)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@EACH
@given(data=st.data())
def test_many_matrices_are_the_same_chains_however_they_are_written(data: st.DataObject, way: str) -> None:
    same_chain(*data.draw(matrices((way,))))
