"""Numbers of a table that are none of what they stand for are warned of: logarithms, ratios, codes, other units."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest

from ..support import checked

SIZES = [(n, d) for n in (1e6, 4e6, 1.6e7, 6.4e7) for d in (1e8, 4e8, 1.6e9)]
LOSSES = [1.7 + 400 * n**-0.34 + 410 * d**-0.28 for n, d in SIZES]


def told(columns: dict[str, list[float]], study: str, folder: Path) -> list[str]:
    """The helps of the warnings about the columns of a table."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows)]
    (folder / "t.csv").write_text("\n".join(lines))
    found = checked(study, folder).diagnostics
    assert not [d for d in found if d.severity == "error"]
    return [h for d in found if d.code in ("SCL445", "SCL455") for h in d.helps]


@pytest.mark.parametrize(
    ("head", "base", "law", "meant"),
    [
        ("log10_N", 10, "power(N)", "10^log10_N"),
        ("log_params", 10, "power(N)", "10^log_params"),
        ("logN", 10, "E + A*N^-alpha", "10^logN"),
        ("log2_params", 2, "power(N)", "2^log2_params"),
        ("ln_params", 2.718281828459045, "power(N)", "exp(ln_params)"),
        ("log_n", 2.718281828459045, "power(N)", "exp(log_n)"),
        ("log10_N", 10, "exponential(N)", ""),
        ("log10_N", 10, "E + A*exp(-a*N)", ""),
        ("catalogue", 10, "power(N)", ""),
        ("params_logged", 0, "power(N)", ""),
    ],
)
def test_sizes_in_logarithms(head: str, base: float, law: str, meant: str, tmp_path: Path) -> None:
    sizes = [log(n) / log(base) if base else n for n, _ in SIZES]
    study = f'data table("t.csv", N="{head}", loss="loss")  where D < 2e8\nfit {law}\n'
    found = told({head: sizes, "D": [d for _, d in SIZES], "loss": LOSSES}, study, tmp_path)
    assert found == ([f'write `N="{meant}"`'] if meant else [])


@pytest.mark.parametrize(
    ("head", "given", "meant"),
    [
        ("tokens_per_param", 'D="tokens_per_param"', 'D="tokens_per_param*params"'),
        ("tpp", 'D="tpp"', 'D="tpp*params"'),
        ("ratio", 'D="ratio"', 'D="ratio*params"'),
        ("D_per_N", 'D="D_per_N"', 'D="D_per_N*params"'),
        ("ratio", 'D="ratio*params"', ""),
        ("tokens_per_run", 'D="tokens_per_run"', ""),
        ("tpp", 'x="tpp"', ""),
    ],
)
def test_tokens_of_a_parameter(head: str, given: str, meant: str, tmp_path: Path) -> None:
    ratios = [d / n for n, d in SIZES]
    law = "E + A*N^-alpha + B*x^-beta" if given.startswith("x") else "chinchilla"
    study = f'data table("t.csv", N="params", {given}, loss="loss")\nfit {law}\n'
    found = told({"params": [n for n, _ in SIZES], head: ratios, "loss": LOSSES}, study, tmp_path)
    assert found == ([f"write `{meant}`"] if meant else [])


@pytest.mark.parametrize(
    ("code", "typed", "meant"),
    [
        (999, "fit chinchilla", "where loss < 999"),
        (-1, "fit chinchilla, power({N, D})", "where loss > -1"),
        (-999, "fit chinchilla", "where loss > -999"),
        (9999, "fit chinchilla where N > 2M", "where loss < 9999"),
        (999, "fit chinchilla where loss < 100", ""),
        (17, "fit chinchilla", ""),
        (1000, "fit chinchilla", ""),
        (0, "fit chinchilla", ""),
        (9, "fit chinchilla", ""),
    ],
)
def test_codes_of_missing_losses(code: float, typed: str, meant: str, tmp_path: Path) -> None:
    losses = [code if i in (4, 9) else loss for i, loss in enumerate(LOSSES)]
    columns = {"params": [n for n, _ in SIZES], "tokens": [d for _, d in SIZES], "loss": [*map(float, losses)]}
    for where, wanted in (("", meant), ("  where loss > 0 and loss < 50", "")):
        study = f'data table("t.csv", N="params", D="tokens", loss="loss"){where}\n{typed}\n'
        found = [h for h in told(columns, study, tmp_path) if not h.startswith("if it diverged")]
        assert found == ([f"leave them out: write `{wanted}` behind the table"] if wanted else [])


