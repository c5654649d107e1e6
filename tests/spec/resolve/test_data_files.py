"""Files that studies read: found, known by content, counted in plain Python."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from ..support import messages, plan_of

RING = "".join(f"{i},{(i + 1) % 12}\n" for i in range(12))


def study(call: str) -> str:
    return f"data {call}\nmodels width=64\ntrain adamw()  tokens = 1M"


@pytest.mark.parametrize("packed", [False, True])
def test_nodes_and_digest_are_filled_in(tmp_path: Path, packed: bool) -> None:
    raw = gzip.compress(RING.encode(), mtime=0) if packed else RING.encode()
    (tmp_path / "ring.edges").write_bytes(raw)
    plan = plan_of(study('walk(edges("ring.edges"))'), tmp_path)
    sha = hashlib.sha256(raw).hexdigest()[:16]
    assert plan.data[0].call == f'walk(graph=edges(path="ring.edges", sha256="{sha}", nodes=12))'
    (run,) = plan.runs()
    assert run.source.vocab == 12  # type: ignore[attr-defined]


def test_graphs_of_several_files_are_an_axis(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RING)
    (tmp_path / "b.txt").write_text("x y\ny z 2.5\n".replace(" 2.5", ""))
    plan = plan_of(study('walk({edges("a.txt"), small: edges("b.txt")})'), tmp_path)
    assert [(r.value("graph"), r.source.vocab) for r in plan.runs()] == [  # type: ignore[attr-defined]
        ('edges(path="a.txt")', 12), ("small", 3),
    ]  # fmt: skip


def test_nodes_outside_the_largest_component_are_a_warning(tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_text("# two parts\n1 2\n2 3\n4 5\n")
    assert messages(study('walk(edges("g.txt"))'), tmp_path) == [
        "1:17 ~SCL211 2 of 5 nodes lie outside the largest connected component"
    ]


@pytest.mark.parametrize(
    ("content", "states"),
    [
        (".5 .5\n.1 .9\n", 2),
        ("0 1 1.0\n1 0 .5\n1 2 .5\n2 0 1\n", 3),
        (".2,.3,.5\n.1,.1,.8\n1,0,0\n", 3),
    ],
)
def test_states_of_a_matrix(tmp_path: Path, content: str, states: int) -> None:
    (tmp_path / "p.csv").write_text(content)
    (run,) = plan_of(study('markov("p.csv")'), tmp_path).runs()
    assert run.source.vocab == states  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ('walk(edges("missing.txt"))', 'SCL503 "missing.txt" does not exist'),
        (
            'walk(edges("words.txt"))',
            "SCL504 \"words.txt\", line 1: wanted two node names and an optional weight, found 'to be or not'",
        ),
        ('walk(edges("empty.txt"))', 'SCL504 "empty.txt": holds no data'),
        ('walk(edges("binary.txt"))', 'SCL504 "binary.txt": it is not UTF-8 text at byte 0; save it as UTF-8'),
        ('walk(edges("../x.txt"))', 'SCL501 "../x.txt" lies outside the study\'s folder'),
        ('walk(edges("/etc/passwd"))', 'SCL501 "/etc/passwd" lies outside the study\'s folder'),
        (
            'markov("ragged.txt")',
            'SCL504 "ragged.txt", line 2: 1 fields, but line 1 has 2: give it one for every state, 0 for those '
            "that never follow",
        ),
        ('walk(edges("ring.txt", nodes=3))', "SCL104 `edges` has no parameter `nodes`"),
        ("walk(edges(3))", 'SCL203 `path` of `edges` wants a text in quotes, such as `"file.txt"`, not 3'),
    ],
)
def test_files_that_do_not_hold_what_is_wanted(tmp_path: Path, call: str, found: str) -> None:
    (tmp_path / "words.txt").write_text("to be or not\n")
    (tmp_path / "empty.txt").write_text("# nothing\n\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\x00\xfe")
    (tmp_path / "ragged.txt").write_text(".5 .5\n1\n")
    (tmp_path / "ring.txt").write_text(RING)
    assert [m.split(" ", 1)[1] for m in messages(study(call), tmp_path)] == [found]


def test_paths_of_a_used_study_start_at_its_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "ring.txt").write_text(RING)
    (inner / "base.scl").write_text(study('walk(edges("ring.txt"))'))
    plan = plan_of('use "inner/base.scl"', tmp_path)
    assert plan.data[0].call.startswith('walk(graph=edges(path="inner/ring.txt"')


def test_a_table_knows_its_columns(tmp_path: Path) -> None:
    grid = [(n, d) for n in (1, 2, 4) for d in (2, 4, 8)]
    (tmp_path / "t.csv").write_text(
        "params,tokens,final\n" + "".join(f"{n},{d},{3 - n / 9 - d / 99}\n" for n, d in grid)
    )
    (tmp_path / "t.jsonl").write_text(
        "".join(f'{{"N": {n}, "C": {6 * n * d}, "loss": {3 - n / 9 - d / 99}}}\n' for n, d in grid)
    )
    assert messages('data table("t.jsonl")\nfit chinchilla', tmp_path) == []
    assert (
        messages('data table("t.csv", N="params", D="tokens"*1e6, loss="final")\nfit chinchilla, power(C)', tmp_path)
        == []
    )
    kept = 'data table("t.csv", N="params", D="tokens", loss="final") where tokens > 1 and rank(-loss) > 0'
    assert plan_of(kept + "\nfit chinchilla", tmp_path).where == ("tokens > 1 and rank(-loss) > 0",)
    assert messages(kept.replace("rank", "rnk").replace("tokens > 1", "tkens > 1") + "\nfit chinchilla", tmp_path) == [
        "1:65 SCL103 `tkens` has no value here",
        "1:79 SCL105 `rnk` is no function of numbers",
    ]
    # D is the column `tokens` without saying so; nothing is `unique`.
    assert messages('data table("t.csv", N="params", loss="final")\nfit power(D), repeated(U=unique)', tmp_path) == [
        "2:15 SCL416 `repeated(U=unique)` is a law in unique, and no column of the table gives it"
    ]
    assert messages('data table("t.csv", N="params", loss="final")\nmodels width=64\nfit power(N)', tmp_path) == [
        "2:1 SCL122 a table is measured already, so `models` has nothing to do"
    ]
