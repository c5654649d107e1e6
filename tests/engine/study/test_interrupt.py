"""Stopping when asked."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from scalingdsl.engine.study.interrupt import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_does_not_wait(number: int) -> None:
    before = signal.getsignal(number)
    with interruptible() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), number)
        assert asked.wait(1)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_outside_the_main_thread_nothing_is_touched() -> None:
    seen: list[bool] = []

    def work() -> None:
        with interruptible() as asked:
            seen.append(asked.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
