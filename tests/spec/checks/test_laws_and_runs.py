"""Laws on runs and columns that they are not of, and optimisers compared at one rate: told, and nothing near them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import PROSE, checked

SOLVED = "data latents(M=2000, tail=1{noise})  seed in [0..4 step 1]\nmodels features({size})\ntrain {train}\nfit {fit}"
BOTH = "width in [20..640], samples in [20..640]"
TUNED = "ridge(tune penalty in [1e-9..1e-1 times 10])"


def found(text: str, code: str, folder: Path) -> int:
    """How often a code is told of a valid study."""
    result = checked(text, folder)
    assert result.plan is not None, result.diagnostics
    return sum(d.code == code for d in result.diagnostics)


@pytest.mark.parametrize(
    ("noise", "size", "train", "fit", "warned"),
    [
        ("", BOTH, "ridge(penalty=1e-8)", "maloney(M=2000)", True),
        ("", BOTH, "ridge", "maloney", True),
        ("", BOTH, TUNED, "maloney(M=2000)", False),
        ("", BOTH, "ridge(penalty in [1e-8..1e-2 times 10])", "maloney", False),
        ("", BOTH, "ridge(penalty=1e-8)", "maloney where N >= 4*D or D >= 4*N", False),
        ("", BOTH, "ridge(penalty=1e-8)", "power(N, E=0) where D >= 8*N", False),
        (", noise=.3", BOTH, TUNED, "maloney", True),
        (", noise={0, .3}", BOTH, TUNED, "maloney", False),
        (", noise=.3", BOTH, TUNED, "power(N) where D >= 4*N", False),
        ("", "width in [500..8000]", "ridge(penalty=1e-12)", "power(N, E=0)", True),
        ("", "width in [500..8000]", "ridge(penalty=1e-12)", "power(N, E=0) where N < 2000", False),
        ("", "width in [500..8000], samples=3000", "ridge(penalty=1e-12)", "power(N, E=0)", False),
        ("", "width in [500..8000], activation=relu", "ridge(penalty=1e-12)", "power(N, E=0)", False),
        ("", "width in [500..8000]", "ridge(penalty=.1)", "power(N, E=0)", False),
        ("", "width in [500..8000]", "sgd(lr=.5, schedule=constant, warmup=0steps)  steps = 9", "power(N, E=0)", False),
    ],
)
def test_laws_of_solved_models(noise: str, size: str, train: str, fit: str, warned: bool, tmp_path: Path) -> None:
    text = SOLVED.format(noise=noise, size=size, train=train, fit=fit)
    assert found(text, "SCL438", tmp_path) == warned


@pytest.mark.parametrize(
    ("train", "warned"),
    [
        ("unique in [5k..40k]  epochs = 1", True),
        ("unique in [5k..40k]  epochs in {.5, 1}", True),
        ("unique in [5k..40k]  epochs in {1, 2, 4}", False),
        ("unique in [5k..40k]  epochs = 4", False),
        ("unique in [5k..20k]  tokens in {20k, 40k}", False),
    ],
)
def test_tokens_that_are_not_seen_again(train: str, warned: bool, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text(PROSE)
    text = f'data text("book.txt")\nmodels width in [8..64]\ntrain adamw(batch=4)  {train}\nfit repeated(U=unique)'
    assert found(text, "SCL438", tmp_path) == warned


@pytest.mark.parametrize(
    ("train", "claim", "warned"),
    [
        ("{adamw, lion}  lr = .01", "mean(loss(lion)) < mean(loss(adamw))", True),
        ("{a: adamw(lr=.01), b: lion(lr=.01), c: muon(lr=.01)}", "mean(loss(b)) < mean(loss(a))", True),
        ("{adamw, lion}  lr = .01", "beta(chinchilla) > .1", False),
        ("{adamw, muon}  lr = .01", "mean(loss(muon)) < mean(loss(adamw))", False),
        ("{adamw: adamw(lr=.01), lion: lion(lr=.001)}", "mean(loss(lion)) < mean(loss(adamw))", False),
        ("{adamw, lion}  tune lr in {.001, .003, .01}", "mean(loss(lion)) < mean(loss(adamw))", False),
        ("{adamw, lion}  panel lr in {.001, .01}", "mean(loss(lion, lr=.001)) < mean(loss(adamw, lr=.01))", False),
        ("{adamw, lion}", "mean(loss(lion)) < mean(loss(adamw))", False),
        ("{a: lion(lr=.01, decay=0), b: lion(lr=.01)}", "mean(loss(a)) < mean(loss(b))", False),
    ],
)
def test_optimisers_at_one_rate(train: str, claim: str, warned: bool, tmp_path: Path) -> None:
    text = f"data walk(er(n=64, p=.2))\nmodels width in [16..128]\ntrain {train}\n  tokens in [100k..800k]\n"
    assert found(f"{text}fit chinchilla\nexpect {claim}", "SCL218", tmp_path) == warned


@pytest.mark.parametrize(
    ("law", "column", "warned"),
    [
        ("1/(1 + exp(b - w*log(C)))", "bbh", True),
        (".25 + .75/(1 + exp(b - w*log(C)))", "bbh", True),
        ("h + (1 - h)/(1 + exp(b - w*S_1))", "bbh", True),
        ("1/(1 + exp(b - w*S_1))", "bbh/100", False),
        ("1/(1 + exp(b - w*S_1))", "sums", False),
        ("c/(1 + exp(b - w*S_1))", "bbh", False),
        ("100/(1 + exp(b - w*S_1))", "bbh", False),
        ("h + (c - h)/(1 + exp(b - w*S_1))", "bbh", False),
        ("a + b*log(C)", "bbh", False),
        ("1 + a*C^-g", "over", False),
    ],
)
def test_shares_and_per_cent(law: str, column: str, warned: bool, tmp_path: Path) -> None:
    rows = [(10.0**i, i / 9, (i % 4) / 4 + i / 9, i / 12, 26 + 5 * i, 1 + 9 / (i + 1)) for i in range(9)]
    lines = ["C,one,two,sums,bbh,over", *(",".join(f"{x:.4g}" for x in row) for row in rows), ""]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    table = f'data table("t.csv", S=pca("one", "two", parts=2), loss="{column}")'
    assert found(f"{table}\nfit law({law}, objective=mse)", "SCL455", tmp_path) == warned


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ('N="size_m*1e6", D="train_btok*1e6"', True),
        ('N="size_m*1e9", D="train_btok*1e9"', True),
        ('N="size_m*1M", D="train_btok"', True),
        ('N="size_m*1e6", D="train_btok*1e9"', False),
        ('N="size_m"*1M, D="train_btok"*1B', False),
        ('N="size_m*950k", D="train_btok*1024"', False),
        ('N="n_gpus*1e6", D="train_btok*1e9"', False),
        ('N="size_m", D="train_btok*1e9"', True),
        ('N="size_in_millions", D="train_btok*1e9"', True),
        ('N="n_gpus", D="train_btok*1e9"', False),
        ('N="heads_m", D="train_btok*1e9"', False),
        ('N="size_in_millions*1e6", D="train_btok*1e9"', False),
    ],
)
def test_units_by_the_names_of_columns(given: str, warned: bool, tmp_path: Path) -> None:
    grid = [(m, b, m % 7 + 1) for m in (20, 60, 180, 540) for b in (0.4, 1.6, 6.4)]
    rows = [f"{m},{m},{b},{g},{g},{2 + m**-0.3 + b**-0.3:.4f}" for m, b, g in grid]
    (tmp_path / "t.csv").write_text("\n".join(["size_m,size_in_millions,train_btok,n_gpus,heads_m,loss", *rows, ""]))
    assert found(f'data table("t.csv", {given})\nfit chinchilla', "SCL445", tmp_path) == warned


WALKS = """data walk(er(n=256, p=.04), length=32)
models transformer(layers=2)  width in [16..64]
train adamw(batch=8)  %s
fit chinchilla
"""


@pytest.mark.parametrize(
    ("used", "own", "same"),
    [
        ("tokens in [100k..800k]", "steps in [200..3200]", "tokens in [51.2k..819.2k]"),
        ("tokens in [100k..800k]", "steps in [1k..4k step 1k]", "tokens in [256k..1.024M step 256k]"),
        ("tokens in [100k..800k]", "steps in [100..1600 times 4]", "tokens in [25.6k..409.6k times 4]"),
        ("tokens in [100k..800k]", "steps in {200, 400, 800}", "tokens in {51.2k, 102.4k, 204.8k}"),
        ("tokens in [100k..800k]", "batch=16  steps in [200..800]", "tokens in [102.4k..409.6k]"),
        ("tokens in [100k..800k]", "compute in [1e11..8e11]", ""),
        ("steps in {500, 1000, 2000}", "tokens in [128k..1024k]", "steps in [500..4000]"),
        ("steps in {500, 1000, 2000}", "tokens in {100k, 200k, 400k}", "steps in {391, 781, 1562}"),
        ("steps in {500, 1000, 2000}", "compute in {1e11, 4e11}", ""),
        ("compute in {1e11, 4e11}", "steps in [200..3200]", ""),
    ],
)
def test_amounts_beside_those_of_a_study_in_use(used: str, own: str, same: str, tmp_path: Path) -> None:
    (tmp_path / "walks.scl").write_text(WALKS % used)
    (said,) = checked(f'use "walks.scl"\ntrain {own}\n', tmp_path).errors
    helps = (f'write `{same}`, which is the same in what "walks.scl" says',) * bool(same)
    assert said.helps[:-1] == helps
    assert 'out of "walks.scl"' in said.helps[-1]
    if same:
        batch = "batch=16  " * ("batch" in own)
        assert not checked(f'use "walks.scl"\ntrain {batch}{same}\n', tmp_path).errors


@pytest.mark.parametrize("own", ["tokens in [1M..4M]", "batch=16", "seed in {0, 1}"])
def test_what_may_be_added_to_a_study_in_use(own: str, tmp_path: Path) -> None:
    (tmp_path / "walks.scl").write_text(WALKS % "tokens in [100k..800k]")
    assert not checked(f'use "walks.scl"\ntrain {own}\n', tmp_path).errors
