"""Training steps for GPUs, written in Triton.

Kernels of torch's steps each read and write whole activations, some two hundred and forty a step of two blocks; these
are about fifty. They are an option: Triton comes with builds of torch for CUDA, is imported where they are asked for
and nowhere else, and torch's steps remain the reference and what everything else is trained by.

Every program works for one model and adds up in an order that the shape and its tiles give: no atomics, no sums split
among programs. A model's bits depend on its shape alone, so that a run alone and a run in a pack agree on one kind
of GPU.

Without a GPU the same kernels run in Triton's interpreter, with `TRITON_INTERPRET=1` before they are first imported.

Axes in all files of this folder: P packed model, N = B T tokens, M width, H heads, K features of a head, V vocabulary.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.vocabulary.words.families import Cost, Family, Transformer

if TYPE_CHECKING:
    import torch

#: As `SCALINGDSL_KERNELS` names them.
CHOICE = "triton"
#: Longest context, and features of a head at most, of attention in one tile: tiles of 128 tokens spill registers.
LONGEST, FEATURES = 64, 64
#: Triton's own environment variable for its interpreter.
INTERPRETER = "TRITON_INTERPRET"
#: How factors of products are taken, and what a record calls that, by the declared precision. Three products of factors
#: with 10 bits have the error of float32 or less; `tests/engine/train/kernels/test_three_products.py` shows how much.
DOTS = {"fp32": "tf32x3", "tf32": "tf32", "bf16": "ieee"}
NAMES = {
    "fp32": "triton, fp32 by three tf32 products",
    "tf32": "triton, tf32",
    "bf16": "triton, bf16",
}


def installed() -> bool:
    """True if there is a Triton to compile them."""
    return find_spec("triton") is not None


def interpreted() -> bool:
    """True if they are to run in Triton's interpreter, where a CPU will do."""
    return os.environ.get(INTERPRETER) == "1"


def capability(device: torch.device) -> int:
    """Compute capability as sm_90 has it; where kernels are interpreted it is that."""
    if device.type != "cuda":
        return 90
    import torch

    major, minor = torch.cuda.get_device_capability(device)
    return 10 * major + minor


def possible(device: str) -> bool:
    """True if a device can run them.

    Raises:
        UsageError: It could, and there is no Triton.
    """
    if device != "cuda" and not interpreted():
        return False
    if not installed():
        raise UsageError(
            f"SCALINGDSL_KERNELS is {CHOICE!r}, and there is no Triton here: pip install 'scalingdsl[gpu-kernels]', or "
            "leave the variable out to train by torch's operations"
        )
    return True


def in_tiles(model: Family, length: int) -> bool:
    """True if it is a transformer whose attention over such contexts is one tile, and that has nothing but layers."""
    if not isinstance(model, Transformer) or not model.layered:
        return False
    return length <= LONGEST and model.width // model.n_heads <= FEATURES


def cost(model: Family, vocab: int) -> Cost:
    """Of these steps: `triton_stack.py` says what a block holds, and its launches what they read and write."""
    assert isinstance(model, Transformer)
    d, f, layers = model.width, model.hidden, model.layers
    return Cost(
        operations=0,
        elements=0,
        held=layers * (6 * d + 2 * f + 2) + 5 * d + f + 3,
        judged=9 * d + 2 * f + 4,
        launches=20 * layers + 8,
        multiplied=layers * (26 * d + 8 * f) + 3 * (d + vocab),
        passed=layers * 25 * d + 13 * d + 2 * vocab,
    )
