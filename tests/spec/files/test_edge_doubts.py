"""Graphs that look like lists of edges and are something else, and lists of edges as programs name what is in them."""

from __future__ import annotations

import pytest
from scalingdsl.spec.files.graph_file import GraphFile, read_graph
from scalingdsl.spec.files.raw_file import FileError

PAIRS = [("a1", "b1"), ("b1", "c1"), ("c1", "d1"), ("d1", "a1"), ("a1", "c1")]


def read(text: str, directed: bool | None = None) -> GraphFile:
    return read_graph(text.encode(), directed)


def edges(graph: GraphFile) -> dict[tuple[str, ...], float]:
    """Ends by name, and what the edge weighs."""
    weight = graph.weight if graph.weight is not None else [1.0] * len(graph.source)
    return {tuple(sorted((graph.names[a], graph.names[b]))): w for a, b, w in zip(graph.source, graph.target, weight)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1;2,3\n2;1,3\n3;1,2\n4;1\n", ": is a graph in lists of neighbours"),
        ("a1\tb1 c1\nb1\ta1 c1\nc1\ta1 b1\n", ": is a graph in lists of neighbours"),
        ('node,neighbors\n1,"2,3"\n2,"1,3"\n3,"1,2"\n', ": is a graph in lists of neighbours"),
        ("shared name,weight\na1 (pp) b1,1\nb1 (pp) c1,2\n", ": names an edge in one field ('a1 (pp) b1')"),
        ("# a1\nb1 1\nc1 2\n# b1\nc1 3\nd1 1\n# c1\nd1 4\n", ": is a graph in LGL"),
        ("% bip unweighted\n% 4 2 3\n1 1\n1 2\n2 2\n2 3\n", ": says that it is bipartite, and '1' is a node of either"),
        ("dl n=4 format=edgelist1\nlabels embedded\ndata:\na b 1\n", ": is a graph in UCINET's DL"),
        ("*Arcs\n1 2 1\n2 3 1\n", ": is a graph in Pajek"),
        ("1,2\n2,3\n3.0,1\n", ": one node is written in two ways, 3 and 3.0"),
        ("\x93NUMPY\x01\x00v\x00", " is an array of numpy; save it as text"),
        ("MATLAB 5.0 MAT-file, Platform", " is a file of MATLAB; save it as text"),
        ("PAR1\x15\x04", " is a table in parquet; save it as text"),
    ],
)
def test_what_is_no_list_of_edges_is_named(text: str, message: str) -> None:
    with pytest.raises(FileError) as error:
        read_graph(text.encode("latin-1"))
    assert str(error.value).startswith(message)


def test_names_of_two_words_are_no_lists_of_neighbours() -> None:
    assert read("a b\ta\na b\tb\na\tb\n").n == 3
    assert read("New York\tRome\nRome\tBonn\nBonn\tNew York\n").n == 3
    assert read("Mercury (planet) orbit\tSun\nVenus\tSun\nSun\tVenus\n").n == 3
    assert read("% bip unweighted\nu1 i1\nu1 i2\nu2 i1\n").n == 4


@pytest.mark.parametrize("between", [" ", "\t"])
@pytest.mark.parametrize("kinds", [["pp"], ["likes", "knows"]])
def test_words_between_names_are_kinds_of_edges(between: str, kinds: list[str]) -> None:
    for names in (
        PAIRS,
        [(a[0], b[0]) for a, b in PAIRS],
        [("1", "2"), ("2", "3"), ("3", "4"), ("4", "1"), ("1", "3")],
    ):
        rows = [between.join((a, kinds[i % len(kinds)], b)) for i, (a, b) in enumerate(names)]
        found = read("\n".join(rows))
        assert set(edges(found)) == {tuple(sorted(pair)) for pair in names}
        assert found.told == ("the second column is taken for the kinds of edges, and is left out",)
    assert edges(read("x hub 1\ny hub 2\nz hub 3\n"))["hub", "y"] == 2.0  # a star, with weights


