"""`mlp(width, layers)`: multilayer perceptrons of one shape trained as a stack, each on points of its own.

    h_0 = x        h_l = max(0, h_(l-1) W_l + b_l)        f(x) = h_L w + b        loss = mean (f(x) - y)^2

All members take as many steps of as many points, so that a stack begins and ends together. What a member is shown
follows from (seed, D), and how it begins from the seed: its companions change no bit of it.

Axes: S step of a chunk, P member, B point of a step, d number of a point, w hidden feature.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.percolation import Mlp
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser
from torch import Tensor

from ..train import cpu_settings
from ..train.loss_curve import LossCurve
from ..train.optimisers import optimiser
from ..train.pack_state import State
from ..train.parameter_layout import Layout, Tensors, layout
from ..train.schedule import rates, warmup_steps
from ..train.training_loop import init_generator
from .point_sets import Points, order, points_of
from .points_cost import stacks
from .registry import Solution, Solved, implements

#: Steps whose rates are computed at once, and points that a trained model is tested on at once.
CHUNK_STEPS, CHUNK_POINTS = 256, 4096


@implements(Mlp)
def mlp(runs: Sequence[Run], drawn: Any, seed: int) -> Solved:
    """Mean squared error of each model on the points held out; 1 is that of knowing nothing."""
    return Solved(_solutions(runs, drawn, seed), provenance=cpu_settings.provenance())


def _solutions(runs: Sequence[Run], drawn: Any, seed: int) -> Iterator[Solution]:
    """Solutions in the order of the runs; a stack is trained when the first of its members is asked for."""
    cpu_settings.settle_thread()
    shown = max(run.steps * run.stepping.batch for run in runs)
    points = points_of(drawn, seed, [run.n_tokens for run in runs], shown)
    found: dict[str, Solution] = {}
    stack_of = {run.key: stack for stack in stacks(runs) for run in stack}
    for run in runs:
        if run.key not in found:
            found |= train(stack_of[run.key], points, seed)
        yield found.pop(run.key)


def train(runs: Sequence[Run], points: Points, seed: int) -> dict[str, Solution]:
    """Train the models of a stack and test them; by key."""
    begun = time.monotonic()
    alone = len(runs) == 1
    # One matrix times a column goes another way than several do, to other bits: a single model is trained twice.
    runs = [*runs, *runs] if alone else runs
    count, batch, steps = len(runs), runs[0].stepping.batch, runs[0].steps
    words = [run.stepping for run in runs]
    model = runs[0].model
    assert isinstance(model, Mlp)
    stack = Stack(model, points.known.shape[1], count, batch, words[0])
    for row in range(count):
        stack.layout.init_(stack.state.params[row], init_generator(seed))
    update = optimiser(runs[0].optimiser, stack.layout, stack.state)
    known = [run.n_tokens or (steps * batch if points.endless else len(points.known)) for run in runs]
    curves = [LossCurve(batch) for _ in runs]
    orders = {n: order(seed, n, steps * batch).view(steps, batch) for n in sorted(set(known))}
    for first in range(0, steps, CHUNK_STEPS):
        at = np.arange(first, min(first + CHUNK_STEPS, steps))
        multiples = [rates(word.schedule, warmup_steps(word.warmup, steps), steps, at) for word in words]
        numbers = update.chunk(words, np.stack([word.lr * m for word, m in zip(words, multiples)], axis=1))
        missed = torch.zeros(len(at), count, batch, 1)
        for i, step in enumerate(at.tolist()):
            places = torch.cat([orders[n][step] for n in known])
            stack.step(
                points.known[places].view(count, batch, -1), points.value[places].view(count, batch, 1), missed[i]
            )
            update.step(numbers, i)
        losses = missed.double().square_().mean((2, 3)).numpy()
        for row, curve in enumerate(curves):
            curve.add(losses[:, row])
    errors = [stack.errors(row, points) for row in range(count)]
    seconds = (time.monotonic() - begun) / (1 if alone else count)
    floor = points.noise**2
    return {
        run.key: Solution(
            float(np.mean(error)) + floor,
            float(np.std(error) / np.sqrt(len(error))),
            seconds,
            curve=curve.value(),
            irreducible=floor if points.noise else None,
        )
        for run, error, curve in zip(runs, errors, curves)
    }


def layout_of(model: Mlp, inputs: int) -> Layout:
    """Weights, which decay, then biases, which do not.

    Weights of hidden layers have variance 2 / rows, which keeps the mean square of features through a ReLU; those of
    the last layer are 1 / width, so that an untrained model says next to nothing and its loss is that of knowing
    nothing.
    """
    matrices = model.matrices(inputs)
    last = len(matrices) - 1
    weights: Tensors = [
        (f"weight {i}", (rows, columns), 1 / rows if i == last else (2 / rows) ** 0.5)
        for i, (rows, columns) in enumerate(matrices)
    ]
    biases: Tensors = [(f"bias {i}", (columns,), 0.0) for i, (_, columns) in enumerate(matrices)]
    return layout([("hidden", True, weights), ("vectors", False, biases)])


class Stack:
    """Models of one shape over the rows of one flat storage, with their gradients written out by hand."""

    def __init__(self, model: Mlp, inputs: int, count: int, batch: int, word: GradientOptimiser | None = None) -> None:
        self.layout = layout_of(model, inputs)
        kept = () if word is None else (word.moments, word.beside(self.layout.shapes))
        self.state = State(count, self.layout.stride, "cpu", *kept)
        self.depth = model.layers + 1
        self._weights, self._biases = self._views(self.state.params)
        self._weight_grads, self._bias_grads = self._views(self.state.grads)
        self._bmm = cpu_settings.product(torch.bmm, model.width, batch)
        self._baddbmm = cpu_settings.product(torch.baddbmm, model.width, batch)

    def _views(self, rows: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Weights [P, rows, columns] and biases [P, 1, columns] of every layer."""
        views = [[self.layout.view(rows, f"{kind} {i}") for i in range(self.depth)] for kind in ("weight", "bias")]
        return views[0], [bias.unsqueeze(1) for bias in views[1]]

    def _forward(self, x_PBd: Tensor, rows: slice) -> list[Tensor]:
        """What goes into each layer, and at the end what the models say, [P, B, 1]."""
        found = [x_PBd]
        for i, (weight, bias) in enumerate(zip(self._weights, self._biases)):
            out = self._baddbmm(bias[rows], found[-1], weight[rows])
            found.append(out.relu_() if i < self.depth - 1 else out)
        return found

    def step(self, x_PBd: Tensor, y_PB1: Tensor, missed_PB1: Tensor) -> None:
        """Gradients of the mean squared error into the state, and what models said too much into `missed_PB1`."""
        *inputs, said = self._forward(x_PBd, slice(None))
        back = torch.sub(said, y_PB1, out=missed_PB1) * (2.0 / y_PB1.shape[1])
        for i in reversed(range(self.depth)):
            self._bmm(inputs[i].transpose(1, 2), back, out=self._weight_grads[i])
            torch.sum(back, 1, keepdim=True, out=self._bias_grads[i])
            if i:
                back = self._bmm(back, self._weights[i].transpose(1, 2)).mul_(inputs[i] > 0)

    def errors(self, row: int, points: Points) -> NDArray[np.float64]:
        """Squared error of one model at each point held out."""
        rows = slice(row, row + 1)
        said = [self._forward(part[None], rows)[-1].flatten() for part in points.tested.split(CHUNK_POINTS)]
        return np.asarray((torch.cat(said).double().numpy() - points.truth) ** 2)
