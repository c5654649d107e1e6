"""Transition matrices as programs and people write them: each gives the chain that is meant, and says what it took."""

from __future__ import annotations

import pytest
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.transition_matrices import MatrixFile, digits_of, read_matrix

P = ((0.25, 0.75, 0.0), (0.5, 0.0, 0.5), (0.125, 0.25, 0.625))


def read(text: str) -> MatrixFile:
    return read_matrix(text.encode())


def dense(found: MatrixFile) -> list[list[float]]:
    rows = [[0.0] * found.n for _ in range(found.n)]
    for i, j, p in zip(found.source, found.target, found.probability):
        rows[i][j] = p
    return [[p / sum(row) for p in row] for row in rows]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (".25,.75,0\n.5,0,.5\n.125,.25,.625\n", 0),
        ("2.5e-01 7.5e-01 0e+00\n5e-01 0e+00 5e-01\n1.25e-01 2.5e-01 6.25e-01\n", 0),  # numpy.savetxt
        ("0,25;0,75;0\n0,5;0;0,5\n0,125;0,25;0,625\n", 0),
        ("25%,75%,0%\n50%,0%,50%\n12.5%,25%,62.5%\n", 0),
        ("[[0.25, 0.75, 0], [0.5, 0, 0.5], [0.125, 0.25, 0.625]]", 0),
        ("[[0.25  0.75  0.   ]\n [0.5   0.    0.5  ]\n [0.125 0.25  0.625]]\n", 0),  # numpy's print
        ("     [,1] [,2]  [,3]\n[1,] 0.250 0.75 0.000\n[2,] 0.500 0.00 0.500\n[3,] 0.125 0.25 0.625\n", 0),  # R's print
        ("\tx\ty\tz\nx\t.25\t.75\t0\ny\t.5\t0\t.5\nz\t.125\t.25\t.625\n", 2),
        ("x,y,z\n2,6,0\n3,0,3\n1,2,5\n", 2),
        ("25 75 0\n50 0 50\n12.5 25 62.5\n", 1),
        # names of states, as pandas, R and spreadsheets write them
        (",x,y,z\nx,.25,.75,0\ny,.5,0,.5\nz,.125,.25,.625\n", 2),
        (",0,1,2\n0,.25,.75,0\n1,.5,0,.5\n2,.125,.25,.625\n", 2),
        ('"x" "y" "z"\n"x" .25 .75 0\n"y" .5 0 .5\n"z" .125 .25 .625\n', 2),
        ("sun;rain;snow\n.25;.75;0\n.5;0;.5\n.125;.25;.625\n", 1),
        ("0,1,2\n.25,.75,0\n.5,0,.5\n.125,.25,.625\n", 1),
        ("x .25 .75 0\ny .5 0 .5\nz .125 .25 .625\n", 1),
        # the other way round
        (".25,.5,.125\n.75,0,.25\n0,.5,.625\n", 1),
        # counts
        ("2,6,0\n3,0,3\n1,2,5\n", 1),
        ("from\\to,x,y,z\nx,2,6,0\ny,3,0,3\nz,1,2,5\n", 3),
        ('{"a": {"a": 2, "b": 6}, "b": {"a": 3, "c": 3}, "c": {"a": 1, "b": 2, "c": 5}}', 3),
        ('[{"from": "a", "to": "a", "p": 2}, {"from": "a", "to": "b", "p": 6}, {"from": "b", "to": "a", "p": 3},'
         '{"from": "b", "to": "c", "p": 3}, {"from": "c", "to": "a", "p": 1}, {"from": "c", "to": "b", "p": 2},'
         '{"from": "c", "to": "c", "p": 5}]', 3),
        # sums beside them
        ("state,x,y,z,sum\nx,.25,.75,0,1\ny,.5,0,.5,1\nz,.125,.25,.625,1\n", 3),
        ("from,x,y,z,All\nx,2,6,0,8\ny,3,0,3,6\nz,1,2,5,8\nAll,6,8,8,22\n", 4),
        ("x,y,z,total\n.25,.75,0,1\n.5,0,.5,1\n.125,.25,.625,1\n", 2),
        # percentages the other way round
        ("25,50,12.5\n75,0,25\n0,50,62.5\n", 1),
        # triples
        ("  (0, 0)\t.25\n  (0, 1)\t.75\n  (1, 0)\t.5\n  (1, 2)\t.5\n  (2, 0)\t.125\n  (2, 1)\t.25\n"
         "  (2, 2)\t.625\n", 0),  # what scipy and MATLAB show of a sparse one
        ("0 0 .25\n0 1 .75\n1 0 .5\n1 2 .5\n2 0 .125\n2 1 .25\n2 2 .625\n", 0),
        ("from,to,p\n0,0,.25\n0,1,.75\n1,0,.5\n1,2,.5\n2,0,.125\n2,1,.25\n2,2,.625\n", 1),
        ("1 1 .25\n1 2 .75\n2 1 .5\n2 3 .5\n3 1 .125\n3 2 .25\n3 3 .625\n", 1),
        ("x x .25\nx y .75\ny x .5\ny z .5\nz x .125\nz y .25\nz z .625\n", 1),
        ("0 0 2\n0 1 6\n1 0 3\n1 2 3\n2 0 1\n2 1 2\n2 2 5\n", 1),
        ("%%MatrixMarket matrix coordinate real general\n3 3 7\n1 1 .25\n1 2 .75\n2 1 .5\n2 3 .5\n3 1 .125\n3 2 .25\n"
         "3 3 .625\n", 0),
    ],
)  # fmt: skip
def test_one_chain_in_many_formats(text: str, told: int) -> None:
    found = read(text)
    for row, expected in zip(dense(found), P, strict=True):
        assert row == pytest.approx(expected, abs=1e-12)
    assert len(found.told) == told, found.told
    assert found.reached() == 3


