"""Every law, optimum, option and form of claim that a study may write, on tables of a known law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.analysis.cells.table_cells import given_cells
from scalingdsl.engine.fits.tables.fit_table import fit_table
from scalingdsl.spec import check, load
from scalingdsl.spec.errors import FitError

from ..fits.features import simulated

NOISE = 2e-4


def write(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A csv file."""
    path.write_text("\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)]) + "\n")


def law(n: float, d: float, rho_d: float = 1.0) -> float:
    """Chinchilla's own law, of D tokens worth `rho_d` each."""
    return float(1.7 + 480 * n**-0.35 + 2100 * (rho_d * d) ** -0.37)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tables: two optimisers on a grid, budgets of compute, repeated data."""
    path = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)

    def noisy(loss: float) -> str:
        return f"{loss * np.exp(rng.normal(0, NOISE)):.6f}"

    sizes, lengths = np.geomspace(1e6, 3.2e7, 6).round(), np.geomspace(2e7, 6.4e8, 6).round()
    write(
        path / "grid.csv",
        ["Model Size", "Mtokens", "opt", "kappa", "seed", "final loss", "floor"],
        (
            (f"{n:.0f}", f"{d / 1e6:.0f}", name, kappa, seed, noisy(law(n, d, rho) + 0.3 * kappa), 1.7)
            for name, rho in (("adamw", 1.0), ("muon", 2.0))
            for kappa in (0, 1)
            for n in sizes
            for d in lengths
            for seed in (0, 1, 2)
        ),
    )
    write(
        path / "budgets.csv",
        ["params", "flops", "loss"],
        (
            (f"{n:.0f}", f"{c:.6g}", noisy(law(n, c / (6 * n))))
            for c in np.geomspace(1e17, 1e19, 5)
            for n in np.geomspace(0.2, 5, 9) * (c / 1e18) ** 0.5 * 1.2e8
        ),
    )
    write(
        path / "repeated.csv",
        ["N", "D", "unique", "loss"],
        (
            (f"{n:.0f}", f"{d:.0f}", f"{u:.0f}", noisy(law(n, u * (1 + 15 * (1 - np.exp(-(d / u - 1) / 15))))))
            for n in np.geomspace(1e6, 1e8, 5).round()
            for u in (1e7, 4e7, 1.6e8)
            for d in u * np.array([1, 2, 4, 8, 16, 32])
        ),
    )
    return path


def analysed(folder: Path, text: str) -> Analysis:
    """A study of these tables, fitted and judged."""
    head, _, rest = text.partition("\n")
    plan = load(folder / "study.scl", text=f"{head}\n{dedent(rest)}")
    return analyse(plan, {}, table=study_table(plan, folder))


def told(found: Analysis) -> dict[str, str]:
    """Claim -> what became of it, with the reason where it could not be judged."""
    return {v.claim: v.status + "".join(f"; {reason}" for reason in v.skipped) for v in found.verdicts}


GRID = 'data table("grid.csv", N="Model Size", D="Mtokens"*1e6, loss="final loss", floor="floor", optimiser="opt")'


def test_two_optimisers_under_shared_exponents(folder: Path) -> None:
    """A named column of text is a panel; seeds are averaged; shared exponents give what tokens are worth."""
    found = analysed(
        folder,
        GRID
        + """
          where kappa == 0
        let joint = chinchilla(share=(E, alpha, beta), bootstrap=100) where N < 30M
        let alone = chinchilla(bootstrap=100) where N < 30M
        fit joint, alone
        optimum surface(alone), envelope
        expect rho_D(joint, muon) in [1.9..2.1] and rho_N(joint, muon) in [.95..1.05]
        expect rho_D(joint, adamw) within 1% of 1
        expect holdout(joint) < 1%
        expect spread(alpha(alone)) < .02 and mean(alpha(alone)) within 5% of .35
        expect alpha(alone, optimiser=muon) within 5% of .35 and not beta(alone, muon) > .5
        expect .3 < alpha(alone, adamw) < beta(alone, muon) + .1 < .6
        expect loss(muon) < loss(adamw)
        expect loss(muon, N=1M, D=20M) within 1% of loss(adamw, N=1M, D=40M)
        expect loss(muon) within 1% of loss(adamw) where D >= 300M and N < 1.5M
        expect loss(alone, muon, N=1M, D=20M) within 1% of loss(muon, N=1M, D=20M)
        expect a(surface(alone)) within .02 of .514
        expect L(surface(alone), C=10PFLOP, optimiser=muon) < L(surface(alone), adamw, C=10PFLOP)
        expect a(envelope) in [.3..0.8] or a(envelope) > 0
        """,
    )
    assert found.cells.n == 72
    assert set(found.cells.columns["n_seeds"].tolist()) == {3}
    statuses = told(found)
    loss_near = "loss(muon) within 1% of loss(adamw) where D >= 300M and N < 1.5M"
    assert statuses.pop(loss_near) == "failed"
    assert set(statuses.values()) == {"held"}, statuses
    assert [v.claim for v in found.verdicts if len(v.panels) == 36] == ["loss(muon) < loss(adamw)"]


@pytest.mark.slow
def test_a_column_of_numbers_as_a_panel(folder: Path) -> None:
    """`panel kappa in {0, 1}` keeps its rows and fits each value; laws of one size are apart by the other."""
    found = analysed(
        folder,
        GRID.replace(', optimiser="opt"', "")
        + """
          panel kappa in {0, 1} where opt == adamw
        let mine = E + A*N^-alpha + B*D^-beta
        let floored = power(D, E=floor, bootstrap=50)
        fit mine, power({N, D}), exponential({N, D}, bootstrap=50), floored
        fit power(N, E=0, bootstrap=50), tied(bootstrap=50), chinchilla(objective=lad, bootstrap=0), kaplan(bootstrap=0)
        expect E(mine, kappa=1) - E(mine, kappa=0) within 10% of .3
        expect alpha(mine) within 10% of .35
        expect mean(beta(power(D), kappa=0)) within 5% of .37
        expect mean(E(power(D), kappa=1)) > mean(E(power(D), kappa=0)) + .25
        expect max(mse(power(D))) < min(mse(exponential(D)))
        expect median(alpha(power(N))) within 5% of .35
        expect alpha(power(N, E=0)) < .35
        expect alpha(tied) in [.2..0.5]
        expect beta(floored, kappa=0, N=1M) > 0.1
        """,
    )
    statuses = told(found)
    assert set(statuses.values()) == {"held"}, statuses
    assert [dict(f.panel) for f in found.fits if f.request.name == "mine"] == [{"kappa": 0}, {"kappa": 1}]
    # One fit for each of six D, and of six N, at each kappa.
    assert len([f for f in found.fits if f.request.name == "power(N)"]) == 12
    assert all(f.fit is not None for f in found.fits), [f.reason for f in found.fits if f.fit is None]


@pytest.mark.slow
def test_budgets_of_compute(folder: Path) -> None:
    """Parabolas and surfaces, regressions without parameters, exchanged sizes; columns found by their usual names."""
    found = analysed(
        folder,
        """
        data table("budgets.csv")
        let kept = rank(-loss) > 3
        let body = kernel(bootstrap=0) where kept
        fit chinchilla(objective=huber(1e-3), bootstrap=100), network(bootstrap=4), body
        fit power(C, bootstrap=50)
        optimum isoflop, isoflop_curve, surface(chinchilla), surface(network) where C > 2e17
        expect a(isoflop) within .05 of a(surface(chinchilla))
        expect a(surface) within .05 of a(isoflop_curve) or a(isoflop) > 0
        expect L(isoflop, C=3EFLOP) within 1% of L(surface(chinchilla), C=3EFLOP)
        expect N(surface(chinchilla), C=3EFLOP)*D(surface(chinchilla), C=3EFLOP) within 1% of 3EFLOP/6
        expect validation(body) < .01
        expect gamma(power(C)) in [.01..1]
        """.replace("a(surface)", "a(surface(chinchilla))"),
    )
    statuses = told(found)
    assert set(statuses.values()) == {"held"}, statuses
    surfaces = [o.request.fit for o in found.optima if o.request.method == "surface"]
    assert surfaces == ["chinchilla(bootstrap=100, objective=huber(0.001))", "network(bootstrap=4)"]


def test_repeated_data(folder: Path) -> None:
    """A law in three quantities, reached by its word alone, and losses at a number of unique tokens."""
    found = analysed(
        folder,
        """
        data table("repeated.csv", U="unique")
        fit repeated(U=unique, bootstrap=30), chinchilla(bootstrap=30) where unique == 160M
        expect R_D(repeated) in [8..25]
        expect loss(repeated, N=1M, D=40M, unique=10M) > loss(repeated, N=1M, D=40M, unique=40M)
        expect alpha(repeated) within 5% of .35
        """,
    )
    statuses = told(found)
    assert set(statuses.values()) == {"held"}, statuses


def test_exchanged_sizes(tmp_path: Path) -> None:
    """`asymmetry` pairs the rows of a table whose sizes are exchanged."""
    pairs = [(n, d) for n in (20, 40, 80, 160) for d in (20, 40, 80, 160)]
    write(tmp_path / "t.csv", ["N", "D", "loss"], ((n, d, n**-0.5 + 1.1 * d**-0.5) for n, d in pairs))
    found = analysed(
        tmp_path,
        'data table("t.csv")\nfit chinchilla\nexpect asymmetry(loss, N, D) < 15%\nexpect asymmetry(loss, N, D) > 5%\n',
    )
    assert [(v.status, len(v.panels)) for v in found.verdicts] == [("held", 6), ("failed", 6)]


@pytest.mark.slow
def test_features_and_samples(tmp_path: Path) -> None:
    """Random features themselves, in numpy: slopes of slices, a law in which both trade places, sizes exchanged.

    Slices of one cell are named, and the others judged; pairs of exchanged sizes keep to one panel.
    """
    sizes, rng = (20, 28, 40, 57, 80, 160, 640), np.random.default_rng(2)
    rows = (
        (n, d, tail, seed, f"{np.min(losses):.8g}")
        for tail in (0.5, 1.0)
        for seed in range(10)
        for n, d, losses in simulated(1000, tail, sizes, rng, least=160)
    )
    write(tmp_path / "t.csv", ["features", "samples", "tail", "seed", "loss"], rows)
    found = analysed(
        tmp_path,
        """
        data table("t.csv", N="features", D="samples", loss="loss")  panel tail in {.5, 1}
        let inN = power(N, E=0, bootstrap=200) where D >= 8*N
        let inT = power(D, E=0, bootstrap=200) where N >= 8*D
        fit inN, inT, maloney(bootstrap=100), maloney(M=1000, bootstrap=100)
        expect asymmetry(loss, N, D) < 15%
        expect alpha(inN) within .12 of tail and beta(inT) within .12 of tail
        expect loss(N=80, D=640) within 15% of loss(N=640, D=80)
        expect rmse(maloney(bootstrap=100)) < 12% and rmse_log(maloney(bootstrap=100)) < 6%
        expect alpha(maloney(bootstrap=100)) within .1 of tail
        expect M(maloney(bootstrap=100), tail=.5) in [500..2000]
        expect alpha(maloney(M=1000, bootstrap=100)) within .05 of tail
        expect loss(maloney(M=1000, bootstrap=100), N=640, D=640, tail=1) < loss(N=160, D=640, tail=1)
        """,
    )
    statuses = [v.status for v in found.verdicts]
    assert set(statuses) == {"held"}, told(found)
    assert len(found.verdicts[0].panels) == 2 * 7 * 6 // 2
    assert len(found.verdicts[1].skipped) == 4, found.verdicts[1].skipped


def test_labels_of_a_panel_in_numbers(tmp_path: Path) -> None:
    """A listed panel keeps the rows that it lists, under the labels that it gives them."""
    rows = [(n, kappa, 2 + n**-0.3 + kappa) for n in (1e6, 2e6, 4e6, 8e6, 16e6) for kappa in (0, 1, 2)]
    write(tmp_path / "t.csv", ["N", "kappa", "loss"], rows)
    text = 'data table("t.csv")  panel kappa in {flat: 0, steep: 1}\nfit power(N)\nexpect E(power(N), steep) > 2.5\n'
    plan = load(tmp_path / "study.scl", text=text)
    table = study_table(plan, tmp_path)
    assert table is not None
    found, cells, axes, _ = given_cells(plan, table)
    assert (found.n, cells.axes, axes[0].points) == (10, ("kappa",), (("flat",), ("steep",)))
    (verdict,) = analyse(plan, {}, table=table).verdicts
    assert verdict.status == "held", verdict


def test_seeds_are_one_cell_only_where_nothing_else_differs(tmp_path: Path) -> None:
    """Rates that no column names apart make seeds come twice: the rows then stay as they are, in one cluster."""
    plan = load(tmp_path / "s.scl", text='data table("t.csv")\nfit power(N)')
    N = np.repeat([1e6, 2e6, 4e6], 4)
    seed = np.tile([0.0, 1.0, 0.0, 1.0], 3)
    lr = np.tile([0.1, 0.1, 0.2, 0.2], 3)
    loss = 3 + 0.01 * np.arange(12)
    apart = given_cells(plan, {"N": N, "seed": seed, "lr": lr, "loss": loss})[1]
    assert apart.columns["n_seeds"].tolist() == [2] * 6
    assert apart.columns["loss"][0] == pytest.approx(3.005)
    assert apart.columns["dof"].tolist() == [1.0] * 6
    unnamed = given_cells(plan, {"N": N, "seed": seed, "loss": loss})[1]
    assert unnamed.columns["n_seeds"].tolist() == [1] * 12
    assert unnamed.columns["cluster"].tolist() == [0] * 4 + [1] * 4 + [2] * 4


# --- sweeps and copies ------------------------------------------------------------------------------------------------


def test_a_study_keeps_the_best_of_a_sweep_in_its_table(tmp_path: Path) -> None:
    rows = ["N,D,lr,batch,loss"]
    for n in (1e7, 4e7, 1.6e8, 6.4e8):
        for d in (2e8, 1e9, 5e9, 2.5e10):
            truth = 1.7 + 400 / n**0.34 + 1500 / d**0.37
            for lr in (0.001, 0.002, 0.004):
                for batch in (32, 64, 128):
                    miss = 0.05 * np.log2(lr / 0.002) ** 2 + 0.02 * np.log2(batch / 128) ** 2
                    rows.append(f"{n},{d},{lr},{batch},{truth + miss:.6f}")
    (tmp_path / "sweep.csv").write_text("\n".join([*rows, *rows[1:21]]))
    study = (
        'data table("sweep.csv", best_over="lr, batch")\nfit chinchilla(bootstrap=20)\nexpect alpha within 1% of .34'
    )
    (tmp_path / "s.scl").write_text(study)
    plan = load(tmp_path / "s.scl")
    behind = study.replace(', best_over="lr, batch")', ") tune lr, batch")
    (tmp_path / "behind.scl").write_text(behind)
    assert load(tmp_path / "behind.scl").digest == plan.digest
    found = analyse(plan, {}, table=study_table(plan, tmp_path))
    assert found.cells.n == 16
    fit = found.fits[0].fit
    assert fit is not None
    assert {name: round(fit.params[name], 3) for name in ("alpha", "beta", "E")} == {
        "alpha": 0.34,
        "beta": 0.37,
        "E": 1.7,
    }
    remarks = {note.code: note.message for note in found.notes}
    assert remarks["RUN211"] == "20 rows are copies of another, equal in every column, and are left out"
    assert remarks["RUN201"] == "16 of 16 cells have their best batch at the least or greatest that was tried"
    best = analysed(tmp_path, f"{study}\nexpect lr == .002 and lr(N=10M) < .003\nexpect mean(batch(D=1B)) < 100")
    assert [v.status for v in best.verdicts] == ["held", "held", "failed"]
    named = study.replace(", best_over", ', size="N/1e6", best_over')
    chosen = analysed(tmp_path, f"{named}\nexpect lr(size=40) == .002 and loss(size=640) < loss(size=10)").verdicts[-1]
    assert chosen.status == "held"
    assert list(found.cells.columns["best_lr"]) == [0.002] * 16
    assert list(found.cells.columns["edge_lr"]) == [False] * 16
    assert list(found.cells.columns["edge_batch"]) == [True] * 16
    for tuned, code in (("", ["SCL455", "SCL452"]), ("  tune lr, batch", [])):
        (tmp_path / "s.scl").write_text(f'data table("sweep.csv"){tuned}\nfit chinchilla\nreport tuned')
        assert [d.code for d in check(tmp_path / "s.scl").diagnostics] == code
    (tmp_path / "s.scl").write_text(study.replace("batch", "btch"))
    assert [d.message for d in check(tmp_path / "s.scl").diagnostics] == ['the table has no column "btch"']
    (tmp_path / "s.scl").write_text('data table("sweep.csv")  tune lr in {.001, .002}\nfit chinchilla')
    (told,) = check(tmp_path / "s.scl").errors
    assert told.helps == ("write `tune lr` alone to keep the best of what was swept",)
    (tmp_path / "s.scl").write_text('data table("sweep.csv")  panel lr\nfit chinchilla')
    (told,) = check(tmp_path / "s.scl").errors
    assert (told.code, told.message) == ("SCL001", "`panel lr` has no values")


def test_a_law_of_ones_own_holds_the_entropy_rate(tmp_path: Path) -> None:
    rows = ((n, d, 2.0 + 40 * n**-0.5 + 300 * d**-0.6, 2.0) for n in (1e4, 4e4, 16e4) for d in (1e5, 4e5, 16e5, 64e5))
    write(tmp_path / "t.csv", ["N", "D", "loss", "H"], rows)
    text = 'data table("t.csv", entropy_rate="H")\nfit entropy_rate + A*N^-alpha + B*D^-beta'
    (fit,) = analysed(tmp_path, text).fits
    assert fit.fit is not None
    assert fit.fit.params == pytest.approx(
        {"entropy_rate": 2.0, "A": 40, "alpha": 0.5, "B": 300, "beta": 0.6}, rel=1e-4
    )
    assert fit.fit.fixed == ("entropy_rate",)


@pytest.mark.parametrize("name", ["status", "key", "seconds", "excess", "entropy_rate", "standard_error", "D_asked"])
@pytest.mark.parametrize("cell", ["x{i}", "{i}", "", "1h 20m"])
def test_columns_that_runs_have_too_may_hold_anything(name: str, cell: str, tmp_path: Path) -> None:
    grid = [(n, d) for n in (1e6, 4e6, 16e6) for d in (1e8, 4e8, 16e8, 64e8)]
    rows = [(n, d, law(n, d), cell.format(i=i)) for i, (n, d) in enumerate(grid)]
    write(tmp_path / "t.csv", ["N", "D", "loss", name], rows)
    (found,) = analysed(tmp_path, 'data table("t.csv")\nfit chinchilla(bootstrap=0)').fits
    assert found.fit is not None
    assert (found.fit.n, found.fit.status) == (12, "converged")


@pytest.mark.parametrize(
    ("columns", "fitted", "message"),
    [
        (("$1", "2", "3"), "power(C)", "`power(C)` is a law in C, and no column of the table gives it"),
        (("-1", "2", "3"), "power(N)", "no row of the table has a positive `N`"),
        (("", "2", "3"), "power(N)", "no row of the table has a positive `N`"),
        (("0", "2", "3"), "power(C)", "no row of the table has a positive `C`"),
        (("1", "2", "nan"), "power(N)", "no row of the table has a finite `loss`"),
    ],
)
def test_columns_without_a_number_are_told_when_checked(
    columns: tuple[str, ...], fitted: str, message: str, tmp_path: Path
) -> None:
    write(tmp_path / "t.csv", ["N", "D", "loss"], [columns] * 12)
    assert message in [d.message for d in check(tmp_path / "s.scl", text=f'data table("t.csv")\nfit {fitted}').errors]
    with pytest.raises(FitError):
        fit_table(tmp_path / "t.csv", fitted, bootstrap=0)


def test_sizes_that_are_texts_are_none_of_laws_in_others(tmp_path: Path) -> None:
    rows = [("small", d, 2 + 300 * d**-0.4) for d in (1e6, 4e6, 16e6, 64e6, 256e6)]
    write(tmp_path / "t.csv", ["N", "D", "loss"], rows)
    (found,) = analysed(tmp_path, 'data table("t.csv")\nfit power(D, bootstrap=0)').fits
    assert found.fit is not None
    assert found.fit.params["beta"] == pytest.approx(0.4, rel=1e-3)


def test_rows_that_have_what_a_law_reads_only_apart_are_told_when_checked(tmp_path: Path) -> None:
    grid = [(n, d) for n in (1e6, 4e6, 16e6) for d in (1e8, 4e8, 16e8)]
    settings, losses = [(n, d, "") for n, d in grid], [("", "", law(n, d)) for n, d in grid]
    text = 'data table("t.csv")\nfit chinchilla'
    message = "no row of the table has all of `N`, `D` and `loss`"
    sizes_apart = [(n, "", 3) for n, _ in grid] + [("", d, 3) for _, d in grid]
    for rows in (settings + losses, sizes_apart):
        write(tmp_path / "t.csv", ["N", "D", "loss"], rows)
        assert message in [d.message for d in check(tmp_path / "s.scl", text=text).errors]
        with pytest.raises(FitError):
            fit_table(tmp_path / "t.csv", "chinchilla", bootstrap=0)
    together = [(n, d, law(n, d)) for n, d in grid]
    write(tmp_path / "t.csv", ["N", "D", "loss"], [*settings, *losses, *together])
    assert check(tmp_path / "s.scl", text=text).plan is not None


def test_fewer_rows_than_parameters_are_told_when_checked(tmp_path: Path) -> None:
    rows = [(n, 1e9, law(n, 1e9)) for n in (1e6, 4e6, 16e6, 64e6)]
    write(tmp_path / "t.csv", ["N", "D", "loss"], [*rows, ("", 1e9, 3)])
    (found,) = check(tmp_path / "s.scl", text='data table("t.csv")\nfit chinchilla, power(N)').errors
    assert (found.code, found.message) == ("SCL414", "`chinchilla` has 5 parameters to find in 4 rows of the table")
    fixed = 'data table("t.csv")\nfit chinchilla(E=1.8)\nfit power(N)'
    assert check(tmp_path / "s.scl", text=fixed).plan is not None


def test_rows_of_tables_that_stand_beside_one_another_are_not_those_of_the_other(tmp_path: Path) -> None:
    models = [(f"m{i}", 10.0**i) for i in range(6, 10)]
    write(tmp_path / "models.csv", ["model", "N"], [("none", ""), *models])
    runs = [(name, d, law(n, d)) for name, n in models for d in (1e9, 4e9, 16e9)]
    write(tmp_path / "t.csv", ["model", "D", "loss"], [*runs, *(("m6", "", "") for _ in range(9))])
    text = 'data table("t.csv", beside="models.csv", by="model")\nfit chinchilla'
    assert check(tmp_path / "s.scl", text=text, at_hand=True).plan is not None


def test_claims_on_a_law_written_out_are_judged_by_the_name_it_has(tmp_path: Path) -> None:
    """Its statistics and parameters, asked for alone or of the expression itself."""
    write(tmp_path / "t.csv", ["N", "loss"], [(n, 2 + 300 * n**-0.4) for n in np.geomspace(1e6, 1e9, 12).round()])
    claims = ("rmse_log < 5%", "rmse < .1", "mse < .1", "r2 > .9", "alpha > .3", "rmse(E + A*N^-alpha) < .1")
    text = 'data table("t.csv")\nfit E + A*N^-alpha\n' + "".join(f"expect {claim}\n" for claim in claims)
    found = analysed(tmp_path, text).verdicts
    assert [(v.status, v.skipped) for v in found] == [("held", ())] * len(claims)
    assert found[0].claim == "rmse_log(E + A*N^-alpha) < 0.05"


@pytest.mark.parametrize("grows", ["E + A*N^alpha + B*D^beta", "E + A*N^-alpha + B*D^beta"])
def test_a_law_written_out_that_could_only_grow_is_told(folder: Path, grows: str) -> None:
    (said,) = check(folder / "s.scl", text=f'data table("repeated.csv")\nfit {grows}').diagnostics
    assert (said.code, said.severity) == ("SCL441", "warning")
    assert "write `E + A*N^-alpha + B*D^-beta`" in said.helps[0]


def test_laws_written_out_with_powers_that_rise_and_may_fall_are_not_warned_of(folder: Path) -> None:
    laws = ("E - A*N^u", "E + A/(B + N^u)", "E + A*N^-u + G*N^v*D^-w", "law(E + A*N^u, u=-.3)", "a + b*log(N)")
    text = 'data table("repeated.csv")\n' + "".join(f"fit {law}\n" for law in laws)
    assert [d.message for d in check(folder / "s.scl", text=text).diagnostics] == []


def test_a_score_in_compute_is_fitted_on_every_row(tmp_path: Path) -> None:
    scores = [(10.0**c, 0.1 * c - 1.5 + 0.08 * (-1) ** c) for c in range(18, 27)]
    write(tmp_path / "s.csv", ["flops", "skill"], scores)
    given = 'data table("s.csv", C="flops", skill="skill", loss="3 - skill")\n'
    for law, n in (
        ("law(a + b*log(C), objective=mse, loss=skill)", 9),
        ("power(C, loss=skill)", 9),
        ("law(a + b*log(C), objective=mse)", 5),
        ("power(C)", 5),
    ):
        (found,) = analysed(tmp_path, f"{given}fit {law}").fits
        assert found.fit is not None
        assert found.fit.n == n
