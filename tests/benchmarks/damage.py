"""Flips and truncations of every kind of file that is kept: each must be detected, or harmless.

    python -m tests.benchmarks.damage [KIND,...] [--each EACH]

A byte of a file is changed (a bit flipped, another byte put, a digit made another digit), or its end cut off: of one
file of each kind (of all, where they are of several kinds) every byte once and every end, or EACH damages drawn among
these. Then all that the store and the cache give is read again. It is harmless where all is as before, detected where
something is said; never may anything else be given in silence, nor an exception escape that is not one of ours.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scalingdsl.engine.executors.job import Job
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.findings.store_findings import read_findings
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources.text.tokens import tokenised
from scalingdsl.engine.store.cache import cache_folder
from scalingdsl.engine.store.checkpoint import Checkpoints
from scalingdsl.engine.store.record_index import SETTLED_S, RecordIndex
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.engine.teachers.teacher_samples import read_block, write_block
from scalingdsl.spec.errors import ScalingDSLError
from scalingdsl.spec.vocabulary.words.text import Text

from ..engine.sources.passages import passage
from ..engine.store.folders import fill, plan_of

CHECKPOINT = "0123456789abcdef"
CURVES = {"spectrum": {"rank": [1.0, 2.0, 3.0], "eigenvalue": [1.0, 0.5, 0.25]}}
#: What may become of a damage; the last two must not.
OUTCOMES = ("detected", "harmless", "silent", "crash")
#: What is given, by name, and what was said.
Given = tuple[dict[str, Any], list[str]]


@dataclass(frozen=True)
class Kind:
    """Files of one kind, and how what they hold is read."""

    name: str
    paths: tuple[Path, ...]
    read: Callable[[], Given]


def kinds(home: Path) -> Iterator[Kind]:
    """Every kind of file, in folders made below `home`, with the user's cache there."""
    store = fill(home / "a")
    store.keep_source_curves(next(iter(store.plan().runs())).source, CURVES)
    report_store(store)
    Checkpoints(store.checkpoints).save(CHECKPOINT, {"w": torch.arange(40.0)}, _state(1))
    Checkpoints(store.checkpoints).save(CHECKPOINT, {"w": torch.arange(50.0)}, _state(2))
    here = lambda pattern: tuple(sorted(store.folder.glob(pattern)))  # noqa: E731
    for name, pattern in {
        "records": f"runs/{min(store.keys())}.json",
        "pack logs": "packs/*.jsonl",
        "plans": "plans/*.json",
        "study.json": "study.json",
        "claims.json": "claims.json",
        "predictions.json": "predictions.json",
        "sources": "sources/*.json",
        "statistics": "statistics/*.json",
        "curves": "curves/*.json",
    }.items():
        yield Kind(name, here(pattern), lambda: of_store(store.folder))
    PackQueue(store.queue).put(Job(Pack("q", tuple(store.plan().runs()), 4), 80, attempts=3, seconds=12.5))
    yield Kind("queue", here("queue/*.json"), lambda: of_queue(store.queue))
    yield Kind("index of records", (indexed(store),), lambda: of_index(store.folder))
    yield Kind("fits.json and fits.npz", here("fits.*"), lambda: of_findings(store.folder))
    yield Kind("checkpoints", here("checkpoints/*"), lambda: of_checkpoints(store.folder))
    (home / "text.txt").write_text(passage(20))
    tokenised(Text(path="text.txt"), home)
    (tokens,) = (path for path in (cache_folder() / "text").iterdir() if path.is_dir())
    yield Kind("cached tokens", tuple(sorted(tokens.iterdir())), lambda: of_tokens(home))
    block = home / "samples" / "0.npy"
    block.parent.mkdir()
    write_block(block, np.arange(60, dtype=np.uint16).reshape(6, 10))
    yield Kind("cached samples", (block,), lambda: of_block(block))


def _state(step: int) -> dict[str, Any]:
    return {"key": CHECKPOINT, "step": step, "curve": {"begins": 0, "step_tokens": 8, "steps": [1], "losses": [2.5]}}


def of_store(folder: Path) -> Given:
    """All that a results folder gives."""
    store = Store.existing(folder)
    plan = store.plan()
    source = next(iter(plan.runs())).source
    given = {
        "origin": store.origin,
        "plan": plan.model_dump_json(),
        "late": store.late_claims(plan_of().claims),
        "predictions": store.predictions(),
        "statistics": store.statistics(source),
        "curves of the source": store.source_curves(source),
        "records": store.records(),
        "events": list(store.events("p")),
        "curves": store.curves({}),
    }
    store.check_source(source, "0123456789abcdef")
    return given, store.warnings


def of_queue(folder: Path) -> Given:
    """A pack that waits, and its place in the queue."""
    queue = PackQueue(folder)
    return {"names": queue.names(), "job": queue.read("q")}, []


def indexed(store: Store) -> Path:
    """The file of a folder's index, up to date."""
    time.sleep(2 * SETTLED_S)  # what has just been written is not believed to stay so
    of_index(store.folder)
    (path,) = (cache_folder() / "indexes").glob("*.sqlite")
    return path


