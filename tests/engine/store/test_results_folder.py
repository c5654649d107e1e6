"""The results folder: whole files, damaged files, newer files, other studies' files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.engine.store.sealed_json import sealed
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import ClaimText
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk

from ..make import make_run, record_of, study

HERE = Origin("er", "/studies/er.scl", "")
A, B = "a" * 16, "b" * 16


def record(key: str, *, loss: float = 2.5, status: str = "done") -> RunRecord:
    return record_of(Run(**dict(make_run()) | {"key": key}), lambda run, tokens: loss, entropy=None, status=status)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "runs" / "er")
    store.adopt(study(), HERE, {"er.scl": "data ..."}, [A])
    return store


def test_a_store_that_is_only_made_leaves_no_folder(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    assert store.records() == {}
    assert store.late_claims([ClaimText(test="alpha > 1")]) == frozenset()
    assert not store.folder.exists()


def test_records_come_back_as_they_went_in(store: Store) -> None:
    odd = record(A, loss=0.1 + 0.2)
    store.write_record(odd)
    assert store.record(A) == odd
    assert store.records([A, B]) == {A: odd}
    assert store.keys() == {A}


def test_the_folder_says_what_it_is_and_holds_the_plan(store: Store) -> None:
    assert "scalingdsl run" in (store.folder / "README.md").read_text()
    assert Store.existing(store.folder).plan() == study()
    assert store.origin == HERE


def test_nothing_is_left_beside_a_file_that_was_written(store: Store) -> None:
    store.write_record(record(A))
    assert [p.name for p in (store.folder / "runs").iterdir()] == [f"{A}.json"]


@pytest.mark.parametrize("damage", ["torn", "changed", "another", "nonsense", "deep"])
def test_a_damaged_record_is_set_aside_with_a_warning(store: Store, damage: str) -> None:
    store.write_record(record(A))
    store.write_record(record(B))
    path = store.folder / "runs" / f"{A}.json"
    text = path.read_text()
    path.write_text(
        {
            "torn": text[: len(text) // 2],
            "changed": text.replace('"loss": 2.5', '"loss": 1.5'),
            "another": (store.folder / "runs" / f"{B}.json").read_text(),
            "nonsense": "[1, 2]",
            "deep": "[" * 100_000,
        }[damage]
    )
    damaged = path.read_text()
    assert store.records().keys() == {B}
    (warning,) = store.warnings
    assert warning.startswith(f"runs/{A}.json is damaged (")
    assert warning.endswith("; its run counts as missing (RUN221)")
    (kept,) = (store.folder / "damaged").glob(f"{A}.json.*")
    assert (kept.read_text(), f"damaged/{kept.name}" in warning) == (damaged, True)
    assert not path.exists()


def test_a_newer_record_is_refused_and_left_alone(store: Store) -> None:
    store.write_record(record(A))
    path = store.folder / "runs" / f"{A}.json"
    body = json.loads(path.read_text())
    del body["checksum"]
    path.write_text(json.dumps(sealed({**body, "format_version": 99})))
    with pytest.raises(StoreError, match="format 99, newer than 2: read it with a newer scalingdsl"):
        store.records()
    assert path.exists()


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", "", ".", "..", "-a", "a\n", "a" * 65])
def test_keys_cannot_leave_the_folder(store: Store, key: str) -> None:
    with pytest.raises(StoreError, match="cannot name a file"):
        store.record(key)
    with pytest.raises(StoreError, match="cannot name a file"):
        store.append(key, {"event": "x"})


def test_a_checkpoint_goes_when_its_record_is_written_and_others_stay(store: Store) -> None:
    store.checkpoints.mkdir()
    for key in (A, B):
        (store.checkpoints / f"{key}.safetensors").write_bytes(b"x")
    store.write_record(record(A, status="failed"))
    assert len(list(store.checkpoints.iterdir())) == 2
    store.write_record(record(A))
    assert [p.name for p in store.checkpoints.iterdir()] == [f"{B}.safetensors"]


# --- whose folder it is -----------------------------------------------------------------------------------------------


def test_another_study_is_refused_with_a_hint(store: Store) -> None:
    other = Origin("ba", "/studies/ba.scl", "Another")
    with pytest.raises(StoreError, match=r"belongs to another study, /studies/er.scl; .*--out .*ba-2"):
        store.adopt(study(title="Another"), other, {}, [B])


def test_the_same_name_elsewhere_is_another_study(store: Store) -> None:
    with pytest.raises(StoreError, match="another study"):
        store.adopt(study(), Origin("er", "/elsewhere/er.scl", ""), {}, [B])


def test_a_study_that_moved_is_known_by_its_runs(store: Store) -> None:
    store.write_record(record(A))
    moved = Origin("er2", "/elsewhere/er2.scl", "")
    store.adopt(study(title="wider"), moved, {}, [A, B])
    assert store.origin == moved
    assert store.plan().title == "wider"
    assert store.plan(study().digest) == study()


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(StoreError, match=r"not empty and holds no study: thesis.tex; give another folder"):
        Store(tmp_path).adopt(study(), HERE, {}, [])


def test_no_results_folder(tmp_path: Path, store: Store) -> None:
    with pytest.raises(StoreError, match="not a results folder; `scalingdsl run STUDY` makes one"):
        Store.existing(tmp_path / "no")
    with pytest.raises(StoreError, match=r"not a results folder; there is one at .*runs/er"):
        Store.existing(tmp_path / "runs")


# --- claims, predictions, sources -------------------------------------------------------------------------------------


def test_claims_first_seen_after_a_record_are_late(store: Store) -> None:
    early, late = ClaimText(test="alpha > 1"), ClaimText(test="beta > 1", where="width > 16")
    store.state_claims([early])
    store.write_record(record(A))
    store.state_claims([early, late])
    assert store.late_claims([early, late]) == {late}


def test_a_claim_keeps_its_standing_in_the_study_it_was_taken_from(store: Store, tmp_path: Path) -> None:
    store.state_claims([ClaimText(test="alpha > 1")])
    store.write_record(record(A))
    wider = Store(tmp_path / "wider")
    wider.adopt(study(title="wider"), Origin("wider", "/studies/wider.scl", ""), {}, [A, B])
    assert wider.copy_in(store, [A, B]) == 1
    claims = [ClaimText(test="alpha > 1"), ClaimText(test="alpha > 2")]
    wider.state_claims(claims, [store])
    assert wider.late_claims(claims) == set(claims[1:])


def test_runs_are_copied_in_by_key_once_and_only_when_they_are_over(store: Store, tmp_path: Path) -> None:
    store.write_record(record(A))
    store.write_record(record(B, status="failed"))
    store.predict({A: 3.0})
    other = Store(tmp_path / "other")
    other.folder.mkdir()
    assert other.copy_in(store, [A, B]) == 1
    assert other.copy_in(store, [A, B]) == 0
    assert other.record(A) == record(A)
    assert other.predictions() == {A: 3.0}


def test_the_first_prediction_stands(store: Store) -> None:
    store.predict({A: 3.0})
    store.predict({A: 1.0, B: 2.0})
    assert store.predictions() == {A: 3.0, B: 2.0}


def test_a_source_that_draws_something_else_is_an_error(store: Store) -> None:
    source = Walk(graph=ErdosRenyi(n=64, p=0.1))
    store.check_source(source, "1234")
    store.check_source(source, "1234")
    with pytest.raises(StoreError, match="draws other data than the stored runs were trained on"):
        store.check_source(source, "5678")


# --- pack logs --------------------------------------------------------------------------------------------------------


def test_a_torn_last_line_spoils_only_itself(store: Store) -> None:
    store.append("p1", {"event": "started"})
    path = store.folder / "packs" / "p1.jsonl"
    with open(path, "a") as file:
        file.write('{"event": "rec')
    assert [e["event"] for e in store.events("p1")] == ["started"]
    store.append("p1", {"event": "finished"}, sync=True)
    assert [e["event"] for e in store.events("p1")] == ["started", "finished"]
    assert store.packs() == ("p1",)
    assert list(store.events("p2")) == []
