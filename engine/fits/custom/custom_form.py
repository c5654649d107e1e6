"""The user's own law: an expression such as `E + A*N^-alpha + B*D^-beta`, its names split into variables and
parameters.

What a parameter may be is read off the expression: one that stands in an exponent is an exponent in (0, 8]; one in
which the expression is linear is a coefficient, at least 0 (the one that stands alone is a level, between 0 and the
largest loss); any other is a positive number, of the variables' size or its inverse within many decades. Coefficients
are solved for exactly, as in the laws that ship. A law that is linear in all of its parameters, and not in falling
powers alone, such as a + b*log(N), is a regression: its coefficients have either sign. So have those of a linear
predictor, a sum in `exp` with an intercept such as the b - w*S_1 - v*S_2 of a logistic curve.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
from scalingdsl.spec.errors import FitError, SpecError
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.vocabulary.quantities import run_quantities
from scalingdsl.spec.vocabulary.words.laws import Law, OneVariable, Parameter, exponent

from ..core.fit_result import Array
from ..core.form import Form, Values
from .scale_starts import factored, scale_starts
from .symbolic import ONE, derivative, names_of, value_of

#: Names that are variables wherever they stand.
VARIABLES = (*run_quantities(), "U", "x", "width", "loss")
#: Starts on the grid of what the law is not linear in, in all.
N_STARTS = 900
EXPONENTS = (0.03, 3.0)
#: Bound of the coefficients of a regression, either way.
MOST = 1e15
#: Decades beyond the variables' own sizes, and beyond the inverse of these, on which other numbers start.
DECADES = 12.0
#: Starts of one such number by itself.
FINE = 120
#: Terms of a linear predictor, in size, from which starts are made.
LOGITS = (0.1, 30.0)


def is_expression(text: str) -> bool:
    """True for a law that is written out, rather than named."""
    return not text.replace("_", "").isalnum()


@lru_cache(maxsize=64)
def own_form(text: str, variables: tuple[str, ...] = VARIABLES) -> Form:
    """The law that an expression is.

    Raises:
        FitError: The text is no expression, or has no variable or no parameter.
    """
    try:
        node = parse_value(text)
    except SpecError as error:
        raise FitError(f"`{text}`: {error.diagnostics[0].message}") from error
    if not isinstance(node, ast.Binary | ast.Negate | ast.Group | ast.Call):
        raise FitError(f"`{text}` is no law; write an expression of N, D or other variables and parameters")
    names = names_of(node)
    read = tuple(n for n in names if n in variables)
    free = tuple(n for n in names if n not in variables)
    if not read or not free:
        what = "variable" if not read else "parameter"
        raise FitError(f"`{text}` has no {what}: its names are {', '.join(names) or 'none'}")
    partial = {name: derivative(node, name) for name in free}
    linear = tuple(n for n in free if n not in names_of(partial[n]))
    # Linear together, not only one by one: no product of two of them.
    linear = tuple(n for n in linear if not any(m in names_of(partial[n]) for m in linear))
    falling = {n: tuple(v for v in read if v in base) for n, base in exponents_of(node).items()}
    predictors = linear_predictors(node, free)
    either = {n for inside in predictors for n in names_of(inside)} - {*linear}
    parameters = tuple(
        _either_sign(n) if n in either else _parameter(n, partial[n], n in linear, falling.get(n)) for n in free
    )
    regression = linear == free and not all(partial[n] == ONE or _falls(partial[n]) for n in free)
    if regression:
        parameters = tuple(map(_either_sign, free))

    def value(at: Values, params: Values) -> Array:
        return value_of(node, {**at, **params})

    def gradient(at: Values, params: Values) -> dict[str, Array]:
        everything = {**at, **params}
        shape = np.broadcast_shapes(*(np.shape(v) for v in everything.values()))
        return {name: np.broadcast_to(value_of(partial[name], everything), shape) for name in free}

    def regressed(at: Values, loss: Array) -> dict[str, Array]:
        """The one start of a law that is a regression: least squares of relative errors."""
        with np.errstate(all="ignore"):
            columns = [np.broadcast_to(value_of(partial[n], at), loss.shape) / loss for n in free]
        basis = np.nan_to_num(np.stack(columns, axis=1), posinf=0.0, neginf=0.0)
        size = np.maximum(np.max(np.abs(basis), axis=0), np.finfo(float).tiny)
        found = np.asarray(np.linalg.lstsq(basis / size, np.ones(len(loss)), rcond=None)[0] / size)
        return {n: found[i : i + 1] for i, n in enumerate(free)}

    law = _law(text, read, parameters)
    if regression:
        return Form(law, value, gradient, (), scales=False, seeds=regressed)
    seeds = _seeds(node, read, parameters, linear, predictors)
    return Form(law, value, gradient, linear, scales=False, seeds=seeds)


def _law(text: str, read: tuple[str, ...], parameters: tuple[Parameter, ...]) -> type[Law]:
    """The declaration that an expression stands for; it is not registered, since it has no word."""

    class Own(Law):
        """A law written out."""

        variables = read
        params = parameters

    if len(read) == 1:
        Own.objective, Own.delta = OneVariable.objective, OneVariable.delta
    Own.word = text
    return Own


def _falls(node: ast.Expr) -> bool:
    """True for a falling power of a variable, or a product of such: what a coefficient at least 0 belongs to."""
    match node:
        case ast.Binary("*", left, right):
            return _falls(left) and _falls(right)
        case ast.Group((inside,)):
            return _falls(inside)  # type: ignore[arg-type]
        case ast.Binary("^", ast.Name(), ast.Negate() | ast.Group((ast.Negate(),))):
            return True
        case ast.Binary("/", ast.Number(), ast.Name()):
            return True
    return False


def exponents_of(node: object) -> dict[str, tuple[str, ...]]:
    """Names that stand in some exponent, with those of what is raised to it."""
    match node:
        case ast.Binary("^", left, right):
            return exponents_of(left) | dict.fromkeys(names_of(right), names_of(left))
        case ast.Binary(_, left, right):
            return exponents_of(left) | exponents_of(right)
        case ast.Negate(operand):
            return exponents_of(operand)
        case ast.Group(items) | ast.Call(_, items):
            return {name: base for item in items for name, base in exponents_of(item).items()}
    return {}


def linear_predictors(node: object, parameters: tuple[str, ...]) -> list[ast.Expr]:
    """What stands in `exp` where it is linear in two parameters or more, one an intercept, which stand in it alone.

    The inside of exp(-k*N - m*D) is none: without an intercept these are rates, and positive.
    """
    found: list[ast.Expr] = []

    def look(part: object) -> list[str]:
        """Parameters that stand outside the predictors, as often as they are written."""
        match part:
            case ast.Name(name):
                return [name] if name in parameters else []
            case ast.Call("exp", (inside,)):
                own = tuple(n for n in names_of(inside) if n in parameters)  # type: ignore[arg-type]
                slopes = [names_of(derivative(inside, n)) for n in own]  # type: ignore[arg-type]
                if not all(slopes) and not any({*slope} & {*own} for slope in slopes) and len(own) > 1:
                    found.append(inside)  # type: ignore[arg-type]
                    return []
                return look(inside)
            case ast.Binary(_, left, right):
                return look(left) + look(right)
            case ast.Negate(inside) | ast.Group((inside,)) | ast.Call(_, (inside,)):
                return look(inside)
        return []

    outside = {*look(node)}
    places = [n for inside in found for n in names_of(inside)]
    return [inside for inside in found if not any(n in outside or places.count(n) > 1 for n in names_of(inside))]


def _either_sign(name: str) -> Parameter:
    return Parameter(name, "shape", "of the user's law", low=-MOST, high=MOST)


def _parameter(name: str, partial: ast.Expr, linear: bool, falling: tuple[str, ...] | None) -> Parameter:
    if linear:
        return Parameter(name, "level" if partial == ONE else "coefficient", "of the user's law")
    if falling is not None:
        return exponent(name, "of the user's law", *falling)
    return Parameter(name, "location", "of the user's law")


def _seeds(
    node: ast.Expr,
    read: tuple[str, ...],
    parameters: tuple[Parameter, ...],
    linear: tuple[str, ...],
    predictors: list[ast.Expr],
) -> Callable[[Values, Array], dict[str, Array]]:
    """Starts on a grid of what the law is not linear in, with the scales that belong to each."""
    column = {n: derivative(inside, n) for inside in predictors for n in names_of(inside) if n not in read}
    curved = [p for p in parameters if p.name not in linear]
    law = factored(node, read, linear, [p.name for p in curved if p.kind == "location"])
    scales = {scale.name for scale in law.scales} if law is not None else set()
    gridded = [p for p in curved if p.name not in scales]
    each = max(3, int(N_STARTS ** (1 / max(1, len(gridded)))))

    def seeds(variables: Values, loss: Array) -> dict[str, Array]:
        if not curved:
            return {}
        far = DECADES + max(np.max(np.abs(np.log10(np.abs(x[x != 0]))), initial=0.0) for x in variables.values())
        sizes = (10.0**-far, 10.0**far)

        def grid(p: Parameter) -> Array:
            if p.kind == "exponent":
                return np.geomspace(*EXPONENTS, min(each, 30))
            if p.name not in column:
                return np.geomspace(*sizes, min(each, FINE))
            logits = np.geomspace(*LOGITS, min(each // 2, 15)) if each > 3 else np.ones(1)
            size = float(np.sqrt(np.mean(np.nan_to_num(value_of(column[p.name], variables)) ** 2)))
            return np.concatenate([-logits[::-1], logits]) / (size or 1.0)

        grids = [grid(p) for p in gridded]
        rows = np.array(list(product(*grids))).reshape(-1, len(gridded)) if gridded else np.empty((1, 0))
        found = {p.name: rows[:, i] for i, p in enumerate(gridded)}
        return found | (scale_starts(law, variables, loss, found) if law is not None else {})

    return seeds
