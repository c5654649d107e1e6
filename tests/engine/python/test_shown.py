"""Values as they look in a session and in a notebook: short, whatever they hold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scalingdsl.engine.fits import predict
from scalingdsl.engine.python import calls
from scalingdsl.engine.python.markdown import MOST, shown, table
from scalingdsl.spec import UsageError

N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e6, 1e9, 5), np.geomspace(1e8, 1e11, 5)))
LOSS = (1.7 + 400 * N**-0.34 + 410 * D**-0.28) * np.random.default_rng(2).normal(1, 0.004, N.size)
STUDY = """title "Walks"
data walk(er(n=64, p=.2), length=8, eval_walks=8)
models transformer(heads=1)  width in {8, 16}
train adamw  steps in {2, 3, 4, 5}
fit power(D)
expect E(power(D)) > 1
"""


@pytest.fixture(scope="module")
def fitted() -> Any:
    return calls.fit({"N": N, "D": D, "loss": LOSS}, bootstrap=200)


def looks_short(value: object) -> None:
    assert len(repr(value)) < 400
    assert len(value._repr_markdown_().encode()) < 2000  # type: ignore[attr-defined]


def test_a_fit(fitted: Any) -> None:
    looks_short(fitted)
    assert repr(fitted).startswith("<TableFit of 25 rows: <Fit chinchilla: converged, 25 points; E 1.")
    text = fitted._repr_markdown_()
    assert "| `alpha` | " in text
    assert "`loss = " in text
    assert len(repr(fitted.optima)) < 600


def test_a_fit_predicts(fitted: Any) -> None:
    one = fitted.predict(N=1e9, D=2e10)
    assert isinstance(one, float)
    expected = predict(fitted.fit, {"N": np.array([1e9]), "D": np.array([2e10])})[0]
    assert one == expected
    assert fitted.predict(N=1e9, D=[2e10, 4e10]).shape == (2,)
    with pytest.raises(TypeError, match="a law of N, D"):
        fitted.predict(N=1e9)


def test_a_fit_is_drawn(fitted: Any) -> None:
    figure = fitted.plot()
    assert len(figure.axes[0].lines) == 10
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_fit_as_a_frame(fitted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    frame = fitted.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.loc["alpha", "low"] < frame.loc["alpha", "value"] < frame.loc["alpha", "high"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        fitted.to_frame()


@pytest.mark.slow
def test_a_study_planned_run_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.scl").write_text(STUDY)
    planned = calls.plan(tmp_path / "a.scl", out=tmp_path / "out")
    looks_short(planned)
    assert "8 runs, 0 done" in repr(planned)
    assert "| `width` | sweep | 2 | 8, 16 |" in planned._repr_markdown_()
    outcome = calls.run(tmp_path / "a.scl", out=tmp_path / "out", executor="inline")
    assert "8 runs: 0 done, 8 to train" in capsys.readouterr().err
    looks_short(outcome)
    assert "8 runs, 8 trained now" in repr(outcome)
    text = outcome._repr_markdown_()
    assert "`E(power(D)) > 1`" in text
    assert str(outcome.report) in text
    assert len(repr(outcome.analysis)) < 200
    looks_short(next(iter(outcome.fits.values())))
    report = calls.report_of(tmp_path / "out")
    looks_short(report)
    assert report.analysis.verdicts[0].status in report._repr_markdown_()
    assert calls.plan(tmp_path / "a.scl", out=tmp_path / "out").missing == ()


def test_what_is_left_out_is_counted() -> None:
    text = shown("head", rows=table(("claim",), ((f"claim {i} " + "x" * 60,) for i in range(100))), after="tail")
    assert len(text) <= MOST
    assert "... and " in text
    assert text.endswith("tail")
