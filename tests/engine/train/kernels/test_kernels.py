"""Steps compiled from C against a plain module in float64, at shapes that fit their tiles and at shapes that do not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from scalingdsl.engine.train import kernels
from scalingdsl.engine.train.families.compiled_stack import NativeTransformer
from scalingdsl.engine.train.families.reference_transformer import ReferenceTransformer
from scalingdsl.engine.train.families.transformer import transformer_layout
from scalingdsl.engine.train.kernels.kernel_shape import part_sequences
from scalingdsl.spec.errors import EngineError, UsageError
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch.nn.functional import cross_entropy

from ...make import make_run
from ..watched import train


@pytest.fixture(params=kernels.KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of compiled steps that there is here, asked for."""
    if request.param not in kernels.usable_kinds():
        pytest.skip(f"no compiled steps of the kind {request.param} here: {kernels.why_not()}")
    monkeypatch.setenv(kernels.CHOICE, request.param)
    return str(request.param)


#: Model, vocabulary, length, batch. Products of several blocks each way; fewer rows, columns and terms than a tile; a
#: batch in parts, the last one smaller; a vocabulary of several blocks of tokens.
SHAPES: dict[str, tuple[dict[str, Any], int, int, int]] = {
    "tiles": ({"width": 64}, 512, 64, 4),
    "tied": ({"width": 64, "tied": True}, 512, 64, 7),
    "several heads": ({"width": 256, "heads": 4}, 96, 64, 2),
    "deep products": ({"width": 320, "heads": 2, "layers": 1, "tied": True}, 600, 32, 3),
    "nothing fits": ({"width": 20, "heads": 2, "mlp": 2.5, "layers": 3}, 7, 5, 3),
    "odd": ({"width": 6, "mlp": 1.5}, 37, 7, 3),
    "long": ({"width": 24, "layers": 1, "tied": True}, 50, 131, 2),
    "parts": ({"width": 128, "heads": 2}, 777, 64, 10),
    "many tokens": ({"width": 8, "layers": 1}, 9000, 64, 5),
    "muP": ({"width": 32, "heads": 4, "param": "muP", "base_width": 8, "tied": True}, 40, 16, 4),
    "beyond 512": ({"width": 12, "layers": 1}, 9, 600, 1),
    "one token": ({"width": 6, "layers": 1}, 3, 1, 1),
}


class Case:
    """A model with gains that are not ones, sequences [B, T+1], and the plain module of it in float64."""

    def __init__(self, shape: str, times: float = 1.0) -> None:
        words, self.vocab, self.length, self.batch = SHAPES[shape]
        self.model = Transformer(**words)
        self.layout = transformer_layout(self.model, self.vocab)
        generator = torch.Generator().manual_seed(1)
        self.params = torch.zeros(1, self.layout.stride)
        self.layout.init_(self.params[0], generator)
        for slot in self.layout.slots:
            if slot.std is None:
                self.params[0, slot.start : slot.stop] += 0.3 * torch.randn(slot.stop - slot.start, generator=generator)
        self.params.mul_(times)
        self.tokens = torch.randint(self.vocab, (self.batch, self.length + 1), generator=generator)
        self.net = ReferenceTransformer(self.model, self.vocab, self.params[0]).double()
        self.logits = self.net(self.tokens[:, :-1]).flatten(0, 1)
        self.loss = cross_entropy(self.logits, self.tokens[:, 1:].flatten())

    def worst_gradient(self, grads: torch.Tensor) -> float:
        """The largest relative distance of a tensor's gradient, from a row of them."""
        return max(
            distance(got.T if block and got.dim() == 2 else got, want)
            for slot in self.layout.slots
            for name, _, block in [slot.name.partition(".")]
            for want in [getattr(self.net.blocks[int(block)] if block else self.net, name).weight.grad]
            for got in [grads[slot.start : slot.stop].view(slot.shape)]
        )

    def native(self, grads: torch.Tensor | None) -> NativeTransformer:
        return NativeTransformer(self.model, self.layout, self.vocab, self.length, self.batch, self.params, grads)


def distance(got: torch.Tensor, want: torch.Tensor) -> float:
    """Relative, as vectors."""
    return float((got - want.detach()).norm() / want.detach().norm())


@pytest.mark.parametrize("shape", SHAPES)
def test_losses_and_gradients(shape: str, kind: str) -> None:
    case = Case(shape)
    case.loss.backward()
    grads = torch.full_like(case.params, torch.nan)
    stack = case.native(grads)
    chunk = stack.chunk(case.tokens[None, None])
    stack.step(chunk, 0)
    torch.testing.assert_close(stack.losses(chunk)[0, 0], case.loss, rtol=1e-6, atol=1e-7)
    assert case.worst_gradient(grads[0]) <= 1e-6


