"""Options of a law's call in `fit`: `loss=excess`, `objective=huber(1e-3)`, `bootstrap=500`, `group=2%`, `share=E`."""

from __future__ import annotations

from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing, nearest
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..syntax import ast
from ..vocabulary.quantities import losses
from ..vocabulary.words.laws import OBJECTIVES

#: What has to be a number, in a message.
KNOWN = "the options of a law are"
#: Those of a law fitted to a table outside a study, which is one panel, come first.
OPTIONS = ("loss", "objective", "bootstrap", "group", "share")
TABLE_OPTIONS = OPTIONS[:3]


def read_option(arg: ast.Define, params: tuple[str, ...]) -> dict[str, Any]:
    """An option as fields of the request; `Fault` where it is not understood."""
    node = arg.value
    match arg.name:
        case "loss":
            if isinstance(node, ast.Name) and node.id in losses():
                return {"loss": node.id}
            raise Fault(
                "SCL404",
                f"`{text(node)}` is no loss that is measured",
                node.span,
                notes=(f"measured are {listing(losses())}",),
            )
        case "objective":
            objective, delta = read_objective(node)
            return {"objective": objective, "delta": delta}
        case "bootstrap":
            draws = constant(node, KNOWN)
            if not isinstance(draws, int) or not 0 <= draws <= 100_000:
                raise Fault("SCL208", "`bootstrap` is a whole number of draws up to 100,000", node.span)
            return {"bootstrap": draws}
        case "group":
            tolerance = constant(node, KNOWN)
            if not 0 <= tolerance < 1:
                raise Fault("SCL208", "`group` is a tolerance below 100%, such as `2%`", node.span)
            return {"group": float(tolerance)}
    items = node.items if isinstance(node, ast.Group) else (node,)
    shared = tuple(i.id for i in items if isinstance(i, ast.Name))
    wrong = [s for s in shared if s not in params]
    if len(shared) < len(items) or wrong:
        what = f"`{wrong[0]}`" if wrong else f"`{text(node)}`"
        notes = (f"its parameters are {listing(params)}",) if params else ("it has no parameters",)
        raise Fault("SCL403", f"{what} is no parameter of this law", node.span, notes=notes)
    return {"shared": shared}


def read_objective(node: Any) -> tuple[str, float | None]:
    """The name and threshold of `huber(1e-3)`, `huber-raw`, `lad`; a hyphen reads as a minus, and is put back."""
    head = node
    prefix = ""
    if isinstance(node, ast.Binary) and node.op == "-" and isinstance(node.left, ast.Name):
        prefix, head = f"{node.left.id}-", node.right
    if isinstance(node, ast.String):
        return _known_objective(node.value, node), None
    if isinstance(head, ast.Name):
        return _known_objective(prefix + head.id, node), None
    if isinstance(head, ast.Call) and len(head.args) == 1:
        arg = head.args[0]
        value: Any = arg.value if isinstance(arg, ast.Define) and arg.name == "delta" else arg
        name = _known_objective(prefix + head.name, node)
        if not name.startswith("huber"):
            raise Fault("SCL405", f"`{name}` has no threshold", node.span, helps=(f"write `{name}`",))
        delta = constant(value, KNOWN)
        if delta <= 0:
            raise Fault("SCL208", "the threshold of a Huber objective is above 0", node.span)
        return name, float(delta)
    raise Fault("SCL405", f"`{text(node)}` is no objective", node.span, notes=(f"it is one of {listing(OBJECTIVES)}",))


def _known_objective(name: str, node: Any) -> str:
    if name in OBJECTIVES:
        return name
    helps = nearest("an objective", name, OBJECTIVES)
    raise Fault(
        "SCL405", f"`{name}` is no objective", node.span, notes=(f"it is one of {listing(OBJECTIVES)}",), helps=helps
    )
