"""Training a pack: rows that fill, train, are measured, and fall free for the next run.

    fill rows from the queue -> train a chunk of steps -> measure, branch, end members -> record -> again

A chunk ends at the nearest event of any row, so that within one nothing changes but parameters: its data are drawn and
its learning rates computed at once, and its losses read back once. Where chunks are cut never moves a bit of anyone's
result, nor does which row a member has or who its companions are. On a GPU, which takes its steps while the host does
something else, the next chunk is made ready before the losses of this one are waited for.

Axes: S step of a chunk, P row, B batch, T time.
"""

from __future__ import annotations

import gc
import hashlib
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run
from torch import Tensor

from ..hardware.block_sizes import CHUNK_TOKENS
from ..pack import Pack
from ..store.checkpoint import Checkpoints
from ..store.record import ByPosition, Measurement, RunRecord
from . import cpu_settings
from .evaluate_loss import Loss, batch_size, evaluate, models_at_once
from .families import family
from .loss_curve import LossCurve
from .members import Member, Trajectory, rates_of
from .numerics import CHECKPOINTS, driver_fact, gpu_facts, mixed, numerics_mode
from .optimisers import optimiser
from .pack_progress import PackProgress
from .pack_state import Snapshot, State
from .parameter_layout import Layout
from .parametrization import with_rates
from .precision import arithmetic
from .schedule import Array
from .step_runner import Ready, beside, steps_for, steps_named

#: Seconds a chunk should take, so that stops and progress are prompt, and steps that it may have.
CHUNK_S, CHUNK_STEPS = 0.5, 256
#: Share of the time that checkpoints may take, after the first.
MOST_SAVING = 0.02
#: Steps of a pack's first chunk, which tells how long a step takes.
FIRST_STEPS = 8


