"""Input made to hang or to fill memory, and studies and fits of few points: two seconds of the processor, 500 MB.

Each group is a process of its own, which tells the status of every command, its processor time and the peak of memory.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

SECONDS, BYTES = 2.0, 500e6
CHILD = """
import json, sys, time
from click.testing import CliRunner
from scalingdsl.engine.cli import main
import scalingdsl.engine.fits.tables.fit_table, scalingdsl.engine.report.figures, scalingdsl.engine.study.run_study
CliRunner().invoke(main, ["validate", "warm.scl"])
told = []
for args in json.load(sys.stdin):
    before = time.process_time()
    answer = CliRunner().invoke(main, args)
    said = answer.stdout + answer.stderr
    told.append([args, answer.exit_code, time.process_time() - before, len(said), "Traceback" in said])
status = dict(line.split(":", 1) for line in open("/proc/self/status"))  # ru_maxrss counts who started this, too
print(json.dumps([told, int(status["VmHWM"].split()[0]) * 1024]))
"""
DATA = "data walk(er(n=64, p=.2))\n"
REST = "\nmodels width=16\ntrain adamw tokens=64k\n"
Commands = list[list[str]]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak of memory"),
]


def lets(value: str, n: int) -> str:
    return "".join(f"let a{i} = {value.replace('a', f'a{i - 1}')}\n" for i in range(1, n))


def studies(folder: Path, *texts: str) -> Commands:
    for i, text in enumerate(texts):
        (folder / f"s{i}.scl").write_text(text)
    return [["validate", f"s{i}.scl"] for i in range(len(texts))]


def reading(name: str) -> list[str]:
    """Studies that read a file in every way."""
    graphs = [f"data {call.format(name)}{REST}" for call in ('walk(edges("{}"))', 'markov("{}")', 'text("{}")')]
    return [*graphs, f'data table("{name}")\nfit chinchilla']


def files_that_unpack_to_gigabytes(folder: Path) -> Commands:
    member = gzip.compress(bytes(64 << 20), 1)
    (folder / "bomb.gz").write_bytes(member * 48)
    (folder / "bomb.csv.gz").write_bytes(
        gzip.compress(b"N,D,loss\n", 1) + gzip.compress(b"1,1,1\n" * 11_000_000, 1) * 40
    )
    return [*studies(folder, *reading("bomb.gz"), *reading("bomb.csv.gz")), ["fit", "bomb.csv.gz"]]


def files_of_gigabytes(folder: Path) -> Commands:
    for name in ("sparse.scl", "sparse.csv"):
        with open(folder / name, "wb") as file:
            file.truncate(3 << 30)
    found = studies(folder, 'use "sparse.scl"\n' + DATA + REST, *reading("sparse.csv"))
    return [*found, ["validate", "sparse.scl"], ["fit", "sparse.csv"]]


def files_without_end_and_pipes(folder: Path) -> Commands:
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    texts = [text for name in ("pipe", "zero", "/dev/zero", "../../../etc/passwd") for text in reading(name)]
    return [*studies(folder, *texts, 'use "pipe"\n' + DATA + REST), ["fit", "pipe"], ["fit", "zero"]]


def lets_and_uses_that_double(folder: Path) -> Commands:
    for i in range(40):
        (folder / f"u{i}.scl").write_text(f'use "u{i + 1}.scl"\nuse "u{i + 1}.scl"\n')
    (folder / "u40.scl").write_text(DATA + REST)
    return studies(
        folder,
        "let a0 = 1\n" + lets("a + a", 14) + DATA + "models width=16\ntrain adamw(lr=a13*1e-9) tokens=64k",
        "let a0 = {1, 2}\n" + lets("{a, a}", 30) + DATA + "models width in a29\ntrain adamw tokens=64k",
        "let a0 = 1\n" + lets("max(a, a)", 40) + DATA + "models width=16\ntrain adamw(lr=a39) tokens=64k",
        'use "u0.scl"\nuse "u0.scl"',
    )


def numbers_and_texts_beyond_all_size(folder: Path) -> Commands:
    """A million columns and names, megabytes of a study, exponents of hundreds of digits."""
    (folder / "wide.csv").write_text(",".join(f"c{i}" for i in range(1_000_000)) + "\n")
    (folder / "digits.txt").write_text("".join(f"{'9' * 5000}{i} {i}\n" for i in range(50)))
    (folder / "weights.txt").write_text("a b 1e308\nb c 1e308\nc a 1e308\n")
    (folder / "states.csv").write_text("0 0 1\n0 999999999 1\n999999999 0 1\n1 1 1\n")
    (folder / "nuls.csv").write_text("N,D,loss\n3.5e7,1e400,\0\n")
    found = studies(
        folder,
        DATA + "models transformer(heads=1e9) width=16\ntrain adamw tokens=64k",
        DATA + "models width=16\ntrain adamw tokens in [1..1e308]",
        DATA + "models width in {" + "1, " * 2_000_000 + "1}\ntrain adamw tokens=64k",
        "data " + "w" * 1_000_000 + REST,
        "foo bar\n" * 500_000,
        *(f'data walk(edges("{name}")){REST}' for name in ("digits.txt", "weights.txt")),
        f'data markov("states.csv"){REST}',
        'data table("wide.csv")\nfit chinchilla',
        'data table("nuls.csv")\nfit chinchilla',
    )
    return [*found, ["fit", "wide.csv"], ["fit", "nuls.csv"], ["plan", "s0.scl"]]


def studies_and_fits_of_few_points(folder: Path) -> Commands:
    """25 losses of E + A N^-alpha + B D^-beta, and of curves that are exponentials; with figures and intervals."""
    rng, grid = Random(0), [(10 ** (6 + i / 2), 10 ** (8 + j / 2)) for i in range(5) for j in range(5)]
    losses = {
        "law": [1.8 + 400 * n**-0.34 + 410 * d**-0.28 for n, d in grid],
        "curves": [1.8 + 3 * n**-0.2 + 0.8 * math.exp(-d / 8e8) for n, d in grid],
    }
    for name, values in losses.items():
        rows = [f"{n:.0f},{d:.0f},{loss * rng.gauss(1, 0.003)}" for (n, d), loss in zip(grid, values)]
        (folder / f"{name}.csv").write_text("\n".join(["N,D,loss", *rows]))
    made = studies(
        folder,
        'data table("law.csv")\nfit chinchilla\nexpect E within 0.01 of 1.8\nexpect not E within 0.01 of 1.8',
        'data table("curves.csv")\nfit power(D), exponential(D)\nexpect mse(power(D)) < mse(exponential(D))',
    )
    asked = (["best(D)"], ["m4(D)", "--bootstrap", "0", "--predict", "D=1e7"])
    return [*(["run", name] for _, name in made), *(["fit", "law.csv", "--law", *law] for law in asked)]


@pytest.mark.parametrize(
    "made",
    [
        studies_and_fits_of_few_points,
        files_that_unpack_to_gigabytes,
        files_of_gigabytes,
        files_without_end_and_pipes,
        lets_and_uses_that_double,
        numbers_and_texts_beyond_all_size,
    ],
    ids=lambda made: made.__name__,
)
def test_whatever_is_read_is_bounded(made: Callable[[Path], Commands], tmp_path: Path) -> None:
    (tmp_path / "warm.scl").write_text(DATA + REST)
    commands = made(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(commands),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    told, peak = json.loads(done.stdout.splitlines()[-1])
    assert len(told) == len(commands)
    for args, status, seconds, letters, traceback in told:
        assert (status in (0, 1, 2, 3, 4), traceback) == (True, False), args
        assert seconds < SECONDS, (args, seconds)
        assert letters < 100_000, args
    assert peak < BYTES, peak
