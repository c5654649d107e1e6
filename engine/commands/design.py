"""`plan --design NOISE`: how wide the intervals of a law will be that is fitted to the study's grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..formatting import span

if TYPE_CHECKING:
    from ..planning.grid_design import Foretold

F = TypeVar("F", bound=Callable[..., Any])


def _assumed(ctx: click.Context, param: click.Parameter, given: str) -> dict[str, float]:
    """`alpha=.35,beta=.37` as numbers."""
    law = {}
    for part in filter(None, given.split(",")):
        name, _, number = part.partition("=")
        try:
            law[name.strip()] = float(number)
        except ValueError as error:
            raise click.BadParameter(f"{part!r} is not NAME=NUMBER", ctx, param) from error
        if name.strip() not in ("E", "A", "alpha", "B", "beta") or not law[name.strip()] > 0:
            raise click.BadParameter(f"{part!r}: the law has positive E, A, alpha, B and beta", ctx, param)
    return law


def design_options(function: F) -> F:
    """`--design NOISE` and `--assume LAW`; passes `noise`, or None, and the numbers of the law as `assume`."""
    function = click.option(
        "--assume",
        callback=_assumed,
        default="",
        metavar="alpha=.35,beta=.37",
        help="The law that --design assumes; any of E, A, alpha, B, beta.",
    )(function)
    return click.option(
        "--design",
        "noise",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        metavar="NOISE",
        help="How wide the intervals of a law in N and D will be, if log loss scatters by NOISE from run to run.",
    )(function)


def design_payload(design: Foretold) -> dict[str, Any]:
    """Predicted intervals of the grid's laws, for people."""
    better = design.better
    found = None
    if better is not None:
        found = {"N": list(better.n), "D": list(better.d), "flops": better.flops, "widths": design.better_widths}
    return {
        "noise": design.noise,
        "repeats": design.repeats,
        "assumed": design.assumed,
        "widths": design.grid.widths,
        "better": found,
    }


def design_text(design: Foretold) -> list[str]:
    """The same for people."""
    law = ", ".join(f"{name} {value:.3g}" for name, value in design.assumed.items())
    averaged = f", {design.repeats} runs a cell" if design.repeats > 1 else ""
    lines = [
        "",
        f"design  95 % intervals with {100 * design.noise:g} % noise{averaged}, assuming {law}",
        f"        {_widths(design.grid.widths)}",
    ]
    if design.better is not None:
        n, d = design.better.n, design.better.d
        grid = f"{len(n)} sizes of N {span(n)} by {len(d)} of D {span(d)}"
        lines.append(f"        {grid} cost no more: {_widths(design.better_widths)}")
    return lines


def _widths(widths: Mapping[str, float]) -> str:
    return ", ".join(f"{name} +-{widths[name] / 2:.2g}" for name in ("alpha", "beta", "E"))
