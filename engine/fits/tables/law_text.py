"""A law as it is asked for outside a study: `chinchilla`, `power(D, E=0)`, `chinchilla(objective=huber(1e-3))`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scalingdsl.spec.errors import FitError, SpecError
from scalingdsl.spec.expressions.evaluate import Algebra
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.printer import to_text

from ..custom.custom_form import own_form
from ..custom.symbolic import names_of
from ..forms import declaration, form
from ..parameter_free import THEORIES
from ..surfaces import SURFACES

#: Stands for the form that goes on best beyond the points it is fitted to; `best(D)` for one in D alone.
BEST = "best"


@dataclass(frozen=True)
class LawRequest:
    """A law, the columns its variables are read from, and what its call settles."""

    law: str
    #: The law's own variable -> column.
    variables: tuple[tuple[str, str], ...]
    loss: str = "loss"
    #: Parameter -> expression over columns.
    fixed: tuple[tuple[str, str], ...] = ()
    objective: str | None = None
    delta: float | None = None
    bootstrap: int | None = None


def parse_law(text: str, available: Mapping[str, object]) -> LawRequest:
    """Read a law.

    Args:
        text: A law's word or `best`, a call of it, or an expression whose names that are no columns are its parameters.
        available: Columns there are; a law of one variable written without it takes N, D or C if only one is there.

    Raises:
        FitError: Not a law, or an argument it does not have.
    """
    try:
        node = parse_value(text)
    except SpecError as error:
        raise FitError(f"`{text}`: {error.diagnostics[0].message}") from error
    if isinstance(node, ast.Binary | ast.Negate | ast.Group):
        read = tuple(name for name in names_of(node) if name in available)
        return LawRequest(text, tuple((name, name) for name in own_form(text, read).variables))
    if not isinstance(node, ast.Name | ast.Call):
        raise FitError(f"`{text}` is no law; write a law's name, such as chinchilla or power(D)")
    word = node.id if isinstance(node, ast.Name) else node.name
    args = node.args if isinstance(node, ast.Call) else ()
    if word == BEST:
        own: tuple[str, ...] = ("x",) if len([a for a in args if not isinstance(a, ast.Binding)]) == 1 else ("N", "D")
    else:
        own = declaration(word).variables if word in SURFACES or word in THEORIES else form(word).variables
    columns = dict.fromkeys(own, "")
    given = [a for a in args if not isinstance(a, ast.Binding)]
    if len(given) > len(columns):
        raise FitError(f"`{text}`: {word} has {len(columns)} variable{'s' * (len(columns) > 1)}")
    columns.update(zip(columns, (to_text(a) for a in given)))
    settings = {a.name: a.value for a in args if isinstance(a, ast.Define)}
    for name in own:
        if name in settings:
            columns[name] = to_text(settings.pop(name))
        elif not columns[name]:
            columns[name] = name if name != "x" else _only_variable(word, available)
    return _settled(text, word, tuple(columns.items()), settings)


def _settled(
    text: str, word: str, variables: tuple[tuple[str, str], ...], settings: dict[str, ast.Value]
) -> LawRequest:
    loss = to_text(settings.pop("loss")) if "loss" in settings else "loss"
    objective, delta = _objective(text, settings.pop("objective", None))
    if "delta" in settings:
        delta = _number(text, settings.pop("delta"))
    draws = settings.pop("bootstrap", None)
    law = None if word == BEST else declaration(word)
    known = () if law is None else (*law.parameters(tuple(column for _, column in variables)), *law.settings)
    unknown = [name for name in settings if name not in known]
    if unknown:
        has = f"it has {', '.join(known)}" if known else "it is fitted whole"
        raise FitError(f"`{text}`: {word} has no parameter {', '.join(unknown)}; {has}")
    fixed = tuple((name, to_text(value)) for name, value in settings.items())
    return LawRequest(
        word, variables, loss, fixed, objective, delta, None if draws is None else int(_number(text, draws))
    )


def _objective(text: str, node: ast.Value | None) -> tuple[str | None, float | None]:
    """Name and delta of `huber`, `huber(1e-3)` or `log-mse` (which parses as a difference)."""
    if node is None:
        return None, None
    if isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Binding):
        return node.name, _number(text, node.args[0])
    return to_text(node).replace(" ", "").strip('"'), None


def _number(text: str, node: ast.Value) -> float:
    def refusal(part: ast.Name | ast.Call) -> FitError:
        return FitError(f"`{text}`: a number is wanted, not {to_text(part)}")

    def no_name(name: ast.Name) -> float:
        raise refusal(name)

    return float(Algebra(no_name, refusal).value(node))


def _only_variable(word: str, available: Mapping[str, object]) -> str:
    found = [name for name in ("N", "D", "C") if name in available]
    if len(found) == 1:
        return found[0]
    raise FitError(f"{word} has one variable: write {word}(N), {word}(D), {word}(C), or any column of the table")
