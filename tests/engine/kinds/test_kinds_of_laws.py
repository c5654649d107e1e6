"""Kinds of requests: runs that see part of their corpus, laws of one's own whose unknowns are coefficients alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.fits.core.fit_result import Points
from scalingdsl.engine.fits.fit_law import fit_law
from scalingdsl.engine.fits.forms.repeated import repeated
from scalingdsl.engine.fits.tables.fit_table import TableFit, fit_table
from scalingdsl.spec import check, load
from scipy.optimize import least_squares

from . import Case, cases

PUBLISHED = {
    "E": 1.8691437, "A": 520.82495, "B": 1487.716, "alpha": 0.3526596, "beta": 0.3526596,
    "R_D": 15.387756, "R_N": 5.309743,
}  # fmt: skip


def write(path: Path, columns: dict[str, np.ndarray]) -> Path:
    rows = [",".join(f"{value:.10g}" for value in row) for row in zip(*columns.values())]
    path.write_text("\n".join([",".join(columns), *rows]) + "\n")
    return path


def study(folder: Path, *lines: str) -> Analysis:
    plan = load(folder / "s.scl", text="\n".join(lines))
    return analyse(plan, {}, table=study_table(plan, folder))


def codes(found: TableFit) -> set[str]:
    return {warning.code for warning in found.fit.warnings}


# --- runs that see part of their corpus -------------------------------------------------------------------------------


def repeats(corpus: str = "corpus", epochs: tuple[float, ...] = (0.1, 1, 4, 16, 64)) -> dict[str, np.ndarray]:
    """Losses of the published law, of runs of a part of their corpus and of many times it."""
    grid = [(n, u, e * u) for n in (1e7, 2e8, 4e9) for u in (2e7, 2e8, 2e9) for e in epochs]
    n, u, d = np.array(grid).T
    loss = repeated({"N": n, "D": d, "U": u}, PUBLISHED)  # type: ignore[arg-type]
    noise = np.exp(0.002 * np.random.default_rng(0).normal(size=len(n)))
    return {"N": n, "D": d, corpus: u, "loss": loss * noise}


def of_the_corpus_as_of_what_was_seen(folder: Path) -> None:
    path = write(folder / "runs.csv", repeats())
    asked = [{"N": 1e8, "D": 1e8, "U": 1e9}, {"N": 1e8, "D": 1e8, "U": 1e8}]
    found = fit_table(path, "repeated(U=corpus)", bootstrap=0, predict=asked)
    seen = fit_table(path, "repeated(U=seen)", bootstrap=0, columns={"seen": "min(corpus, D)"})
    assert found.fit.params == pytest.approx(seen.fit.params, rel=1e-6)
    assert found.fit.params["alpha"] == pytest.approx(0.3526596, abs=0.01)
    assert found.predicted[0].loss == pytest.approx(found.predicted[1].loss, rel=1e-9)


def published_parameters_give_the_published_loss(_: Path) -> None:
    at = {"N": np.array([6.34e9]), "D": np.array([242e9]), "U": np.array([25e9])}
    assert repeated(at, PUBLISHED) == pytest.approx([2.2256441], abs=5e-8)  # type: ignore[arg-type]


def without_a_repeat_it_is_the_law_of_fresh_tokens(folder: Path) -> None:
    columns = repeats(epochs=(0.02, 0.1, 0.3, 1))
    path = write(folder / "runs.csv", columns)
    found = fit_table(path, "repeated(U=corpus)", bootstrap=0)
    plain = fit_law("chinchilla", Points({"N": columns["N"], "D": columns["D"]}, columns["loss"]), bootstrap=0)
    assert found.fit.unidentified == ("R_D", "R_N") or "R_D" in found.fit.unidentified
    assert found.fit.params["beta"] == pytest.approx(plain.params["beta"], abs=0.02)


def distinct_tokens_are_found_by_their_usual_name(folder: Path) -> None:
    columns = repeats("unique_tokens")
    path = write(folder / "runs.csv", columns)
    found = fit_table(path, "repeated", bootstrap=0)
    assert found.source["U" if "U" in found.source else "unique"] == "unique_tokens"
    (panel,) = study(folder, 'data table("runs.csv")', "fit repeated(bootstrap=0)").fits
    assert panel.fit is not None
    assert panel.fit.params == pytest.approx(found.fit.params, rel=1e-6)
    assert panel.fit.params["R_D"] == pytest.approx(15.4, rel=0.15)


def a_surface_says_at_which_corpus_it_was_taken(folder: Path) -> None:
    found = fit_table(write(folder / "runs.csv", repeats()), "repeated(U=corpus)", bootstrap=0)
    assert found.optimum is not None
    assert any(w.code == "FIT158" and "U = 2e+08" in w.message for w in found.optimum.warnings), found.optimum.warnings


def columns_are_reckoned_with_in_words_that_can_be_typed(folder: Path) -> None:
    columns = repeats()
    columns["epochs"] = columns["D"] / columns["corpus"]
    write(folder / "runs.csv", columns | {"corpus": columns["corpus"] * 0})
    found = check(folder / "s.scl", text='data table("runs.csv", U="D"/"epochs")\nfit repeated(U=U)')
    (told,) = [d for d in found.diagnostics if d.code == "SCL203"]
    assert told.helps == ('write `"D/epochs"`',)
    assert check(folder / "s.scl", text='data table("runs.csv", U="D/epochs")\nfit repeated').plan is not None


# --- laws of coefficients alone ---------------------------------------------------------------------------------------

FRONTIER = np.geomspace(1e18, 1e20, 6)


def frontier(seed: int = 0) -> np.ndarray:
    noise = np.exp(0.002 * np.random.default_rng(seed).normal(size=6))
    return np.asarray((1.6 + 95.18 * FRONTIER**-0.0941) * noise)


def one_coefficient_is_that_of_least_squares(folder: Path) -> None:
    loss = frontier()
    path = write(folder / "f.csv", {"C": FRONTIER, "loss": loss})
    found = fit_table(path, "1.6 + A*C^-.0941", objective="mse", bootstrap=200)
    x = FRONTIER**-0.0941
    assert found.fit.params["A"] == pytest.approx(float(x @ (loss - 1.6) / (x @ x)), rel=1e-9)
    assert found.fit.status == "converged"
    low, high = found.fit.intervals["A"]
    assert low < found.fit.params["A"] < high < low * 1.03
    assert not codes(found) & {"FIT103", "FIT108", "FIT122"}


def of_a_study_with_every_exponent_fixed(folder: Path) -> None:
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 4), np.geomspace(1e9, 1e11, 4)))
    write(folder / "t.csv", {"params": n, "tokens": d, "loss": 1.7 + 400 * n**-0.34 + 1800 * d**-0.37})
    found = study(folder, 'data table("t.csv", N="params", D="tokens")', "fit E + A*N^-.34 + B*D^-.37",
                  "fit chinchilla(alpha=.34, beta=.37)")  # fmt: skip
    for panel in found.fits:
        assert panel.fit is not None
        assert panel.fit.status == "converged"
        assert panel.fit.params == pytest.approx(panel.fit.params | {"E": 1.7, "A": 400.0, "B": 1800.0}, rel=1e-5)
        assert not {w.code for w in panel.fit.warnings} & {"FIT103", "FIT108"}


def a_line_in_the_logarithm(folder: Path) -> None:
    n = np.geomspace(1e6, 1e9, 9)
    loss = 9.0 - 0.3 * np.log(n) + 0.01 * np.random.default_rng(1).normal(size=9)
    found = fit_table(write(folder / "t.csv", {"N": n, "loss": loss}), "a + b*log(N)", objective="mse", bootstrap=0)
    slope, offset = np.polyfit(np.log(n), loss, 1)
    assert found.fit.params == pytest.approx({"a": offset, "b": slope}, rel=1e-6)


def the_law_that_ships_with_all_but_one_fixed(folder: Path) -> None:
    path = write(folder / "f.csv", {"C": FRONTIER, "loss": frontier()})
    found = fit_table(path, "power(C, E=1.6, gamma=.0941)", bootstrap=100)
    own = fit_table(path, "1.6 + K*C^-.0941", bootstrap=100)
    assert found.fit.status == "converged"
    assert found.fit.params["K"] == pytest.approx(own.fit.params["K"], rel=1e-6)


def a_scale_in_place_of_the_coefficient(folder: Path) -> None:
    """The same curve as a scale that lies many decades beyond the data."""
    path = write(folder / "f.csv", {"C": FRONTIER, "loss": 1.6 + 95.18 * FRONTIER**-0.0941})
    for law, power in (("1.6 + (C/c0)^-.0941", 1), ("1.6 + (c0/C)^.0941", 1), ("1.6 + (k*C)^-.0941", -1)):
        found = fit_table(path, law, bootstrap=50)
        assert found.fit.status == "converged", (law, found.fit.warnings)
        (name,) = found.fit.params
        assert found.fit.params[name] == pytest.approx(95.18 ** (power / 0.0941), rel=1e-3)


def two_scales_and_two_exponents(folder: Path) -> None:
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 1e12, 5)))
    loss = 1.7 + (n / 5e7) ** -0.34 + (d / 7e9) ** -0.28
    path = write(folder / "t.csv", {"N": n, "D": d, "loss": loss})
    found = fit_table(path, "E + (N/n0)^-a + (d0/D)^b", bootstrap=0)
    assert found.fit.params == pytest.approx({"E": 1.7, "n0": 5e7, "a": 0.34, "d0": 7e9, "b": 0.28}, rel=1e-3)


def a_column_that_is_the_same_in_all_rows(folder: Path) -> None:
    """Nothing is said of a number that the law only reckons with."""
    n = np.geomspace(1e6, 1e9, 9)
    columns = {"N": n, "vocab": np.full(9, 512.0), "loss": 2 + 300 * (n + 512 * 64) ** -0.4}
    found = fit_table(write(folder / "t.csv", columns), "E + A*(N + 64*vocab)^-alpha", bootstrap=0)
    assert found.fit.params["alpha"] == pytest.approx(0.4, rel=1e-3)
    assert "FIT122" not in codes(found)


def several_coefficients_and_their_own_least_squares(folder: Path) -> None:
    rng = np.random.default_rng(3)
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 4), np.geomspace(1e9, 1e11, 4)))
    loss = (1.7 + 400 * n**-0.34 + 1800 * d**-0.37) * np.exp(0.003 * rng.normal(size=16))
    path = folder / "t.jsonl"
    path.write_text("\n".join(json.dumps({"N": a, "D": b, "loss": c}) for a, b, c in zip(n, d, loss)))
    found = fit_table(path, "law(E + A*N^-.34 + B*D^-.37, objective=mse)", bootstrap=0)
    basis = np.stack([np.ones(16), n**-0.34, d**-0.37], axis=1)
    own = least_squares(lambda p: basis @ p - loss, [1.7, 400, 1800], x_scale=[1, 100, 1000]).x
    assert list(found.fit.params.values()) == pytest.approx(own, rel=1e-5)


KINDS: dict[str, tuple[Case, ...]] = {
    "runs that see part of their corpus": (
        of_the_corpus_as_of_what_was_seen,
        published_parameters_give_the_published_loss,
        without_a_repeat_it_is_the_law_of_fresh_tokens,
        distinct_tokens_are_found_by_their_usual_name,
        a_surface_says_at_which_corpus_it_was_taken,
        columns_are_reckoned_with_in_words_that_can_be_typed,
    ),
    "laws of coefficients alone": (
        one_coefficient_is_that_of_least_squares,
        of_a_study_with_every_exponent_fixed,
        a_line_in_the_logarithm,
        the_law_that_ships_with_all_but_one_fixed,
        a_scale_in_place_of_the_coefficient,
        two_scales_and_two_exponents,
        a_column_that_is_the_same_in_all_rows,
        several_coefficients_and_their_own_least_squares,
    ),
}


@pytest.mark.parametrize("case", cases(KINDS))
def test_a_request_gives_what_is_known(case: Case, tmp_path: Path) -> None:
    case(tmp_path)
