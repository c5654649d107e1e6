"""The processor, as the system describes it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Processor:
    """The properties that decide how fast numbers are added up, and partly their last bits.

    Attributes:
        name: With family and model, since names alone are often vague.
        vendor: As CPUID gives it; empty where it is not known.
        family: As CPUID gives it; 0 where it is not known.
        avx512: Whether it adds and multiplies sixteen float32 at a time.
    """

    name: str
    vendor: str = ""
    family: int = 0
    avx512: bool = False


@cache
def processor() -> Processor:
    """This machine's."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return Processor(platform.processor() or platform.machine())
    facts = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in text.splitlines())}
    family = facts.get("cpu family", "")
    return Processor(
        name=f"{facts.get('model name', platform.machine())} family {family} model {facts.get('model', '')}",
        vendor=facts.get("vendor_id", ""),
        family=int(family) if family.isdigit() else 0,
        avx512="avx512f" in facts.get("flags", "").split(),
    )
