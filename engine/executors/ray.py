"""The executor of Ray clusters: tasks of `work`, each a worker on the node that Ray gives it.

A task takes packs from the folder, which all nodes share, until there are none left to take. One whose node dies is
tried again by Ray, elsewhere; its pack is taken over by whoever notices first. Tasks that wait for a node drive Ray's
autoscaler. Ray itself is an extra (`pip install 'scalingdsl[ray]'`), imported only here.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalingdsl.spec.errors import EngineError, UsageError

from ..hardware.devices import gpus
from ..store.results_folder import Store
from .events import Callback, Event
from .job import Request, Site, Stop

if TYPE_CHECKING:
    from .puller import Puller

#: Tasks at most where nobody says how many.
MOST_TASKS = 32
TICK_S = 0.5
#: Seconds a task has to leave off once it is asked to.
GRACE_S = 30.0
#: Seconds for which a task waits for packs that others are at work on.
IDLE_S = 120.0


class Ray:
    """Workers as tasks of Ray: of a cluster that RAY_ADDRESS names, else of this machine."""

    here = False

    def __init__(self, request: Request) -> None:
        try:
            import ray
        except ModuleNotFoundError:
            raise UsageError("Ray is not installed: pip install 'scalingdsl[ray]'") from None
        self._ray: Any = ray
        self._request = request

    def workers(self, device: str) -> int:
        """See `Executor.workers`."""
        return self._request.workers or MOST_TASKS

    def execute(self, site: Site, callback: Callback, stop: Stop) -> frozenset[str]:
        """See `Executor.execute`."""
        from .puller import Puller

        if not self._ray.is_initialized():
            self._ray.init(log_to_driver=False, include_dashboard=False)
        gpu = site.device == "cuda" or (site.device == "auto" and bool(gpus()))
        known = {name: value for name, value in os.environ.items() if name.startswith("SCALINGDSL_")}
        env = {"env_vars": known} if known else {}
        task = self._ray.remote(num_cpus=1, num_gpus=int(gpu), max_retries=-1, runtime_env=env)(work)
        store = Store(Path(site.folder))
        with Puller(store, site, callback) as puller:
            return self._watch(puller, task, site, stop)

    def _watch(self, puller: Puller, task: Any, site: Site, stop: Stop) -> frozenset[str]:
        """Keep as many tasks as there are packs to take, until the queue is empty or `stop()`."""
        ray = self._ray
        tasks: list[Any] = []
        puller.look()
        while not puller.empty and not stop():
            done, tasks = ray.wait(tasks, num_returns=len(tasks), timeout=0) if tasks else ([], [])
            for ended in done:
                try:
                    ray.get(ended)
                except ray.exceptions.RayTaskError as error:
                    raise EngineError(f"a task of Ray failed: {error.cause}") from error
            missing = min(self.workers(site.device), puller.waiting + puller.at_work) - len(tasks)
            tasks += [task.remote(vars(site)) for _ in range(missing)]
            time.sleep(TICK_S)
            puller.look()
        for each in tasks:
            ray.cancel(each, force=False)
        deadline = time.monotonic() + GRACE_S
        while tasks and time.monotonic() < deadline:
            _, tasks = ray.wait(tasks, num_returns=len(tasks), timeout=TICK_S)
        for each in tasks:
            ray.cancel(each, force=True)
        return frozenset()


def work(site: dict[str, Any]) -> int:
    """A task: one worker process and what it takes from the folder; packs that nobody has taken yet are left behind.

    Ray cancels a task by KeyboardInterrupt, whereupon its worker leaves off at a checkpoint.
    """
    from .local import Local

    asked: list[bool] = []

    def hear(event: Event) -> None:
        del event

    try:
        return len(Local(Request(1, idle_s=IDLE_S)).execute(Site(**site), hear, lambda: bool(asked)))
    except KeyboardInterrupt:
        return 0


def executor(request: Request) -> Ray:
    """Workers that Ray finds nodes for."""
    return Ray(request)
