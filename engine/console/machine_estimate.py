"""`plan --machine NAME`: what a study would cost on a machine that is not at hand, and what that assumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..formatting import duration, size

if TYPE_CHECKING:
    from ..planning.machines import Estimate, Machine

F = TypeVar("F", bound=Callable[..., Any])


def _named(ctx: click.Context, param: click.Parameter, name: str | None) -> Machine | None:
    if name is None:
        return None
    from ..planning.machines import machine_named

    try:
        return machine_named(name)
    except LookupError as error:
        raise click.BadParameter(error.args[0], ctx, param) from None


def machine_option(function: F) -> F:
    """`--machine NAME`; passes its profile as `machine`, or None."""
    help_text = "Cost the study on h100, h200 or a100 instead of on this machine, from a profile and its assumptions."
    return click.option("--machine", metavar="NAME", callback=_named, help=help_text)(function)


def estimate_payload(found: Estimate) -> dict[str, Any]:
    """The estimate for programs: seconds of one machine, in all and by width, and every assumption."""
    machine = found.machine
    return {
        "name": machine.name,
        "about": machine.about,
        "source": machine.source,
        "peak_flops": {name: machine.peak[name] for name in found.precisions},
        "utilisation": {str(width): machine.share(width) for width in found.by_width},
        "memory_bytes": found.memory_bytes,
        "machine_memory_bytes": machine.memory_bytes,
        "side_by_side": found.side,
        "seconds_by_width": {str(width): round(s, 1) for width, s in found.by_width.items()},
        "teacher_seconds": round(found.teachers, 1),
        "predicted_seconds": round(found.wall_seconds, 1),
        "hours": round(found.wall_seconds / 3600, 2),
    }


def estimate_text(found: Estimate) -> list[str]:
    """The same for people."""
    machine = found.machine
    peaks = ", ".join(f"{machine.peak[name] / 1e12:.0f} TFLOP/s in {name}" for name in found.precisions)
    shares = ", ".join(f"{machine.share(width):.0%} at width {width}" for width in found.by_width)
    teachers = f", {duration(found.teachers)} of them for teachers" if found.teachers else ""
    fits = "" if found.fits else ": it does not fit"
    return [
        f"machine {machine.name}: {machine.about}, peak {peaks} ({machine.source})",
        f"        assumed to reach {shares} of it",
        f"memory  {size(found.memory_bytes)} of {size(machine.memory_bytes)}, "
        f"at most {found.side} runs side by side{fits}",
        f"time    {duration(found.wall_seconds)} of one {machine.name} predicted{teachers}",
    ]
