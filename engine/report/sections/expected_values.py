"""What a study claims its exponents to be, for the column beside the estimates; the analysis judges it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.plan.study_plan import FitRequest, OptimumRequest, StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.numbers import number
from scalingdsl.spec.syntax.parser import parse_test
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.syntax.visit import conjuncts

from ...analysis.analysis_result import Panel

REDUCERS = ("mean", "median", "min", "max", "spread")


@dataclass(frozen=True)
class Expectation:
    """`parameter` of the fit called `name`, where the selectors hold, is claimed to be `words`: `in [0.5..1.1]`."""

    parameter: str
    name: str
    #: "mean" or another reducer over slices; empty for each slice by itself.
    reducer: str
    #: Axis (empty for a bare label) and value in canonical text.
    selectors: tuple[tuple[str, str], ...]
    words: str

    def covers(self, parameter: str, name: str, panel: Panel) -> bool:
        """Whether this claim speaks of a parameter of a fit in a panel."""
        if (parameter, name) != (self.parameter, self.name):
            return False
        return all(
            any(text == _plain(value) and axis in ("", own) for own, value in panel) for axis, text in self.selectors
        )


def expectations(plan: StudyPlan) -> tuple[Expectation, ...]:
    """Every simple claim on one parameter of one fit or optimum."""
    found: list[Expectation] = []
    for claim in plan.claims:
        try:
            test = parse_test(claim.test)
        except SpecError:  # a claim in words of a later version: shown among the claims, not beside a number
            continue
        for relation in conjuncts(test):
            found += _expectation(relation, (*plan.fits, *plan.optima))
    return tuple(found)


def words(known: Sequence[Expectation], parameter: str, name: str, panel: Panel, *, reduced: bool = False) -> str:
    """What is claimed of a parameter in one panel, or of its mean over slices; empty where nothing is."""
    said = [
        e.words if e.reducer in ("", "mean") else f"{e.reducer} {e.words}"
        for e in known
        if bool(e.reducer) == reduced and e.covers(parameter, name, panel)
    ]
    return "; ".join(dict.fromkeys(said))


def _expectation(relation: ast.Test, requests: Sequence[FitRequest | OptimumRequest]) -> Iterator[Expectation]:
    match relation:
        case ast.Inside(value, where):
            said = f"in {to_text(where)}"
        case ast.Near(value, tolerance, target):
            said = f"within {to_text(tolerance)} of {to_text(target)}"
        case ast.Chain(value, ((operator, other),)):
            said = f"{operator} {to_text(other)}"
        case _:
            return
    reducer = ""
    if isinstance(value, ast.Call) and value.name in REDUCERS and value.args:
        inner = value.args[0]
        if not isinstance(inner, ast.Call | ast.Name):
            return
        reducer, more, value = value.name, value.args[1:], inner
    else:
        more = ()
    if isinstance(value, ast.Name):
        owner = _owner(value.id, requests)
        if owner:
            yield Expectation(value.id, owner, reducer, _selectors(more), said)
    elif isinstance(value, ast.Call) and value.args:
        name = to_text(value.args[0])
        if any(request.name == name for request in requests):
            yield Expectation(value.name, name, reducer, _selectors((*value.args[1:], *more)), said)


def _owner(parameter: str, requests: Sequence[FitRequest | OptimumRequest]) -> str:
    """The fit that a bare name means: the only one that has it, or the only one in several variables that has."""
    from scalingdsl.spec.vocabulary import REGISTRY
    from scalingdsl.spec.vocabulary.words.laws import Law

    having = []
    for request in requests:
        if isinstance(request, FitRequest):
            law = REGISTRY.get(request.law)
            quantities = tuple(quantity for _, quantity in request.variables)
            if law is not None and issubclass(law, Law) and parameter in law.parameters(quantities):
                having.append((len(quantities), request.name))
        elif parameter in ("a", "b", "gamma"):
            having.append((1, request.name))
    joint = [name for n, name in having if n > 1]
    return having[0][1] if len(having) == 1 else joint[0] if len(joint) == 1 else ""


def _selectors(args: Sequence[object]) -> tuple[tuple[str, str], ...]:
    found = []
    for argument in args:
        if isinstance(argument, ast.Define):
            found.append((argument.name, _text(argument.value)))
        elif isinstance(argument, ast.Node):
            found.append(("", _text(argument)))
    return tuple(found)


def _text(node: ast.Node) -> str:
    if isinstance(node, ast.Number):
        return _plain(number(node.text).value)
    return node.value if isinstance(node, ast.String) else to_text(node)


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{float(value):.12g}"