@pytest.mark.parametrize(
    ("unit", "given", "meant"),
    [
        (1e18, 'C="compute"', 'write `C="compute"*1e18`, in FLOP'),
        (8.64e19, 'C="compute"', 'write `C="compute"*8.64e19`, in FLOP'),
        (1e18, 'C="compute"*1e18', ""),
        (1, 'C="compute"', ""),
        (3, 'C="compute"', ""),
        (40, 'C="compute"', ""),
        (1e18, 'spent="compute"', ""),
    ],
)
def test_compute_in_other_units(unit: float, given: str, meant: str, tmp_path: Path) -> None:
    flops = [6 * n * d / unit for n, d in SIZES]
    columns = {"params": [n for n, _ in SIZES], "tokens": [d for _, d in SIZES], "compute": flops, "loss": LOSSES}
    study = f'data table("t.csv", N="params", D="tokens", {given}, loss="loss")\nfit chinchilla\n'
    found = told(columns, study, tmp_path)
    assert found == ([meant, "or leave `C` out: it is 6 N D then"] if meant else [])


def test_a_size_in_millions_beside_compute(tmp_path: Path) -> None:
    columns = {
        "size": [n / 1e6 for n, _ in SIZES],
        "tokens": [d for _, d in SIZES],
        "flops": [6 * n * d for n, d in SIZES],
        "loss": LOSSES,
    }
    study = 'data table("t.csv", N="size", D="tokens", C="flops", loss="loss")\nfit chinchilla\n'
    assert told(columns, study, tmp_path) == [
        'N and D are counted one by one: if one is in millions, write `N="size"*1e6`'
    ]
    assert told(columns, study.replace('N="size"', 'N="size"*1e6'), tmp_path) == []


@pytest.mark.parametrize(
    ("study", "meant"),
    [
        (
            'data table("t.csv", loss="loss")\nfit chinchilla\n',
            ["if it diverged, write `where loss < 13` behind the table"],
        ),
        ('data table("t.csv", loss="loss")\nfit chinchilla where loss < 9\n', []),
        ('data table("t.csv", loss="loss")  where loss < 9\nfit chinchilla\n', []),
    ],
)
def test_runs_that_diverged(study: str, meant: list[str], tmp_path: Path) -> None:
    losses = [loss + 17 * (i == 7) for i, loss in enumerate(LOSSES)]
    columns = {"N": [n for n, _ in SIZES], "D": [d for _, d in SIZES], "loss": losses}
    assert told(columns, study, tmp_path) == meant
    assert told({**columns, "loss": LOSSES}, study, tmp_path) == []


def test_tokens_below_one(tmp_path: Path) -> None:
    columns = {"N": [n for n, _ in SIZES], "pf_days": [n * d / 1e19 for n, d in SIZES], "loss": LOSSES}
    (help_,) = told(columns, 'data table("t.csv", D="pf_days")\nfit chinchilla\n', tmp_path)
    assert help_.startswith("name the column that counts tokens")


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("N > 1G", ["SCL411"]),
        ("N > 1M and C < 1e30", []),
        ("C < 1e30", ["SCL440"]),
        ("params > 1M", []),
        ("loss < 2 or loss > 50", ["SCL411"]),
        ("loss < 50", []),
        ("not N > 1M", []),
    ],
)
def test_conditions_that_keep_no_row_or_all(condition: str, codes: list[str], tmp_path: Path) -> None:
    rows = "\n".join(f"{n:.0f},{d:.0f},{loss}" for (n, d), loss in zip(SIZES, LOSSES, strict=True))
    (tmp_path / "t.csv").write_text(f"params,tokens,loss\n{rows}\n")
    study = f'data table("t.csv", N="params", D="tokens")\nfit chinchilla where {condition}\n'
    found = [d.code for d in checked(study, tmp_path).diagnostics]
    assert [code for code in found if code in ("SCL411", "SCL440")] == codes


