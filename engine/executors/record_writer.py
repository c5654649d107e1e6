"""Records of a pack on their way to the disk, written by a thread while training goes on.

A record is written at once where the disk has nothing else to do; those that come meanwhile are written together, which
takes little longer than one. A process that is killed loses what the disk was at: runs that ended in the last moment.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from types import TracebackType

from ..store.record import RunRecord
from ..store.results_folder import MOST_TOGETHER, Store
from .events import Event, Noted, Record


class RecordWriter:
    """`with RecordWriter(store, pack) as writer`: at its end everything is on disk, or has raised.

    Args:
        store: The results folder, which this thread has to itself.
        pack: The pack's key.
    """

    def __init__(self, store: Store, pack: str) -> None:
        self._store, self._pack = store, pack
        #: At most so many wait, so that a slow disk slows down training.
        self._waiting: queue.Queue[RunRecord | None] = queue.Queue(MOST_TOGETHER)
        self._written: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)

    def __enter__(self) -> RecordWriter:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._waiting.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def put(self, record: RunRecord) -> None:
        """Have a record written.

        Raises:
            OSError: An earlier one could not be written.
            StoreError: The results folder is gone.
        """
        self._check()
        self._waiting.put(record)

    def wait(self) -> None:
        """Return once all is on disk; see `put` for what it raises."""
        self._waiting.join()
        self._check()

    def written(self) -> Iterator[Event]:
        """What there is to tell of records that are on disk by now, once."""
        while True:
            try:
                yield self._written.get_nowait()
            except queue.Empty:
                return

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        over = False
        while not over:
            batch = [self._waiting.get()]
            while len(batch) < MOST_TOGETHER and batch[-1] is not None:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            over = batch[-1] is None
            records = [record for record in batch if record is not None]
            try:
                if records and self._error is None:
                    self._write(records)
            except BaseException as error:  # raised where the next record is put
                self._error = error
            for _ in batch:
                self._waiting.task_done()

    def _write(self, records: list[RunRecord]) -> None:
        """Write them, tell the pack's log, and let the pack's own thread tell the study."""
        events: list[Event] = []
        for record, other in zip(records, self._store.settle(*records)):
            loss = record.final.loss if record.final else None
            events += [Noted(self._pack, other)] if other else []
            events.append(Record(self._pack, record.key, record.status, loss, record.message))
        self._store.append(self._pack, *(event.to_json() for event in events), sync=True)
        for event in events:
            self._written.put(event)