class _Stream(Protocol):
    """`engine.sources.Stream`, seen from here."""

    @property
    def vocab(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def entropy_rate(self) -> float | None: ...
    @property
    def digest(self) -> str: ...

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor: ...
    def evaluation(self) -> Any: ...


def train_pack(
    pack: Pack,
    stream: _Stream,
    *,
    device: str = "cpu",
    checkpoints: Path | None = None,
    progress: Callable[[PackProgress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    note: Callable[[str], None] | None = None,
    checkpoint_every_s: float = 30.0,
    chunk_steps: int = CHUNK_STEPS,
    by_position: bool = False,
) -> Iterator[RunRecord]:
    """Train every run of a pack; each run's record as it ends.

    Args:
        pack: Runs of one class (`packing.pack_class`), in the order in which they are to begin.
        stream: Their source.
        device: Where to train.
        checkpoints: Folder of checkpoints; runs found there go on where they were. None keeps none.
        progress: Hears how far the pack is, a few times a second at most.
        stop: Asked between chunks; once true, every member is saved and the iteration ends without their records.
        note: Hears of checkpoints that another machine made.
        checkpoint_every_s: Seconds between checkpoints of the members in training; more where writing one takes long.
        chunk_steps: Steps at most between two looks at `stop`.
        by_position: Whether evaluations also keep losses by position in their sequences.

    Raises:
        EngineError: The pack cannot be trained as asked, or its source is not the one its checkpoints were made with.
    """
    gc.collect()  # a pack's buffers and views hold each other; the memory of the pack before is wanted now
    trainer = Trainer(pack, stream, device, checkpoints, chunk_steps, note, by_position)
    yield from trainer.train(progress or (lambda made: None), stop or (lambda: False), checkpoint_every_s)


class Trainer:
    def __init__(
        self,
        pack: Pack,
        stream: _Stream,
        device: str,
        checkpoints: Path | None,
        chunk_steps: int = CHUNK_STEPS,
        note: Callable[[str], None] | None = None,
        by_position: bool = False,
    ) -> None:
        if not pack.runs:
            raise EngineError(f"pack {pack.key} has no runs")
        run = pack.runs[0]
        self.pack, self.stream, self.device = pack, stream, torch.device(device)
        self.chunk_steps, self.note = chunk_steps, note or (lambda text: None)
        self.by_position = by_position
        self.checkpoints = None if checkpoints is None else Checkpoints(checkpoints)
        self.batch, self.precision = run.stepping.batch, run.stepping.precision
        kind = family(run.model)
        self.layout: Layout = with_rates(kind.layout(run.model, stream.vocab), run.model, run.stepping)
        if self.layout.n_params != run.n_total:
            raise EngineError(f"run {run.key} was planned with {run.n_total} parameters and has {self.layout.n_params}")
        slots = max(1, min(pack.slots, len(pack.runs)))
        kept = run.stepping.moments, run.stepping.beside(self.layout.shapes)
        self.state = State(slots, self.layout.stride, self.device, *kept)
        shape = (run.model, stream.vocab, stream.length)
        self.stack = kind.stack(*shape, self.batch, self.state.params, self.state.grads, self.precision)
        update = optimiser(run.optimiser, self.layout, self.state)
        self.kernels = steps_named(self.stack, update)
        self.mode = numerics_mode(self.device, self.precision, self.kernels)
        self.steps = steps_for(self.stack, update, self.state, run.stepping.repeats and run.model.repeats)
        self.evaluation = stream.evaluation().to(self.device)
        size = stream.vocab, stream.length
        self.eval_batch = batch_size(*size, len(self.evaluation.tokens), self.device.type)
        together = models_at_once(*size, self.eval_batch, slots, self.device.type)
        self.judged = torch.zeros(together, self.layout.stride, device=self.device)
        self.judge = kind.forward(*shape, self.eval_batch, self.judged, self.precision)
        self.rows: list[Member] = []
        self.queue: deque[Member] = deque()
        self.ended = 0
        self.step_s = 0.0
        #: Whether chunks are made ready ahead, and the one that is, for the present members and their steps.
        self.ahead = self.device.type != "cpu"
        self.next: Ready | None = None
        #: Curves that the losses of the last chunk are still to be added to: so many of these columns, [S, P].
        self.unsettled: tuple[list[LossCurve], list[int], Array] = ([], [], np.empty((0, 0)))

    # --- the loop -------------------------------------------------------------------------------------------------

    def train(
        self, progress: Callable[[PackProgress], None], stop: Callable[[], bool], checkpoint_every_s: float
    ) -> Iterator[RunRecord]:
        """See `train_pack`."""
        cpu_settings.settle_thread()
        for run in self.pack.runs:
            trajectory = self.begin(run)
            if trajectory.open == 0:
                self.ended += 1
                yield self._record(trajectory)
                self._forget(run)
        saved, took = time.monotonic(), 0.0
        while self.queue or self.rows:
            self._fill()
            if stop():
                self._save()
                return
            with arithmetic(self.precision, self.device):
                tokens_per_s = self._chunk()
                ended = self._events()
            for trajectory in ended:
                yield self._record(trajectory)
                self._forget(trajectory.run)
            if time.monotonic() - saved > max(checkpoint_every_s, took / MOST_SAVING):
                begun = time.monotonic()
                self._save()
                saved = time.monotonic()
                took = saved - begun
            progress(self._progress(tokens_per_s))

    def _fill(self) -> None:
        """Give free rows to waiting members."""
        while self.queue and len(self.rows) < self.state.rows:
            member = self.queue.popleft()
            row = len(self.rows)
            fresh = member.start is None
            self.state.load(row, member.start or {}, member.step)
            if fresh:
                self.layout.init_(self.state.params[row], init_generator(member.run.seed))
            member.start = None
            self.rows.append(member)
            self.next = None
            if fresh:
                self._branch(row)

    def _chunk(self) -> float:
        """Train all rows until the nearest event of any, or for about half a second; tokens per second."""
        begun = time.perf_counter()
        members, rows = self.rows, len(self.rows)
        chunk = self.next or self._ready(self._count())
        count = chunk.count
        trained = self.steps.take(chunk)
        self._settle()
        self.next = None
        if self.ahead and (following := self._count(count)):
            with beside(self.device):
                self.next = self._ready(following, count)
        losses, norms = (t.cpu() for t in trained)
        seconds = time.perf_counter() - begun
        self.step_s = max(0.0, seconds - self.steps.recording_s) / count
        seen = losses.numpy()
        sound = np.isfinite(seen) & np.isfinite(norms.numpy())
        first_bad = np.where(sound.all(0), count, sound.argmin(0)).tolist()
        last = seen[-1].tolist()
        self.unsettled = [member.curve for member in members], first_bad, seen
        for row, member in enumerate(members):
            if first_bad[row] < count:
                where = member.step + first_bad[row]
                member.trouble = f"loss or gradient was no longer finite at step {where} of {member.steps}"
            member.step += count
            member.loss = last[row]
            member.trajectory.seconds += seconds / rows
        for trajectory in {id(member.trajectory): member.trajectory for member in members}.values():
            trajectory.wall += seconds
        return float(self._step_tokens() * count / seconds)

    def _settle(self) -> None:
        """Add the losses of the last chunk to their curves: while the next one runs, or before curves are written."""
        curves, taken, losses = self.unsettled
        for row, curve in enumerate(curves):
            curve.add(losses[: taken[row], row])
        self.unsettled = [], [], losses[:0]

    def _step_tokens(self) -> int:
        """Tokens of a step of all rows."""
        return len(self.rows) * self.batch * self.stream.length

    def _count(self, after: int = 0) -> int:
        """Steps of the chunk that begins `after` steps from now; none where an event comes before."""
        left = min(member.next_event() - member.step for member in self.rows) - after
        quick = int(CHUNK_S / self.step_s) if self.step_s else FIRST_STEPS
        most = min(quick, self.chunk_steps, CHUNK_TOKENS[self.device.type] // self._step_tokens())
        return min(left, max(1, most))

    def _ready(self, count: int, after: int = 0) -> Ready:
        """The `count` steps that begin `after` steps from now, of every row."""
        words = [member.optimiser for member in self.rows]
        return self.steps.ready(self._data(count, after), words, rates_of(self.rows, count, after))

    def _data(self, count: int, after: int = 0) -> Tensor:
        """Sequences of `count` steps of every row, `after` steps from now, [S, P, B, T+1]; sequence w is read at step
        w // B.
        """
        seeds = torch.tensor([member.run.seed for member in self.rows], dtype=torch.int64)
        first = torch.tensor([(member.step + after) * self.batch for member in self.rows], dtype=torch.int64)
        index = first[:, None] + torch.arange(count * self.batch)
        tokens = self.stream.batch(seeds, index, self.device)
        return tokens.view(len(seeds), count, self.batch, -1).transpose(0, 1)

    def _events(self) -> list[Trajectory]:
        """Do what is due at the rows' present steps: measure, branch, end. Returns trajectories that are complete."""
        complete = []
        self._measure([row for row, member in enumerate(self.rows) if member.due])
        row = 0
        while row < len(self.rows):
            member, trajectory = self.rows[row], self.rows[row].trajectory
            if not member.trouble and member.step < member.steps:
                self._branch(row)
                row += 1
                continue
            if member.trouble:
                trajectory.troubles.append(member.trouble)
            trajectory.open -= 1
            if trajectory.open == 0:
                complete.append(trajectory)
                self.ended += 1
            else:
                self._keep(member, {})
            self._vacate(row)
        return complete

    def _vacate(self, row: int) -> None:
        """Give an ended member's row to the last one, so that rows in use stay the first ones; a copy moves no bit."""
        self.next = None
        last = len(self.rows) - 1
        if row != last:
            self.state.move(last, row)
            self.rows[row] = self.rows[last]
        self.rows.pop()

    def _branch(self, row: int) -> None:
        """Queue the decay branches that leave this row's member at its present step, ahead of all else."""
        trunk = self.rows[row]
        for mark in reversed(trunk.branch_points().get(trunk.step, ())):
            branch = Member(trunk.trajectory, mark, trunk.step, True, self.state.snapshot(row))
            trunk.trajectory.open += 1
            self.queue.appendleft(branch)
            self._keep(branch, branch.start or {})

    def _measure(self, rows: Sequence[int]) -> None:
        """Evaluate the models of some rows, as many at once as suits the device."""
        together = len(self.judged)
        for first in range(0, len(rows), together):
            part = rows[first : first + together]
            begun = time.perf_counter()
            place = torch.tensor(part, device=self.device)
            torch.index_select(self.state.params, 0, place, out=self.judged[: len(part)])
            rate, positions = self.stream.entropy_rate, self.by_position
            found = evaluate(self.judge, self.evaluation, rate, self.eval_batch, together, positions=positions)
            seconds = time.perf_counter() - begun
            for row, loss in zip(part, found):
                member = self.rows[row]
                member.trajectory.seconds += seconds / len(part)
                member.trajectory.wall += seconds
                self._note(member, loss)

    def _note(self, member: Member, found: Loss) -> None:
        """Keep what was measured of a member; one that has no finite loss has diverged."""
        if not math.isfinite(found.loss):
            member.trouble = f"its loss is not finite after step {member.step} of {member.steps}"
            return
        n_tokens = member.step * self.batch * self.stream.length
        member.trajectory.measured[member.step] = Measurement(
            step=member.step,
            n_tokens=n_tokens,
            asked_tokens=_asked(member.run, member.step, n_tokens),
            loss=found.loss,
            standard_error=found.standard_error,
            excess_loss=found.excess,
            entropy_rate=None if found.excess is None else self.stream.entropy_rate,
            values={name: value for name, (value, _) in found.others.items()},
            errors={name: error for name, (_, error) in found.others.items()},
        )
        if found.positions:
            member.trajectory.positions[member.step] = ByPosition(step=member.step, **dict[str, Any](found.positions))

    # --- what is given back ---------------------------------------------------------------------------------------

    def _record(self, trajectory: Trajectory) -> RunRecord:
        self._settle()
        facts = {"device": self.device.type, "precision": self.precision, "slots": str(self.state.rows)}
        facts |= {"kernels": self.kernels, **gpu_facts(self.device), **driver_fact(self.device)}
        if trajectory.mixed:
            facts["mixed"] = "begun in other modes: " + " | ".join(trajectory.mixed)
        return RunRecord.of(
            trajectory.run,
            status="diverged" if trajectory.troubles else "done",
            message="; ".join(trajectory.troubles),
            measurements=trajectory.measurements(),
            curves=trajectory.losses(),
            by_position=trajectory.by_position(),
            source_digest=self.stream.digest,
            seconds=trajectory.seconds,
            wall_seconds=trajectory.wall,
            pack=self.pack.key,
            provenance={**cpu_settings.provenance(), **facts},
        )

    def _progress(self, tokens_per_s: float) -> PackProgress:
        sound = [member.loss for member in self.rows if math.isfinite(member.loss)]
        return PackProgress(
            pack=self.pack.key,
            active=len(self.rows),
            waiting=len(self.queue),
            ended=self.ended,
            step=sum(member.step for member in self.rows),
            steps=sum(member.steps for member in self.rows),
            n_tokens=sum(member.step for member in self.rows) * self.batch * self.stream.length,
            tokens_per_s=tokens_per_s,
            loss=sum(sound) / len(sound) if sound else None,
        )

    # --- checkpoints ----------------------------------------------------------------------------------------------

    def _save(self) -> None:
        """Checkpoint every member in training that has taken a step; waiting branches were saved when they left."""
        if self.checkpoints is not None:
            for row, member in enumerate(self.rows):
                if member.step:
                    self._keep(member, self.state.snapshot(row))

    def _keep(self, member: Member, tensors: Snapshot) -> None:
        """Write a member's checkpoint; without tensors it is the outcome of a member that has ended."""
        if self.checkpoints is None:
            return
        self._settle()
        trajectory = member.trajectory
        state = {
            "key": member.run.key,
            "mode": self.mode,
            "source": self.stream.digest,
            "step": member.step,
            "steps": member.steps,
            "seconds": trajectory.seconds,
            "wall": trajectory.wall,
            "measured": [m.model_dump() for m in trajectory.measurements()],
            "by_position": [p.model_dump() for p in trajectory.by_position()],
            "troubles": trajectory.troubles,
            "mixed": trajectory.mixed,
            "slots": self.state.rows,
            "curve": asdict(member.curve),
        }
        self.checkpoints.save(member.name, tensors, state)

    def begin(self, run: Run) -> Trajectory:
        """Queue a run's members as their checkpoints have them, or afresh; none is open if they had all ended."""
        trajectory = Trajectory(run)
        self._sort_out(trajectory)
        members = self._resumed(trajectory)
        if members is None:
            self._forget(run)
            members = [Member(trajectory := Trajectory(run), run.steps)]
        trajectory.open = len(members)
        self.queue.extend(members)
        return trajectory

    def _sort_out(self, trajectory: Trajectory) -> None:
        """Set apart what another machine left of a run, unless mixed runs are asked for, and take up what was set apart
        of this mode: neither machine's work is lost to the other.
        """
        if self.checkpoints is None:
            return
        names = [member.name for member in _all_members(trajectory)]
        found = self.checkpoints.state(names[0])
        if found is not None and found["mode"] == self.mode:
            return
        if found is not None:
            before = found["mode"]
            at = f"run {trajectory.run.key} was trained to step {found['step']} of {found['steps']} in another mode "
            at += f"({before})"
            if mixed():
                self.note(f"{at}; it goes on in this one ({self.mode}), and its record says so")
                return
            self.note(
                f"{at}; it begins anew in this one ({self.mode}), and its checkpoints are kept for a machine like that "
                f"one; with {CHECKPOINTS}=mixed it would go on"
            )
            for name in names:
                self.checkpoints.set_apart(name, before)
        for name in names:
            self.checkpoints.take_up(name, self.mode)

    def _resumed(self, trajectory: Trajectory) -> list[Member] | None:
        """The members of a trajectory that have not ended, or None where it has to begin anew.

        It begins anew where the trunk's checkpoint is missing, was made in another numerics mode, or belongs to a
        branch point whose branch is lost: the bits promised are those of one mode throughout.
        """
        run = trajectory.run
        trunk = Member(trajectory, run.steps)
        members: list[Member] = []
        found = self._load(trunk)
        if found is None:
            return None
        if found:
            members.append(trunk)
        for step, marks in trunk.branch_points().items():
            for mark in marks if step <= trunk.step else ():
                branch = Member(trajectory, mark, step, True)
                found = self._load(branch)
                if found is None:
                    return None
                if found:
                    members.append(branch)
        return members

    def _load(self, member: Member) -> bool | None:
        """Set a member to its checkpoint: whether it is still to be trained, or None where there is no checkpoint to
        use.
        """
        kept = None if self.checkpoints is None else self.checkpoints.load(member.name)
        if kept is None or kept.state["key"] != member.run.key:
            return None
        before = kept.state["mode"]
        if before != self.mode and not mixed():
            return None
        if kept.state["source"] != self.stream.digest:
            raise EngineError(
                f"the source of run {member.run.key} is not the one its checkpoint was made with "
                f"({self.stream.digest} now, {kept.state['source']} then): another version of networkx, or a changed "
                "file? Remove its checkpoints to begin anew."
            )
        trajectory = member.trajectory
        member.step = kept.state["step"]
        member.start = dict(kept.tensors) or None
        trajectory.seconds = max(trajectory.seconds, kept.state["seconds"])
        trajectory.wall = max(trajectory.wall, kept.state.get("wall", 0.0))
        # A checkpoint of an earlier version has no curve, which then begins where the member goes on.
        if "curve" in kept.state:
            trajectory.curves[member.steps] = LossCurve(**kept.state["curve"])
        trajectory.measured |= {m["step"]: Measurement(**m) for m in kept.state["measured"]}
        trajectory.positions |= {p["step"]: ByPosition(**p) for p in kept.state.get("by_position", ())}
        trajectory.troubles += [t for t in kept.state["troubles"] if t not in trajectory.troubles]
        modes = [*kept.state.get("mixed", ()), *([before] if before != self.mode else ())]
        if self.device.type == "cuda" and (slots := kept.state.get("slots")) not in (None, self.state.rows):
            modes.append(f"packs of {slots} slots")
        trajectory.mixed += [mode for mode in modes if mode not in trajectory.mixed]
        return bool(kept.tensors)

    def _forget(self, run: Run) -> None:
        """Remove the checkpoints of a run and its branches."""
        if self.checkpoints is not None:
            for member in _all_members(Trajectory(run)):
                self.checkpoints.remove(member.name)


def _all_members(trajectory: Trajectory) -> list[Member]:
    """The trunk and every branch that a trajectory will ever have."""
    trunk = Member(trajectory, trajectory.run.steps)
    return [trunk, *(Member(trajectory, m, 0, True) for marks in trunk.branch_points().values() for m in marks)]


def _asked(run: Run, step: int, n_tokens: int) -> int:
    """D as the study asked for it at a step."""
    if step == run.steps:
        return run.asked_tokens
    return dict(zip(run.marks, run.asked_marks)).get(step, n_tokens)


def init_generator(seed: int) -> torch.Generator:
    """The random stream of a seed's initial parameters: a function of (seed, role) and of nothing else."""
    word = hashlib.sha256(f"init {seed}".encode()).digest()[:8]
    return torch.Generator("cpu").manual_seed(int.from_bytes(word, "little") >> 1)
