"""Axes, amounts and sources that are possible and hardly meant are warned of, and those beside them are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import PROSE, checked

DATA = "data walk(er(n=512, p=.02))\n"


def codes(text: str) -> list[str]:
    return [d.code for d in checked(text).diagnostics]


@pytest.mark.parametrize(
    ("seeds", "warned"),
    [
        ("seed in [1..4]", True),
        ("median seed in [2..16]", True),
        ("seed in [0..4 step 1]", False),
        ("seed in [1..2]", False),
        ("seed in {1, 2, 4}", False),
        ("seed in [1..8 times 2]", False),
        ("batch in [1..4]", False),
    ],
)
def test_seeds_that_double(seeds: str, warned: bool) -> None:
    found = codes(f"{DATA}models width in [16..64]\ntrain tokens in [250k..2M]  {seeds}")
    assert [c for c in found if c == "SCL217"] == ["SCL217"] * warned


@pytest.mark.parametrize(
    ("amount", "meant"),
    [
        ("tokens in [100k..1M step 100]", "tokens in [100k..1M step 100k]"),
        ("tokens in [1M..10M step 1]", ""),
        ("tokens in [1M..20M step 300]", "tokens in [1M..20M count 10]"),
        ("tokens in [100k..1M step 100k]", ""),
        ("tokens in [100k..1M step 2k]", ""),
        ("steps in [100..1000 step 10]", ""),
        ("tokens = 1M  seed in [0..999 step 1]", ""),
    ],
)
def test_steps_without_a_magnitude(amount: str, meant: str) -> None:
    found = checked(f"{DATA}models width = 16\ntrain {amount}").diagnostics
    helps = [h for d in found if d.code == "SCL312" and d.severity == "warning" for h in d.helps]
    assert [h.split("`")[1] for h in helps] == ([meant] if meant else [])


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ("shift(own, truth=sample(teacher))", True),
        ("shift(sample(teacher), truth=own)", False),
        ("shift(mix(sample(teacher), own, share=10%), truth=own)", False),
        ("shift(walk(er(n=128, p=.1, seed=3)), truth=sample(teacher))", False),
        ("sample(teacher)", False),
    ],
)
def test_sources_of_a_shift_that_are_exchanged(given: str, warned: bool) -> None:
    lets = "let own = walk(er(n=128, p=.1))\nlet teacher = lm(own, width=32, tokens=1M)\n"
    found = codes(f"{lets}data {given}\nmodels width in [16..64]\ntrain tokens in [250k..2M]")
    assert [c for c in found if c == "SCL218"] == ["SCL218"] * warned


@pytest.mark.parametrize(
    ("weights", "warned"),
    [
        ("kappa={0, 1}, k_max=1", True),
        ("kappa=1, k_min=7, k_max=7", True),
        ("k_max=50", True),
        ("kappa=0, k_max=1", False),
        ("kappa={0, 1}, k_max=50", False),
        ("kappa=1, k_max={1, 100}", False),
        ("kappa=0, k_max=100", False),
    ],
)
def test_edges_of_one_weight(weights: str, warned: bool) -> None:
    found = codes(f"data walk(er(n=200, p=.05), {weights})\nmodels width in [16..64]\ntrain tokens in [250k..2M]")
    assert found == ["SCL218"] * warned


def test_weights_of_a_file(tmp_path: Path) -> None:
    """At kappa 0 edges have the weights of their file, if it has any."""
    (tmp_path / "g.txt").write_text("".join(f"{i} {(i + k) % 40} {k}\n" for i in range(40) for k in (1, 2, 3)))
    data = 'data walk(edges("g.txt"), kappa=0, k_max=50)'
    found = checked(f"{data}\nmodels width in [16..64]\ntrain tokens in [250k..2M]", tmp_path).diagnostics
    assert not found


@pytest.mark.parametrize(
    ("amount", "warned"),
    [
        ("compute in {1e18, 1e19}", True),
        ("tokens = 1e15", True),
        ("compute in {1e12, 1e13}", False),
        ("steps = 100M", False),
        ("tokens in [1M..1B times 10]", False),
    ],
)
def test_runs_without_end(amount: str, warned: bool) -> None:
    assert codes(f"{DATA}models width in {{8, 16, 32}}\ntrain {amount}") == ["SCL222"] * warned


@pytest.mark.parametrize(
    ("train", "warned"),
    [
        ("{adamw, lion}  lr = {adamw: .01, lion: .001}", True),
        ("{adamw(lr={slow: .01, fast: .02}), lion}", False),
        ("{slow: adamw, fast: lion}  lr = {slow: .01, fast: .02}", False),
        ("{adamw, lion}  panel batch in {4, 8}", False),
    ],
)
def test_values_by_the_names_of_alternatives(train: str, warned: bool) -> None:
    found = codes(f"{DATA}models width in [16..64]\ntrain {train}  tokens in [250k..2M]")
    assert [c for c in found if c == "SCL218"] == ["SCL218"] * warned


@pytest.mark.parametrize(
    ("data", "models", "train", "warned"),
    [
        ("walk(GRAPH)", "transformer(param={SP, muP})", "adamw(lr={SP: .005, muP: .02})", True),
        ("{er: walk(GRAPH), ba: walk(ba(512, 5))}", "transformer", "adamw  tune lr in {er: .01, ba: .03}", True),
        ("walk(GRAPH)", "{a: transformer(layers=1), b: lstm(layers=1)}", "adamw  batch in {a: 4, b: 8}", True),
        ("walk(GRAPH)", "transformer(param={SP, muP})", "adamw(lr={low: .005, high: .02})", False),
        ("{small: walk(GRAPH), large: walk(ba(512, 5))}", "transformer", "adamw  batch in {small: 4, large: 8}", False),
        ("{er: walk(GRAPH), ba: walk(ba(512, 5))}", "{er: transformer, ba: lstm}", "adamw", False),
        ("walk(GRAPH)", "transformer(param={SP, muP})", "adamw(lr={.005, .02})", False),
    ],
)
def test_values_by_the_labels_of_others(data: str, models: str, train: str, warned: bool) -> None:
    source = data.replace("GRAPH", "er(n=512, p=.02)")
    found = codes(f"data {source}\nmodels {models}  width in [16..64]\ntrain {train}  tokens in [250k..2M]")
    assert [c for c in found if c == "SCL218"] == ["SCL218"] * warned


@pytest.mark.parametrize(
    ("train", "warned"),
    [
        ("adamw(eps=1e8)", True),
        ("adamw(clip=1e-8)", True),
        ("soap(eps=1)", True),
        ("soap(clip=1e-9)", True),
        ("lion(decay=100)", True),
        ("muon(decay=10)", True),
        ("sgd(lr=.1, clip=1e-8)", True),
        ("adamw(warmup=99%)", True),
        ("adamw(eps=1e-3)", False),
        ("adamw(eps=1e-15, clip=1e-4)", False),
        ("adamw(clip=.01, eps=1e-6)", False),
        ("adamw(clip=1000)", False),
        ("adamw(eps={1e-8, 1})", False),
        ("soap(eps=1e-12)", False),
        ("shampoo(eps=.01)", False),
        ("lion(clip=1e-8, decay=1)", False),
        ("muon(decay=1)", False),
        ("scion(decay=20)", False),
        ("sgd(lr=.1, clip=.001)", False),
        ("sgd(lr=1e-8)", False),
        ("lion(warmup=50%)", False),
        ("muon(warmup={5%, 90%})", False),
    ],
)
def test_numbers_that_drown_all_else(train: str, warned: bool) -> None:
    found = codes(f"{DATA}models width in [16..64]\ntrain {train}  tokens in [250k..2M]")
    assert [c for c in found if c == "SCL218"] == ["SCL218"] * warned


@pytest.mark.parametrize(
    ("more", "typed", "warned"),
    [
        ("", "tokens in [100k..6400k]\nfit chinchilla", True),
        ("", "tokens in [100k..1600k]\nfit chinchilla", False),
        ("", "tokens in [100k..6400k]\nfit chinchilla where tokens <= 400k", False),
        ("", "tokens in [100k..6400k]\nfit power(D)", False),
        (", unique=50k", "epochs in {1, 200}\nfit chinchilla where epochs == 1", False),
    ],
)
def test_texts_read_over_and_over(more: str, typed: str, warned: bool, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text(PROSE)  # 64 kB
    text = f'data text("book.txt"{more})\nmodels width in [16..64]\ntrain adamw(batch=8)  {typed}'
    found = [d.code for d in checked(text, tmp_path).diagnostics]
    assert [c for c in found if c == "SCL438"] == ["SCL438"] * warned


@pytest.mark.parametrize(
    ("data", "fit", "wrong"),
    [
        ('text("book.txt")', "power(D, E=0, loss=excess)", True),
        ('text("book.txt")', "power(D, E=entropy_rate)", True),
        ('text("book.txt")', "power(D)", False),
        ('bigram(text("book.txt"))', "power(D, E=entropy_rate)", False),
        ('{book: text("book.txt"), pairs: bigram(text("book.txt"))}', "power(D, E=0, loss=excess)", False),
        ('sample(lm(text("book.txt"), width=16, tokens=1M))', "power(D, E=0, loss=excess)", False),
    ],
)
def test_excess_of_what_nobody_knows(data: str, fit: str, wrong: bool, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text(PROSE)
    found = checked(f"data {data}\nmodels width in [16..64]\ntrain tokens in [100k..800k]\nfit {fit}", tmp_path)
    assert [d.code for d in found.errors] == ["SCL404"] * wrong


@pytest.mark.parametrize(
    ("shift", "more", "warned"),
    [
        (0.8, "", True),
        (0.005, "", False),
        (0.8, ', kind="kind"', False),
        (0.8, ')  where kind == "a"  # (', False),
        ("mixed", "", False),
        (0.8, ')\nlet a = power(N) where kind == "a"\nfit a  # (', False),
        (0.8, ')\nfit power(N) where kind == "a"  # (', False),
    ],
)
def test_rows_of_several_kinds(shift: float | str, more: str, warned: bool, tmp_path: Path) -> None:
    """A column of text whose kinds differ little, in no order, or are named or chosen, is no finding."""
    sizes = [(n, d) for n in (1e6, 1e7, 1e8) for d in (1e8, 1e9)]
    rows = []
    for kind in ("a", "b"):
        for i, (n, d) in enumerate(sizes):
            apart = (0.8 if i % 2 else -0.8) if shift == "mixed" else float(shift)
            rows.append(f"{kind},{n:g},{d:g},{2 + 9 / n**0.3 + 9 / d**0.3 + apart * (kind == 'b'):.4f}")
    (tmp_path / "runs.csv").write_text("\n".join(["kind,N,D,loss", *rows]))
    found = checked(f'data table("runs.csv"{more})' + "\nfit tied" * ("\n" not in more), tmp_path).diagnostics
    assert [d.code for d in found if d.code == "SCL455"] == ["SCL455"] * warned


def test_rows_of_several_tables(tmp_path: Path) -> None:
    """A column that one of two tables has is none of the study; a missing loss is told."""
    sizes = [f"{n:g},{d:g}" for n in (1e6, 1e7, 1e8) for d in (1e8, 1e9)]
    (tmp_path / "one.csv").write_text("\n".join(["N,D,kind", *(f"{s},{kind}" for s in sizes for kind in "ab")]))
    (tmp_path / "two.csv").write_text("\n".join(["N,D,score", *(f"{s},{i}" for i, s in enumerate(sizes))]))
    found = checked('data {a: table("one.csv"), b: table("two.csv")}\nfit tied', tmp_path).diagnostics
    assert [d.code for d in found] == ["SCL416"]


@pytest.mark.parametrize(
    ("train", "warned"),
    [
        ("adamw(tune lr in {1e-3, 3e-3, 1e2, 3e-2})", True),
        ("adamw(lr in {.001, .01, 30})", True),
        ("adamw(tune lr in {1e-3, 3e-3, 1e-2, 3e-2})", False),
        ("sgd(tune lr in {.1, 1, 10})", False),
        ("sgd(tune lr in {.01, .1, 1})", False),
        ("sgd(tune lr in {1, 10, 1000})", False),
    ],
)
def test_a_rate_far_above_the_others(train: str, warned: bool) -> None:
    found = checked(f"{DATA}models width in [16..64]\ntrain {train}  tokens in [250k..2M]").diagnostics
    assert any("far above the others" in d.message for d in found) == warned


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("train adamw(lr=1e-2, schedule=cosine(eta_min=1e-5))", "write `final=0.001`"),
        ("train adamw(lr=.04, schedule=cosine(min_lr=.001))", "write `final=0.025`"),
        ("train adamw(schedule=cosine(min_lr=.001))", "write `final=0.001/lr`"),
        ("use cuda\ntrain adamw", "leave the line out, and write `scalingdsl run --device cuda`"),
        ("models width in [1M..16M times 4]\ntrain adamw", "and no count of parameters: write widths such as"),
        ("fit chinchilla(C)", "a law in compute is `power(C)`"),
        ("fit power(N)\nexpect mean(loss(b)) < mean(loss(b))", "write `mean(loss(b)) < mean(loss(a))`"),
    ],
)
def test_what_is_written_for_it(text: str, told: str) -> None:
    models = "" if "models" in text else "models {a: transformer(layers=1), b: transformer}  width in [16..64]\n"
    found = checked(f"{DATA}{models}{text}").diagnostics
    assert any(told in way for d in found for way in d.helps), [d.helps for d in found]
