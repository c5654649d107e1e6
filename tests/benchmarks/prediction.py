"""Time of studies against what `plan` says: `python -m tests.benchmarks.prediction [--seconds 30] [STUDY ..]`.

Of each study, shipped ones by default, as many runs are trained, evenly picked over its grid, as are predicted to take
so many seconds on this machine's workers; wall seconds from the first worker's start to the last record. The machine's
rate is measured anew, in a cache of its own: this is what a user sees the first time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scalingdsl.engine.planning.costs import Cost
    from scalingdsl.spec.plan.run_grid import Run

STUDIES = Path(__file__).parents[2] / "studies"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", type=Path, default=sorted(STUDIES.glob("*.scl")))
    parser.add_argument("--seconds", type=float, default=30.0, help="predicted seconds of each part")
    args = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        print("| study | runs of | seconds, predicted | seconds | ratio |")
        print("|---|---|---|---|---|")
        for study in args.studies:
            found = one(study, args.seconds, Path(folder) / "results" / study.stem)
            if found is None:
                print(f"| {study.stem} | has runs that take longer than this benchmark allows | | | |")
                continue
            n, total, predicted, seconds = found
            ratios.append(predicted / seconds)
            print(f"| {study.stem} | {n} of {total} | {predicted:.0f} | {seconds:.0f} | {ratios[-1]:.2f} |", flush=True)
    errors = [abs(ratio - 1) for ratio in ratios]
    print(f"\nmedian error {statistics.median(errors):.0%}, largest {max(errors):.0%}")


def one(study: Path, seconds: float, out: Path) -> tuple[int, int, float, float] | None:
    """Runs trained, runs of the study, seconds predicted, seconds taken; None where a single run takes too long."""
    from scalingdsl.engine.executors import executor_named
    from scalingdsl.engine.executors.events import Event, Lost
    from scalingdsl.engine.executors.job import Job, Request, Site
    from scalingdsl.engine.executors.pack_queue import PackQueue
    from scalingdsl.engine.hardware.devices import default_workers
    from scalingdsl.engine.store.results_folder import Origin, Store
    from scalingdsl.spec import check

    checked = check(study)
    assert checked.plan is not None
    runs = tuple(checked.plan.runs())
    workers = default_workers("cpu")
    picked, cost = part(runs, seconds, workers)
    if not picked or cost.wall_seconds > 3 * seconds:
        return None
    store = Store(out)
    texts = {name: source.text for name, source in checked.sources.items()}
    store.adopt(checked.plan, Origin(study.stem, str(study), checked.plan.title), texts, [run.key for run in runs])
    for pack in cost.packs:
        PackQueue(store.queue).put(Job(pack, max(run.n_tokens for run in pack.runs)))
    site = Site(str(out.resolve()), str(checked.base.resolve()))

    def hear(event: Event) -> None:
        if isinstance(event, Lost):
            raise SystemExit(event.message)

    begun = time.perf_counter()
    executor_named("local")(Request(workers)).execute(site, hear, lambda: False)
    return len(picked), len(runs), cost.wall_seconds, time.perf_counter() - begun


def part(runs: Sequence[Run], seconds: float, workers: int) -> tuple[Sequence[Run], Cost]:
    """Every n-th run, n the least that is predicted to take no longer than asked, and their cost."""
    from scalingdsl.engine.planning.calibration import calibrated
    from scalingdsl.engine.planning.costs import cost_at

    rate = calibrated("cpu", workers).rate
    ordered = sorted(runs, key=lambda run: (run.n_total, run.n_tokens, run.key))
    for step in range(1, len(runs) + 1):
        picked = ordered[step // 2 :: step]
        cost = cost_at(picked, "cpu", workers, rate)
        if cost.wall_seconds <= seconds:
            break
    return picked, cost


if __name__ == "__main__":
    main()
