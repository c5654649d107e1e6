"""Standard and maximal-update parametrisation: how initial scales, multipliers and learning rates depend on width.

With d the width, m = d / base_width, L layers, k features a head and k0 = min(base_width, 64), the head size of the
base model:

    | quantity                              | SP              | muP                |
    |---------------------------------------|-----------------|--------------------|
    | std of embedding, head, hidden        | 0.02            | 1 / sqrt(d)        |
    | std of matrices that end in the residual | 0.02 / sqrt(2L) | 1 / sqrt(2 L d) |
    | embedding output times                | 1               | sqrt(d)            |
    | logits times                          | 1               | 1 / sqrt(m)        |
    | attention scores times                | 1 / sqrt(k)     | sqrt(k0) / k       |
    | rate of norm gains times              | 1, no decay     | 1, no decay        |
    | Adam's rate of embedding and head times | 1             | 1 / sqrt(m)        |
    | Adam's rate of hidden matrices times  | 1               | 1 / m              |

base_width = 1 makes m = d and k0 = 1: the absolute multipliers of the code that arXiv:2601.10684 cites (nanoGPT-mup,
tied variant). A larger base_width scales rates, logits and scores, so that a peak rate means at every width what it
means at the base. The attention scale is then SP's where a head has the base model's features, and nothing else is:
first weights and the embedding's multiplier differ at every width. An untied head is scaled as the tied one. What the
rates are multiplied by is a matter of the optimiser, which declares it (`width_rule`).

References: arXiv:2203.03466, table 8; github.com/dayal-kalra/nanoGPT-mup; SP: github.com/karpathy/nanoGPT.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Family, Transformer
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser

from .parameter_layout import Layout

#: Initial standard deviation of every matrix under SP (GPT-2).
SP_STD = 0.02
#: Added to the variance in a norm.
NORM_EPS = 1e-5
#: Features a head has by default once a model is that wide.
HEAD_FEATURES = 64


@dataclass(frozen=True)
class Scales:
    """Every width-dependent number of a transformer but its learning rates: standard deviations and multipliers."""

    std: float
    std_residual: float
    embedding: float
    logits: float
    scores: float


def scales(model: Transformer) -> Scales:
    """The scales of a model under its own parametrisation."""
    width, layers = model.width, model.layers
    d_head = width // model.n_heads
    if model.param == "SP":
        return Scales(SP_STD, SP_STD / sqrt(2 * layers), 1.0, 1.0, 1 / sqrt(d_head))
    mult = width / model.base_width
    base_head = min(model.base_width, HEAD_FEATURES)
    return Scales(
        std=1 / sqrt(width),
        std_residual=1 / sqrt(2 * layers * width),
        embedding=sqrt(width),
        logits=1 / sqrt(mult),
        scores=sqrt(base_head) / d_head,
    )


def with_rates(layout: Layout, model: Family, optimiser: GradientOptimiser) -> Layout:
    """A model's layout with the multipliers of the peak rate that its width and its optimiser come to.

    Raises:
        EngineError: The model is under muP, and the optimiser has no rule for that.
    """
    if model.width_mult is None:
        return layout
    rule = optimiser.width_rule(model.width_mult)
    if rule is None:
        raise EngineError(f"{optimiser.word}(...) has no rule for how its learning rate depends on the width under muP")
    groups = tuple(replace(group, rate=group.rate * rule[group.kind]) for group in layout.groups)
    return replace(layout, groups=groups)