def of_index(folder: Path) -> Given:
    """All that the index answers, which is made anew where it is damaged."""
    store = Store.existing(folder)
    plan = store.plan()
    with RecordIndex(store) as index:
        given = {
            "records": list(index.records()),
            "of the plan": list(index.records(plan)),
            "totals": index.totals(plan),
            "keys": index.keys(plan),
            "runs": index.runs(plan, ""),
            "described": [index.described(key) for key in sorted(store.keys())],
        }
    return given, store.warnings


def of_findings(folder: Path) -> Given:
    """What a report found."""
    whole, arrays = read_findings(folder)
    return {"whole": whole.model_dump_json(), **{name: array.tobytes() for name, array in arrays.items()}}, []


def of_checkpoints(folder: Path) -> Given:
    """A run's checkpoint, and its curve as readers see it."""
    store = Store(folder)
    curves = store.curves({})
    found = Checkpoints(store.checkpoints).load(CHECKPOINT)
    store.hear_of_damage()
    state = {} if found is None else {**found.state, "w": found.tensors["w"].tolist()}
    return {"state": state, "curves": curves}, store.warnings


def of_tokens(base: Path) -> Given:
    """Tokens of a text; they are made anew where they are damaged, and so never others."""
    found = tokenised(Text(path="text.txt"), base)
    return {"digest": found.digest, "train": found.train.tobytes(), "test": found.test.tobytes()}, []


def of_block(path: Path) -> Given:
    """Sequences of a teacher; None are written again."""
    found = read_block(path, (6, 10))
    return {"block": None if found is None else found.tobytes()}, ["written again"] if found is None else []


def damaged(data: bytes, place: int, rng: random.Random) -> bytes:
    """A file with one byte changed, in one of three ways in turn."""
    old = data[place]
    match place % 3:
        case 0:
            new = old ^ (1 << rng.randrange(8))
        case 1:
            new = rng.choice([byte for byte in range(256) if byte != old])
        case _:
            new = ord(rng.choice("0123456789".replace(chr(old), ""))) if chr(old).isdigit() else old ^ 1
    return data[:place] + bytes([new]) + data[place + 1 :]


def damages(data: bytes, each: int | None, seed: int) -> Iterator[tuple[str, bytes]]:
    """Damages of a file by name: all, or some of them."""
    rng = random.Random(seed)
    every = [(way, place) for place in range(len(data)) for way in ("byte", "cut at")]
    for way, place in every if each is None else rng.sample(every, min(each, len(every))):
        yield f"{way} {place}", damaged(data, place, rng) if way == "byte" else data[:place]


class Kept:
    """All files below a folder, to be put back once a reader has moved some, or written others."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._files = {path: Path(path).read_bytes() for path in _marks(home)}
        self._marks = _marks(home)

    def put_back(self) -> None:
        """Write what is another file now, and remove what was not there."""
        now = _marks(self.home)
        for path in now.keys() - self._marks.keys():
            os.unlink(path)
        for path, mark in self._marks.items():
            if now.get(path) != mark:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                Path(path).write_bytes(self._files[path])
                self._marks[path] = _mark(os.stat(path))


def _marks(home: Path) -> dict[str, tuple[int, ...]]:
    """What tells each file below a folder from what it was."""
    found, waiting = {}, [str(home)]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.is_dir():
                waiting.append(entry.path)
            else:
                found[entry.path] = _mark(entry.stat())
    return found


def _mark(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def tried(kind: Kind, home: Path, each: int | None, seed: int = 0) -> Counter[str]:
    """How many were detected, harmless, silent, or ended in an exception that is not one of ours."""
    before, _ = kind.read()
    kept = Kept(home)
    found: Counter[str] = Counter()
    for path in kind.paths:
        data = path.read_bytes()
        for name, other in damages(data, each, seed):
            path.write_bytes(other)
            outcome = judged(kind, before)
            if outcome in ("silent", "crash"):
                sys.stderr.write(f"{kind.name}: {path.name}, {name}: {outcome}\n")
            found[outcome] += 1
            found["cut"] += name.startswith("cut")
            kept.put_back()
    return found


def judged(kind: Kind, before: Mapping[str, Any]) -> str:
    """What became of one damage."""
    try:
        now, said = kind.read()
    except ScalingDSLError:
        return "detected"
    except Exception as error:  # the very thing that is looked for
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return "crash"
    if said:
        return "detected"
    # A log that was cut off is that of a writer that died there.
    cut = {name: before[name][: len(value)] if name == "events" else before[name] for name, value in now.items()}
    return "harmless" if now == cut else "silent"


def main() -> int:
    """Print a table; 1 where anything was silent or crashed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="?", default="")
    parser.add_argument("--each", type=int)
    given = parser.parse_args()
    bad = 0
    names = ("bytes", "cuts", *OUTCOMES)
    sys.stdout.write(f"| kind | {' | '.join(names)} |\n|---{'|---:' * len(names)}|\n")
    memory_disk = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory_disk if memory_disk.is_dir() else None) as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/home/cache"
        home = Path(folder) / "home"
        home.mkdir()
        for kind in list(kinds(home)):
            if given.kinds and kind.name not in given.kinds.split(","):
                continue
            found = tried(kind, home, given.each)
            total = sum(found[name] for name in OUTCOMES)
            cells = [total - found["cut"], found["cut"], *(found[name] for name in OUTCOMES)]
            sys.stdout.write(f"| {kind.name} | {' | '.join(f'{n:,}' for n in cells)} |\n")
            sys.stdout.flush()
            bad += found["silent"] + found["crash"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
