"""Generated, mutated input for every reader: whatever it is, it is read or refused, in bounded time and memory.

    python -m tests.benchmarks.fuzz [KIND,...] [--inputs N] [--seed N] [--seconds S]

An input is a sound one that was mutated: bytes flipped, cut, doubled, moved; numbers, tokens and lines of other inputs
put in; brackets nested. A finding is an exception that is not one of ours, a read of more than SLOW_S processor
seconds, or more than MEMORY_MB of memory above the start. Seeds make inputs again: a finding names its kind and seed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scalingdsl.engine.executors.job import Job
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.findings.store_findings import read_findings
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.checkpoint import Checkpoints
from scalingdsl.engine.store.checkpoint_state import states
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.spec import check
from scalingdsl.spec.errors import ScalingDSLError
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..engine.store.folders import fill, plan_of

SLOW_S = 5.0
MEMORY_MB = 600.0
TRAINED = "models transformer(layers=2, width=32); train adamw(lr=.01) tokens=64k"
STUDIES = Path(__file__).parents[2] / "studies"
#: Texts that are put into inputs: what readers of numbers, names and structure stumble over.
PIECES = (
    b"1e308", b"-1", b"0", b"1e-308", b"nan", b"inf", b"NaN", b"1e999999", b"9" * 400, b"\x00", b"\xff\xfe", b"\r\n",
    b"(" * 50, b"[" * 200, b"{" * 200, b'"', b"'", b"\\", b",", b";", b"\n", b"#", b"..", b" in ", b" where ", b"null",
    b"true", b"[]", b"{}", b"\xe2\x80\xae", b"\x1b[31m", b"=cmd|' /C calc'!A0", b"../../etc/passwd", b"%s%n", b"1M",
    b"\xf0\x9f\x98\x80", b"a" * 3000, b"- ", b"0x10", b"1_000", b"e", b"+", b"*", b"/", b"&", b":", b"=",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One kind of input: sound ones, and the reader that they are given to."""

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]


