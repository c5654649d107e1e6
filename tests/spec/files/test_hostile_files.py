"""Files and studies made to hang, to fill memory or to show what they should not: refused at once, in our words."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scalingdsl.spec import check, checker, load
from scalingdsl.spec.errors import Diagnostic, SpecError, UsageError
from scalingdsl.spec.files.raw_file import FileError, read_packed, unpacked
from scalingdsl.spec.files.tables.table_file import read_text_table
from scalingdsl.spec.files.transition_matrices import read_matrix

REST = "\nmodels width=16\ntrain adamw tokens=64k\n"
DATA = "data walk(er(n=64, p=.2))\n"


def found(text: str, folder: Path) -> list[Diagnostic]:
    return list(check(folder / "study.scl", text=text, name="study.scl").diagnostics)


def lets(value: str, n: int) -> str:
    return "".join(f"let a{i} = {value.replace('a', f'a{i - 1}')}\n" for i in range(1, n))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("let a0 = 1\n" + lets("a + a", 14) + DATA + "models width=16\ntrain adamw(lr=a13*1e-9) tokens=64k", "SCL123"),
        ("let a0 = 1\n" + lets("max(a, a)", 40) + DATA + "models width=16\ntrain adamw(lr=a39) tokens=64k", "SCL123"),
        ("let a0 = {1, 2}\n" + lets("{a, a}", 30) + DATA + "models width in a29\ntrain adamw tokens=64k", "SCL123"),
        ("let a0 = 1\n" + lets("a", 3000) + DATA + "models width=16\ntrain adamw(lr=a2999) tokens=64k", "SCL123"),
        ("".join(f"let a{i} = a{(i + 1) % 3000}\n" for i in range(3000)) + DATA + "models width=a7", "SCL123"),
        (DATA + "models width=16\ntrain adamw tokens in [1..1e308]", "SCL304"),
        (DATA + "models width in [1e-308..512]\ntrain adamw tokens=64k", "SCL304"),
        (DATA + "models width=16\ntrain adamw tokens=64k seed in [0..4 step 1e-308]", "SCL304"),
        (DATA + "models width=16\ntrain adamw tokens=64k tune lr in [5e-6..1e308 count 14]", "SCL304"),
        (DATA + "models width=16\ntrain adamw(batch=1e308) tokens=64k", "SCL204"),
        (DATA + "models transformer(heads=1e9) width=16\ntrain adamw tokens=64k", "SCL209"),
        ('data walk(edges("x\0y"))' + REST, "SCL503"),
        ('data table("x\0y")\nfit power(N)', "SCL503"),
        ('use "x\0y"\n' + DATA + REST, "SCL503"),
        ("foo bar\n" * 10_000, "SCL003"),
        ("data " + "w" * 90_000 + REST, "SCL101"),
    ],
)
def test_studies_that_would_take_for_ever(text: str, code: str, tmp_path: Path) -> None:
    told = found(text, tmp_path)
    assert code in [d.code for d in told]
    assert len(told) <= 200
    assert all(len(text) <= 2_000 for d in told for text in (d.message, *d.notes, *d.helps))


MANY = "9" * 5000


@pytest.mark.parametrize(
    "text",
    [
        DATA + "models width=16\n- 3x\n",
        DATA + f"models width=2×10^{MANY}\n- 10^{MANY}\n",
        DATA + "models width=16\ntrain adamw(lr=.1, batch = 8\n   512)",
        DATA + f"models width=16\ntrain adamw(lr=1e400.5) tokens={MANY}_1",
        DATA + f"models width=1_{MANY}\ntrain adamw(lr=3x10^{MANY})",
        DATA + f"models width=1{' 000' * 2000}\ntrain adamw(lr=1234'567)",
    ],
)
def test_numbers_that_are_none_are_mistakes(text: str, tmp_path: Path) -> None:
    assert any(d.severity == "error" for d in found(text, tmp_path))


def test_a_list_without_braces_is_told_once(tmp_path: Path) -> None:
    told = found(DATA + f"models width=16\ntrain adamw(lr=.1{', .2' * 25}) tokens=64k", tmp_path)
    assert 1 <= len(told) <= 200


def test_a_long_study_is_not_read_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What mends what is found by reading a study again with a fix; so many times less the longer it is."""
    looks = []
    real = checker._look
    monkeypatch.setattr(checker, "MOST_READ_AGAIN", 30_000)
    monkeypatch.setattr(checker, "_look", lambda *args: looks.append(1) or real(*args))  # type: ignore[func-returns-value]
    mistakes = "".join(f"train adamw(lr .{i}) tokens in 80k..640k\n" for i in range(1, 5))
    text = DATA + mistakes + "".join(f"let a{i} = {i}\n" for i in range(200))
    told = found(text, tmp_path)
    assert len(told) > 3
    assert len(looks) <= 3 + 2 * (30_000 // len(text))


def test_a_plan_of_more_points_than_are_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = load("a.scl", text=DATA + "models width in {16, 32}\ntrain adamw(lr=.1) tokens=64k seed in {0, 1}")
    many = plan.changed(axes=plan.axes * 20)
    with pytest.raises(SpecError, match="more than 1,000,000; set SCALINGDSL_MOST_RUNS to allow more"):
        next(many.runs())
    monkeypatch.setenv("SCALINGDSL_MOST_RUNS", "2")
    with pytest.raises(SpecError, match="the plan has 4 points, more than 2"):
        next(plan.runs())


def test_a_plan_with_numbers_that_no_float_holds_is_refused() -> None:
    plan = load("a.scl", text=DATA + "models width=16\ntrain adamw(lr=.1) tokens in {64k, 128k}")
    with pytest.raises(SpecError, match="cannot be carried out by this version"):
        list(plan.changed(axes=[axis.changed(points=((10**400,), (2,))) for axis in plan.axes]).runs())


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".jsonl", "".join(f'{{"k{i}": 1}}\n' for i in range(4000))),
        (".csv", "N,config\n" + "".join(f"1,\"{{'a{i}': 1}}\"\n" for i in range(4000))),
        (".csv", "Step," + ",".join(f'"r{i} - m{i}"' for i in range(4000)) + "\n" + ",".join(["1"] * 4001)),
    ],
    ids=["records", "cells", "chart"],
)
def test_a_table_of_far_more_cells_than_it_has_is_refused(suffix: str, text: str) -> None:
    with pytest.raises(FileError, match="more than 10,000,000 cells; thin it out"):
        read_text_table(text, suffix)


