"""Training steps compiled from C, for processors with AVX-512.

torch's operations each read and write whole activations. Here several take one pass, what follows a matrix product is
done while its sums are in registers, and a batch goes through the model in parts that stay in the caches
(docs/decisions/0008-compiled-steps.md). The C is compiled when the package is installed, where there is a compiler;
where there is none, or the processor lacks AVX-512, steps are torch's, and only slower. `SCALINGDSL_KERNELS=torch` asks
for torch's.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer

from ...hardware.processor import processor
from .kernel_shape import Shape, shape_of

#: Environment variable that chooses: `torch`, or `native` (the default).
CHOICE = "SCALINGDSL_KERNELS"


def kernels() -> ctypes.CDLL | None:
    """The compiled steps, or None where torch's are to be used.

    Raises:
        UsageError: The environment asks for steps that there are not.
    """
    choice = os.environ.get(CHOICE, "native")
    if choice not in ("native", "torch"):
        raise UsageError(f"{CHOICE} is {choice!r}; it may be 'native' (compiled steps where there are some) or 'torch'")
    return _compiled() if choice == "native" else None


@cache
def _compiled() -> ctypes.CDLL | None:
    if not processor().avx512:
        return None
    for suffix in EXTENSION_SUFFIXES:
        with contextlib.suppress(OSError):  # not there, or made for another system
            native = ctypes.CDLL(str(Path(__file__).with_name("_kernels" + suffix)))
            break
    else:
        return None
    shape, pointer = ctypes.POINTER(Shape), ctypes.c_void_p
    native.workspace.argtypes, native.workspace.restype = [shape, ctypes.c_int], ctypes.c_int64
    native.gradients.argtypes, native.gradients.restype = [shape, *[pointer] * 6], None
    native.logits.argtypes, native.logits.restype = [shape, *[pointer] * 4], None
    return native


#: The longest context of compiled steps.
LONGEST = 512


def suits(length: int, device: str, precision: str) -> bool:
    """True if transformers of such contexts are trained by compiled steps: on a CPU, in float32, where the square of
    attention weights of a head is no burden.
    """
    return device == "cpu" and precision != "bf16" and length <= LONGEST and kernels() is not None


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
    if not isinstance(model, Transformer) or not suits(length, device, run.stepping.precision):
        return None
    training, judging = (shape_of(model, run.sequences.vocab, length, n) for n in (run.stepping.batch, evaluated))
    return 4 * workspace(training, True), 4 * workspace(judging, False)