@pytest.mark.parametrize("digits", range(1, 8))
@pytest.mark.parametrize("n", [3, 7, 24])
def test_rows_that_were_rounded_are_normalised_and_it_is_said(digits: int, n: int) -> None:
    p = 1 / n
    if round(p, digits) == 0:
        return
    found = read("\n".join(",".join([f"{p:.{digits}f}"] * n) for _ in range(n)))
    assert dense(found)[0] == pytest.approx([p] * n)
    assert len(found.told) == (abs(n * float(f"{p:.{digits}f}") - 1) > 1e-6)


@pytest.mark.parametrize("row", ["0.9999,0.0001", "0.3333,0.6667", "3.2e-05,1", "0.00004,1.0000"])
def test_rows_of_as_many_digits_that_count_are_rounded_too(row: str) -> None:
    """As `%.4g` and R's `signif` write them."""
    assert dense(read(f"0.5,0.5\n{row}\n"))[1] == pytest.approx([float(x) for x in row.split(",")], abs=1e-4)


def test_three_by_three_are_rows_where_they_can_be() -> None:
    assert read("0.333333,0.333333,0.333333\n0,0.5,0.5\n0.5,0.5,0\n").n == 3
    assert read("1 0 0\n0 1 0\n0 0 1\n").n == 3
    assert read("0 1 1\n1 0 .5\n1 1 .5\n").n == 2
    assert read("from,to,p\n0,1,1\n1,0,.5\n1,1,.5\n").n == 2
    for head in ("from to n", "state next count", "source target weight"):
        assert dense(read(f"{head}\n1 2 3\n1 1 7\n2 1 2\n")) == [[0.7, 0.3], [1, 0]]
    assert read("2 6 1\n3 2 3\n1 2 5\n").n == 3
    assert read("0 1 1\n1 2 1\n2 0 1\n").n == 3
    assert list(read("0 1 1\n1 2 1\n2 0 1\n").target) == [1, 2, 0]
    assert read("a b 1\nb a 1\n").n == 2
    assert read("a .5 .5\nb .1 .9\n").names == ("a", "b")


