"""Triton as kernels name it. Where it is not installed they can be read and not launched, which `possible` says."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import triton.language as tl
    from triton import jit
else:
    there = find_spec("triton") is not None
    tl = import_module("triton.language") if there else None
    jit = import_module("triton").jit if there else lambda kernel: kernel
