"""The processor made ready: threads, allocator, denormals, and the faster of two GEMMs.

What decides how fast a small model trains on a CPU, and partly its last bits, is set once, first of all, and written
down with every result:

- one thread a process: many small models want a process a core, not a core a matrix;
- glibc hands blocks of 32 MiB and more back to the system at every free and takes page faults at every use; mallopt
  stops it;
- numbers below 1e-38 are flushed to zero: the moments of tokens seldom seen get there, and cost a hundred cycles each;
- MKL takes its AVX2 path on AMD processors; where there is AVX-512, oneDNN is faster. A switch of torch asks oneDNN; it
  merely *permits* lower precision, so it is used only where a probe finds true fp32 sums, product by product, and never
  for small products such as those inside attention, where asking costs more than it gains.

What the processor is decides, never a timing: the same machine gets the same mode, and the same bits, at every start.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable
from typing import Any

import torch

from ..hardware.processor import processor

#: glibc's mallopt parameters (malloc.h).
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
#: First AMD family with AVX-512. Large products are twice as fast on Zen 5 (26); on Zen 4 (25), whose units are half as
#: wide, whole steps of models of width 64 to 256 are 1.09 to 1.11 times as fast (2,048 tokens, a core, CPU time).
ONEDNN_FAMILY = 25
#: Narrowest model for which it pays, and fewest tokens times width: asking costs 60 microseconds a product.
ONEDNN_WIDTH, ONEDNN_ELEMENTS = 64, 2**16
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
            processor=processor().name,
            threads=str(threads),
            allocator=allocator,
            denormals="flushed" if flushes else "kept",
            gemm=_choose_gemm(),
        )
    return dict(_prepared)


def settle_thread() -> None:
    """Give the calling thread what `prepare` gave the one it was called in: threads and denormals are settings of a
    thread.
    """
    if _prepared:
        torch.set_num_threads(int(_prepared["threads"]))
        torch.set_flush_denormal(_prepared["denormals"] == "flushed")


def provenance() -> dict[str, str]:
    """Settings that may move the last bits of a result in this process, prepared or not."""
    if _prepared:
        return dict(_prepared)
    return {
        "torch": torch.__version__,
        "processor": processor().name,
        "threads": str(torch.get_num_threads()),
        "allocator": "system",
        "denormals": "kept",
        "gemm": "default",
    }


def numerics_mode() -> str:
    """The part of the provenance that bit identity depends on."""
    facts = provenance()
    return f"{facts['processor']}; torch {facts['torch']}; gemm {facts['gemm']}; denormals {facts['denormals']}"


def product(op: Callable[..., Any], width: int, tokens: int) -> Callable[..., Any]:
    """A matrix product of torch (`bmm`, `baddbmm`, ...) by the chosen route, for models of a width that see so many
    tokens a step; how many are stacked must not matter.
    """
    large = width >= ONEDNN_WIDTH and width * tokens >= ONEDNN_ELEMENTS
    return _by_onednn(op) if provenance()["gemm"] == "onednn" and large else op


def _by_onednn(op: Callable[..., Any]) -> Callable[..., Any]:
    switch: Any = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]  # torch's stubs do not know it

    def routed(*args: Any, **kwargs: Any) -> Any:
        before = switch.fp32_precision
        switch.fp32_precision = "bf16"
        try:
            return op(*args, **kwargs)
        finally:
            switch.fp32_precision = before

    return routed


def _keep_memory() -> str:
    """Tell glibc to keep what it was given; other allocators are left alone."""
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return "system"
    mallopt = ctypes.CDLL(None).mallopt
    kept = mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, 2**31 - 1) and mallopt(M_TOP_PAD, 256 * 2**20)
    return "glibc, memory kept" if kept else "system"


def _choose_gemm() -> str:
    """`onednn` on processors where it is faster and its sums are true fp32; else `default`."""
    its = processor()
    known = its.vendor == "AuthenticAMD" and its.family >= ONEDNN_FAMILY and its.avx512
    if not known or not torch.backends.mkldnn.is_available():
        return "default"
    return "onednn" if onednn_error() <= FP32_ERROR else "default"


def onednn_error() -> float:
    """Largest error of the permitted route on a product of two 512 x 512 matrices, relative to the largest entry."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(512, 512, generator=generator) for _ in range(2))
    exact = a.double() @ b.double()
    return float((_by_onednn(torch.mm)(a, b).double() - exact).abs().max() / exact.abs().max())
