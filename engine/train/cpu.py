"""The processor made ready: threads, allocator, denormals and the faster of two GEMMs.

Three settings decide how fast a small model trains on a CPU, and two of them the last bits, so they are made once,
first of all, and written down with every result:

- one thread a process: many small models want a process a core, not a core a matrix;
- glibc hands blocks of 32 MiB and more back to the system at every free and takes page faults at every use; mallopt
  stops it;
- numbers below 1e-38 are flushed to zero: the moments of tokens seldom seen get there, and cost a hundred cycles each;
- MKL takes its AVX2 path on AMD processors. Where AVX-512 units are full width (Zen 5 on), oneDNN is twice as fast,
  through a switch of torch that merely *permits* lower precision; so it is used only where a probe finds true fp32
  sums, and only for wide models.

What the processor is decides, never a timing: the same machine gets the same mode, and the same bits, at every start.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

#: glibc's mallopt parameters (malloc.h).
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
#: First AMD family with full-width AVX-512 (Zen 5).
ZEN5_FAMILY = 26
#: Narrowest model for which oneDNN pays.
ONEDNN_WIDTH = 64
#: Largest relative error that is still fp32: measured 1.0e-6 (oneDNN), 3.9e-7 (MKL) for sums of 512 terms.
FP32_ERROR = 5e-6

_prepared: dict[str, str] = {}


def prepare(threads: int = 1) -> dict[str, str]:
    """Set up this process for training; what was set, for provenance. Call before the first large allocation; once is
    enough.
    """
    if not _prepared:
        torch.set_num_threads(threads)
        allocator = _keep_memory()
        flushes = torch.set_flush_denormal(True)
        _prepared.update(
            torch=torch.__version__,
            processor=_processor()[0],
            threads=str(threads),
            allocator=allocator,
            denormals="flushed" if flushes else "kept",
            gemm=_choose_gemm(),
        )
    return dict(_prepared)


def provenance() -> dict[str, str]:
    """What may move the last bits of a result in this process, prepared or not."""
    if _prepared:
        return dict(_prepared)
    return {
        "torch": torch.__version__,
        "processor": _processor()[0],
        "threads": str(torch.get_num_threads()),
        "allocator": "system",
        "denormals": "kept",
        "gemm": "default",
    }


def numerics_mode(width: int) -> str:
    """The part of the provenance that bit identity depends on, for models of one width."""
    facts = provenance()
    gemm = facts["gemm"] if width >= ONEDNN_WIDTH else "default"
    return f"{facts['processor']}; torch {facts['torch']}; gemm {gemm}; denormals {facts['denormals']}"


@contextmanager
def gemm_for(width: int) -> Iterator[None]:
    """Inside, fp32 GEMMs take the chosen route for models of this width."""
    if _prepared.get("gemm") == "onednn" and width >= ONEDNN_WIDTH:
        before = torch.backends.mkldnn.matmul.fp32_precision
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"
        try:
            yield
        finally:
            torch.backends.mkldnn.matmul.fp32_precision = before
    else:
        yield


@contextmanager
def plain_gemm() -> Iterator[None]:
    """Inside, GEMMs take torch's own route: oneDNN's calls cost eightfold on the tiny products inside attention."""
    if _prepared.get("gemm") == "onednn":
        before = torch.backends.mkldnn.matmul.fp32_precision
        torch.backends.mkldnn.matmul.fp32_precision = "ieee"
        try:
            yield
        finally:
            torch.backends.mkldnn.matmul.fp32_precision = before
    else:
        yield


def _keep_memory() -> str:
    """Tell glibc to keep what it was given; other allocators are left alone."""
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return "system"
    mallopt = ctypes.CDLL(None).mallopt
    kept = mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, 2**31 - 1) and mallopt(M_TOP_PAD, 256 * 2**20)
    return "glibc, memory kept" if kept else "system"


def _processor() -> tuple[str, str, int]:
    """Name, vendor and family of the processor; the name has family and model, since names alone are often vague."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return platform.processor() or platform.machine(), "", 0
    facts = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in text.splitlines())}
    name, vendor, family = (
        facts.get("model name", platform.machine()),
        facts.get("vendor_id", ""),
        facts.get("cpu family", ""),
    )
    return f"{name} family {family} model {facts.get('model', '')}", vendor, int(family) if family.isdigit() else 0


def _choose_gemm() -> str:
    """`onednn` on processors where it is much faster and its sums are true fp32, else `default`."""
    _, vendor, family = _processor()
    if vendor != "AuthenticAMD" or family < ZEN5_FAMILY or not torch.backends.mkldnn.is_available():
        return "default"
    return "onednn" if onednn_error() <= FP32_ERROR else "default"


def onednn_error() -> float:
    """Largest error of the permitted route on a product of two 512 x 512 matrices, relative to the largest entry."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(512, 512, generator=generator) for _ in range(2))
    exact = a.double() @ b.double()
    before = torch.backends.mkldnn.matmul.fp32_precision
    torch.backends.mkldnn.matmul.fp32_precision = "bf16"
    try:
        error = (torch.mm(a, b).double() - exact).abs().max() / exact.abs().max()
    finally:
        torch.backends.mkldnn.matmul.fp32_precision = before
    return float(error)
