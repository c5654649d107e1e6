"""A study whose models a small program trains, and programs that behave in one way or another."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from scalingdsl.engine.external.carry_out import carry_out
from scalingdsl.engine.external.trainer import Trainer, handed_on
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec import check
from scalingdsl.spec.plan.run_grid import Run

STUDY = """
data dataset("shakespeare", vocab=65)
models external(N=24*width^2 + vocab*width)  width in {32, 64}
train lr = .01  tokens in {100k, 200k}
"""


def runs_of(text: str = STUDY) -> tuple[Run, ...]:
    """Runs of a study without a flaw."""
    checked = check(text=text)
    assert checked.plan is not None, [d.message for d in checked.diagnostics]
    return tuple(checked.plan.runs())


def trainer(folder: Path, body: str, *arguments: str, **options: object) -> Trainer:
    """A program with this text as trainer; `{width}` and the like among its arguments."""
    path = folder / "program.py"
    path.write_text("import json, os, signal, sys, time\n" + textwrap.dedent(body))
    return Trainer((sys.executable, "-S", str(path), *arguments), name="program", folder=str(folder), **options)  # type: ignore[arg-type]


def carried_out(
    one: Trainer, folder: Path, runs: tuple[Run, ...] = (), stop: Callable[[], bool] = lambda: False
) -> list[RunRecord]:
    """Records of runs; of the first of STUDY by default."""
    pack = Pack("pack", runs or runs_of()[:1], 1)
    with handed_on(one):
        return list(carry_out(pack, lambda key: folder / key, progress=lambda made: None, stop=stop))
