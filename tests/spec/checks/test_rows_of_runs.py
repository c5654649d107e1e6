"""Rows of a table that are of one run, of several rates, and parameters that panels share, where there are none."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ..support import checked

GRID = [(n, d) for n in (1e6, 4e6, 1.6e7, 6.4e7) for d in (1e8, 4e8, 1.6e9)]
ROWS = [(n, d, seed, lr, o) for n, d in GRID for seed in (0, 1, 2) for lr in (0.001, 0.003) for o in ("adam", "muon")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with runs of four sizes, three lengths, three seeds, two rates and two optimisers each."""
    lines = ["run,family,size_m,tokens,seed,rate,peak_lr,optimizer,loss"]
    for n, d, seed, lr, o in ROWS:
        loss = 1.7 + 400 * n**-0.34 + 410 * d**-0.28 + lr + 0.001 * seed
        lines.append(f"r{n:g}-{seed}-{lr}-{o},{'ab'[n > 5e6]},{n / 1e6:g},{d:g},{seed},{lr},{lr},{o},{loss:.4f}")
    (tmp_path / "runs.csv").write_text("\n".join(lines))
    return tmp_path


def said(study: str, folder: Path) -> list[str]:
    """The helps of all that is said of a study."""
    return [d.helps[0] for d in checked(study, folder).diagnostics]


TABLE = 'data table("runs.csv", N="size_m*1e6"'
TUNED = f'{TABLE}, optimizer="optimizer")  tune peak_lr'


@pytest.mark.parametrize(
    ("columns", "help_"),
    [
        (', run="seed")  tune peak_lr', 'write `run="run"`'),
        (', run="rate")  tune peak_lr', 'write `run="run"`'),
        (', run="run")  tune peak_lr', ""),
        (', run="family")  tune peak_lr', ""),
        (', seed="seed")  tune peak_lr', ""),
        (")  tune peak_lr", ""),
    ],
)
def test_runs_are_of_one_size(columns: str, help_: str, folder: Path) -> None:
    assert said(f"{TABLE}{columns}\nfit chinchilla", folder) == [help_] * bool(help_)


@pytest.mark.parametrize(
    ("columns", "fit", "warned"),
    [
        (', style="peak_lr")', "chinchilla", True),
        (', hue="optimizer", style="peak_lr")', "chinchilla", True),
        (")", "chinchilla", True),
        (', r="peak_lr")', "chinchilla where r == 0.001", False),
        (', r="peak_lr")  tune r', "chinchilla", False),
        (', best_over="peak_lr")', "chinchilla", False),
        (")  panel peak_lr in {0.001, 0.003}", "chinchilla", False),
        (', r="peak_lr")', "E + A*N^-alpha + B*D^-beta + k*r", False),
        (', r="peak_lr")  where r == 0.001', "chinchilla", False),
    ],
)
def test_rates_that_are_named_and_read_by_nothing(columns: str, fit: str, warned: bool, folder: Path) -> None:
    told = ["write `tune peak_lr` behind the table, to keep the best of each size"] * warned
    assert said(f"{TABLE}{columns}\nfit {fit}", folder) == told


@pytest.mark.parametrize(
    ("study", "meant"),
    [
        (f"{TABLE})  tune peak_lr\nfit chinchilla(share=(E, alpha))", "write `chinchilla`"),
        (f"{TABLE})  tune peak_lr\nlet joint = tied(E=1.7, share=alpha)\nfit joint", "write `tied(E=1.7)`"),
        (f"{TABLE})  tune peak_lr\nfit power(D, share=beta)", ""),
        (f"{TUNED}\nfit chinchilla(share=(E, alpha))", ""),
        (f"{TABLE})  tune peak_lr  panel seed in {{0, 1}}\nfit chinchilla(share=E)", ""),
    ],
)
def test_shared_by_panels_of_a_table(study: str, meant: str, folder: Path) -> None:
    assert said(study, folder) == [meant] * bool(meant)


@pytest.mark.parametrize(
    ("models", "fit", "meant"),
    [
        ("width in [16..256]", "chinchilla(share=(E, alpha))", "write `chinchilla`"),
        ("param in {SP, muP}  width in [16..256]", "chinchilla(share=E) where param == muP", "write `chinchilla`"),
        ("width in [16..256]", "power(D, share=(E, beta))", ""),
        ("param in {SP, muP}  width in [16..256]", "chinchilla(share=(E, alpha))", ""),
        ("panel layers in {1, 2}  width in [16..256]", "chinchilla(share=E)", ""),
    ],
)
def test_shared_by_panels(models: str, fit: str, meant: str, tmp_path: Path) -> None:
    study = f"data walk(er(n=512, p=.02))\nmodels {models}\ntrain tokens in [125k..4M]\nfit {fit}"
    assert said(study, tmp_path) == [meant] * bool(meant)


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("exp(loss)", 'write `loss="loss"`'),
        ("exp(log_loss)", ""),
        ("loss - 1", ""),
        ("exp(-score)", ""),
    ],
)
def test_exponentials_of_losses(column: str, meant: str, tmp_path: Path) -> None:
    rows = [(n, d, 1.7 + 400 * n**-0.34 + 410 * d**-0.28) for n, d in GRID]
    lines = [f"{n},{d},{x},{math.log(x)},{-math.log(x)}" for n, d, x in rows]
    (tmp_path / "t.csv").write_text("\n".join(("N,D,loss,log_loss,score", *lines)))
    told = said(f'data table("t.csv", loss="{column}")\nfit chinchilla', tmp_path)
    assert told == [meant] * bool(meant)


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("D == max(D)", "write the number in its place: `1.6B`"),
        ("tokens > min(tokens)", "write the number in its place: `100M`"),
        ("D < max(4e8, N)", ""),
        ("rank(-D) > 2", ""),
        ("D == 1.6B", ""),
    ],
)
def test_ends_of_columns(condition: str, meant: str, folder: Path) -> None:
    told = said(f"{TUNED}\nfit power(N) where {condition}", folder)
    assert told == [meant] * bool(meant)
