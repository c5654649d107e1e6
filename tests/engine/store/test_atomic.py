"""Files are whole or absent; names of what is made aside are no other writer's; what dead writers left is removed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from scalingdsl.engine.store import atomic
from scalingdsl.engine.store.atomic import append_line, publish, replacing, sweep, write_bytes, write_text


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_file_is_there_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b" / "c.json", "1")
    write_bytes(tmp_path / "a" / "b" / "c.json", b"2")
    assert (tmp_path / "a" / "b" / "c.json").read_text() == "2"
    assert hidden(tmp_path / "a" / "b") == []


def test_what_fails_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    with pytest.raises(FileNotFoundError), replacing(path) as aside:
        (aside / "absent" / "file").write_text("half")
    assert (path.read_text(), hidden(tmp_path)) == ("old", [])


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    with replacing(tmp_path / "folder") as aside:
        (aside / "deep").mkdir(parents=True)
        (aside / "deep" / "file").write_text("x")
        assert not (tmp_path / "folder").exists()
    assert (tmp_path / "folder" / "deep" / "file").read_text() == "x"


def test_a_full_disk_names_the_file_that_was_to_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_text(tmp_path / "file", "x")
    assert caught.value.filename == str(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_of_many_that_publish_one_is_first_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    first: list[int] = []
    begin = threading.Barrier(8)

    def take(n: int) -> None:
        begin.wait()
        if publish(path, b"%d" % n):
            first.append(n)

    threads = [threading.Thread(target=take, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [int(path.read_bytes())] == first
    assert hidden(tmp_path) == []


@pytest.mark.parametrize("error", [errno.EPERM, errno.EOPNOTSUPP])
def test_without_hard_links_one_is_first_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    def refuse(source: Path, place: Path) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "link", refuse)
    assert publish(tmp_path / "lease", b"a")
    assert not publish(tmp_path / "lease", b"b")
    assert ((tmp_path / "lease").read_bytes(), hidden(tmp_path)) == (b"a", [])


def test_a_line_that_a_crash_tore_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "log"
    append_line(path, b"one", sync=True)
    with path.open("ab") as file:
        file.write(b"tw")
    append_line(path, b"three")
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_only_what_dead_writers_left_is_swept(tmp_path: Path) -> None:
    dies = (
        "import os, sys; from pathlib import Path; from scalingdsl.engine.store.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as aside: aside.write_text('half'); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", dies, str(tmp_path / "dead")], check=False)
    (left,) = hidden(tmp_path)
    for name in (".a.json.elsewhere_0123abcd-1-0123456789ab", ".b.json.77", ".gitignore", ".lock"):
        (tmp_path / name).touch()
    os.utime(tmp_path / ".b.json.77", (0, 0))
    with replacing(tmp_path / "mine") as aside:
        aside.touch()
        assert sweep(tmp_path) == 2
        assert aside.exists()
    assert not (tmp_path / left).exists()
    assert set(hidden(tmp_path)) == {".a.json.elsewhere_0123abcd-1-0123456789ab", ".gitignore", ".lock"}
    os.utime(tmp_path / ".a.json.elsewhere_0123abcd-1-0123456789ab", (0, 0))
    assert (sweep(tmp_path), sweep(tmp_path / "absent")) == (1, 0)


def test_names_aside_differ_from_writer_to_writer() -> None:
    assert len({atomic.unique() for _ in range(100)}) == 100
