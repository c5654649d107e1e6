"""A pack at work, in a worker: its source opened, what is missing of it trained, records written, the study told."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalingdsl.spec.errors import EngineError, ScalingDSLError
from scalingdsl.spec.plan.run_grid import Run

from ..pack import Pack, is_solved
from ..store.record import Status, unfinished
from ..store.results_folder import Store
from .job import Hear, Job, Site, Stop

if TYPE_CHECKING:
    from ..train.pack_progress import PackProgress

#: Seconds between two lines of progress in a pack's log.
LOG_EVERY_S = 10.0
#: What torch says where memory is wanting; oneDNN only that it could not make its kernel.
WANTING = ("memory", "could not create a primitive")


def prepare() -> dict[str, str]:
    """Set up this process for training, once, before anything large is allocated; what was set, for provenance."""
    from ..train.cpu_settings import prepare as prepare_cpu

    return prepare_cpu(threads=1)


@lru_cache(maxsize=1)
def _runs(folder: str, plan: str) -> dict[str, Run]:
    return {run.key: run for run in Store(Path(folder)).plan(plan).runs()}


def train_job(job: Job, site: Site, say: Hear, stop: Stop) -> None:
    """Train what is missing of a pack. A record is on disk before it is said; whatever happens is said, not raised."""
    try:
        _train(job, site, say, stop)
    except (ScalingDSLError, OSError) as error:
        # A refusal, a full disk, a file that is gone: trying again in smaller packs would not help.
        say({"event": "failed", "pack": job.pack, "status": "failed", "message": str(error), "fatal": True})
    except Exception as error:
        # The outcome of a pack is a value: one pack that raises must not end the others.
        traceback.print_exc()
        memory = isinstance(error, MemoryError) or any(words in str(error).lower() for words in WANTING)
        status: Status = "out_of_memory" if memory else "failed"
        message = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        say({"event": "failed", "pack": job.pack, "status": status, "message": message, "fatal": False})


def _train(job: Job, site: Site, say: Hear, stop: Stop) -> None:
    from ..sources import open_source

    store = Store(Path(site.folder))
    planned = _runs(site.folder, site.plan)
    records = store.records(job.runs)
    runs = unfinished((planned[key] for key in job.runs), records)
    event: dict[str, Any] = {"event": "started", "pack": job.pack, "runs": [run.key for run in runs]}
    store.append(job.pack, event)
    say(event)
    if runs:
        stream = open_source(runs[0].source, Path(site.base))
        for note in stream.notes:
            say({"event": "noted", "pack": job.pack, "message": note})
        if teach := getattr(stream, "teach", None):
            teach(lambda made: say({**asdict(made), "event": "teaching", "pack": job.pack}))
        store.check_source(runs[0].source, stream.digest)
        for name, path in getattr(stream, "artefacts", {}).items():
            store.keep_artefact(name, path)
        characterise(store, runs[0], planned.values(), Path(site.base))
        pack = Pack(key=job.pack, runs=runs, slots=min(job.slots, len(runs)))

        logged = time.monotonic()

        def progress(made: PackProgress) -> None:
            nonlocal logged
            heard = {"event": "progress", **asdict(made)}
            say(heard)
            if time.monotonic() - logged > LOG_EVERY_S:
                logged = time.monotonic()
                store.append(job.pack, heard)

        if is_solved(runs[0]):
            from ..point_models.points_pack import solve_pack

            training = solve_pack(pack, stream, stop=stop)
        else:
            from ..train.training_loop import train_pack

            training = train_pack(
                pack,
                stream,
                device=site.device,
                checkpoints=store.checkpoints,
                progress=progress,
                stop=stop,
                checkpoint_every_s=site.checkpoint_every_s,
            )
        left = {run.key for run in runs}
        for record in training:
            store.write_record(record)
            event = {"event": "record", "pack": job.pack, "key": record.key, "status": record.status}
            event |= {"loss": record.final.loss if record.final else None, "message": record.message}
            store.append(job.pack, event, sync=True)
            say(event)
            left.discard(record.key)
        if left and not stop():
            raise EngineError(f"training ended without a record of {len(left)} of its runs")
        if left:
            store.append(job.pack, {"event": "stopped"})
            say({"event": "stopped", "pack": job.pack})
            return
    store.append(job.pack, {"event": "finished"})
    say({"event": "finished", "pack": job.pack})


def characterise(store: Store, run: Run, planned: Iterable[Run], base: Path) -> None:
    """Keep what a report says of a run's source, unless it is kept already or the source draws no sequences."""
    if getattr(run.source, "shape", "") != "sequences" or store.statistics(run.source) is not None:
        return
    from ..sources import open_source
    from ..sources.source_statistics import statistics

    read = max(other.n_tokens for other in planned if other.source == run.source)
    store.keep_statistics(run.source, statistics(run.source, open_source(run.source, base), read))