@pytest.mark.parametrize("line", ["0 " * 4000, ",".join(f"s{i}" for i in range(4000))], ids=["numbers", "names"])
def test_a_matrix_of_one_long_line_is_refused_at_once(line: str) -> None:
    with pytest.raises(FileError, match=r"1 row of (4000|3999) numbers; a transition matrix is square"):
        read_matrix(line.encode())


def test_a_study_of_megabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds more than 0\.1 MB"):
        check(tmp_path / "study.scl", text=DATA + "#" * 100_001)
    with open(tmp_path / "sparse.scl", "wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(UsageError, match=r"holds more than 0\.1 MB"):
        check(tmp_path / "sparse.scl")
    assert [d.code for d in found('use "sparse.scl"\n' + DATA + REST, tmp_path)] == ["SCL503"]


def test_studies_that_use_one_another_are_read_once(tmp_path: Path) -> None:
    for i in range(40):
        (tmp_path / f"u{i}.scl").write_text(f'use "u{i + 1}.scl"\nuse "u{i + 1}.scl"\nuse "v{i + 1}.scl"\n')
        (tmp_path / f"v{i}.scl").write_text(f'use "u{i + 1}.scl"\n')
    (tmp_path / "u40.scl").write_text(DATA + REST)
    (tmp_path / "v40.scl").write_text("")
    assert found('use "u0.scl"', tmp_path) == []
    for i in range(100):
        (tmp_path / f"w{i}.scl").write_text(f'use "w{i + 1}.scl"\n')
    (told,) = found('use "w0.scl"', tmp_path)
    assert told.message == "studies that use one another are nested more than 64 deep"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("call", ['walk(edges("{}"))', 'markov("{}")', 'text("{}")', 'table("{}")'])
def test_only_regular_files_are_read(call: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "round").symlink_to("round")
    for name in ("pipe", "round"):
        told = found(f"data {call.format(name)}" + ("\nfit power(N)" if "table" in call else REST), tmp_path)
        assert {d.code for d in told} <= {"SCL503", "SCL505", "SCL416"}
        assert told
    assert [d.code for d in found('use "pipe"\n' + DATA + REST, tmp_path)] == ["SCL503"]


@pytest.mark.parametrize("at", [12, 20, 30, -3])
def test_a_packed_table_that_is_damaged_is_refused(at: int, tmp_path: Path) -> None:
    content = bytearray(gzip.compress(b"N,D,loss\n" + b"1e6,2e7,3.5\n2e6,4e7,3.25\n" * 40))
    content[at] ^= 0xFF
    (tmp_path / "t.csv.gz").write_bytes(content)
    told = [d.message for d in found('data table("t.csv.gz")\nfit chinchilla', tmp_path)]
    assert any("not a whole gzip file" in text for text in told)


def test_what_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"\n" * 65_000_000, 1))
    for call in ('walk(edges("{}"))', 'markov("{}")', 'text("{}")', 'table("{}")'):
        told = found(f"data {call.format('bomb.gz')}" + ("\nfit power(N)" if "table" in call else REST), tmp_path)
        assert [d.code for d in told if d.severity == "error"][:1] == ["SCL504"]
        assert "unpacks to more than" in told[0].message


def test_the_bytes_that_a_file_may_hold_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.csv"
    path.write_text("N,loss\n" + "1,2\n" * 300)
    monkeypatch.setenv("SCALINGDSL_MOST_BYTES", "1000")
    with pytest.raises(FileError, match=r"holds more than 0\.001 MB; .* or set SCALINGDSL_MOST_BYTES to allow more"):
        read_packed(path)
    monkeypatch.setenv("SCALINGDSL_MOST_BYTES", "2000")
    assert len(read_packed(path, 1000)) > 1000
    assert len(unpacked(gzip.compress(path.read_bytes()), 1000)) > 1000
    monkeypatch.setenv("SCALINGDSL_MOST_BYTES", "much")
    with pytest.raises(UsageError, match="'much' is none"):
        read_packed(path)


@pytest.mark.parametrize("path", ["../secret.csv", "link.csv", "/etc/passwd", "/dev/zero"])
def test_a_path_that_was_refused_is_not_opened(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("pass:x:0:0,words\n1,2\n")
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    told = found(f'data table("{path}", N="a", D="b", loss="c")\nfit chinchilla', folder)
    assert told[0].code == "SCL501"
    assert not any("words" in text or "pass:" in text for d in told for text in (d.message, *d.notes, *d.helps))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by the system there alone")
def test_a_text_is_read_in_little_memory(tmp_path: Path) -> None:
    """As much as a read may need is not taken beforehand."""
    (tmp_path / "t.txt").write_text("One.\n\nTwo.\n")
    script = (
        "import resource; from pathlib import Path; from scalingdsl.spec.files.raw_file import read_packed; "
        "resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20)); "
        "print(len(read_packed(Path('t.txt'), 4_000_000_000)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "11\n", done.stderr
