"""Runs of a study carried out by a trainer of the person's own: one process a run, one record each."""

from __future__ import annotations

import fcntl
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run

from ..hardware.devices import ONE_THREAD
from ..pack import Pack
from ..store.record import Curve, Measurement, RunRecord, Status
from ..train.pack_progress import PackProgress
from .function_server import call_function
from .gpu_slots import held_gpus
from .losses_told import Losses, Told
from .placeholders import filled, names_in, values_of
from .result_files import read_files
from .supervise import Begun, Ended, GuardedCommand, Limits, signal_name, supervise
from .trainer import VARIABLE, Trainer, at_hand
from .trainer_version import VERSION, version_of_files

#: Seconds between two signs of life of a process that says nothing, and of one that says much.
ALIVE_S, TELL_S = 60.0, 0.3
#: Logs of tries that are kept beside the first.
MOST_LOGS = 8
#: What processes say of memory that is wanting.
WANTING = ("out of memory", "outofmemory", "memoryerror", "cannot allocate memory")


@dataclass(frozen=True)
class Outcome:
    """What became of a run."""

    status: Status
    message: str
    losses: Losses
    seconds: float


def carry_out(
    pack: Pack,
    folder: Callable[[str], Path],
    *,
    progress: Callable[[PackProgress], None],
    stop: Callable[[], bool],
) -> Iterator[RunRecord]:
    """Train every run of a pack; each run's record once its process has ended.

    Args:
        pack: The runs, one after the other.
        folder: The folder of a run by its key, the same after every restart.
        progress: Told of losses on the way.
        stop: Asked all the time; once true the trainer is asked to end, and what it has not done goes on another time.

    Raises:
        EngineError: This process was not told of a trainer.
    """
    trainer = at_hand()
    if trainer is None:
        raise EngineError(
            f"{pack.runs[0].model.word}(...) is trained by a trainer of yours, and this process was told of none: "
            "start it with --trainer"
        )
    environment = _environment(trainer)
    for ended, run in enumerate(pack.runs):
        if stop():
            return
        version = getattr(run.model, VERSION, "")
        if version != trainer.version:
            raise EngineError(
                f"the run is of the trainer's version {version!r}, and the trainer that is told has {trainer.version!r}"
            )
        if trainer.files and version_of_files([Path(file) for file in trainer.files]) != version:
            raise EngineError(
                f"files of the trainer changed since it was told, so that it is no more the version {version!r}: "
                f"{', '.join(trainer.files)}; run again to have the new version"
            )

        def tell(told: Told | None, run: Run = run, ended: int = ended) -> None:
            progress(_progress(pack, run, told, ended))

        outcome = _tried(trainer, run, folder(run.key), environment, tell, stop)
        if outcome is None:
            return
        yield _record(trainer, pack, run, outcome)


# --- tries ------------------------------------------------------------------------------------------------------------


def _tried(
    trainer: Trainer,
    run: Run,
    folder: Path,
    environment: Mapping[str, str],
    tell: Callable[[Told | None], None],
    stop: Callable[[], bool],
) -> Outcome | None:
    """One try after the other until one is good or another would be no better; None where the study was stopped."""
    out = folder / "out"
    out.mkdir(parents=True, exist_ok=True)
    values = values_of(run)
    config = folder / "config.json"
    spent = 0.0
    for further in range(trainer.retries + 1):
        with ExitStack() as held:
            lock = held.enter_context(_locked(folder / "lock", stop))
            gpus = held.enter_context(held_gpus(trainer.gpus, stop))
            if lock is None or gpus is None:
                return None
            _write(config, json.dumps({**values, "key": run.key, "out": str(out)}, indent=1) + "\n")
            number, log = _next_log(folder)
            losses = Losses(trainer.reading, run.asked_marks)
            told = _Telling(losses, tell)
            own = {"out": str(out), "config": str(config), "key": run.key}
            own |= {"gpus": str(trainer.gpus), "python": sys.executable}
            ended = supervise(
                partial(_begun, trainer, {**values, **own}, environment, gpus, (lock.fileno(),)),
                log=log,
                losses=None if trainer.reading.path else losses,
                limits=Limits(trainer.timeout_s, trainer.silence_s),
                stop=stop,
                heard=told,
            )
        spent += ended.seconds
        if ended.why == "stopped":
            return None
        if trainer.reading.path:
            read_files(out, trainer.reading, losses)
        status, message, again = judged(ended, losses, run, log)
        if not again or further == trainer.retries:
            tries = f" in {number} tries" if number > 1 and status != "done" else ""
            return Outcome(status, message and f"{message}{tries}", losses, spent)
    raise AssertionError("no try is the last")


