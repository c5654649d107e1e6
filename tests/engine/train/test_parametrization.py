"""Multipliers as the cited code has them, and what they are for: updates whose size does not depend on width."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.families.attention import ROTARY_BASE
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.optimisers import optimiser
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parametrization import NORM_EPS, scales, with_rates
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.optimisers import Lion, Muon, Scion, Shampoo, Soap
from scalingdsl.spec.vocabulary.words.training import AdamW, GradientOptimiser, Sgd

from ..make import SOURCE

WIDTHS = (32, 64, 128, 256, 512)


def test_base_width_one_gives_the_absolute_multipliers_of_the_cited_code() -> None:
    d, layers, heads = 256, 3, 4
    model = Transformer(width=d, layers=layers, heads=heads, base_width=1)
    s = scales(model)
    assert s.std == 1 / sqrt(d)
    assert s.std_residual == pytest.approx(1 / sqrt(2 * layers * d))
    assert s.embedding == sqrt(d)
    assert s.logits == pytest.approx(1 / sqrt(d))
    assert s.scores == heads / d
    assert _rates(model) == (1.0, pytest.approx(1 / sqrt(d)), 1 / d)


@pytest.mark.parametrize("base", [1, 64, 256])
@pytest.mark.parametrize("heads", [0, 4])
def test_mup_is_table_8_of_tensor_programs_v(base: int, heads: int) -> None:
    """For Adam, up to its symmetry: multiplier a, deviation b, rate c are a/t, b t, c t; so a b and a c are compared.

    Input weights: multiplier, variance, rate constant. Output: multiplier 1/fan_in. Hidden: variance and rate 1/fan_in.
    Scores: 1/d_head.
    """
    small, large = (Transformer(width=w, heads=heads, base_width=base) for w in (128, 2048))
    wider = large.width / small.width
    s, t = scales(small), scales(large)
    (gains, vocabulary, hidden), (gains_t, vocabulary_t, hidden_t) = _rates(small), _rates(large)
    grows = {
        "input: deviation": t.embedding * t.std / (s.embedding * s.std),
        "input: rate": t.embedding * vocabulary_t / (s.embedding * vocabulary),
        "output: deviation": t.logits * t.std / (s.logits * s.std) * wider,
        "output: rate": t.logits * vocabulary_t / (s.logits * vocabulary) * wider,
        "hidden: deviation": t.std / s.std * sqrt(wider),
        "residual: deviation": t.std_residual / s.std_residual * sqrt(wider),
        "hidden: rate": hidden_t / hidden * wider,
        "gains: rate": gains_t / gains,
        "scores": t.scores / s.scores * (large.width // large.n_heads) / (small.width // small.n_heads),
    }
    assert grows == pytest.approx(dict.fromkeys(grows, 1.0))


def test_sp_and_mup_do_not_meet_at_the_base() -> None:
    sp, mup = (scales(Transformer(width=64, param=param)) for param in ("SP", "muP"))
    assert sp.scores == mup.scores
    assert (sp.std, sp.embedding) == (0.02, 1.0)
    assert (mup.std, mup.embedding) == (1 / 8, 8.0)


def _rates(model: Transformer) -> tuple[float, ...]:
    """Multipliers of AdamW's rate for vectors, vocabulary-by-width and hidden matrices."""
    return tuple(group.rate for group in with_rates(transformer_layout(model, 20), model, AdamW()).groups)


