"""Options of a law in `fit`: what it is fitted to, how residuals are weighed, draws, slices, what panels share."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.concepts import missing
from ..diagnostics.suggest import listing, nearest, similar, sure
from ..errors import Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..syntax import ast
from ..syntax.visit import free_names
from ..vocabulary.functions import SHARE
from ..vocabulary.law_options import LAW_OPTIONS
from ..vocabulary.quantities import (
    QUANTITIES,
    canonical,
    curves,
    losses,
    measured_by_families,
)
from ..vocabulary.words.laws import OBJECTIVES

#: Objectives and losses by the names that others have for them.
OBJECTIVES_ELSEWHERE = {
    **dict.fromkeys(("mean_absolute_error", "median_absolute_error", "l1_loss", "absolute_error", "pinball"), "lad"),
    **dict.fromkeys(("mean_squared_error", "mse_loss", "l2_loss", "squared_error", "squared_loss", "rmse"), "mse"),
    **dict.fromkeys(("mean_squared_log_error", "root_mean_squared_log_error", "squared_log_error"), "log-mse"),
    **dict.fromkeys(("huber_loss", "huberloss", "log_cosh", "logcosh", "arctan", "tukey", "bisquare"), "huber"),
    **dict.fromkeys(("mae", "l1", "absolute", "abs", "least_absolute", "lae", "mad", "median", "quantile"), "lad"),
    **dict.fromkeys(("l2", "squared", "least_squares", "lstsq", "ols", "sse", "rss", "square"), "mse"),
    **dict.fromkeys(("msle", "log_mse", "rmsle", "log_l2", "log_squared", "mse_log", "gaussian"), "log-mse"),
    **dict.fromkeys(("smooth_l1", "pseudo_huber", "log_huber", "robust", "soft_l1", "cauchy", "huber_log"), "huber"),
}
#: What is made of the loss, as claims write it.
MADE_OF_LOSS = {
    **dict.fromkeys(("perplexity", "ppl"), "exp(loss) < 12"),
    **dict.fromkeys(("bits", "bpb", "bpc", "bits_per_byte", "bits_per_char", "bits_per_token"), "loss/log(2) < 3"),
    **dict.fromkeys(("log_loss", "logloss"), "log(loss) < 1"),
}
LOSSES_ELSEWHERE = ("val", "val_loss", "test_loss", "eval_loss", "final", "cross_entropy", "ce", "nll", "train_loss")
#: Curves of sources by other names.
CURVES_ELSEWHERE = {
    **dict.fromkeys(("autocorrelation", "correlator", "acf", "corr", "covariance", "autocovariance"), "correlation"),
    **dict.fromkeys(("conditional_entropy", "block_entropy", "ngram_entropy", "entropies"), "entropy"),
    **dict.fromkeys(("frequency", "frequencies", "token_frequency", "word_frequency"), "unigram"),
    **dict.fromkeys(("spectrum", "eigenspectrum", "covariance_spectrum", "pca_variance"), "eigenvalue"),
    **dict.fromkeys(("cluster_size", "cluster_sizes", "component_size"), "cluster"),
}
#: A principal axis by its number.
_PRINCIPAL = re.compile(r"(?:pca?|component|principal_?component)_?(\d+)", re.IGNORECASE)
#: What has to be a number, in a message.
KNOWN = "the options of a law are"
OPTIONS = tuple(LAW_OPTIONS)
TABLE_OPTIONS = tuple(name for name, option in LAW_OPTIONS.items() if option.of_tables)


#: What exponents are called in laws.
EXPONENTS = ("alpha", "beta", "gamma", "delta")


def principal_axis(name: str, known: Collection[str]) -> str:
    """The principal axis of a table that a name such as `PC1` is for; empty where there is none of this number."""
    place = _PRINCIPAL.fullmatch(name)
    if place is None or name in known:
        return ""
    axes = {one.removeprefix(f"{SHARE}_") for one in known if one.startswith(f"{SHARE}_")} & {*known}
    there = [one for one in axes if one.endswith(f"_{place[1]}")]
    return there[0] if len(there) == 1 else ""


def _curve(name: str) -> tuple[str, ...]:
    """The help that names the curve of a source which was meant; empty where none was."""
    low = name.lower().strip('"')
    near = CURVES_ELSEWHERE.get(low) or similar(low, curves()) or ""
    if low not in CURVES_ELSEWHERE and not (near and sure(low, near, curves()) and near not in low.split("_")):
        return ()
    return (f"write `loss={near}`, a curve along `{QUANTITIES[near].along}`",)


def read_option(arg: ast.Define, params: tuple[str, ...], known: Collection[str] = ()) -> dict[str, Any]:
    """An option as fields of the request; `Fault` where it is not understood. `known` may be columns of a table."""
    node = arg.value
    match arg.name:
        case "loss":
            if isinstance(node, ast.Name) and canonical(node.id) in (*losses(), *measured_by_families(), *curves()):
                return {"loss": node.id if node.id in known else canonical(node.id)}
            if isinstance(node, ast.Name) and node.id in known:
                return {"loss": node.id}
            notes = (f"measured are {listing(losses())}; of sources themselves, {listing(curves())}",)
            helps = nearest("a loss", text(node), (*losses(), *measured_by_families())) or _curve(text(node))
            if axis := principal_axis(text(node).strip('"'), known):
                put = Fix((Edit(node.span, axis),), "maybe-incorrect")
                message = f"`{text(node)}` is no loss that is measured"
                raise Fault(
                    "SCL404",
                    message,
                    node.span,
                    helps=(f"principal axes are called as the table calls them: write `loss={axis}`",),
                    fixes=(put,),
                )
            head = text(node).strip('"').split("(")[0].lower()
            if (objective := OBJECTIVES_ELSEWHERE.get(head, head)) in OBJECTIVES or "huber" in head:
                given = text(node) if isinstance(node, ast.Call) else "huber(1e-3)" if "huber" in head else objective
                helps = (f"how residuals are weighed is another option: write `objective={given}`",)
            if head in ("log", "ln", "log10", "log_loss", "logloss") and not isinstance(node, ast.String):
                helps = ("the law says the loss itself: its logarithm is compared by `objective=log-mse`",)
                if isinstance(node, ast.Call) and node.args and {*free_names(node)} & {*known} - {"loss"}:
                    helps = (
                        f'it is made where the table is: write `table(..., loss="{text(node)}")`, and no `loss=` here',
                    )
            elif head in LOSSES_ELSEWHERE:
                helps = ("leave it out: laws are fitted to the loss",)
            head = "bits" if re.fullmatch(r"loss ?/ ?(?:log\(2\)|0?\.69\d*)", text(node)) else head
            if head in MADE_OF_LOSS:
                helps = (f"leave it out, and claim it of the loss: `{MADE_OF_LOSS[head]}`",)
            elif not helps and (why := missing(head)):
                helps = (why,)
            helps = helps or ("leave it out: laws are fitted to `loss`; `excess` is the loss above the entropy rate",)
            if isinstance(node, ast.String) and "objective" not in "".join(helps):
                helps = (f'a column is named in the table: `table(..., loss="{node.value}")`',)
            fixes = (Fix((Edit(node.span, "loss"),), "maybe-incorrect"),) if head in MADE_OF_LOSS else ()
            message = f"`{text(node)}` is no loss that is measured"
            raise Fault("SCL404", message, node.span, notes=notes, helps=helps, fixes=fixes)
        case "objective":
            objective, delta = _objective(node)
            return {"objective": objective, "delta": delta}
        case "bootstrap":
            if isinstance(node, ast.Name | ast.String | ast.Call):
                raise _no_draws(node)
            draws = constant(node, KNOWN)
            if not isinstance(draws, int) or not 0 <= draws <= 100_000:
                raise Fault(
                    "SCL208",
                    "`bootstrap` is a whole number of draws up to 100,000",
                    node.span,
                    helps=("write `bootstrap=1000`",),
                )
            return {"bootstrap": draws}
        case "group":
            if (isinstance(node, ast.Name) and node.id not in ("true", "false")) or isinstance(node, ast.String):
                message = "`group` says how near the sizes of one slice lie, such as `2%`, and not of what"
                helps = (f"leave `group={text(node)}` out: {EACH}",)
                if isinstance(node, ast.String):
                    helps = (*helps, f"a column is named in the table: `table(..., {node.value}={text(node)})`")
                raise Fault("SCL301", message, node.span, helps=helps)
            tolerance = constant(node, KNOWN)
            if not 0 <= tolerance < 1:
                raise Fault(
                    "SCL208", "`group` is a tolerance below 100%, such as `2%`", node.span, helps=("write `group=2%`",)
                )
            return {"group": float(tolerance)}
    items = node.items if isinstance(node, ast.Group) else (node,)
    shared = tuple(i.id for i in items if isinstance(i, ast.Name))
    wrong = [s for s in shared if s not in params]
    if len(shared) < len(items) or wrong:
        what = f"`{wrong[0]}`" if wrong else f"`{text(node)}`"
        notes = (f"its parameters are {listing(params)}",) if params else ("it has no parameters",)
        meant = [name for name in re.findall(r"[A-Za-z_]\w*", text(node)) if name in params]
        meant = [*params] if text(node).strip('"').lower() in ("all", "true", "yes") else meant
        greek = [name for name in params if name not in meant and name in EXPONENTS]
        meant += greek[-sum(name in EXPONENTS for name in wrong) :] if any(name in EXPONENTS for name in wrong) else []
        helps = (f"write `share=({', '.join(meant or params[:2])})`",) if params else ("leave `share` out",)
        raise Fault("SCL403", f"{what} is no parameter of this law", node.span, notes=notes, helps=helps)
    return {"shared": shared}


#: Why nothing says of what a law has a fit each.
EACH = "a law has a fit of its own at each value of what it does not read"


def _no_draws(node: Any) -> Fault:
    """`bootstrap=true`, `bootstrap="cluster"`: how many, and not how."""
    off = text(node).strip('"').lower() in ("false", "no", "off", "none", "null")
    number = re.search(r"(?<![\w.])\d+\b", text(node))
    notes = ("cells are drawn, and runs as a whole where a table says which they are, `run=...`",)
    ways = (f"write `bootstrap={0 if off else number[0] if number else 1000}`",)
    return Fault("SCL301", "`bootstrap` is a number of draws", node.span, notes=() if off else notes, helps=ways)


def _objective(node: Any) -> tuple[str, float | None]:
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
            raise Fault(
                "SCL208", "the threshold of a Huber objective is above 0", node.span, helps=("write `huber(1e-3)`",)
            )
        return name, float(delta)
    helps = ("write `huber`, `lad`, `log-mse`, `huber-raw` or `mse`",)
    raise Fault(
        "SCL405",
        f"`{text(node)}` is no objective",
        node.span,
        notes=(f"it is one of {listing(OBJECTIVES)}",),
        helps=helps,
    )


def _known_objective(name: str, node: Any) -> str:
    if name in OBJECTIVES:
        return name
    notes, helps = (f"it is one of {listing(OBJECTIVES)}",), nearest("an objective", name, OBJECTIVES)
    if (meant := OBJECTIVES_ELSEWHERE.get(name.lower().replace("-", "_"))) is not None:
        helps = (f"write `{meant}`",)
    elif not helps:
        helps = ("write `huber` for few outliers, `lad` for many, `log-mse` for none; leave it out for the law's own",)
    raise Fault("SCL405", f"`{name}` is no objective", node.span, notes=notes, helps=helps)