@pytest.mark.parametrize("shape", SHAPES)
def test_logits(shape: str, kind: str) -> None:
    case = Case(shape)
    assert distance(case.native(None).logits(case.tokens[:, :-1]), case.logits) <= 1e-6


def test_far_out(kind: str) -> None:
    """Activations far out on either side of GELU, and scores that leave all weight on one position."""
    case = Case("several heads", times=16.0)
    grads = torch.full_like(case.params, torch.nan)
    stack = case.native(grads)
    chunk = stack.chunk(case.tokens[None, None])
    stack.step(chunk, 0)
    assert bool(torch.isfinite(grads[:, : case.layout.n_params]).all())
    assert distance(case.native(None).logits(case.tokens[:, :-1]), case.logits) <= 1e-5


@pytest.mark.parametrize("shape", SHAPES)
def test_what_lies_in_the_workspace_before_does_not_matter(shape: str, kind: str) -> None:
    """Tiles at an edge read beyond it, and must not use it."""
    case = Case(shape)
    bits = []
    for before in (0.0, torch.nan):
        grads = torch.full_like(case.params, before)
        stack, judge = case.native(grads), case.native(None)
        stack._work.fill_(before)
        judge._work.fill_(before)
        stack.step(stack.chunk(case.tokens[None, None]), 0)
        bits.append((grads[:, : case.layout.n_params], judge.logits(case.tokens[:, :-1])))
    assert torch.equal(bits[0][0], bits[1][0])
    assert torch.equal(bits[0][1], bits[1][1])


@pytest.mark.parametrize("token", [-1, 96])
def test_a_token_outside_the_vocabulary_is_refused(token: int, kind: str) -> None:
    case = Case("several heads")
    case.tokens[1, 3] = token
    with pytest.raises(EngineError, match=f"a token {token}, and the vocabulary is 0 to 95"):
        case.native(torch.zeros_like(case.params)).chunk(case.tokens[None, None])
    with pytest.raises(EngineError, match="Remove them"):
        case.native(None).logits(case.tokens[:, :-1])


def test_a_part_depends_on_the_shape_alone() -> None:
    assert part_sequences(64, 64, 32) == 4
    assert part_sequences(512, 64, 32) == 16
    assert part_sequences(64, 64, 2) == 2
    assert part_sequences(64, 1024, 8) == 1


def test_where_torch_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.CHOICE, "torch")
    assert not kernels.suits(Transformer(width=8), 64, "cpu", "fp32")


def test_long_contexts_where_they_pay(kind: str) -> None:
    """Up to what was measured to pay, and while the squares of attention weights are no burden."""
    longest = {"avx512": 4096, "avx2": 1024, "generic": 512}[kind]
    small = Transformer(width=64, layers=2)
    assert kernels.suits(small, longest, "cpu", "fp32")
    assert not kernels.suits(small, longest + 1, "cpu", "fp32")
    large = Transformer(width=512, heads=8, layers=16)
    assert kernels.suits(large, 512, "cpu", "fp32")
    assert not kernels.suits(large, 1024, "cpu", "fp32")
    assert not kernels.suits(small, 64, "cuda", "fp32")
    assert not kernels.suits(small, 64, "cpu", "bf16")


def test_records_name_the_kind(kind: str) -> None:
    """Steps with AVX-512 keep the name that they had when they were the only ones."""
    assert (
        Case("odd").native(None).kernels
        == {
            "avx512": "native",
            "avx2": "native avx2",
            "generic": "native generic",
        }[kind]
    )


def test_the_widest_vectors_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernels.CHOICE, raising=False)
    assert kernels.kernels() is next(iter(kernels.usable_kinds().values()), None)


def test_steps_that_there_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.CHOICE, "tourch")
    with pytest.raises(UsageError, match=r"'tourch'; it may be 'native' .*, 'avx512', 'avx2', 'generic' \(one kind"):
        kernels.kernels()


def test_without_a_compiler_steps_are_those_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "usable_kinds", dict)
    monkeypatch.delenv(kernels.CHOICE, raising=False)
    assert kernels.kernels() is None
    (record,) = train([make_run(steps=2)]).values()
    assert (record.status, record.provenance["kernels"]) == ("done", "torch")
    monkeypatch.setenv(kernels.CHOICE, "avx2")
    with pytest.raises(UsageError, match="'avx2', and there are no such steps here: no steps were compiled"):
        kernels.kernels()


def test_a_kind_that_is_not_for_this_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    usable = {"generic": kernels.CompiledSteps("native generic", min, print, print)}
    monkeypatch.setattr(kernels, "usable_kinds", lambda: usable)
    monkeypatch.setenv(kernels.CHOICE, "avx512")
    with pytest.raises(UsageError, match="not for this processor, which can take generic"):
        kernels.kernels()