def test_a_chain_that_falls_apart_is_known() -> None:
    assert read(".5,.5,0\n0,1,0\n0,.5,.5\n").reached() == 1
    assert read("0,1,0,0\n1,0,0,0\n0,0,0,1\n.1,0,.9,0\n").reached() == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            ".5,.6\n.5,.5\n",
            ", line 1: the probabilities that leave state 0 sum to 1.1, not 1; divide each row by its sum",
        ),
        ("1,0\n0,0\n", ", line 2: nothing leaves state 1: all its probabilities are 0"),
        ("nan,1\n1,0\n", ", line 1: nan in column 1 is not a probability"),
        ("1.5,-.5\n1,0\n", ", line 1: -.5 in column 2 is not a probability"),
        (".5,\n1,0\n", ", line 1: there is no number in column 2"),
        (".5,x\n1,0\n", ", line 1: 'x' is not a number in column 2"),
        (".5,.5\n1\n", ", line 2: 1 fields, but line 1 has 2"),
        (
            ".5,.5\n1,0\n.2,.8\n",
            ": 3 rows of 2 numbers that sum to 1: a chain of 2 states has a row for each, so leave 1",
        ),
        (
            ".7,.2,.1\n.2,.5,.3\n",
            ": 2 rows of 3 numbers that sum to 1: a chain of 3 states has a row for each, and 1 is",
        ),
        ("70,20,10\n25,50,25\n", ": 2 rows of 3 numbers that sum to 100: a chain of 3 states"),
        ("a,b,c\n.7,.2,.1\n.2,.5,.3\n", ": 2 rows of 3 numbers that sum to 1: a chain of 3 states"),
        ("a .7 .2 .1\nb .2 .5 .3\n", ": 2 rows of 3 numbers that sum to 1: a chain of 3 states"),
        (".7,.3,1\n.4,.6,1\n", ": the last number of each row is the sum of those before it"),
        ("0.0 1.0 .3\n0.0 0.0 .7\n1.0 0.0 1\n1.0 1.0 0\n", ": states are whole numbers: write `0` for `0.0`"),
        (".3,0,1\n.7,0,0\n1,1,0\n.2,1,1\n", ": a line is i j probability, which stands last: write `0,1,.3`"),
        ("0 1 1\n1 0 .5\n1 0 .5\n2 0 1\n", ", line 3: the probability from 1 to 0 was given on line 2"),
        ("0 999999999 1\n1 0 1\n2 0 1\n3 0 1\n", ": no line leaves state 4"),
        ("a b 1\nb c 1\na c .5\nb a .5\n", ": no line leaves state c"),
        (",a,b\nb,.5,.5\na,.5,.5\n", ": its rows name the states in another order than its columns"),
        ("1e308,1e308\n1,0\n", ": what leaves state 0 sums to more than a number can hold"),
        ("[[1, 2], 3]", ": a matrix in JSON is a list of rows"),
        ("[" * 100_000, ": not JSON"),
        ('{"a": 1, "b": {"a": 0.5}}', ": a matrix in JSON is a list of rows"),
        ('{"a": {"a": 0.5, "b": 0.5}}', ": no line leaves state b"),
        ("NA,.5,.5\n.5,.5,0\n0,.5,.5\n", ", line 1: 'NA' is not a number in column 1"),
        (",.5,.5\n.5,,.5\n.5,.5,\n", ", line 1: there is no number in column 1"),
        (".5 & .5 \\\\\n.25 & .75 \\\\\n", " is LaTeX, and no matrix that is read"),
        ("     [,1]\n[1,] 0.5\n     [,2]\n[1,] 0.5\n", ": not JSON"),
        ("# nothing\n", ": holds no data"),
        ("%%MatrixMarket matrix coordinate real general\n999999999 999999999 1\n1 1 1\n", ": no line leaves state 0"),
        ("%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 1\n", ": 2 rows and 3 columns"),
    ],
)
def test_what_is_no_matrix_is_named(text: str, message: str) -> None:
    with pytest.raises(FileError) as caught:
        read(text)
    assert str(caught.value).startswith(message)


def test_digits_behind_the_point() -> None:
    assert [digits_of(x) for x in ("1", ".125", "1.25e-2", "5e-01", "1e3", "0.50", "1e-99999999")] == [
        0,
        3,
        4,
        1,
        0,
        2,
        0,
    ]