def mutated(seeds: tuple[bytes, ...], rng: random.Random) -> bytes:
    """A sound input after one to six mutations."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place = rng.randrange(len(data) + 1)
        end = min(len(data), place + rng.choice((1, 1, 2, 8, 40)))
        match rng.randrange(9):
            case 0 if data:
                data[min(place, len(data) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del data[place:end]
            case 2:
                data[place:place] = rng.choice(PIECES)
            case 3:
                data[place:end] = rng.choice(PIECES)
            case 4:
                data[place:place] = data[place:end] * rng.choice((1, 2, 30))
            case 5:
                other = rng.choice(seeds)
                begin = rng.randrange(len(other) + 1)
                data[place:end] = other[begin : begin + rng.choice((4, 20, 200))]
            case 6:
                del data[place:]
            case 7:
                lines = data.split(b"\n")
                rng.shuffle(lines)
                data = bytearray(b"\n".join(lines))
            case _:
                data[place:end] = bytes(rng.randrange(256) for _ in range(rng.choice((1, 4))))
    return bytes(data[:200_000])


# --- targets ----------------------------------------------------------------------------------------------------------


def targets(home: Path) -> dict[str, Target]:
    """Every kind, by name; files are written below `home`."""
    store = fill(home / "a")
    folder = store.folder
    key = min(store.keys())
    record = (folder / "runs" / f"{key}.json").read_bytes()
    unsealed = json.dumps({"format_version": 1, "record": json.loads(record)["record"]}).encode()
    plan = next((folder / "plans").iterdir())
    side = {name: (folder / f"{name}.json").read_bytes() for name in ("study", "claims", "predictions")}
    Checkpoints(store.checkpoints).save(key, {"w": torch.arange(8.0)}, {"key": key, "step": 1})
    checkpoint = store.checkpoints / f"{key}.safetensors"
    sound_checkpoint = checkpoint.read_bytes()
    report_store(store)
    fits = folder / "fits.json"
    sound_fits = fits.read_bytes()
    whole_fits = {name: value for name, value in json.loads(sound_fits).items() if name != "checksum"}
    queue = PackQueue(store.queue)
    queue.put(Job(Pack("p", tuple(store.plan().runs()), 4), 80))
    queued = folder / "queue" / "p.json"
    job = {n: v for n, v in json.loads(queued.read_bytes()).items() if n not in ("checksum", "kind")}
    csv = b"N,D,loss,run\n" + b"".join(
        b"%d,%d,%.4f,r%d\n" % (n, 20 * n, 3 - n * 1e-9, n) for n in range(10**6, 10**7, 10**6)
    )
    jsonl = b"".join(b'{"N": %d, "D": %d, "loss": 3.2}\n' % (n, 20 * n) for n in range(1000, 9000, 1000))
    edges = b"0 1\n1 2\n2 3\n3 0\n0 2 1.5\n# note\n"
    matrix = b"0.5 0.5 0\n0.25 0.25 0.5\n0 0 1\n"
    into = io.BytesIO()
    np.save(into, np.eye(4))
    texts = tuple(path.read_bytes() for path in sorted(STUDIES.rglob("*.scl"))[:40])

    def in_study(text: str, name: str) -> Callable[[bytes], object]:
        """Give a file to a study that names it."""

        def read(data: bytes) -> object:
            (home / name).write_bytes(data)
            return check(home / "s.scl", text=text)

        return read

    def in_folder(place: str, ask: Callable[[Store], object], undo: bytes) -> Callable[[bytes], object]:
        """Put a file into the results folder, and it back afterwards."""

        def read(data: bytes) -> object:
            path = folder / place
            path.write_bytes(data)
            try:
                return ask(Store(folder))
            finally:
                path.write_bytes(undo)

        return read

    def at(path: Path, ask: Callable[[], object]) -> Callable[[bytes], object]:
        """Put a file in its place."""

        def read(data: bytes) -> object:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            return ask()

        return read

    def of_checkpoints() -> object:
        return list(states(store.checkpoints)), Checkpoints(store.checkpoints).load(key)

    def of_study(own: Store) -> object:
        own = Store.existing(folder)
        return own.plan(), own.late_claims(plan_of().claims), own.predictions()

    return {
        "study": Target(texts, lambda data: check("s.scl", text=data.decode("utf-8", errors="replace"))),
        "plan": Target(
            (json.dumps(json.loads(plan.read_bytes())["plan"]).encode(),),
            lambda data: len(list(zip(range(2000), StudyPlan.model_validate_json(data).runs()))),
        ),
        "table": Target(
            (csv, jsonl, csv.replace(b",", b"\t")),
            in_study('data table("t.csv", N="N", D="D", loss="loss"); fit chinchilla', "t.csv"),
        ),
        "edges": Target((edges, edges.replace(b" ", b",")), in_study(f'data walk(edges("e.txt")); {TRAINED}', "e.txt")),
        "matrix": Target(
            (matrix, matrix.replace(b" ", b","), into.getvalue()),
            in_study(f'data markov("m.txt"); {TRAINED}', "m.txt"),
        ),
        "corpus": Target(
            (b"One two three.\n\nFour five six seven.\n" * 40,), in_study(f'data text("c.txt"); {TRAINED}', "c.txt")
        ),
        "record": Target((record, unsealed), in_folder(f"runs/{key}.json", lambda own: own.record(key), record)),
        "checkpoint": Target((sound_checkpoint,), at(checkpoint, of_checkpoints)),
        "fits": Target((sound_fits, json.dumps(whole_fits).encode()), at(fits, lambda: read_findings(folder))),
        "queue": Target(
            (queued.read_bytes(), json.dumps({**job, "format_version": 1}).encode()),
            at(queued, lambda: queue.read("p")),
        ),
        "log": Target(
            ((folder / "packs" / "p.jsonl").read_bytes()[:4000],),
            in_folder("packs/p.jsonl", lambda own: list(own.events("p")), b""),
        ),
        **{f"{name}.json": Target((data,), in_folder(f"{name}.json", of_study, data)) for name, data in side.items()},
        "plan file": Target((plan.read_bytes(),), in_folder(f"plans/{plan.name}", of_study, plan.read_bytes())),
    }


# --- judging ----------------------------------------------------------------------------------------------------------


def verdict(read: Callable[[bytes], object], data: bytes) -> str:
    """What is wrong with how an input was read; empty where nothing is."""
    begun = time.process_time()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            read(data)
    except (ScalingDSLError, FileError, OSError):
        pass
    except ValueError as error:
        # pydantic's own error is what a plan that is none is refused with.
        if type(error).__name__ != "ValidationError":
            return traceback.format_exc()
    except Exception:  # what is looked for
        return traceback.format_exc()
    took = time.process_time() - begun
    return f"{took:.1f} s" if took > SLOW_S else ""


def fuzz(target: Target, name: str, seeds: range, until: float = float("inf")) -> Iterator[tuple[int, str]]:
    """Findings by seed."""
    begun = memory()
    for seed in seeds:
        if time.monotonic() > until:
            return
        found = verdict(target.read, mutated(target.seeds, random.Random(f"{name} {seed}")))
        if memory() - begun > MEMORY_MB:
            found, begun = found or f"{memory() - begun:.0f} MB", memory()
        if found:
            yield seed, found
        tried[name] = seed + 1 - seeds.start


#: Inputs tried by kind.
tried: dict[str, int] = {}


def memory() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> int:
    """Print findings, each kind of traceback once, and how many inputs were tried; 1 where anything was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="?", default="")
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of each kind, by the clock")
    given = parser.parse_args()
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = f"{home}/cache"
        every = targets(Path(home))
        for name in given.kinds.split(",") if given.kinds else every:
            until = time.monotonic() + given.seconds
            for seed, said in fuzz(every[name], name, range(given.seed, given.seed + given.inputs), until):
                # The exception's class and the line it came from.
                lines = [line for line in said.splitlines() if line.startswith("  File ")]
                kind = f"{said.strip().splitlines()[-1].split(':')[0]} {lines[-1] if lines else ''}"
                found[kind] = found.get(kind, 0) + 1
                if found[kind] == 1:
                    sys.stdout.write(f"--- {name}, seed {seed}\n{said}\n")
            sys.stdout.write(f"{name}: {tried.get(name, 0):,} inputs\n")
            sys.stdout.flush()
    sys.stdout.write(f"{sum(tried.values()):,} inputs, {sum(found.values()):,} findings of {len(found)} kinds\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
