"""Results folders of strangers: nothing is written through a link, and no file is read that a plan has no right to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from scalingdsl.engine.analysis.cells.table_columns import study_table
from scalingdsl.engine.store.links import refuse_links
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.store.sealed_json import read_json
from scalingdsl.spec.errors import FitError, StoreError
from scalingdsl.spec.plan.run_grid import Alternative
from scalingdsl.spec.plan.study_plan import StudyPlan


@pytest.mark.parametrize("name", ["lock", ".lock", "report.md", "figures", "export", "files/runs.csv", "runs/a.json"])
def test_a_link_in_a_results_folder_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "results"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).symlink_to(victim)
    with pytest.raises(StoreError, match="holds a link"):
        Store(folder).lock()
    assert victim.read_text() == "precious"


def test_a_folder_may_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with Store(tmp_path / "link").lock():
        assert (tmp_path / "real" / "lock").is_file()
    refuse_links(tmp_path / "link")
    refuse_links(tmp_path / "absent")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_records_are_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "record.json")
    with pytest.raises(StoreError, match="is no regular file"):
        read_json(tmp_path / "record.json")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(StoreError, match="is damaged"):
        read_json(tmp_path / "deep.json")


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd"])
def test_a_plan_names_no_file_outside_whose_content_it_does_not_know(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("root,D,loss\n1,2,3\n")
    (tmp_path / "files").mkdir()
    data = (Alternative(label="t", call=f'table(path="{path}")'),)
    with pytest.raises(FitError, match="lies outside the study's folder"):
        study_table(StudyPlan.model_construct(data=data), tmp_path / "files")
