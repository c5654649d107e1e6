"""What a pack of runs on points will take: in closed form, from the amounts of data its source is expected to draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.percolation import Coalescent, Manifold, Mlp, Percolation

#: Sets of known sites that settle how many sites a degree of freedom is worth, beside those of the runs.
SCALE_SETS = 50
#: Bytes of the table of nearest sites that is worked on at once.
TABLE_BYTES = 2**27
#: Python, numpy and torch in one worker, measured; bytes a site of a forest, its growth included.
PROCESS_BYTES, SITE_BYTES = 290 * 2**20, 64
#: Seconds of growing one site, of one number of its vector, of one site in one set, and of one query of a tree of
#: points; measured on one core.
GROW_S, EMBED_S, SITE_S, QUERY_S = 3e-7, 3e-8, 3.5e-8, 5e-6
#: Seconds of one merger of a coalescent, and of one multiplication of a distance in space, measured likewise; bytes of
#: a point's numbers in mergers and trees.
MERGER_S, DISTANCE_S, MERGER_BYTES = 3.5e-6, 5e-11, 600

#: Perceptrons of a stack at most, and features of one of their layers in all, beyond which more gain little.
MOST_STACKED, STACKED_FEATURES = 16, 2**18
#: Seconds that a step of a stack takes for each layer, whatever the number of its members; and for each member, each
#: FLOP, feature and parameter of it. Measured on one core for widths of 8 to 256, 1 and 3 hidden layers, 32 and 128
#: points a step, and 2 and 12 members: off by at most 30 % in four of five of these, and at most by a factor of two.
LAYER_S, MEMBER_S, FLOP_S, FEATURE_S, PARAMETER_S = 6.4e-5, 3.4e-5, 1.35e-11, 7.5e-10, 1.7e-9
#: Passes over a layer's features in one step, forward and back.
PASSES = 6
FLOAT = 4


def predicted_seconds(runs: Sequence[Run]) -> float:
    """Seconds of one worker on these runs of one source and seed."""
    source = runs[0].source
    trained = isinstance(runs[0].model, Mlp)
    if isinstance(source, Percolation):
        # Cluster sizes with density s^(1 - tau), tau = 5/2, have a mean of sqrt(smallest * largest).
        sets = 0 if trained else len(runs) + SCALE_SETS
        drawing = source.largest * (GROW_S + EMBED_S * source.embed + SITE_S * sets)
    elif isinstance(source, Coalescent):
        known = 0 if trained else sum(max(run.n_total, run.n_tokens) for run in runs)
        asked = source.tested * source.points
        drawing = source.points * (MERGER_S + EMBED_S * source.dim) + asked * known * source.dim * DISTANCE_S
    elif isinstance(source, Manifold) and not trained:
        return QUERY_S * sum(source.tested + max(run.n_total, run.n_tokens) for run in runs)
    else:
        drawing = 0.0
    return drawing + sum(stack_seconds(stack) for stack in stacks(runs)) if trained else drawing


def predicted_bytes(runs: Sequence[Run]) -> int:
    """Resident memory of the worker."""
    source = runs[0].source
    trained = isinstance(runs[0].model, Mlp)
    if isinstance(source, Percolation):
        sites = source.largest
    elif isinstance(source, Coalescent):
        vectors = FLOAT * source.dim * source.points * (3 if trained else 1)
        stacked = max(map(stack_bytes, stacks(runs))) if trained else 0
        return PROCESS_BYTES + MERGER_BYTES * source.points + vectors + stacked
    else:
        endless = (run.steps * batch_of(run) if trained else run.n_total for run in runs)
        sites = max(run.n_tokens or shown for run, shown in zip(runs, endless))
    if trained:
        # Vectors as they were drawn and as they are shown; the order of showing, and a stack's storage.
        numbers = 2 * sites * int(getattr(source, "inputs", 0))
        return PROCESS_BYTES + SITE_BYTES * sites + FLOAT * numbers + max(map(stack_bytes, stacks(runs)))
    vectors = FLOAT * getattr(source, "embed", 0) * sites
    return PROCESS_BYTES + SITE_BYTES * sites + vectors + 3 * max(TABLE_BYTES, 8 * sites)


# --- stacks of perceptrons --------------------------------------------------------------------------------------------


def stacks(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Runs of one shape, optimiser, batch and number of steps, as many at a time as pay."""
    classes: dict[tuple[object, ...], list[Run]] = defaultdict(list)
    for run in runs:
        model = perceptron(run)
        classes[model.width, model.layers, type(run.optimiser), batch_of(run), run.steps].append(run)
    found = []
    for members in classes.values():
        features = perceptron(members[0]).width * batch_of(members[0])
        slots = max(1, min(MOST_STACKED, STACKED_FEATURES // features))
        found += [tuple(members[i : i + slots]) for i in range(0, len(members), slots)]
    return found


def perceptron(run: Run) -> Mlp:
    """The model of a run that is one."""
    assert isinstance(run.model, Mlp)
    return run.model


def batch_of(run: Run) -> int:
    """Points of one step."""
    return int(getattr(run.optimiser, "batch", 1))


def stack_seconds(stack: Sequence[Run]) -> float:
    """Seconds of training a stack."""
    run, model = stack[0], perceptron(stack[0])
    inputs = int(getattr(run.source, "inputs", 0))
    features = batch_of(run) * (inputs + PASSES * model.layers * model.width)
    member = MEMBER_S + run.flops / run.steps * FLOP_S + features * FEATURE_S + run.n_total * PARAMETER_S
    return run.steps * (LAYER_S * (model.layers + 1) + len(stack) * member)


def stack_bytes(stack: Sequence[Run]) -> int:
    """Bytes of a stack: parameters, gradients, two moments, features of every layer, and the order of showing."""
    run, model = stack[0], perceptron(stack[0])
    features = batch_of(run) * (int(getattr(run.source, "inputs", 0)) + 2 * model.layers * model.width)
    return len(stack) * FLOAT * (4 * run.n_total + features + 2 * run.steps * batch_of(run))