def test_the_page_of_what_is_trained_states_these_numbers() -> None:
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "models.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.split("\n") if line.startswith("| ")]
    stated = {row[0]: dict(zip(("SP", "muP"), row[1:])) for row in rows if len(row) == 3}
    for model in (Transformer(width=w, layers=3, heads=4, base_width=b, param=p)
                  for w in (32, 256) for b in (1, 128) for p in ("SP", "muP")):  # fmt: skip
        s, (gains, vocabulary, hidden) = scales(model), _rates(model)
        letters = {"d": model.width, "L": 3, "k": model.width // 4, "m": model.width / model.base_width}
        letters["k0"] = min(model.base_width, 64)
        named = {
            "deviation of embedding, head, hidden matrices": s.std,
            "deviation of the matrices that end a branch (W_o, W_down)": s.std_residual,
            "s_e, times the embedding": s.embedding,
            "s_l, times the logits": s.logits,
            "s_a, times the scores": s.scores,
            "rate of embedding and head, times the peak": vocabulary,
            "rate of hidden matrices, times the peak": hidden,
            "rate of gains, times the peak": gains,
        }
        for name, number in named.items():
            plain = stated[name][model.param].replace("2 L d", "2*L*d").replace("2L", "2*L")
            stands = eval(plain, {"sqrt": sqrt}, letters)  # noqa: S307 - a page of this project
            assert stands == pytest.approx(number), (name, model)
    for words in (
        f"the variance (over d, not d - 1) gets {NORM_EPS:.0e} added".replace("e-05", "e-5"),
        f"t x {ROTARY_BASE:.0f}^(-2i/k)",
        "**gelu** is the exact one",
        "neighbouring pairs of features",
        "**Decay takes the rate of its group**",
        "*after* the last step",
        "**SP and muP do not meet at the base.**",
        "**biased low**",
    ):
        assert words in page


def test_at_the_base_width_rates_are_plain() -> None:
    model = Transformer(width=64, base_width=64)
    assert (*_rates(model), scales(model).logits) == (1, 1, 1, 1)


def test_an_optimiser_without_a_rule_is_refused_under_mup_and_has_plain_rates_under_sp() -> None:
    class Unruled(GradientOptimiser):
        """An optimiser that says nothing of widths."""

    for model in (Transformer(width=256), Transformer(width=64, base_width=64)):
        with pytest.raises(EngineError, match="no rule"):
            with_rates(transformer_layout(model, 20), model, Unruled())
    model = Transformer(width=256, param="SP")
    assert with_rates(transformer_layout(model, 20), model, Unruled()) == transformer_layout(model, 20)


def test_sp_depends_on_width_through_heads_alone() -> None:
    model = Transformer(width=256, heads=4, layers=2, param="SP", base_width=8)
    s = scales(model)
    assert (s.std, s.std_residual, s.scores) == (0.02, 0.01, 1 / 8)
    assert (s.embedding, s.logits, *_rates(model)) == (1, 1, 1, 1, 1)


@pytest.mark.parametrize("tied", [True, False])
def test_initial_scales_and_groups_are_what_the_table_says(tied: bool) -> None:
    model = Transformer(width=128, layers=2, tied=tied, base_width=32)
    layout = transformer_layout(model, 500)
    row = torch.zeros(1, layout.stride)
    layout.init_(row[0], init_generator(0))
    s = scales(model)
    for slot in layout.slots:
        value = layout.view(row, slot.name)
        if slot.name.startswith("norm"):
            assert bool((value == 1).all())
        else:
            ends = slot.name.startswith(("attn_out", "down"))
            # The spread of a sample deviation of n numbers is 1 / sqrt(2n); five of them.
            assert float(value.std()) == pytest.approx(
                s.std_residual if ends else s.std, rel=5 / sqrt(2 * value.numel())
            )
    assert [(g.kind, g.decays) for g in layout.groups] == [("vectors", False), ("vocabulary", True), ("hidden", True)]
    assert _rates(model) == (1.0, 1 / 2, 1 / 4)


def growth(
    param: str,
    tied: bool,
    word: GradientOptimiser,
    *,
    steps: int = 4,
    batch: int = 8,
    widths: tuple[int, ...] = WIDTHS,
) -> dict[str, float]:
    """Exponent in width of the size of each activation's change over a few steps, entry by entry."""
    stream = open_source(SOURCE)
    vocab, length = stream.vocab, stream.length
    index = torch.arange(batch * (steps + 1))[None]
    tokens = stream.batch(torch.tensor([0]), index).unflatten(1, (steps + 1, batch)).transpose(0, 1)
    sizes: dict[str, list[float]] = {}
    for width in widths:
        model = Transformer(width=width, heads=width // 16, param=param, tied=tied, base_width=32)
        layout = with_rates(transformer_layout(model, vocab), model, word)
        state = State(1, layout.stride, "cpu", word.moments, word.beside(layout.shapes))
        layout.init_(state.params[0], init_generator(0))
        stack = StackedTransformer(model, vocab, length, batch, state.params, state.grads, "fp32")
        update = optimiser(word, layout, state)
        with torch.no_grad():
            chunk = stack.chunk(tokens)
            views = stack.views(0, 1)

            def seen(chunk=chunk, views=views, stack=stack) -> dict[str, torch.Tensor]:
                views.forward(chunk.inputs[-1])
                logits = views.h @ views.head_w.transpose(1, 2)
                last = views.layers[-1]
                named = {"qkv": views.qkv, "up": last.up, "residual": views.x, "logits": logits}
                return {name: value.clone() for name, value in named.items()}

            before = seen()
            numbers = update.chunk([word], np.full((steps, 1), word.lr))
            for at in range(steps):
                stack.step(chunk, at)
                update.step(numbers, at)
            for name, value in seen().items():
                sizes.setdefault(name, []).append(float((value - before[name]).square().mean().sqrt()))
    return {name: float(np.polyfit(np.log(widths), np.log(size), 1)[0]) for name, size in sizes.items()}


@pytest.mark.parametrize("tied", [True, False])
def test_coordinate_check(tied: bool) -> None:
    """Under muP a rate moves every activation by as much at any width; under SP by more, the wider the model."""
    mup = growth("muP", tied, AdamW(lr=0.01))
    assert all(abs(exponent) < 0.2 for exponent in mup.values()), mup
    sp = growth("SP", tied, AdamW(lr=0.003))
    assert sp["logits"] > 0.5, sp
    assert sp["residual"] > 0.3, sp


@pytest.mark.slow
@pytest.mark.parametrize(
    "word",
    [Sgd(lr=0.3), Sgd(lr=0.1, momentum=0.9), Lion(lr=0.003), Muon(), Scion()],
    ids=lambda word: f"{word.word}-{word.lr:g}",
)
def test_coordinate_check_of_every_optimiser(word: GradientOptimiser) -> None:
    found = growth("muP", True, word, widths=WIDTHS[:4])
    # Logits move by width^-.2 at most, since they begin by falling as width^-1/2.
    assert all(abs(exponent) < 0.25 for exponent in found.values()), found


@pytest.mark.slow
@pytest.mark.parametrize("word", [Soap(), Shampoo()], ids=lambda word: word.word)
def test_coordinate_check_of_those_that_keep_squares(word: GradientOptimiser) -> None:
    """Of more tokens a step than features, so that squares have no directions that nothing was seen of.

    In Adam's eigenbasis noise is as large as what is learnt, and the rule is made for its growing as the root of the
    width: what is learnt lags behind by less than that.
    """
    found = growth("muP", True, word, batch=64, widths=(16, 32, 64))
    assert all(-0.4 < exponent < 0.2 for exponent in found.values()), found
