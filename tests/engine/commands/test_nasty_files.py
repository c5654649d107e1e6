"""Files as nobody should write them, under every command that reads them: told in our words, never by a traceback."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import socket
import struct
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.spec.files.tables.event_files import masked_crc

ROWS = [(n, d, 1.7 + 400 / n**0.34 + 1500 / d**0.37) for n in (1e7, 4e7, 1.6e8) for d in (2e8, 1e9, 5e9)]
TABLE = "N,D,loss\n" + "".join(f"{n},{d},{loss}\n" for n, d, loss in ROWS)


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def event(content: bytes) -> bytes:
    head = struct.pack("<Q", len(content))
    return head + struct.pack("<I", masked_crc(head)) + content + struct.pack("<I", masked_crc(content))


def noise(seed: int, size: int = 2000) -> bytes:
    return random.Random(seed).randbytes(size)


FILES: dict[str, bytes] = {
    "empty.csv": b"",
    "blank.csv": b"\n \n\t\n",
    "head.csv": b"N,D,loss\n",
    "nul.csv": b"N,D,loss\n1,2,\0\n",
    "nuls.csv": bytes(500),
    "noise.csv": noise(1),
    "noise.parquet": b"PAR1" + noise(2) + b"PAR1",
    "noise.xlsx": b"PK\x03\x04" + noise(3),
    "noise.gz": b"\x1f\x8b" + noise(4),
    "flipped.csv.gz": (lambda raw: raw[:40] + bytes([raw[40] ^ 64]) + raw[41:])(gzip.compress(TABLE.encode())),
    "cut.csv.gz": gzip.compress(TABLE.encode())[:-9],
    "two.zip": zipped(a_csv=TABLE.encode(), b_csv=b"x"),
    "nested.zip": zipped(a_zip=zipped(b_zip=zipped(c_csv=TABLE.encode()))),
    "none.zip": zipped(),
    "xml.xlsx": zipped(**{"[Content_Types].xml".replace(".", "_"): b"<x/>"}),
    "quotes.csv": b'N,D,loss\n"1,2\n3,4,5\n' + b'"' * 999,
    "wide.csv": b",".join(b"c%d" % i for i in range(20_000)) + b"\n",
    "long.csv": b"N,D,loss\n" + b"9" * 2_000_000 + b",1,1\n",
    "digits.csv": b"N,D,loss\n" + b"9" * 5_000 + b",1e400,-1e400\n1,2,3\n",
    "twice.csv": b"N,N,loss\n1,2,3\n",
    "units.csv": "N,D,loss\n7B,1.4T,2,1\n½,∞,𝟚\n".encode(),
    "comments.csv": b"# N D loss\n#\n# 1 2 3\n",
    "deep.json": b'{"a":' * 50_000,
    "deep.jsonl": b"[" * 50_000,
    "list.json": b"[1, 2, [3]]",
    "null.json": b"null",
    "odd.json": b'{"columns": ["N"], "data": [[1, 2], 3]}',
    "mixed.jsonl": b'{"N": 1, "D": {"x": [1]}, "loss": true}\n{"N": "\\ud800", "loss": null}\n[]\n',
    "integers.jsonl": b'{"N": ' + b"9" * 6_000 + b', "loss": 1}\n',
    "utf16.csv": TABLE.encode("utf-16"),
    "half.csv": TABLE.encode("utf-16")[:-1],
    "latin.csv": "N,D,loss,größe\n1,2,3,4\n".encode("latin-1"),
    "html.csv": b"<!doctype html><table><tr><td>1</td></tr></table>",
    "chart.csv": b'"Step","a - loss","a - loss__MIN"\n1,2\n',
    "events.out.tfevents.1": event(noise(5, 60)) + event(b"\x2a\x05\x0a\x03\x0a\x01a"),
    "events.out.tfevents.2": struct.pack("<Q", 1 << 60) + noise(6),
    "npy.csv": b"\x93NUMPY\x01\x00" + noise(7, 100),
    "pickle.csv": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
    "edges.txt": b"a b\nb c 3\n",
    "weights.txt": b"a b 1e400\nb c nan\nc a -1\n",
    "loops.txt": b"a a\nb b\n",
    "sparse.txt": b"0 1 1\n999999999 0 1\n",
    "data.txt": b"0 1 {'weight': __import__('os')}\n1 2 {}\n",
    "graph.graphml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><graphml>&a;</graphml>',
    "graph.gml": b'graph [ node [ id 0 label "a" ] edge [ source 0 target 7 ] ]',
    "graph.gexf": b"<gexf><graph><edges><edge/></edges></graph></gexf>",
    "m.mtx": b"%%MatrixMarket matrix coordinate real general\n3 3 9\n1 9 x\n",
    "n.mtx": b"%%MatrixMarket matrix coordinate real general\n999999999 999999999 1\n1 1 1\n",
    "words.txt": b"one two\n\none two\n",
    "\u202ename.csv": TABLE.encode(),
}
SPECIAL = ["pipe", "socket", "folder", "round", "nowhere", "hidden/"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nasty")
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    (path / "folder").mkdir()
    (path / "folder" / ".hidden").write_bytes(b"x")
    (path / "round").symlink_to("round")
    os.mkfifo(path / "pipe")
    with pytest.MonkeyPatch.context() as patch, socket.socket(socket.AF_UNIX) as server:
        patch.chdir(path)
        server.bind("socket")
    return path


def told(folder: Path, *args: str) -> str:
    """What a command says; it ends with a status that is documented."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        answer = CliRunner().invoke(main, list(args))
    assert answer.exit_code in (0, 1, 2, 3, 4), (args, answer.output[-500:])
    said = answer.stdout + answer.stderr
    assert not any(sign in said for sign in ("Traceback", "internal error"))
    assert max(map(len, said.split("\n"))) < 5_000
    return said


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", [*FILES, *SPECIAL])
def test_no_command_ends_with_a_traceback(name: str, folder: Path) -> None:
    rest = "models width=8\ntrain adamw tokens=64k\nfit power(D)\n"
    studies = {
        "table.scl": f'data table("{name}")\nfit chinchilla(bootstrap=0)\n',
        "named.scl": f'data table("{name}", N="N*1e6", loss="loss", kind="kind", best_over="lr")\nfit power(N)\n',
        "edges.scl": f'data walk(edges("{name}"), length=4)\n{rest}',
        "directed.scl": f'data walk(edges("{name}", directed=true), length=4)\n{rest}',
        "markov.scl": f'data markov("{name}", length=4)\n{rest}',
        "text.scl": f'data text("{name}", length=4)\n{rest}',
        "field.scl": f'data text("{name}", field="text", length=4)\n{rest}',
        "bigram.scl": f'data bigram(text("{name}", length=4), drop=0)\n{rest}',
        "use.scl": f'use "{name}"\n',
    }
    for study, text in studies.items():
        (folder / study).write_text(text, encoding="utf-8")
    told(folder, "validate", *studies)
    told(folder, "fit", name, "--bootstrap", "0")
    told(folder, "fit", name, "--law", "a + b*log(N)", "--bootstrap", "0", "--json")
    told(folder, "run", "table.scl")
    for study in studies:
        told(folder, "plan", study)
    told(folder, "summary", "text.scl", "table.scl", "edges.scl")


def test_what_is_no_regular_file_is_refused_when_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes here")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    for name in ("pipe", "socket"):
        for i, call in enumerate(('table("{}")', 'text("{}")', 'walk(edges("{}"))', 'markov("{}")')):
            Path(f"{i}.scl").write_text(f"data {call.format(name)}\nmodels width=8\n")
        Path("used.scl").write_text(f'use "{name}"\n')
        answer = CliRunner().invoke(main, ["validate", "--output-format", "json", "."])
        findings = json.loads(answer.stdout)["diagnostics"]
        files = {found["file"] for found in findings if found["code"] in ("SCL503", "SCL505")}
        assert {Path(file).name for file in files} == {"0.scl", "1.scl", "2.scl", "3.scl", "used.scl"}
        fitted = CliRunner().invoke(main, ["fit", name])
        assert (fitted.exit_code, f"no table at {name}" in fitted.stderr) == (2, True)
