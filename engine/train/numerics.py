"""The numerics mode: all that the last bits of a run depend on beside its declaration.

On a CPU that is the processor, torch, its settings and whose steps are taken. On a GPU it is the GPU, its libraries,
and, though a run goes on in a pack of any size, the number of its rows, since cuBLAS may take another kernel for
another number of products: a record says so where that changed.
"""

from __future__ import annotations

import os

import torch
from scalingdsl.spec.errors import UsageError

from ..hardware.devices import gpu_driver
from . import cpu_settings

#: Environment variable that says what becomes of a run whose checkpoint was made in another mode: `same`, the default,
#: begins it anew and keeps that checkpoint; `mixed` goes on with it.
CHECKPOINTS = "SCALINGDSL_CHECKPOINTS"


def mixed() -> bool:
    """True if runs may go on in another mode than they were begun in.

    Raises:
        UsageError: The environment asks for what there is not.
    """
    choice = os.environ.get(CHECKPOINTS, "same")
    if choice not in ("same", "mixed"):
        raise UsageError(
            f"{CHECKPOINTS} is {choice!r}; it may be 'same' (a run half trained by a machine of another kind begins "
            "anew, and its checkpoint is kept) or 'mixed' (it goes on, and its record says so)"
        )
    return choice == "mixed"


def numerics_mode(device: torch.device, precision: str, kernels: str) -> str:
    """The mode of a pack in words, as checkpoints hold it."""
    if device.type != "cuda":
        return f"{cpu_settings.numerics_mode()}; {device.type} {precision}; {kernels}"
    facts = "; ".join(gpu_facts(device).values())
    return f"{facts}; torch {torch.__version__}; cuda {precision}; {kernels}"


def driver_fact(device: torch.device) -> dict[str, str]:
    """The GPU's driver, for provenance, where it says its version: no bit of a run depends on it."""
    driver = gpu_driver() if device.type == "cuda" else ""
    return {"driver": driver} if driver else {}


def gpu_facts(device: torch.device) -> dict[str, str]:
    """The GPU and its libraries, which its mode names; nothing on a CPU."""
    if device.type != "cuda":
        return {}
    its = torch.cuda.get_device_properties(device)
    return {
        "gpu": f"{its.name}, compute capability {its.major}.{its.minor}",
        "cuda": f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}",
    }
