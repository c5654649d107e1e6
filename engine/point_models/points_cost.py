"""Time and memory of a pack of runs on points, in closed form: from what its source and its family declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Cost
from scalingdsl.spec.vocabulary.words.sources import PointSource

#: Python, numpy and torch in one worker, measured.
PROCESS_BYTES = 290 * 2**20
#: Models of a stack at most, and features of one of their layers in all, beyond which more gain little.
MOST_STACKED, STACKED_FEATURES = 16, 2**18
#: Seconds that a step of a stack takes for each operation, whatever the number of its members; and for each member,
#: each FLOP, element and parameter of it. Measured with perceptrons on one core for widths of 8 to 256, 1 and 3 hidden
#: layers, 32 and 128 points a step, and 2 and 12 members: off by at most 30 % in four of five of these, and at most by
#: a factor of two.
OPERATION_S, MEMBER_S, FLOP_S, ELEMENT_S, PARAMETER_S = 6.4e-5, 3.4e-5, 1.35e-11, 7.5e-10, 1.7e-9
FLOAT = 4


def source_of(run: Run) -> PointSource:
    """The source of a run on points."""
    assert isinstance(run.source, PointSource), f"{run.source.word} gives no points"
    return run.source


def predicted_seconds(runs: Sequence[Run]) -> float:
    """Seconds of one worker on runs of one source and seed, of points or of sequences that are only read."""
    family = type(runs[0].model)
    if not runs[0].on_points:
        return family.solving_seconds(runs[0].source, [run.model for run in runs])
    source = source_of(runs[0])
    if family.trained and not family.solved:
        return source.draw_seconds + sum(stack_seconds(stack) for stack in stacks(runs))
    return source.draw_seconds + family.solving_seconds(source, [run.model for run in runs])


def predicted_bytes(runs: Sequence[Run]) -> int:
    """Resident memory of the worker."""
    family = type(runs[0].model)
    if not runs[0].on_points:
        return PROCESS_BYTES + family.solving_bytes(runs[0].source, [run.model for run in runs])
    source = source_of(runs[0])
    if not family.trained or family.solved:
        return PROCESS_BYTES + family.solving_bytes(source, [run.model for run in runs])
    points = source.n_points or max(run.n_tokens or run.steps * run.stepping.batch for run in runs)
    drawn = PROCESS_BYTES + source.point_bytes * points
    # Vectors as they were drawn and as they are shown; the order of showing, and a stack's storage.
    return drawn + FLOAT * source.copies * points * source.inputs + max(map(stack_bytes, stacks(runs)))


# --- stacks of models that are trained --------------------------------------------------------------------------------


def stacks(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Runs of one shape, optimiser, batch and number of steps, as many at a time as pay."""
    classes: dict[tuple[object, ...], list[Run]] = defaultdict(list)
    for run in runs:
        classes[run.model.stacked, run.stepping.stacked_by, run.steps].append(run)
    found = []
    for members in classes.values():
        features = members[0].model.features * members[0].stepping.batch
        slots = max(1, min(MOST_STACKED, STACKED_FEATURES // features))
        found += [tuple(members[i : i + slots]) for i in range(0, len(members), slots)]
    return found


def _cost(run: Run) -> Cost:
    return run.model.cost(source_of(run).inputs, 1)


def _matrices(run: Run) -> Sequence[tuple[int, int]]:
    return run.model.matrices(source_of(run).inputs)


def stack_seconds(stack: Sequence[Run]) -> float:
    """Seconds of training a stack."""
    run, cost = stack[0], _cost(stack[0])
    elements = run.stepping.batch * cost.elements
    flops, updating = run.flops / run.steps, run.stepping.update_seconds(_matrices(run))
    member = MEMBER_S + flops * FLOP_S + elements * ELEMENT_S + run.n_total * PARAMETER_S + updating
    return run.steps * (OPERATION_S * cost.operations + len(stack) * member)


def stack_bytes(stack: Sequence[Run]) -> int:
    """Bytes of a stack: parameters, gradients, moments, features of every layer, and the order of showing."""
    run, batch = stack[0], stack[0].stepping.batch
    row = 2 * run.n_total + run.stepping.state_size(run.n_total, _matrices(run))
    return len(stack) * FLOAT * (row + batch * _cost(run).held + 2 * run.steps * batch)
