"""Optimisers as anyone would write them: one model, a tensor at a time, in the words of their papers.

A tensor is a `Weight`: what the engine keeps as one slot of a row, matrices as (in, out). Functions named by an
optimiser take gradients that are clipped already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from scalingdsl.spec.vocabulary.words.optimisers import Lion, Muon, Scion, Shampoo, Soap
from scalingdsl.spec.vocabulary.words.training import Sgd
from torch import Tensor


@dataclass
class Weight:
    """A tensor, its gradient, and what its optimiser remembers."""

    value: Tensor
    kind: str
    #: Multiplies the learning rate, by the rule of widths.
    mult: float
    grad: Tensor = field(default_factory=lambda: torch.zeros(()))
    kept: dict[str, Tensor] = field(default_factory=dict)
    t: int = 0
    #: Eigenbases of its squares. Of a gradient of lower rank than it has rows or columns nothing says which directions
    #: of the rest to take: those that the engine took are given, and are looked at for themselves.
    bases: Callable[[], tuple[Tensor, Tensor]] | None = None

    def memory(self, name: str) -> Tensor:
        """What is kept under a name; zeros at first."""
        return self.kept.setdefault(name, torch.zeros_like(self.value))

    def square(self, name: str, side: int) -> Tensor:
        """A square matrix that is kept; zeros at first."""
        n = self.value.shape[side]
        return self.kept.setdefault(name, torch.zeros(n, n, dtype=self.value.dtype))

    def shrink(self, lr: float, decay: float) -> None:
        """Decoupled weight decay; gains have none."""
        if self.kind != "vectors":
            self.value -= lr * self.mult * decay * self.value


def newton_schulz(g: Tensor, iterations: int) -> Tensor:
    x = g / (g.norm() + 1e-7)
    for _ in range(iterations):
        if x.shape[0] > x.shape[1]:
            a = x.T @ x
            x = 3.4445 * x + x @ (-4.7750 * a + 2.0315 * a @ a)
        else:
            a = x @ x.T
            x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x


def adam(w: Weight, lr: float, beta1: float, beta2: float, eps: float, decay: float) -> None:
    m, v = w.memory("m"), w.memory("v")
    m += (1 - beta1) * (w.grad - m)
    v += (1 - beta2) * (w.grad**2 - v)
    w.shrink(lr, decay)
    w.value -= lr * w.mult * (m / (1 - beta1**w.t)) / ((v / (1 - beta2**w.t)).sqrt() + eps)


def sgd(w: Weight, word: Sgd, lr: float) -> None:
    v = w.memory("v")
    v *= word.momentum
    v += w.grad
    w.shrink(lr, word.decay)
    w.value -= lr * w.mult * (w.grad + word.momentum * v if word.nesterov else v)


def lion(w: Weight, word: Lion, lr: float) -> None:
    m = w.memory("m")
    update = (word.beta1 * m + (1 - word.beta1) * w.grad).sign()
    m *= word.beta2
    m += (1 - word.beta2) * w.grad
    w.shrink(lr, word.decay)
    w.value -= lr * w.mult * update


def muon(w: Weight, word: Muon, lr: float) -> None:
    if w.kind != "hidden":
        return adam(w, lr * word.others, 0.9, 0.95, 1e-8, word.decay)
    m = w.memory("m")
    m += (1 - word.momentum) * (w.grad - m)
    update = newton_schulz(w.grad.lerp(m, word.momentum) if word.nesterov else m, word.iterations)
    w.shrink(lr, word.decay)
    rows, columns = w.value.shape
    w.value -= lr * w.mult * max(1.0, columns / rows) ** 0.5 * update


def scion(w: Weight, word: Scion, lr: float) -> None:
    m = w.memory("m")
    m += (1 - word.momentum) * (w.grad - m)
    if w.kind == "hidden":
        rows, columns = w.value.shape
        update = (columns / rows) ** 0.5 * newton_schulz(m, word.iterations)
    else:
        lr, update = lr * word.others, m.sign()
    w.shrink(lr, word.decay)
    w.value -= lr * w.mult * update


def soap(w: Weight, word: Soap, lr: float) -> None:
    if w.kind != "hidden":
        return adam(w, lr * word.others, word.beta1, word.beta2, word.eps, word.decay)
    left, right = w.square("left", 0), w.square("right", 1)
    if w.t > 1:
        q_l, q_r, t = w.kept["q_l"], w.kept["q_r"], w.t - 1
        m, v = w.memory("m"), w.memory("v")
        m += (1 - word.beta1) * (w.grad - m)
        v += (1 - word.beta2) * ((q_l.T @ w.grad @ q_r) ** 2 - v)
        turned = (q_l.T @ m @ q_r) / (1 - word.beta1**t) / ((v / (1 - word.beta2**t)).sqrt() + word.eps)
        w.shrink(lr, word.decay)
        w.value -= lr * w.mult * q_l @ turned @ q_r.T
    left += (1 - word.beta2) * (w.grad @ w.grad.T - left)
    right += (1 - word.beta2) * (w.grad.T @ w.grad - right)
    if (w.t - 1) % word.every == 0:
        w.kept["q_l"], w.kept["q_r"] = w.bases()
    return None


def shampoo(w: Weight, word: Shampoo, lr: float) -> None:
    if w.kind != "hidden":
        return adam(w, lr * word.others, word.beta1, word.beta2, 1e-8, word.decay)
    left, right, m = w.square("left", 0), w.square("right", 1), w.memory("m")
    left += (1 - word.beta2) * (w.grad @ w.grad.T - left)
    right += (1 - word.beta2) * (w.grad.T @ w.grad - right)
    m += (1 - word.beta1) * (w.grad - m)
    if (w.t - 1) % word.every == 0:
        for name, square in (("root_l", left), ("root_r", right)):
            values, vectors = torch.linalg.eigh(square / (1 - word.beta2**w.t))
            w.kept[name] = vectors @ torch.diag(values.clamp_min(word.eps * values.max()) ** -0.25) @ vectors.T
    w.shrink(lr, word.decay)
    rows, columns = w.value.shape
    update = w.kept["root_l"] @ (m / (1 - word.beta1**w.t)) @ w.kept["root_r"]
    w.value -= lr * w.mult * max(1.0, columns / rows) ** 0.5 * update
    return None


STEPS: dict[type, Callable[[Weight, Any, float], None]] = {
    Sgd: sgd, Lion: lion, Muon: muon, Scion: scion, Soap: soap, Shampoo: shampoo,
}  # fmt: skip


def step(weights: list[Weight], word: Any, lr: float) -> None:
    """One step of a model: clip its gradient, then move each tensor."""
    norm = torch.stack([w.grad.norm() for w in weights]).norm()
    for w in weights:
        if word.clip is not None:
            w.grad = w.grad / max(1.0, float((norm + 1e-6) / word.clip))
        w.t += 1
        STEPS[type(word)](w, word, lr)
