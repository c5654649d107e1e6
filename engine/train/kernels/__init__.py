"""Training steps compiled from C.

torch's operations each read and write whole activations. Here several take one pass, what follows a matrix product is
done while its sums are in registers, and a batch goes through the model in parts that stay in the caches
(docs/decisions/0008-compiled-steps.md). The C is compiled when the package is installed, where there is a compiler: one
source, once for each kind of vector, of which the processor decides. Where there is no compiler steps are torch's, and
only slower. The environment variable `SCALINGDSL_KERNELS` asks for one kind, or for torch's. On a GPU steps are
torch's, or, where it asks for them, those of `gpu/`, written in Triton.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer

from . import gpu
from .kernel_shape import Shape, shape_of

#: Environment variable that chooses: `torch`, one of `KINDS`, or `native` (the default), the first of them that can be
#: used; `triton` is `native` on a CPU, and on a GPU Triton's steps.
CHOICE = "SCALINGDSL_KERNELS"
#: Kinds of vectors, the widest first, and how records name steps made of them. AVX-512 was once the only one.
KINDS = {"avx512": "native", "avx2": "native avx2", "generic": "native generic"}
#: The longest context at which each pays: with AVX2 torch's steps are level with them at 2,048 tokens.
LONGEST = {"avx512": 4096, "avx2": 1024, "generic": 512}
#: The context up to which compiled steps are always taken, and beyond it the attention weights of a sequence, all heads
#: and blocks, that they may keep: 256 MiB. torch's steps keep none of long contexts. At 64 features they take 2.4, 1.8
#: and 1.5 times as long as steps with AVX-512 at 1,024, 2,048 and 4,096 tokens.
LONG, LONG_WEIGHTS = 512, 2**26


@dataclass(frozen=True)
class CompiledSteps:
    """The functions of transformer.h for one kind of vectors."""

    #: As records name them.
    name: str
    workspace: Callable[..., int]
    gradients: Callable[..., None]
    logits: Callable[..., None]
    #: Tokens of the longest context at which they pay.
    longest: int = LONG


def kernels() -> CompiledSteps | None:
    """The compiled steps, or None where torch's are to be used.

    Raises:
        UsageError: The environment asks for steps that there are not.
    """
    choice = _choice()
    if choice == "torch":
        return None
    found = usable_kinds()
    if choice in ("native", gpu.CHOICE):
        return next(iter(found.values()), None)
    if choice not in found:
        raise UsageError(f"{CHOICE} is {choice!r}, and there are no such steps here: {why_not()}")
    return found[choice]


def _choice() -> str:
    """What the environment asks for.

    Raises:
        UsageError: There is no such choice.
    """
    choice = os.environ.get(CHOICE, "native")
    if choice not in ("native", *KINDS, "torch", gpu.CHOICE):
        kinds = ", ".join(repr(kind) for kind in KINDS)
        raise UsageError(
            f"{CHOICE} is {choice!r}; it may be 'native' (compiled steps where there are some), {kinds} (one kind of "
            f"them), 'torch' or {gpu.CHOICE!r} (on a GPU, steps written in Triton)"
        )
    return choice


def prefers_triton() -> bool:
    """True if steps on a GPU are to be Triton's, where their shape allows."""
    return _choice() == gpu.CHOICE


def by_triton(device: str) -> bool:
    """True if steps on a device are to be so.

    Raises:
        UsageError: They are, and there is no Triton.
    """
    return prefers_triton() and gpu.possible(device)


def why_not() -> str:
    """The reason for which no other kind of compiled steps can be taken here."""
    if not usable_kinds():
        return "no steps were compiled when this package was installed; that needs a C compiler"
    return f"they are not for this processor, which can take {', '.join(usable_kinds())}"


@cache
def usable_kinds() -> dict[str, CompiledSteps]:
    """Every kind of compiled steps that can be taken here, the fastest first; none where nothing was compiled."""
    library = _library()
    found = {}
    for kind, name in KINDS.items():
        usable = getattr(library, f"usable_{kind}", None)
        if usable is not None and usable():
            workspace, gradients, logits = (
                getattr(library, f"{f}_{kind}") for f in ("workspace", "gradients", "logits")
            )
            shape, pointer = ctypes.POINTER(Shape), ctypes.c_void_p
            workspace.argtypes, workspace.restype = [shape, ctypes.c_int], ctypes.c_int64
            gradients.argtypes, gradients.restype = [shape, *[pointer] * 6], None
            logits.argtypes, logits.restype = [shape, *[pointer] * 4], None
            found[kind] = CompiledSteps(name, workspace, gradients, logits, LONGEST[kind])
    return found


def _library() -> Any:
    for suffix in EXTENSION_SUFFIXES:
        with contextlib.suppress(OSError):  # not there, or made for another system
            return ctypes.CDLL(str(Path(__file__).with_name("_kernels" + suffix)))
    return None


def suits(model: Transformer, length: int, device: str, precision: str) -> bool:
    """True if such transformers are trained by compiled steps: on a CPU, in float32, where the squares of attention
    weights are no burden, and have nothing but layers.
    """
    found = kernels() if device == "cpu" and precision != "bf16" and model.layered else None
    if found is None or length <= LONG:
        return found is not None
    return length <= found.longest and model.layers * model.n_heads * length**2 <= LONG_WEIGHTS


def workspace(shape: Shape, training: bool) -> int:
    """Floats that a model of this shape works with, beside its parameters and gradients."""
    native = kernels()
    assert native is not None
    return int(native.workspace(shape, training))


def workspaces(run: Run, device: str, evaluated: int = 1) -> tuple[int, int] | None:
    """Bytes that a run's models share in training, and in an evaluation of so many sequences at once; None where it is
    not trained by compiled steps.
    """
    model, length = run.model, run.sequences.length
    if not isinstance(model, Transformer) or not suits(model, length, device, run.stepping.precision):
        return None
    training, judging = (shape_of(model, run.sequences.vocab, length, n) for n in (run.stepping.batch, evaluated))
    return 4 * workspace(training, True), 4 * workspace(judging, False)
