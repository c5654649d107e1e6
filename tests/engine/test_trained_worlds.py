"""The related works whose worlds are trained: each study plans as it is, and runs in seconds with fewer tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from scalingdsl.engine import run
from scalingdsl.engine.planning.machines import teachers_of
from scalingdsl.engine.teachers.teacher import key_of
from scalingdsl.spec import check

from ..spec.support import n_cells
from .test_origin_hours import words

FOLDER = Path(__file__).parents[2] / "studies" / "related"
#: Runs and cells of each study, and what makes it small.
STUDIES: dict[str, tuple[int, int, dict[str, str]]] = {
    "akyurek": (
        45,
        18,
        {
            "length=400, eval_walks=512": "length=12, eval_walks=4",
            "uniform(10, 19)": "uniform(1, 2)",
            "uniform(1, 49)": "uniform(1, 9)",
            "{250, 1000, 2500}": "{2, 4, 8}",
            "10*400*problems": "96*problems",
            "layers=4, width=64": "layers=1, width=8",
            "layers=2, width=64": "layers=1, width=8",
            "problems=2500": "problems=8",
            "problems=1000": "problems=4",
            "problems=250)": "problems=2)",
        },
    ),
    "dohmatob-text": (
        336,
        168,
        {
            "length=32, eval_walks=4096": "length=8, eval_walks=8",
            "width=96, batch=16, tokens=2M": "width=8, batch=4, tokens=640",
            "500k": "320",
            "{24, 32, 48, 64}": "{8}",
            "[50k..3200k]": "[64..512]",
            "3200k": "512",
        },
    ),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_plans_as_counted(name: str) -> None:
    found = check(FOLDER / f"{name}.scl")
    assert {d.code for d in found.diagnostics} <= {"SCL215", "SCL505"}  # two rates are tried, and the text is not there
    assert not found.errors
    assert found.plan is not None
    runs = list(found.plan.runs())
    assert (len(runs), n_cells(found.plan, runs)) == STUDIES[name][:2]


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_a_study_runs_in_seconds_with_fewer_tokens(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is learnt, so that any verdict will do; all that is asked for is there, and teachers are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = (FOLDER / f"{name}.scl").read_text()
    for old, new in STUDIES[name][2].items():
        assert old in text, old
        text = text.replace(old, new)
    words(tmp_path)
    (tmp_path / "study.scl").write_text(text)
    outcome = run(tmp_path / "study.scl", out=tmp_path / "out", device="cpu", executor="inline")
    assert outcome.exit_status in (0, 4)
    assert outcome.n_trained == outcome.n_runs
    made = outcome.analysis
    assert made is not None
    assert [verdict.claim for verdict in made.verdicts] == [claim.test for claim in outcome.plan.claims]
    assert all(verdict.panels or verdict.skipped for verdict in made.verdicts)
    taught = teachers_of(tuple(outcome.plan.runs()))
    assert [type(teacher.text).__name__ for teacher in taught] == (["Text", "Sample", "Sample"] if taught else [])
    kept = {path.parent.name for path in (tmp_path / "out" / "artefacts").glob("teachers/*/facts.json")}
    assert kept == {key_of(teacher, tmp_path) for teacher in taught}