def _next_log(folder: Path) -> tuple[int, Path]:
    """Number and log of the next try; logs of the first and the last tries stay."""
    numbers = [int(path.stem[4:]) for path in folder.glob("try-*.log") if path.stem[4:].isdigit()]
    number = 1 + max(numbers, default=0)
    for old in numbers:
        if 1 < old <= number - MOST_LOGS:
            (folder / f"try-{old}.log").unlink(missing_ok=True)
    return number, folder / f"try-{number}.log"


class _Telling:
    """Passes on what is new, a few times a second at most, and now and then that the process is there."""

    def __init__(self, losses: Losses, tell: Callable[[Told | None], None]) -> None:
        self._losses, self._tell = losses, tell
        self._said: Told | None = None
        self._when = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        new = self._losses.last is not self._said and (self._said is None or now - self._when > TELL_S)
        if new or now - self._when > ALIVE_S:
            self._said, self._when = self._losses.last, now
            self._tell(self._said)


def _begun(
    trainer: Trainer,
    values: Mapping[str, Any],
    environment: Mapping[str, str],
    gpus: tuple[str, ...],
    keep_open: Sequence[int],
) -> Begun:
    """The trainer's process, begun for one run."""
    folder, own = Path(trainer.folder), _environment_of(trainer, values, gpus)
    if trainer.function is None:
        return GuardedCommand(filled(trainer.command, values), folder, {**environment, **own}, keep_open)
    # Libraries may read as they are imported what of the environment differs from run to run.
    anew = bool(gpus) or bool(names_in(trainer.environment.values()))
    config = str(values["config"])
    return call_function(trainer.function, folder, environment, config=config, own=own, keep_open=keep_open, anew=anew)


def _environment(trainer: Trainer) -> dict[str, str]:
    """That of this process, and the threads of one worker, unless the person says otherwise: for all runs alike."""
    return {
        **{name: value for name, value in os.environ.items() if name != VARIABLE},
        **{name: os.environ.get(name, n) for name, n in ONE_THREAD.items()},
        "PYTHONUNBUFFERED": "1",
        **{name: filled((text,), {})[0] for name, text in trainer.environment.items() if not names_in((text,))},
    }


def _environment_of(trainer: Trainer, values: Mapping[str, Any], gpus: tuple[str, ...]) -> dict[str, str]:
    """What is a run's own: its folder, its GPUs, and what the person puts its values into."""
    return {
        "SCALINGDSL_OUT": values["out"],
        "SCALINGDSL_CONFIG": values["config"],
        "SCALINGDSL_RUN": values["key"],
        **({"CUDA_VISIBLE_DEVICES": ",".join(gpus)} if gpus else {}),
        **{name: filled((text,), values)[0] for name, text in trainer.environment.items()},
    }


def _write(path: Path, text: str) -> None:
    """Write what a trainer reads, as a new file, so that no link which was there before is followed.

    It need not outlast the machine's death: every try writes it again.
    """
    path.unlink(missing_ok=True)
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)