@pytest.mark.parametrize(
    ("named", "written"),
    [
        ('C="pf_days"', 'write `C="pf_days"*8.64e19`'),
        ('C="PFLOPs"', 'write `C="PFLOPs"*1e15`'),
        ('C="gpu_hours"', 'write `C="gpu_hours"*1.08e18`, for a device of 3e14 FLOP a second'),
        ('C="pf_days"*8.64e19', ""),
        ('C="exaflops"', ""),
        ('C="work"', ""),
        ('D="seen"', ""),
    ],
)
def test_compute_in_units_of_its_column(named: str, written: str, tmp_path: Path) -> None:
    sizes = [(10**n, 10**d) for n in (6, 7, 8) for d in (8, 9, 10)]
    rows = [
        f"{n},{d},{c},{c},{c / 1e15},{c / 8.64e19},{c / 1.08e18},{1.7 + 400 * n**-0.34 + 410 * d**-0.28:.5f}"
        for n, d in sizes
        for c in (6 * n * d,)
    ]
    (tmp_path / "runs.csv").write_text("\n".join(("params,seen,work,exaflops,PFLOPs,pf_days,gpu_hours,loss", *rows)))
    study = f'data table("runs.csv", N="params", {named})\nfit chinchilla'
    assert [d.helps[0] for d in checked(study, tmp_path).diagnostics] == [written] * bool(written)


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ('optimizer == "Muon"', 'write `"muon"`'),
        ('optimizer in {"sophia", "lion"}', "write one of its texts"),
        ('optimizer == "muon"', ""),
        ('optimizer in {"muon", "lion"}', ""),
        ('optimizer != "lion"', ""),
        ('optimizer == "muon" or optimizer == "lion"', ""),
        ('not optimizer == "lion"', ""),
    ],
)
@pytest.mark.parametrize("of", ["table", "fit"])
def test_texts_that_no_row_has(where: str, written: str, of: str, tmp_path: Path) -> None:
    rows = [
        f"{name},{n},{d},{better + 400 * n**-0.34 + 410 * d**-0.28:.5f}"
        for name, better in (("adamw", 1.8), ("muon", 1.7))
        for n in (10**6, 10**7, 10**8)
        for d in (10**8, 10**9, 10**10)
    ]
    (tmp_path / "runs.csv").write_text("\n".join(("optimizer,params,tokens,loss", *rows)))
    kept = f" where {where}"
    named = ', optimizer="optimizer"'
    study = f'data table("runs.csv"{named}){kept if of == "table" else ""}\nfit chinchilla{kept if of == "fit" else ""}'
    found = [d for d in checked(study, tmp_path).diagnostics if d.code != "SCL440"]
    assert [d.helps[0] for d in found] == [written] * bool(written)


def test_a_fit_may_leave_out_codes_by_the_name_of_their_column(tmp_path: Path) -> None:
    rows = [f"{10**n},{10**d},{3 + 0.1 * n - 0.2 * d}" for n in (6, 7, 8) for d in (8, 9, 10)]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,eval_loss", *rows, "1000000,11000000000,-1")))
    table = 'data table("runs.csv", loss="eval_loss")\n'
    assert [d.code for d in checked(f"{table}fit chinchilla", tmp_path).diagnostics] == ["SCL455"]
    for name in ("eval_loss", "loss"):
        assert not checked(f"{table}fit chinchilla where {name} > 0", tmp_path).diagnostics
