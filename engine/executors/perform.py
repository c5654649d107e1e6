"""A pack at work, in a worker: its source opened, what is missing of it trained, records written, the study told."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scalingdsl.spec.errors import EngineError, ScalingDSLError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.words.sources import SequenceSource

from ..external.trainer import at_hand
from ..pack import Pack
from ..planning.costs import free_bytes
from ..planning.packing import slots_for
from ..store.record import RunRecord, unfinished
from ..store.results_folder import Store
from .events import Callback, Event, Failed, Finished, Noted, Progress, Record, Started, Stopped, Teaching
from .job import Job, Site, Stop
from .record_writer import RecordWriter

if TYPE_CHECKING:
    from ..train.pack_progress import PackProgress

#: Seconds between two lines of progress in a pack's log.
LOG_EVERY_S = 10.0
#: What torch says where memory is wanting; oneDNN only that it could not make its kernel.
WANTING = ("memory", "could not create a primitive")


def prepare() -> dict[str, str]:
    """Set up this process for training, once, before anything large is allocated; what was set, for provenance.

    Where a trainer of the person's own trains, there is nothing to set up, and torch need not be there.
    """
    if at_hand() is not None:
        return {}
    from ..train.cpu_settings import prepare as prepare_cpu

    return prepare_cpu(threads=1)


def train_job(job: Job, site: Site, emit: Callback, stop: Stop) -> None:
    """Train what is missing of a pack. A record is on disk before its event; nothing is raised, `Failed` says it."""
    try:
        _train(job, site, emit, stop)
    except (ScalingDSLError, OSError) as error:
        # A refusal, a full disk, a file that is gone: trying again in smaller packs would not help.
        emit(Failed(job.pack.key, "failed", str(error), fatal=True))
    except Exception as error:
        # The outcome of a pack is a value: one pack that raises must not end the others.
        traceback.print_exc()
        memory = isinstance(error, MemoryError) or any(words in str(error).lower() for words in WANTING)
        message = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        emit(Failed(job.pack.key, "out_of_memory" if memory else "failed", message))


def _train(job: Job, site: Site, emit: Callback, stop: Stop) -> None:
    store, key = Store(Path(site.folder)), job.pack.key

    def log(event: Event) -> None:
        store.must_exist()
        store.append(key, event.to_json())
        emit(event)

    found = ((run.key, store.record(run.key)) for run in job.pack.runs)
    runs = unfinished(job.pack.runs, {run: record for run, record in found if record is not None})
    log(Started(key, tuple(run.key for run in runs)))
    left = {run.key for run in runs}
    if runs:
        left -= _recorded(job, runs, site, emit, stop)
    if left and not stop():
        raise EngineError(f"training ended without a record of {len(left)} of its runs")
    log(Stopped(key) if left else Finished(key))


def _recorded(job: Job, runs: tuple[Run, ...], site: Site, emit: Callback, stop: Stop) -> set[str]:
    """Train `runs` and have each recorded; keys of those that were.

    What is trained here drops its checkpoints once it goes on, and so waits until its record is on disk.
    """
    recorded: set[str] = set()
    store = Store(Path(site.folder))
    writer = RecordWriter(Store(store.folder), job.pack.key)

    def tell() -> None:
        for event in writer.written():
            if isinstance(event, Record):
                recorded.add(event.key)
            emit(event)

    def stopped() -> bool:
        tell()
        return stop()

    try:
        with writer:
            for record in _records(job, runs, store, site, emit, stopped):
                writer.put(record)
                if not runs[0].elsewhere:
                    writer.wait()
                tell()
    finally:
        tell()
    return recorded


def _records(
    job: Job, runs: tuple[Run, ...], store: Store, site: Site, emit: Callback, stop: Stop
) -> Iterator[RunRecord]:
    """Open the source of `runs`, keep what the results folder keeps of it, and train them."""
    key = job.pack.key
    if runs[0].elsewhere:
        from ..external.carry_out import carry_out

        log = _log(store, key, emit)
        pack = Pack(key, runs, 1)
        return carry_out(pack, store.elsewhere, progress=lambda made: log(Progress(**vars(made))), stop=stop)
    from ..sources import open_source

    stream = open_source(runs[0].source, Path(site.base))
    for note in stream.notes:
        emit(Noted(key, note))
    log = _log(store, key, emit)
    stream.teach(lambda made: log(Teaching(**{**vars(made), "pack": key})), site.device)
    store.check_source(runs[0].source, stream.digest)
    for name, path in stream.artefacts.items():
        store.keep_artefact(name, path)
    characterise(store, runs[0].source, job.longest, Path(site.base))
    pack = Pack(key, runs, min(job.pack.slots, _fitting(runs, site)))
    if runs[0].by_solver:
        from ..point_models.points_pack import solve_pack

        return solve_pack(pack, stream, stop=stop)
    from ..train.training_loop import train_pack

    def progress(made: PackProgress) -> None:
        log(Progress(**vars(made)))

    return train_pack(
        pack,
        stream,
        device=site.device,
        checkpoints=store.checkpoints,
        progress=progress,
        stop=stop,
        note=lambda text: emit(Noted(key, text)),
        checkpoint_every_s=site.checkpoint_every_s,
        by_position=job.by_position,
    )


def _fitting(runs: tuple[Run, ...], site: Site) -> int:
    """How many of these runs this machine's memory bears at once: a pack may have been cut for another."""
    memory = free_bytes(site.workers)
    if site.device == "cuda":
        import torch

        memory = int(0.9 * torch.cuda.mem_get_info()[0])
    return slots_for(runs, memory, site.device)


def _log(store: Store, key: str, emit: Callback) -> Callback:
    """Tells of events, and keeps the first of each kind and then one now and then in the pack's log, for `status`."""
    logged: dict[type[Event], float] = {}

    def log(event: Event) -> None:
        emit(event)
        now = time.monotonic()
        if now - logged.get(type(event), -math.inf) > LOG_EVERY_S:
            logged[type(event)] = now
            store.must_exist()
            store.append(key, event.to_json())

    return log


def characterise(store: Store, source: Term, longest: int, base: Path) -> None:
    """Keep what a report says of a source, unless it is kept already or the source draws no sequences.

    Args:
        store: The results folder.
        source: The source.
        longest: Tokens that the study's longest run reads of it.
        base: The study's directory.
    """
    if not isinstance(source, SequenceSource) or store.statistics(source) is not None:
        return
    from ..sources import open_source
    from ..sources.source_statistics import statistics

    store.keep_statistics(source, statistics(source, open_source(source, base), longest))
