"""Checkpoints: whole, or not used."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.store.checkpoint import Checkpoints
from scalingdsl.engine.store.checkpoint_state import states
from scalingdsl.engine.train import cpu_settings, numerics, training_loop
from scalingdsl.spec.errors import EngineError, UsageError

from ..make import SOURCE, make_run
from ..train.watched import final_params, pack, stop_after, train

TENSORS = {"params": torch.arange(10.0), "exp_avg": torch.tensor([float("nan"), -0.0])}


def test_round_trip(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "new")
    kept.save("a", TENSORS, {"step": 3, "list": [1, 2]})
    found = kept.load("a")
    assert found is not None
    assert found.state == {"step": 3, "list": [1, 2]}
    assert all(torch.equal(found.tensors[k].view(torch.int32), v.view(torch.int32)) for k, v in TENSORS.items())
    assert kept.load("b") is None
    kept.remove("a")
    assert kept.load("a") is None
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("where", ["first", "header", "tensor", "last", "short", "empty"])
def test_a_spoilt_file_falls_back_to_the_previous_one(tmp_path: Path, where: str) -> None:
    kept = Checkpoints(tmp_path)
    kept.save("a", TENSORS, {"step": 3})
    kept.save("a", {"params": torch.zeros(10)}, {"step": 4})
    path = tmp_path / "a.safetensors"
    data = bytearray(path.read_bytes())
    place = {"first": 0, "header": data.index(b'"step'), "tensor": len(data) - 7, "last": len(data) - 1}
    if where in place:
        data[place[where]] ^= 0x10
        path.write_bytes(data)
    else:
        path.write_bytes(data[: len(data) // 2 if where == "short" else 0])
    found = kept.load("a")
    assert found is not None
    assert found.state == {"step": 3}
    (tmp_path / "a.previous.safetensors").write_bytes(b"nothing")
    assert kept.load("a") is None


@pytest.mark.parametrize("head", [b"[]", b"null", b"[" * 9000, b'{"a": {"data_offsets": [0, 99]}}', b'{"a": 1}', b""])
def test_heads_that_are_none_are_damage(tmp_path: Path, head: bytes) -> None:
    kept = Checkpoints(tmp_path / "checkpoints")
    kept.save("a", TENSORS, {"step": 3})
    path = tmp_path / "checkpoints" / "a.safetensors"
    for length in (len(head), 2**60):
        path.write_bytes(length.to_bytes(8, "little") + head)
        assert list(states(path.parent)) == []
        assert kept.load("a") is None
        assert not path.exists()


def test_every_bit_of_a_checkpoint_is_watched(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    kept.save("a", {"params": torch.arange(3.0)}, {"step": 3})
    path = tmp_path / "a.safetensors"
    data = path.read_bytes()
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= 0x01
        path.write_bytes(spoilt)
        found = kept.load("a")
        # A header may say the same in other bytes (a space for nothing); what is read must then be what was written.
        assert found is None or (found.state == {"step": 3} and torch.equal(found.tensors["params"], torch.arange(3.0)))


def test_training_goes_on_from_the_previous_checkpoint(tmp_path: Path) -> None:
    run = make_run(steps=60)
    whole = final_params([run])[run.key]
    for _ in range(2):
        final_params([run], checkpoints=tmp_path, stop=stop_after(2), chunk_steps=10)
    path = tmp_path / f"{run.key}.safetensors"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert Checkpoints(tmp_path).load(run.key).state["step"] < 40
    assert torch.equal(final_params([run], checkpoints=tmp_path)[run.key], whole)


def test_another_graph_is_refused(tmp_path: Path) -> None:
    run = make_run(steps=400)
    final_params([run], checkpoints=tmp_path, stop=stop_after(1))
    other = open_source(SOURCE.model_copy(update={"kappa": 1.0}))
    with pytest.raises(EngineError, match="is not the one its checkpoint was made with"):
        list(training_loop.train_pack(pack([run]), other, checkpoints=tmp_path))


def test_another_machine_begins_anew_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint made in another numerics mode is kept, whoever looks at it; that machine goes on from it."""
    run = make_run(steps=60)
    whole = final_params([run])[run.key]
    final_params([run], checkpoints=tmp_path, stop=stop_after(2), chunk_steps=10)
    theirs = (tmp_path / f"{run.key}.safetensors").read_bytes()
    said: list[str] = []
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(cpu_settings, "numerics_mode", lambda: "another machine")
        trainer = training_loop.Trainer(pack([run]), open_source(SOURCE), "cpu", tmp_path, note=said.append)
        trainer.begin(run)
        assert trainer.queue[0].step == 0
        final_params([run], checkpoints=tmp_path, stop=stop_after(3), chunk_steps=10)
        assert Checkpoints(tmp_path).load(run.key).state["step"] == 28
    assert theirs in [path.read_bytes() for path in tmp_path.iterdir()]
    assert "was trained to step 18 of 60 in another mode" in said[0]
    assert "its checkpoints are kept for a machine like that one; with SCALINGDSL_CHECKPOINTS=mixed" in said[0]
    trainer = training_loop.Trainer(pack([run]), open_source(SOURCE), "cpu", tmp_path)
    trainer.begin(run)
    assert trainer.queue[0].step == 18
    assert torch.equal(final_params([run], checkpoints=tmp_path)[run.key], whole)


def test_another_machine_goes_on_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(steps=60)
    final_params([run], checkpoints=tmp_path, stop=stop_after(2), chunk_steps=10)
    before = training_loop.Trainer(pack([run]), open_source(SOURCE), "cpu", None).mode
    monkeypatch.setattr(cpu_settings, "numerics_mode", lambda: "another machine")
    monkeypatch.setenv(numerics.CHECKPOINTS, "mixed")
    final_params([run], checkpoints=tmp_path, stop=stop_after(2), chunk_steps=10)
    assert Checkpoints(tmp_path).load(run.key).state["step"] == 36
    record = train([run], checkpoints=tmp_path)[run.key]
    assert record.provenance["mixed"] == f"begun in other modes: {before}"
    monkeypatch.setenv(numerics.CHECKPOINTS, "some")
    with pytest.raises(UsageError, match="'some'; it may be 'same'"):
        numerics.mixed()


def test_a_wrong_count_of_parameters_is_refused() -> None:
    run = make_run()
    wrong = run.model_copy(update={"n_total": run.n_total + 1})
    with pytest.raises(EngineError, match="was planned with"):
        train([wrong])
