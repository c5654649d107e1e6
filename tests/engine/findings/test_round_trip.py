"""Claims judged from `fits.json` alone have the verdicts of the report, numbers included."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.findings.fits_file import FORMAT_VERSION, FitsFile
from scalingdsl.engine.findings.judge_findings import judge_findings
from scalingdsl.engine.findings.store_findings import read_findings, write_findings
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.store.sealed_json import sealed
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.spec import load
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.plan.run_grid import Run

from ..analysis.test_studies import LADDER, analysed
from ..analysis.test_table_studies import GRID, folder  # noqa: F401
from ..analysis.test_table_studies import analysed as of_table
from ..make import Law, record_of

STORED = Path(__file__).parents[2] / "data" / "results-0.1"
STUDIES = Path(__file__).parents[3] / "studies"


def same(found: Analysis, home: Path) -> FitsFile:
    """The verdicts again, and the file they were judged from."""
    write_findings(found, home)
    assert judge_findings(home) == found.verdicts
    whole, _ = read_findings(home)
    assert [claim.verdict for claim in whole.claims] == [v.status for v in found.verdicts]
    return whole


@pytest.mark.slow
@pytest.mark.parametrize("name", ["walks", "clusters"])
def test_results_of_studies(name: str, tmp_path: Path) -> None:
    shutil.copy(STORED / f"{name}.scl", tmp_path)
    home = Path(shutil.copytree(STORED / name, tmp_path / name))
    analysis = report_store(Store.existing(home)).analysis
    assert same(analysis, home).claims
    first = {path.name: path.read_bytes() for path in home.glob("fits.*")}
    write_findings(analysis, home)
    assert {path.name: path.read_bytes() for path in home.glob("fits.*")} == first


def shipped(path: Path) -> Analysis:
    """A shipped study, with a record of every run that follows a law with some noise."""
    plan = load(path)

    def penalty(run: Run) -> float:
        return 0.02 * abs(float(np.log(float(run.value("lr") or 0.01) / 0.01)))

    return analyse(plan, {r.key: record_of(r, Law(), noise=1e-3, penalty=penalty) for r in plan.runs()})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["er", "ba", "origin/er-8k-small", "origin/mup-small", "origin/ladder-small"])
def test_shipped_studies(name: str, tmp_path: Path) -> None:
    assert same(shipped(STUDIES / f"{name}.scl"), tmp_path).fits


@pytest.mark.slow
def test_labels_shared_parameters_optima_and_losses(tmp_path: Path) -> None:
    whole = same(analysed(LADDER), tmp_path)
    joint = next(fit for fit in whole.fits if fit.n_joint is not None)
    assert {p.name for p in joint.parameters} >= {"E", "A", "alpha", "B", "beta"}


@pytest.mark.slow
def test_a_table_with_predictions_statistics_and_a_surface(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    found = of_table(
        folder,
        GRID
        + """
          where kappa == 0
        let alone = chinchilla(bootstrap=40) where N < 30M
        let other = tied(bootstrap=40) where N < 30M
        fit alone, other, kernel(bootstrap=20), E + A*N^-alpha + B*D^-.37
        optimum surface(alone), envelope
        expect holdout(alone) < 1% and validation(alone) < .01
        expect loss(alone, muon, N=1G, D=20G) > 1.7
        expect loss(kernel, adamw, N=1M, D=20M) within 1% of loss(adamw, N=1M, D=20M)
        expect L(surface(alone), C=10PFLOP, optimiser=muon) < L(surface(alone), adamw, C=10PFLOP)
        expect spread(alpha(alone)) < .02 or mse(other) < mse(alone)
        expect max(loss, muon) < 100 and n(alone) == 30
        """,
    )
    whole = same(found, tmp_path)
    first = whole.fits[0]
    assert first.formula.startswith("L(N, D) = 1.")
    assert first.covariance is not None
    assert len(first.covariance) == len(first.covariance_of) == 5
    assert first.misfit is not None
    assert (whole.predictions[0].fit, whole.predictions[0].at) == ("alone", {"N": 1e9, "D": 2e10})
    assert whole.predictions[0].run_interval is not None
    compared = next(c for c in whole.comparisons if (c.first, c.second) == ("alone", "other"))
    assert compared.prefers == "first"
    (side,) = [r for p in whole.claims[1].panels for r in p.relations]
    assert side.left.interval is not None


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    write_findings(
        analysed("data walk(er(n=64, p=.1)); models width in [32..128]; fit chinchilla(bootstrap=5)"), tmp_path
    )
    body = json.loads((tmp_path / "fits.json").read_text())
    newer = {name: value for name, value in body.items() if name != "checksum"} | {"format_version": FORMAT_VERSION + 1}
    (tmp_path / "fits.json").write_text(json.dumps(sealed(newer)))
    with pytest.raises(StoreError, match="newer than"):
        judge_findings(tmp_path)
    (tmp_path / "fits.json").write_text(json.dumps({**body, "title": "Another"}))
    with pytest.raises(StoreError, match="its checksum does not fit its content"):
        judge_findings(tmp_path)
    (tmp_path / "fits.json").write_text(json.dumps(body))
    (tmp_path / "fits.npz").write_bytes(b"")
    with pytest.raises(StoreError, match="not of one analysis"):
        judge_findings(tmp_path)
    (tmp_path / "fits.json").write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        judge_findings(tmp_path / "fits.json")
