"""Kinds of graphs and matrices: marked names, headers, networkx's own, directed edges, signs, weights, rounded rows."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.spec import check
from scalingdsl.spec.vocabulary.words.graphs import EdgeList
from scalingdsl.spec.vocabulary.words.sources import Markov, Walk

from . import Case, cases

MODELS = "models transformer(layers=1) width in {8, 16}\ntrain adamw tokens in [512..4096]"
Edges = Iterable[tuple[object, ...]]


def put(folder: Path, content: str | bytes) -> str:
    """The name of a new file with this content."""
    name = f"f{len(list(folder.iterdir()))}"
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def told(folder: Path, call: str) -> list[str]:
    """What is said about a study of a file: it is valid."""
    found = check(folder / "s.scl", text=f"data {call}\n{MODELS}", at_hand=True)
    assert found.plan is not None, found.diagnostics
    return [text for d in found.diagnostics for text in (d.message, *d.notes)]


def refused(folder: Path, call: str) -> str:
    found = check(folder / "s.scl", text=f"data {call}\n{MODELS}", at_hand=True)
    return " ".join(d.message for d in found.errors)


def opened(folder: Path, term: Walk | Markov) -> ChainStream:
    stream = open_source(term, folder)
    assert isinstance(stream, ChainStream)
    return stream


def rate(matrix: np.ndarray) -> float:
    """Entropy rate of an irreducible chain of positive weights, by an eigenvector."""
    p = matrix / matrix.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eig(p.T)
    law = np.real(vectors[:, np.argmax(np.real(values))])
    law = law / law.sum()
    return float(-np.sum(law[:, None] * p * np.log(np.where(p > 0, p, 1))))


def rate_of(edges: Edges, directed: bool = False) -> float:
    """Entropy rate of a walk on `(a, b)` or `(a, b, weight)`."""
    edges = [tuple(edge) for edge in edges]
    names = sorted({str(name) for edge in edges for name in edge[:2]})
    matrix = np.zeros((len(names), len(names)))
    for a, b, *weight in edges:
        i, j = names.index(str(a)), names.index(str(b))
        matrix[i, j] = float(str(weight[0])) if weight else 1.0
        matrix[j, i] = matrix[j, i] if directed else matrix[i, j]
    return rate(matrix)


def walks(folder: Path, content: str | bytes, edges: Edges, directed: bool | None = None) -> list[str]:
    """A file is checked and walked on as the graph of these edges; what is told of it."""
    name = put(folder, content)
    call = "" if directed is None else f", directed={str(directed).lower()}"
    said = told(folder, f'walk(edges("{name}"{call}), length=8, eval_walks=8)')
    stream = opened(folder, Walk(graph=EdgeList(path=name, directed=bool(directed))))
    edges = list(edges)
    assert stream.vocab == len({str(name) for edge in edges for name in edge[:2]})
    assert stream.entropy_rate == pytest.approx(rate_of(edges, bool(directed)), abs=1e-9)
    return said


RING = [("anna", "bert"), ("bert", "carl"), ("carl", "dora"), ("dora", "anna"), ("anna", "carl")]
HEAVY = [(a, b, 1.5 + i) for i, (a, b) in enumerate(RING)]


def written(edges: Edges, between: str = " ", end: str = "\n", behind: str = "") -> str:
    return "".join(between.join(map(str, edge)) + behind + end for edge in edges)


# --- names that begin with a mark -------------------------------------------------------------------------------------

TAGS = [
    ("sun", "sea"),
    ("#love", "sun"),
    ("#love", "sea"),
    ("sea", "#sky"),
    ("sky", "sun"),
    ("%off", "sky"),
    ("%off", "sun"),
]


def tags_are_nodes(folder: Path) -> None:
    said = walks(folder, written(TAGS), TAGS)
    assert any("lines that begin with #" in text or "begin with %" in text for text in said)


def after_a_comment_of_their_own(folder: Path) -> None:
    walks(folder, "# tags that stand together\n% source: own\n" + written(TAGS), TAGS)


def in_columns_under_a_header(folder: Path) -> None:
    walks(
        folder,
        "source,target,weight\n" + written([(*e, 2 + i) for i, e in enumerate(TAGS)], ","),
        [(*e, 2 + i) for i, e in enumerate(TAGS)],
    )


def edges_commented_out_stay_out(folder: Path) -> None:
    edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 0)]
    said = walks(folder, "0 1\n1 2\n#1 3\n2 0\n# old: 0 2\n2 3\n3 0\n", edges)
    assert any("2 lines among the edges are taken for comments (line 3: '#1 3')" in text for text in said)


# --- headers ----------------------------------------------------------------------------------------------------------


def of_numbers_under_ids(folder: Path) -> None:
    edges = [(0, 1), (1, 2), (2, 0), (2, 3)]
    assert any("taken for a header" in t for t in walks(folder, "id1,id2\n" + written(edges, ","), edges))


def of_names_under_words(folder: Path) -> None:
    for head in ("source,target", "from,to", "node1,node2", "Source,Target", '"user_id","friend_id"'):
        assert any("taken for a header" in t for t in walks(folder, f"{head}\n" + written(RING, ","), RING)), head


def of_a_frame_with_its_index(folder: Path) -> None:
    rows = [(i, a, b, w) for i, (a, b, w) in enumerate(HEAVY)]
    walks(folder, ",source,target,weight\n" + written(rows, ","), HEAVY)
    walks(folder, '"from" "to" "weight"\n' + "".join(f'"{i + 1}" "{a}" "{b}" {w}\n' for i, a, b, w in rows), HEAVY)


def of_gephi_with_types_and_labels(folder: Path) -> None:
    rows = [(a, b, "Undirected", i, "", "", w) for i, (a, b, w) in enumerate(HEAVY)]
    walks(folder, "Source;Target;Type;Id;Label;timeset;Weight\n" + written(rows, ";"), HEAVY)


def that_are_nodes_after_all(folder: Path) -> None:
    edges = [("source", "target"), ("target", "sink"), ("sink", "source"), ("source", "other")]
    walks(folder, written(edges, ","), edges)


# --- what networkx writes ---------------------------------------------------------------------------------------------


def by(write: str, graph: nx.Graph, **options: object) -> bytes:
    buffer = io.BytesIO()
    getattr(nx, f"write_{write}")(graph, buffer, **options)
    return buffer.getvalue()


def with_empty_data(folder: Path) -> None:
    graph = nx.petersen_graph()
    walks(folder, by("edgelist", graph), graph.edges)


def with_weights_among_other_data(folder: Path) -> None:
    graph = nx.Graph()
    for i, (a, b, w) in enumerate(HEAVY):
        graph.add_edge(a, b, weight=w, label=f"edge {i}")
    said = walks(folder, by("edgelist", graph), HEAVY)
    assert any("of the data of edges only `weight` is read, not label" in text for text in said)


def with_data_in_columns_and_packed(folder: Path) -> None:
    graph = nx.Graph()
    graph.add_weighted_edges_from(HEAVY)
    walks(folder, gzip.compress(by("edgelist", graph, data=["weight"])), HEAVY)
    walks(folder, by("weighted_edgelist", graph, delimiter=","), HEAVY)


def with_pairs_for_nodes(folder: Path) -> None:
    graph = nx.grid_2d_graph(3, 4)
    walks(folder, by("edgelist", graph), graph.edges)


def in_markup(folder: Path) -> None:
    graph = nx.Graph()
    graph.add_weighted_edges_from(HEAVY)
    for kind in ("graphml", "gml", "gexf"):
        walks(folder, by(kind, graph), HEAVY)


# --- directed edges ---------------------------------------------------------------------------------------------------

ONE_WAY = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 0), (0, 2)]


def of_snap_are_asked_about(folder: Path) -> None:
    content = (
        "# Directed graph (each unordered pair of nodes is saved once): own.txt\n# FromNodeId\tToNodeId\n"
        + written(ONE_WAY, "\t")
    )
    assert any("its edges are directed, and walks go both ways" in text for text in walks(folder, content, ONE_WAY))
    assert not any("directed" in text for text in walks(folder, content, ONE_WAY, directed=True))


def with_a_weight_each_way(folder: Path) -> None:
    edges = [(0, 1, 5), (1, 0, 1), (1, 2, 2), (2, 0, 3)]
    (folder / "g").write_text(written(edges))
    assert "write directed=true if each direction has its own" in refused(folder, 'walk(edges("g"))')
    walks(folder, written(edges), edges, directed=True)


def by_arrows(folder: Path) -> None:
    for arrow in ("->", "→", "=>"):
        said = walks(folder, written(ONE_WAY, f" {arrow} "), ONE_WAY)
        assert any("its edges are directed" in text for text in said)
    walks(folder, written(ONE_WAY, "->"), ONE_WAY, directed=True)


def by_a_column_of_types(folder: Path) -> None:
    rows = [(a, b, "Directed", i + 1) for i, (a, b) in enumerate(ONE_WAY[:-1])]
    edges = [(a, b, weight) for a, b, _, weight in rows]
    said = walks(folder, "Source,Target,Type,Weight\n" + written(rows, ","), edges)
    assert any("its edges are directed" in text for text in said)


# --- signs between names ----------------------------------------------------------------------------------------------


def lines_and_bars(folder: Path) -> None:
    for between in (" - ", " -- ", " | ", "|"):
        walks(folder, written(RING, between), RING)
    walks(folder, written(HEAVY, " | "), HEAVY)


def parentheses_and_marks_at_the_end(folder: Path) -> None:
    walks(folder, "".join(f"({a}, {b})\n" for a, b in RING), RING)
    walks(folder, "".join(f"({a}, {b})\t{w}\n" for a, b, w in HEAVY), HEAVY)
    walks(folder, written(RING, behind=";"), RING)
    walks(folder, written(RING, ": "), RING)
    people = [(f"{a}, X", f"{b}, Y") for a, b in RING]
    walks(folder, written([(f'"{a}"', f'"{b}"') for a, b in people]), people)


def arrows_with_weights_and_names_of_words(folder: Path) -> None:
    named = [(f"New {a}", f"New {b}") for a, b in RING]
    walks(folder, written(named, " -> "), named)
    walks(folder, "".join(f"{a} -> {b} {w}\n" for a, b, w in HEAVY), HEAVY)


def single_quotes(folder: Path) -> None:
    walks(folder, written([(f"'{a}'", f"'{b}'") for a, b in RING]), RING)
    named = [(f"{a} x", f"{b} x") for a, b in RING]
    walks(folder, written([(f"'{a}'", f"'{b}'") for a, b in named], ","), named)


def notes_behind_the_edges(folder: Path) -> None:
    for note in (" #note", " # a note", " // seen twice", "\t#n"):
        walks(folder, written(RING, behind=note if note[0] == " " else " #n"), RING)
    walks(folder, written(HEAVY, behind=" #note"), HEAVY)
    walks(folder, "anna bert #first\n" + written(RING[1:]), RING)


# --- weights, times and counts ----------------------------------------------------------------------------------------


def times_are_no_weights(folder: Path) -> None:
    said = walks(folder, written([(*e, 1082040961 + i) for i, e in enumerate(RING)]), RING)
    assert any("taken for times" in text for text in said)


def decimal_commas(folder: Path) -> None:
    walks(folder, written([(a, b, str(w).replace(".", ",")) for a, b, w in HEAVY], ";"), HEAVY)


def a_first_line_of_counts(folder: Path) -> None:
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]
    assert any("numbers of nodes and edges" in t for t in walks(folder, "4 5\n" + written(edges), edges))
    assert any("taken for counts" in t for t in walks(folder, "4\n5\n" + written(edges), edges))


def what_is_no_graph_is_refused_when_checked(folder: Path) -> None:
    for content, part in (
        ("a a\nb b\n", "every edge leads from a node to itself"),
        ("7 8\n07 9\n8 9\n", "one node is written in two ways, 7 and 07"),
        ("a b 1\nb c 2\na b 3\n", "give each edge once"),
        ("a b 1\nb c -2\n", "the weight -2 is below 0"),
        ('*Vertices 2\n1 "a"\n2 "b"\n*Edges\n1 2\n', "a graph in Pajek"),
        ("graph {\n a -- b;\n}\n", "a graph in DOT"),
        ("1 anna\n2 bert\n3 carl\n#\n1 2\n2 3\n", "names of nodes, a line `#` and then edges"),
        ("5 5\n2 5\n1 3\n2 4\n3 5\n4 1\n", "METIS's lists of neighbours"),
        ("4 5\n2 3 4\n1 3\n1 2 4\n1 3\n", "METIS's lists of neighbours"),
        ("LEDA.GRAPH\nstring\nint\n-2\n2\n", "a graph in LEDA"),
        ("<http://x/1> <http://x/knows> <http://x/2> .\n", "a graph in RDF"),
        ("1: 2 3\n2: 3 1\n3: 1 2\n", "lists of neighbours"),
        ("e 1 2\ne 2 3\n", "a graph in DIMACS"),
        ("0,1,0,0\n1,0,1,0\n0,1,0,1\n0,0,1,0\n", "looks like a matrix of 4 rows"),
    ):
        (folder / "g").write_text(content)
        assert part in refused(folder, 'walk(edges("g"))'), content


# --- transition matrices ----------------------------------------------------------------------------------------------

WEATHER = np.array([[0.8, 0.15, 0.05], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]])


def chain(folder: Path, content: str, matrix: np.ndarray = WEATHER) -> list[str]:
    """A file is checked and run as a chain of this matrix; what is told of it."""
    name = put(folder, content)
    said = told(folder, f'markov("{name}", length=8, eval_walks=16)')
    stream = opened(folder, Markov(path=name))
    assert stream.vocab == len(matrix)
    assert stream.entropy_rate == pytest.approx(rate(matrix), abs=1e-9)
    return said


def rows(matrix: np.ndarray, form: str = "{:g}", between: str = " ") -> list[str]:
    return [between.join(form.format(x) for x in row) for row in matrix]


def rounded_to_the_digits_given(folder: Path) -> None:
    six = np.round(
        np.array([[1, 2, 3, 1], [2, 2, 1, 2], [1, 1, 1, 3], [3, 3, 1, 2]]) / np.array([[7], [7], [6], [9]]), 6
    )
    said = chain(folder, "\n".join(rows(six, "{:.6f}", ",")), six)
    assert not said or any("rows are normalised" in text for text in said)
    thirds = np.array([[0.33, 0.33, 0.33], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]])
    assert any("sums to 0.99 as it is rounded" in t for t in chain(folder, "\n".join(rows(thirds)), thirds))


def thirds_are_no_triples(folder: Path) -> None:
    thirds = np.array([[0.333333, 0.333333, 0.333333], [0.5, 0.25, 0.25], [0.2, 0.4, 0.4]])
    chain(folder, "\n".join(rows(thirds, between=",")), thirds)


def with_names_of_states(folder: Path) -> None:
    body = [f"{name},{row}" for name, row in zip("abc", rows(WEATHER, between=","))]
    assert any("first column" in t for t in chain(folder, "\n".join([",a,b,c", *body])))
    chain(folder, "\n".join(["state,a,b,c", *body]))


def counts_and_percentages(folder: Path) -> None:
    counts = np.array([[8.0, 1, 1], [3, 4, 3], [2, 3, 5]])
    assert any("taken for counts" in t for t in chain(folder, "\n".join(rows(counts)), counts))
    assert any("percentages" in t for t in chain(folder, "\n".join(rows(100 * WEATHER))))
    chain(folder, "\n".join(" ".join(f"{100 * x:g}%" for x in row) for row in WEATHER))


def turned_round_and_counted_from_one(folder: Path) -> None:
    assert any("the other way round" in t for t in chain(folder, "\n".join(rows(WEATHER.T))))
    triples = [f"{i + 1} {j + 1} {WEATHER[i, j]:g}" for i in range(3) for j in range(3)]
    assert any("counted from 1" in t for t in chain(folder, "\n".join(triples)))


def sums_beside_counts_are_no_state(folder: Path) -> None:
    counts = np.array([[8.0, 1, 1], [3, 4, 3], [2, 3, 5]])
    body = [f"{name},{row},{sum_:g}" for name, row, sum_ in zip("abc", rows(counts, between=","), counts.sum(axis=1))]
    said = chain(folder, "\n".join(["state,a,b,c,Total", *body, "Total,13,8,9,30"]), counts)
    assert any('the column "Total" and the last row are left out' in text for text in said)


def as_programs_write_them(folder: Path) -> None:
    inside = rows(WEATHER, between=", ")
    chain(folder, f"P = [{'; '.join(inside)}];")
    chain(folder, "array([" + ",\n       ".join(f"[{row}]" for row in inside) + "])")
    chain(folder, "3\n" + "\n".join(rows(WEATHER)))
    table = [f"s{i},s{j},{WEATHER[i, j]:g},7" for i in range(3) for j in range(3)]
    chain(folder, "\n".join(["from,to,prob,seen", *table]))


def what_is_no_chain_is_refused_when_checked(folder: Path) -> None:
    for content, part in (
        ("nan .5 .5\n.3 .4 .3\n.2 .3 .5\n", "line 1: nan in column 1 is not a probability"),
        ("-.1 .6 .5\n.3 .4 .3\n.2 .3 .5\n", "line 1: -.1 in column 1 is not a probability"),
        ("0 0 0\n.3 .4 .3\n.2 .3 .5\n", "line 1: nothing leaves state 0"),
        (".8 .2\n.5 .4\n", "the probabilities that leave state 1 sum to 0.9, not 1; divide each row by its sum"),
    ):
        (folder / "m").write_text(content)
        assert part in refused(folder, 'markov("m")'), content


KINDS: dict[str, tuple[Case, ...]] = {
    "names that begin with a mark": (
        tags_are_nodes,
        after_a_comment_of_their_own,
        in_columns_under_a_header,
        edges_commented_out_stay_out,
    ),
    "headers of edge lists": (
        of_numbers_under_ids,
        of_names_under_words,
        of_a_frame_with_its_index,
        of_gephi_with_types_and_labels,
        that_are_nodes_after_all,
    ),
    "what networkx writes": (
        with_empty_data,
        with_weights_among_other_data,
        with_data_in_columns_and_packed,
        with_pairs_for_nodes,
        in_markup,
    ),
    "directed edges": (of_snap_are_asked_about, with_a_weight_each_way, by_arrows, by_a_column_of_types),
    "signs between names": (
        lines_and_bars,
        parentheses_and_marks_at_the_end,
        arrows_with_weights_and_names_of_words,
        single_quotes,
        notes_behind_the_edges,
    ),
    "weights, times and counts": (
        times_are_no_weights,
        decimal_commas,
        a_first_line_of_counts,
        what_is_no_graph_is_refused_when_checked,
    ),
    "transition matrices": (
        rounded_to_the_digits_given,
        thirds_are_no_triples,
        with_names_of_states,
        counts_and_percentages,
        turned_round_and_counted_from_one,
        sums_beside_counts_are_no_state,
        as_programs_write_them,
        what_is_no_chain_is_refused_when_checked,
    ),
}


@pytest.mark.parametrize("case", cases(KINDS))
def test_a_graph_gives_what_is_known(case: Case, tmp_path: Path) -> None:
    case(tmp_path)
