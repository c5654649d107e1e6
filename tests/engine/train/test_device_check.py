"""The check of a GPU, `python -m tests.benchmarks.device`, gone through on a CPU at tiny sizes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ...benchmarks import device
from ...benchmarks.device import Check, main, sizes


@pytest.mark.slow
def test_it_goes_through_and_all_of_it_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = main(["--device", "cpu", "--out", str(tmp_path)])
    assert [fact for fact in facts if fact["kind"] == "BAD"] == []
    assert sum(fact["kind"] == "ok" for fact in facts) >= 10
    assert json.loads((tmp_path / "device.json").read_text()) == json.loads(json.dumps(facts, default=str))
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| 2 ")]
    assert len(rows) == sum(fact["kind"] == "row" for fact in facts) == 2
    assert all(row.count("|") == len(device.HEAD) + 1 for row in rows)


def test_what_fails_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(check: Check) -> None:
        raise RuntimeError("no such kernel\nand more")

    sections = {"captures": fails, "walks": lambda check: check.say("note", "walked"), "table": lambda check: None}
    monkeypatch.setattr(device, "SECTIONS", sections)
    facts = main(["--device", "cpu"])
    assert [fact["what"] for fact in facts] == ["section captures", "walked"]
    assert facts[0]["kind"] == "BAD"
    assert facts[0]["error"] == "RuntimeError: no such kernel"
    assert [fact["what"] for fact in main(["--device", "cpu", "--seconds", "5"])] == [
        f"no time for {name}" for name in sections
    ]


def test_a_gpu_is_asked_for_what_is_claimed_of_it() -> None:
    asked = sizes("cuda")
    usual = [cell for cell in asked.cells if (cell.batch, cell.length, cell.vocab) == (32, 64, 512)]
    assert {cell.width for cell in usual} == {16, 32, 64, 128, 256, 512}
    assert {cell.precision for cell in usual} == {"fp32", "tf32", "bf16"}
    assert {(cell.tokens, cell.vocab) for cell in asked.paper} == {(5000, 8192)}
    assert max(cell.width for cell in asked.paper) == 2048
    assert asked.ways == ("eager", "compiled", "graphed")