def test_edges_that_come_again_are_counted() -> None:
    assert read("0 1\n0 1\n0 1\n1 2\n2 0\n").told == ("2 edges come again, and count once",)
    (told,) = read("0 1\n1 0\n1 2\n2 0\n").told
    assert told == "1 of 3 edges stand there in both directions, the others in one: all are walked both ways"
    assert read("0 1\n1 0\n1 2\n2 0\n", directed=False).told == ()
    assert read("0 1\n1 0\n1 2\n2 1\n2 0\n0 2\n").told == ()  # each is written both ways
    assert read("0 1\n1 2\n2 0\n0 1\n", directed=True).told == ("1 edge stands there twice, and counts once",)
    assert not any("directions" in text for text in read("# Directed graph\n0 1\n1 0\n1 2\n2 0\n").told)


def test_numbers_that_may_be_no_weights_are_told() -> None:
    lists = "0 1 2\n1 3 4\n2 5 6\n3 7 6\n4 1 5\n5 3 2\n6 7 5\n7 6 5\n"
    assert "most of them are names of nodes" in read(lists, directed=True).told[-1]
    rising = "".join(f"{i % 7} {i % 11 + 20} {10 + i}\n" for i in range(40))
    assert "they rise from line to line" in read(rising).told[-1]
    assert read("source,target,weight\n" + rising.replace(" ", ",")).told == (
        "line 1 ('source,target,weight') is taken for a header",
    )
    assert read("a b 3\nb c 1\nc a 2\n").told == ()


def test_a_first_line_of_names_that_never_come_again_is_told() -> None:
    rest = "\n".join(";".join(pair) for pair in PAIRS)
    assert read("von;nach\n" + rest).told == ("line 1 ('von;nach') is taken for a header",)
    assert read("depuis;vers\n" + rest).told == (
        "line 1 ('depuis;vers') is read as an edge, though neither of its names comes again",
    )
    assert read("a1;d1\n" + rest).told != ()  # the same edge in the other direction
    assert read("x;a1\n" + rest).told == ()


def test_a_name_in_columns_of_two_kinds_is_told() -> None:
    ratings = "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,3,4.0,964981247\n2,3,5.0,964982224\n"
    assert "what stands in both columns, such as '1', is one node" in read(ratings).told
    assert not any("both columns" in text for text in read("user_id,friend_id\n1,2\n2,3\n3,1\n").told)


GML = 'Creator "by hand"\ngraph\n[\n{}]\n'


def gml(labels: list[str], weight: str = "", again: bool = False) -> str:
    pairs = [(0, 1, 3), (1, 2, 1), (2, 0, 8)] + ([(0, 1, 3)] if again else [])
    nodes = "".join(f"  node\n  [\n    id {i}\n{label}  ]\n" for i, label in enumerate(labels))
    ends = (f"    source {a}\n    target {b}\n" + (f"    {weight} {w}\n" if weight else "") for a, b, w in pairs)
    return GML.format(nodes + "".join(f"  edge\n  [\n{end}  ]\n" for end in ends))


def test_gml_as_it_is_passed_on() -> None:
    bare, named = ["", "", ""], ['    label "x"\n', '    label "y"\n', '    label "z"\n']
    assert set(edges(read(gml(bare)))) == {("0", "1"), ("1", "2"), ("0", "2")}
    found = read(gml(named, "value", again=True).replace("\n", "\r\n"))
    assert edges(found) == {("x", "y"): 3.0, ("y", "z"): 1.0, ("x", "z"): 8.0}
    assert found.told == ('"value" is taken for the weight of edges', "1 edge stands there twice, and counts once")
    twice = read(gml([named[0], named[0], named[2]]))
    assert twice.told == ("nodes are called by their ids, for some labels come twice",)
    assert twice.names == ("0", "1", "2")


def test_data_of_edges_in_markup_that_are_not_read_are_told() -> None:
    graph = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" attr.name="NAME" '
        'attr.type="KIND"/><graph edgedefault="undirected"><node id="x"/><node id="y"/><edge source="x" target="y">'
        '<data key="w">3</data></edge></graph></graphml>'
    )
    assert read(graph.replace("NAME", "seen").replace("KIND", "int")).told == (
        "of the data of edges nothing is read, not seen",
    )
    for kind in ("string", "double", "int"):
        assert edges(read(graph.replace("NAME", "weight").replace("KIND", kind))) == {("x", "y"): 3.0}
    with pytest.raises(FileError, match="the weight 'three' of the edge x - y is not a number"):
        read(graph.replace("NAME", "weight").replace("KIND", "string").replace(">3<", ">three<"))
