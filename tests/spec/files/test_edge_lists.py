"""Edge lists as programs and people write them: every kind gives the graph that is meant, and says what it guessed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from typing import Any

import pytest
from scalingdsl.spec.files.graph_file import GraphFile, read_graph
from scalingdsl.spec.files.raw_file import FileError, unpacked

#: A ring of five with a chord.
PAIRS = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (1, 3)]
RING = {(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)}
CITIES = ["Aachen", "Bad Ems", "Cuxhaven", "Den Haag", "Essen"]


def read(text: str | bytes, directed: bool | None = None) -> GraphFile:
    return read_graph(text.encode() if isinstance(text, str) else text, directed)


def pairs(graph: GraphFile) -> set[tuple[int, int]]:
    return set(zip(graph.source, graph.target))


def lines(form: str, names: list[str] | None = None, weights: bool = False) -> str:
    names = names or [str(i) for i in range(5)]
    return "".join(form.format(a=names[a], b=names[b], i=i, w=i + 1) for i, (a, b) in enumerate(PAIRS))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # networkx: write_edgelist, with and without data, and its adjacency of weights
        (lines("{a} {b} {{}}\n"), 0),
        (lines("{a} {b} {{'weight': {w}}}\n"), 0),
        (lines("{a} {b} {{'colour': 'red', 'weight': {w}.5}}\n"), 1),
        (lines("{a},{b},{{'weight': {w}}}\n"), 0),
        (lines("{a} {b} {{'weight': np.float64({w}.5)}}\n"), 0),
        (lines("{a} {b} {{'weight': {w}, 'seen': datetime.date(2020, 1, {w})}}\n"), 1),
        (lines("{a}\t{b}\t{w}\n"), 0),
        # SNAP
        ("# Undirected graph: x.txt\n# Nodes: 5 Edges: 6\n# FromNodeId\tToNodeId\n" + lines("{a}\t{b}\n"), 0),
        ("#FromNodeId\tToNodeId\n" + lines("{a}\t{b}\n"), 0),
        (lines("{a} {b} 12304{w}0000\n"), 1),
        # KONECT
        ("% sym weighted\n% 6 5 5\n" + lines("{a} {b} {w}\n"), 0),
        ("% sym positive\n" + lines("{a} {b} {w} 10828{w}0000\n"), 1),
        # headers of csv files
        ("id1,id2\n" + lines("{a},{b}\n"), 1),
        ("source,target,weight\n" + lines("{a},{b},{w}\n"), 1),
        ('"from";"to"\n' + lines('"{a}";"{b}"\n'), 1),
        (",source,target\n" + lines("{i},{a},{b}\n"), 1),
        ('"","V1","V2"\n' + lines('"{i}","{a}","{b}"\n'), 1),
        ("id,source,target\n" + lines("{i},{a},{b}\n"), 2),
        ("; from a script\n// of mine\n" + lines("{a} {b}\n"), 0),
        ("Source,Target,Type,Id,Label,Weight\n" + lines("{a},{b},Undirected,{i},,{w}\n"), 2),
        ("u v cost\n" + lines("{a} {b} {w}\n"), 2),
        # a first line of counts
        ("5 6\n" + lines("{a} {b}\n"), 1),
        ("5\n6\n" + lines("{a} {b}\n"), 1),
        ("%%MatrixMarket matrix coordinate pattern symmetric\n% from 1\n5 5 6\n" + "2 1\n3 2\n4 3\n5 4\n5 1\n4 2\n", 0),
        # spreadsheets: decimal commas, UTF-16, CR
        (lines("{a};{b};{w},5\n"), 0),
        (lines("{a}\t{b}\r\n").encode("utf-16"), 0),
        (lines("{a},{b}\r"), 0),
        (lines("{a} {b} # {i}\n"), 0),
    ],
)
def test_one_graph_in_many_formats(text: str | bytes, told: int) -> None:
    graph = read(text)
    assert graph.n == 5
    assert pairs(graph) == RING
    assert len(graph.told) == told, graph.told
    assert not graph.says_directed


def test_weights_in_every_format() -> None:
    for text in (
        lines("{a} {b} {{'weight': {w}}}\n"),
        lines("{a};{b};{w},0\n"),
        "source,target,weight\n" + lines("{a},{b},{w}\n"),
        "weight,target,source\n" + lines("{w},{b},{a}\n"),
        "% sym positive\n" + lines("{a} {b} {w} 10828{w}0000\n"),
    ):
        graph = read(text)
        assert graph.weight is not None
        assert dict(zip(zip(graph.source, graph.target), graph.weight)) == {
            (min(a, b), max(a, b)): float(i + 1) for i, (a, b) in enumerate(PAIRS)
        }
    assert read(lines("{a} {b} 12304{w}0000\n")).weight is None  # times, and said so


@pytest.mark.parametrize(
    "text",
    [
        lines("{a}\t{b}\n", CITIES),
        lines('"{a}","{b}"\n', CITIES),
        lines('"{a}" "{b}" {w}\n', CITIES),
        "Start\tEnd\n" + lines("{a}\t{b}\n", CITIES),
    ],
)
def test_names_with_blanks(text: str) -> None:
    graph = read(text)
    assert graph.names == tuple(CITIES)
    assert pairs(graph) == RING


# --- marks ------------------------------------------------------------------------------------------------------------


def test_names_that_begin_with_a_mark_are_names() -> None:
    graph = read("# tags\n#sun #sea\n#sea sand\nsand #sun\n#sun sea\nsea sand\n")
    assert graph.names == ("#sea", "#sun", "sand", "sea")
    assert len(graph.source) == 5
    assert graph.told == ("3 lines that begin with # are read as edges, not as comments (line 2: '#sun #sea')",)
    percent = read("%a b\nb c\nc %a\n")
    assert percent.names == ("%a", "b", "c")
    assert len(read("#a #b\n#b #c\n#c #a\n").source) == 3  # every line has one


def test_comments_among_edges_are_counted_and_told() -> None:
    graph = read("# head\n0 1\n# a b\n1 2\n#2 3\n%\n2 0\n")
    assert (graph.n, len(graph.source)) == (3, 3)
    assert graph.told == ("3 lines among the edges are taken for comments (line 3: '# a b')",)
    assert read("#by hand\n#created 2020\na b\nb c\n").told == ()  # they come before all edges


def test_a_header_is_one_only_where_its_names_never_come_again() -> None:
    assert read("source,target\nsource,b\nb,target\n").n == 3
    assert read("a,b\nc,d\nd,c\n").told == ("line 1 ('a,b') is taken for a header",)
    assert read("x y\ny z\nz x\n").told == ()
    assert read("up down\nleft right\n").told == ()  # names like others
    assert read("one two\n1 2\n2 3\n").told == ("line 1 ('one two') is taken for a header",)


@pytest.mark.parametrize("head", ["n1,n2", "user_id,friend_id", "Person A,Person B", "followerId,followeeId"])
def test_names_that_are_alike_are_those_of_columns(head: str) -> None:
    found = read(f"{head}\nann,bob\nbob,carl\ncarl,ann\n")
    assert (found.names, found.told) == (("ann", "bob", "carl"), (f"line 1 ('{head}') is taken for a header",))
    a, b = head.split(",")
    assert read(f"{head}\n{b},{a}\nann,bob\n").n == 4  # they come again
    assert read("n1,n2\nn3,n4\nn4,n5\n").n == 5  # nodes are called so


@pytest.mark.parametrize("how", [{}, {"data": False}, {"delimiter": ","}, {"delimiter": "\t"}])
def test_the_nodes_of_a_grid_of_networkx_are_pairs(how: dict[str, Any]) -> None:
    import networkx

    grid, buffer = networkx.grid_2d_graph(3, 3), io.BytesIO()
    networkx.write_edgelist(grid, buffer, **how)
    found = read(buffer.getvalue())
    assert found.names == tuple(sorted(map(str, grid)))
    assert len(found.source) == grid.number_of_edges()
    assert read("(0, 0) (1, 0) 2.5\n(0, 0) (0, 1) 1\n").weight is not None


# --- direction --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("# Directed graph (each unordered pair of nodes is saved once): x\n", True),
        ("# Undirected graph: x\n", False),
        ("# this graph is not directed\n", False),
        ("% asym unweighted\n", True),
        ("% sym unweighted\n", False),
        ("# redirected\n", None),
        ("# directed: false\n", False),
        ("# directed = true\n", True),
        ("", None),
    ],
)
def test_what_a_file_says_of_direction(head: str, says: bool | None) -> None:
    assert read(head + "0 1\n1 2\n2 0\n").says_directed is says


def test_directed_edges_are_kept_as_they_are() -> None:
    graph = read("0 1 5\n1 0 1\n1 1 2\n1 2 2\n2 0 3\n", directed=True)
    assert (graph.directed, graph.n, graph.reached()) == (True, 3, 3)
    assert list(zip(graph.source, graph.target, graph.weight or ())) == [
        (0, 1, 5), (1, 0, 1), (1, 1, 2), (1, 2, 2), (2, 0, 3),
    ]  # fmt: skip
    assert read("0 1\n1 0\n1 2\n", directed=False).reached() == 3
    assert read("0 1\n1 0\n0 2\n2 3\n3 4\n4 2\n", directed=True).reached() == 3
    with pytest.raises(FileError, match="ends in a node that none leaves"):
        read("0 1\n1 2\n", directed=True)


# --- markup -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["graphml", "gml", "gexf"])
@pytest.mark.parametrize("directed", [False, True])
def test_what_networkx_writes_in_markup(kind: str, directed: bool) -> None:
    import networkx

    graph = networkx.DiGraph() if directed else networkx.Graph()
    graph.add_weighted_edges_from([(CITIES[a], CITIES[b], i + 1.5) for i, (a, b) in enumerate(PAIRS)])
    graph.add_node("alone")
    buffer = io.BytesIO()
    getattr(networkx, f"write_{kind}")(graph, buffer)
    found = read(buffer.getvalue(), directed=directed or None)
    assert found.names == (*CITIES, "alone")
    assert found.says_directed is directed
    assert pairs(found) == (set(PAIRS) if directed else RING)
    assert sorted(found.weight or ()) == [i + 1.5 for i in range(6)]


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1\n1 2 3 4\n2 3\n", ", line 2: wanted two node names and an optional weight, found '1, 2, 3, 4'"),
        ("0 1 5\n1 2 2\n1 0 1\n", ", line 3: this edge has weight 1, but 5 on line 1; write directed=true"),
        ("a b 1\nb c 1\na b 2\n", ", line 3: this edge has weight 2, but 1 on line 1; give each edge once"),
        ("7 8\n07 9\n", ": one node is written in two ways, 7 and 07; write it in one"),
        ("1 1\n2 2\n", ": there is nothing to walk on: every edge leads from a node to itself"),
        ("a b {'weight': 'x'}\nb c {}\nc a {}\n", ", line 1: the weight 'x' is not a number"),
        ("a b {(}\nb c {}\nc a {}\n", ", line 1: '{(}' is no data of an edge"),
        ("a b 1e300\nb c 1\n", ", line 1: the weight 1e300 is beyond 1e-100 to 1e100"),
        ("a b " + "{" * 5000 + "}" * 5000 + "\nb c {}\nc d {}\n", ", line 1: '{{{"),
        ("a b x\nb c y\nc a x\n", ", line 2: the weight 'y' is not a number"),
        ("source,target,how\n", ": holds no edge"),
        ("0 1\n1 \0\n", ", line 2: holds a NUL byte"),
        ("<html></html>", ": is XML, but neither GraphML nor GEXF"),
        ('<!DOCTYPE x [<!ENTITY a "a">]><graphml></graphml>', ": declares a document type"),
        ("<graphml><graph><node></graphml>", ": is no graphml that can be read"),
        ("graph [\n node [\n", ": is no gml that can be read"),
        ("*Vertices 2\n1 a\n", ": is a graph in Pajek"),
        ("digraph { a -> b }", ": is a graph in DOT"),
        ('{"nodes": []}', ": is a graph in JSON"),
        ("p edge 3 2\ne 1 2\ne 2 3\n", ": is a graph in DIMACS"),
        ("#a.py\n# GMT Sun\n# \n0 1 4\n1 2\n", ": is a graph in lists of neighbours"),
        ("a b {'weight': __import__('os')}\nb c {}\n", ", line 1: the weight \"__import__('os')\" is not a number"),
        ("a b {'weight': np.float64(-2)}\nb c {}\n", ", line 1: the weight -2 is below 0"),
        ("%%MatrixMarket matrix array real general\n2 2\n1\n", ": of Matrix Market files only"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 1\n", ": 2 entries are announced, and 1 are there"),
        ("x" * 2_000_000, ", line 1: is longer than 1,000,000 characters"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, message: str) -> None:
    with pytest.raises(FileError) as caught:
        read(text)
    assert str(caught.value).startswith(message)


def test_names_of_thousands_of_digits_are_numbers_too() -> None:
    long = "9" * 5000
    assert read(f"{long} 2\n2 -10\n-10 -9\n-9 {long}\n").names == ("-10", "-9", "2", long)


def test_packed_files_are_unpacked_up_to_a_limit() -> None:
    raw = lines("{a} {b}\n").encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("graph.txt", raw)
        file.writestr("__MACOSX/._graph.txt", b"x")
    for packed in (gzip.compress(raw), bz2.compress(raw), lzma.compress(raw), archive.getvalue(), raw):
        assert unpacked(packed) == raw
    with pytest.raises(FileError, match="unpacks to more than 64 MB"):
        unpacked(gzip.compress(bytes(65_000_000), 1))
    for damaged in (gzip.compress(raw)[:-9], bz2.compress(raw)[:-9], lzma.compress(raw)[:-9], b"PK\x03\x04x"):
        with pytest.raises(FileError, match="is not a whole"):
            unpacked(damaged)
