"""Generated, mutated input for every reader: whatever it is, it is read or refused, in bounded time and memory.

    python -m tests.benchmarks.fuzz [KIND,...] [--inputs N] [--seed N] [--each]

So many inputs in all, of each kind its share (`fuzz_targets.py`), or with `--each` so many of each kind. A finding is
an exception that is not one of ours, a read of more than SLOW_S processor seconds, the death of the process, or memory
of more than MEMORY_MB beyond what it had. An input is made anew from its kind and number, which a finding names:
`--seed NUMBER --inputs 1 --each` with the kind reads that one alone. Inputs are read in processes of BATCH at most.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import mmap
import os
import random
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from scalingdsl.spec.errors import ScalingDSLError
from scalingdsl.spec.files.raw_file import FileError

from .fuzz_targets import Target, shares, targets

SLOW_S = 2.0
#: Seconds by the clock after which a process that got no further is given up, and after which a read is broken off.
STUCK_S, WAITING_S = 120.0, 60.0
MEMORY_MB = 600.0
#: Inputs that one process reads; between two of them what a reader set aside is removed.
BATCH, SWEPT = 2_000, 200


class TooLongError(BaseException):
    """A read that was broken off; no reader takes it for one of its own exceptions."""


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
    except (Exception, TooLongError):  # what is looked for
        return traceback.format_exc()
    took = time.process_time() - begun
    return f"{took:.1f} s" if took > SLOW_S else ""


def _broken_off(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise TooLongError


@contextlib.contextmanager
def _in_time() -> Iterator[Callable[[], None]]:
    """What is called before each read, each of which is broken off once it has taken too long."""
    names = {signal.SIGPROF: (signal.ITIMER_PROF, SLOW_S), signal.SIGALRM: (signal.ITIMER_REAL, WAITING_S)}
    before = {number: signal.signal(number, _broken_off) for number in names}

    def begin() -> None:
        for timer, seconds in names.values():
            signal.setitimer(timer, seconds)

    try:
        yield begin
    finally:
        for number, (timer, _) in names.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def fuzz(
    target: Target, name: str, seeds: range, at: Callable[[int], None] = lambda seed: None
) -> Iterator[tuple[int, str]]:
    """Findings by seed; `at` is told of each input before it is read."""
    begun = memory()
    with _in_time() as begin:
        for seed in seeds:
            at(seed)
            data = target.make(random.Random(f"{name} {seed}"))
            begin()
            found = verdict(target.read, data)
            if memory() - begun > MEMORY_MB:
                found, begun = found or f"{memory() - begun:.0f} MB", memory()
            if found:
                yield seed, found


def memory() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


# --- in processes -----------------------------------------------------------------------------------------------------


def in_a_process(target: Target, name: str, seeds: range, home: Path) -> Iterator[tuple[int, str]]:
    """`fuzz` in a process of its own, with bounded memory; where it dies or gets stuck, the rest in another."""
    while seeds:
        place = mmap.mmap(-1, 8)
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            _read_all(target, name, seeds, home, place, write)
        os.close(write)
        with open(read, "rb", buffering=0) as answers:
            yield from _findings(answers.fileno(), child, place)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return
        last = int.from_bytes(place, "little")
        yield last, f"died: status {status}"
        seeds = range(last + 1, seeds.stop)


def _findings(answers: int, child: int, place: mmap.mmap) -> Iterator[tuple[int, str]]:
    """What a process says, until it ends or gets no further."""
    rest, seen = b"", b""
    while True:
        ready, _, _ = select.select([answers], [], [], STUCK_S)
        if ready:
            said = os.read(answers, 1 << 16)
            if not said:
                return
            *lines, rest = (rest + said).split(b"\n")
            for line in lines:
                seed, found = json.loads(line)
                yield seed, found
        elif seen == (seen := bytes(place)):
            os.kill(child, signal.SIGKILL)


def _read_all(target: Target, name: str, seeds: range, home: Path, place: mmap.mmap, write: int) -> None:
    """Read inputs and say what was found; ends the process."""
    status = 1
    try:
        with open("/proc/self/statm") as file:
            most = int(file.read().split()[0]) * resource.getpagesize() + int(MEMORY_MB * 1e6)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

        def at(seed: int) -> None:
            place[:] = seed.to_bytes(8, "little")
            if seed % SWEPT == 0:
                for folder in home.glob("*/damaged"):
                    shutil.rmtree(folder)

        for seed, found in fuzz(target, name, seeds, at):
            os.write(write, json.dumps([seed, found[-3000:]]).encode() + b"\n")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


class Tally:
    """Inputs, processor seconds and findings by kind."""

    def __init__(self) -> None:
        self.inputs, self.seconds, self.found = Counter[str](), Counter[str](), Counter[str]()

    def table(self) -> str:
        """In Markdown."""
        rows = ["| kind | inputs | a CPU second | findings |", "|---|---:|---:|---:|"]
        for name in (*self.inputs, "in all"):
            inputs, seconds, found = (
                sum(of.values()) if name == "in all" else of[name] for of in (self.inputs, self.seconds, self.found)
            )
            rows.append(f"| {name} | {inputs:,} | {inputs / max(seconds, 1e-9):,.0f} | {found} |")
        return "\n".join(rows)


def _cpu() -> float:
    """Processor seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print findings, each kind of traceback once, and how many inputs were tried; 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="?", default="")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    tally, kinds = Tally(), Counter[str]()
    memory_disk = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory_disk if memory_disk.is_dir() else None) as home:
        os.environ["XDG_CACHE_HOME"] = f"{home}/cache"
        every = targets(Path(home))
        wanted = {name: every[name] for name in given.kinds.split(",")} if given.kinds else every
        left = dict.fromkeys(wanted, given.inputs) if given.each else shares(wanted, given.inputs)
        rounds = max(1, -(-max(left.values()) // BATCH))
        ends = {name: [given.seed + n * k // rounds for k in range(rounds + 1)] for name, n in left.items()}
        for k in range(rounds):
            for name, target in wanted.items():
                seeds, before = range(*ends[name][k : k + 2]), _cpu()
                for seed, said in in_a_process(target, name, seeds, Path(home)):
                    # The exception's class and the line it came from.
                    lines = [line for line in said.splitlines() if line.startswith("  File ")]
                    kind = f"{said.strip().splitlines()[-1].split(':')[0]} {lines[-1] if lines else ''}"
                    kinds[kind] += 1
                    tally.found[name] += 1
                    if kinds[kind] == 1:
                        sys.stdout.write(f"--- {name}, seed {seed}\n{said}\n")
                tally.inputs[name] += len(seeds)
                tally.seconds[name] += _cpu() - before
            sys.stdout.write(f"{sum(tally.inputs.values()):,} inputs, {kinds.total():,} findings\n")
            sys.stdout.flush()
    sys.stdout.write(f"{tally.table()}\n{kinds.total():,} findings of {len(kinds)} kinds\n")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
