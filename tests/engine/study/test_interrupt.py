"""Stopping when asked."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from scalingdsl.engine.hardware.stop_signals import STOP_SIGNALS
from scalingdsl.engine.study.interrupt import interruptible


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_while_there_is_work_to_save_the_first_signal_asks_and_the_second_does_not_wait(number: int) -> None:
    before = signal.getsignal(number)
    with interruptible() as interruption, interruption.patient():
        assert not interruption.asked()
        os.kill(os.getpid(), number)
        assert interruption.asked()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_otherwise_the_first_signal_does_not_wait(number: int) -> None:
    with interruptible() as interruption:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        assert interruption.asked()


def test_outside_the_main_thread_nothing_is_touched() -> None:
    seen: list[bool] = []

    def work() -> None:
        with interruptible() as interruption:
            seen.append(interruption.asked())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