@contextmanager
def _locked(path: Path, stop: Callable[[], bool]) -> Iterator[IO[bytes] | None]:
    """The run's folder to itself: a trainer whose worker died may need a moment to end. None where stopped first."""
    with open(path, "ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stop():
                    yield None
                    return
                time.sleep(0.1)
        yield file


# --- outcomes ---------------------------------------------------------------------------------------------------------


def judged(ended: Ended, losses: Losses, run: Run, log: Path) -> tuple[Status, str, bool]:
    """Status, message, and whether another try may help."""
    said = f"; its last line: {ended.last_lines[-1]!r}" if ended.last_lines else "; it said nothing"
    see = f"; see {log}"
    if ended.why:
        how = "went on for" if ended.why == "timeout" else "was ended after a silence, having run for"
        return "timed_out", f"its trainer {how} {ended.seconds:.0f} s{said}{see}", False
    last = losses.last
    if last is not None and not last.finite:
        return "diverged", f"its trainer told a loss of {last.loss}", False
    if ended.status:
        text = " ".join(ended.last_lines).lower()
        if any(words in text for words in WANTING):
            return "out_of_memory", f"its trainer ran out of memory{said}{see}", False
        if ended.status < 0:
            how = f"was ended by {signal_name(ended.status)}"
        elif ended.status in (126, 127):
            return "failed", f"its trainer could not be started{said}{see}", False
        else:
            how = f"ended with status {ended.status}"
        return "failed", f"its trainer {how}{said}{see}", True
    if last is None:
        lines = " / ".join(ended.last_lines) or "nothing"
        return (
            "failed",
            f'its trainer ended well and told no loss, a line such as {{"loss": 3.2}}; it said: {lines}{see}',
            False,
        )
    missing = [mark for mark in run.asked_marks if losses.at(mark) is None]
    if missing:
        return "failed", f"its trainer told no loss near {missing[0]:,} tokens{see}", False
    return "done", "", False


def _record(trainer: Trainer, pack: Pack, run: Run, outcome: Outcome) -> RunRecord:
    losses, found = outcome.losses, {}
    if outcome.status == "done":
        assert losses.last is not None
        at = [(run.steps, run.asked_tokens, run.n_tokens, losses.last)]
        if run.marks:
            told = [(mark, losses.at(mark)) for mark in run.asked_marks]
            at = [(step, mark, mark, one) for step, (mark, one) in zip(run.marks, told) if one is not None]
        found["measurements"] = tuple(_measurement(*one) for one in at)
    curve = _curve(losses)
    return RunRecord.of(
        run,
        status=outcome.status,
        message=outcome.message,
        curves=() if curve is None else (curve,),
        seconds=outcome.seconds,
        wall_seconds=outcome.seconds,
        pack=pack.key,
        provenance={
            "device": "cuda" if trainer.gpus else "elsewhere",
            "trainer": trainer.name,
            **({"trainer_version": trainer.version} if trainer.version else {}),
            "machine": platform.node(),
        },
        **found,
    )


def _measurement(steps: int, asked: int, n_tokens: int, told: Told) -> Measurement:
    values = dict(told.values)
    error = values.pop("standard_error", 0.0)
    rate = values.pop("entropy_rate", None)
    for name in ("excess", "loss_standard_error", "entropy_rate_standard_error"):
        values.pop(name, None)
    errors = {n.removesuffix("_standard_error"): x for n, x in values.items() if n.endswith("_standard_error")}
    return Measurement(
        step=round(told.step) if told.step else steps,
        n_tokens=round(told.tokens) if told.tokens else n_tokens,
        asked_tokens=asked,
        loss=told.loss,
        standard_error=abs(error),
        excess_loss=None if rate is None else told.loss - rate,
        entropy_rate=rate,
        values={n: x for n, x in values.items() if not n.endswith("_standard_error")},
        errors=errors,
    )


def _curve(losses: Losses) -> Curve | None:
    """The losses told on the way, where they were told with tokens or steps that grow."""
    for read, unit in ((lambda t: t.tokens, 1), (lambda t: t.step, 1)):
        way = [(round(at), told.loss) for told in losses.way if (at := read(told)) is not None]
        rising = [p for i, p in enumerate(way) if i == 0 or p[0] > max(q[0] for q in way[:i])]
        if len(rising) > 2:
            return Curve(step_tokens=unit, steps=tuple(s for s, _ in rising), losses=tuple(x for _, x in rising))
    return None


def _progress(pack: Pack, run: Run, told: Told | None, ended: int) -> PackProgress:
    told = told or Told(math.nan)
    return PackProgress(
        pack=pack.key,
        active=1,
        waiting=len(pack.runs) - ended - 1,
        ended=ended,
        step=round(told.step) if told.step else 0,
        steps=run.steps,
        n_tokens=round(told.tokens or 0),
        tokens_per_s=0.0,
        loss=told.loss if math.isfinite(told.loss) else None,
    )
