"""Every quantity and every parameter of a law, followed from its declaration to wherever it is known."""

from __future__ import annotations

import math
import re
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scalingdsl.engine.analysis.cells.reduce_runs import AVERAGED, DROPPED
from scalingdsl.engine.analysis.cells.run_table import NUMBERS, table_rows
from scalingdsl.engine.fits import Points, fit_law, optimum
from scalingdsl.engine.fits.core.form import FORMS
from scalingdsl.engine.fits.forms import form, forms
from scalingdsl.engine.fits.forms.additive import sum_of_powers
from scalingdsl.engine.fits.tables.table_mapping import name_columns
from scalingdsl.engine.report.sections.headline import exponents_in
from scalingdsl.engine.report.sections.law_tables import formula
from scalingdsl.spec.errors import FitError, SpecError
from scalingdsl.spec.expressions.units import mismatches, unit_of
from scalingdsl.spec.plan.panel_axes import value_of
from scalingdsl.spec.plan.run_quantities import DERIVATIONS
from scalingdsl.spec.requests.table_law import read_table_law
from scalingdsl.spec.syntax.parser import parse_test
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.quantities import (
    QUANTITIES,
    Quantity,
    amounts,
    canonical,
    column_of,
    curve_variables,
    curves,
    label_of,
    letter_of,
    losses,
    measured,
    run_quantities,
    statistics,
)
from scalingdsl.spec.vocabulary.reference import page
from scalingdsl.spec.vocabulary.settings import SETTINGS
from scalingdsl.spec.vocabulary.words.laws import Law, Parameter, coefficient, exponent
from scalingdsl.spec.vocabulary.words.sources import Source

from ..spec.support import STUDY, messages, plan_of

LAWS = {word: law for word, law in REGISTRY.items() if issubclass(law, Law)}
#: A law, the quantity it is read in where it has one variable, and a parameter by the name it has there.
PARAMETERS = [
    pytest.param(word, law, quantity, p, id=f"{word}-{quantity or 'ND'}-{p.name}")
    for word, law in LAWS.items()
    for quantity in (("N", "D", "C") if law.variables == ("x",) else ("",))
    for p in law.params_in((quantity,) if quantity else law.variables)
]
TRAINED = STUDY + "train adamw()  tokens in [125k..2M]\n"
TABLE = 'data table("runs.csv", N="N", D="D", loss="loss", unique="unique")\n'
PAGE = page()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of enough rows for any law."""
    folder = tmp_path_factory.mktemp("declared")
    rows = (f"{n},{d},{2 + n**-0.3},{d / 2}" for n, d in product(range(10, 50), range(100, 103)))
    (folder / "runs.csv").write_text("\n".join(("N,D,loss,unique", *rows)))
    return folder


def call_of(law: type[Law], quantity: str, *more: str) -> str:
    """The law's call in a study, read in these quantities."""
    own = [f"{v}=unique" for v in law.variables if v == "U"]
    return f"{law.word}({', '.join([*([quantity] if quantity else []), *own, *more])})".replace("()", "")


def outside(p: Parameter) -> list[float]:
    """Numbers that the parameter cannot be."""
    low, high, above = p.bounds
    below = [] if low == -math.inf else [low - 3.0, *([low] if above else [])]
    return below + ([] if high == math.inf else [1.1 * high + 1.0])


@pytest.mark.parametrize("q", QUANTITIES.values(), ids=lambda q: q.name)
def test_a_quantity_is_known_wherever_its_kind_is(q: Quantity) -> None:
    assert q.meaning
    assert re.search(rf"^\| `{q.name}` \|.*\| {re.escape(q.meaning)} \|$", PAGE, flags=re.MULTILINE)
    assert (q.name in run_quantities()) == (q.of == "run")
    assert (q.name in measured()) == (q.of == "cell" and q.everywhere)
    assert (q.name in statistics()) == (q.of == "fit")
    assert set(losses()) <= set(measured())
    assert not QUANTITIES[canonical(q.name)].same_as
    assert letter_of(q.name)


@pytest.mark.parametrize("q", [q for q in QUANTITIES.values() if q.of == "run"], ids=lambda q: q.name)
def test_a_quantity_of_runs_is_derived_compared_and_read_by_laws(q: Quantity) -> None:
    assert q.name in DERIVATIONS
    assert (q.name in SETTINGS) == bool(q.amount) == (q.name in amounts())
    assert unit_of(q.name) == q.unit
    wrong = "5PFLOP" if q.unit != "FLOP" else "2Mtokens"
    assert [d.code for d in mismatches(parse_test(f"{q.name} > {wrong}"), None)] == (["SCL202"] if q.unit else [])
    terms = dict.fromkeys(("model", "optimiser", "source"), REGISTRY["constant"]())
    run = SimpleNamespace(**terms, point=(), n_total=7, n_body=5, asked_tokens=11, steps=3, flops=13.0)
    assert (value_of(run, q.name) is not None) == (q.reads is not None)
    assert read_table_law(f"power({q.name})", ["x"]).variables == (("x", q.name),)
    if q.reads is not None and q.name != "steps":
        assert plan_of(TRAINED + f"fit power({q.name}, E=0)").fits[0].variables == (("x", q.name),)


@pytest.mark.parametrize("name", curves())
def test_a_curve_runs_along_a_number_and_belongs_to_a_source(name: str) -> None:
    assert QUANTITIES[name].along in curve_variables()
    assert QUANTITIES[QUANTITIES[name].along].of == "curve"
    assert any(name in term.curves for term in REGISTRY.values() if issubclass(term, Source))


@pytest.mark.parametrize("q", [q for q in QUANTITIES.values() if q.of in ("run", "cell")], ids=lambda q: q.name)
def test_a_quantity_has_its_columns(q: Quantity) -> None:
    own = q.everywhere and not q.amount
    assert (q.name in NUMBERS) == own
    assert not own or column_of(q.name) in NUMBERS
    assert q.name not in NUMBERS or label_of(q.name)
    if q.of == "cell" and q.everywhere:
        assert (q.name in AVERAGED) == q.averaged
        assert (q.name in DROPPED) != q.averaged
    rows = table_rows({"N": np.ones(2), "D": np.ones(2), "loss": np.ones(2)})
    assert own <= (q.name in rows.columns)
    for header in q.headers:
        named = name_columns({header.upper(): np.array([1.0, 2.0])}, {})
        np.testing.assert_array_equal(named.columns[q.name], [1.0, 2.0])


@pytest.mark.parametrize("name", [q.name for q in QUANTITIES.values() if q.of == "fit"])
def test_a_statistic_is_given_by_every_fit_and_bounded_in_claims(name: str) -> None:
    text = TRAINED + "fit tied where tokens <= 1M\n"
    assert plan_of(text + f"expect {name}(tied) < 5").claims
    beyond = "< -1" if QUANTITIES[name].low == 0 else "> 2"
    assert any("fails whatever is found" in m for m in messages(text + f"expect {name}(tied) {beyond}"))


@pytest.mark.parametrize("word", sorted(LAWS))
def test_a_law_has_a_formula_and_its_parameters_stand_in_it(word: str) -> None:
    law = LAWS[word]
    assert bool(law.formula) == bool(law.params)
    assert (word in forms()) == bool(law.params) == (not law.regression and not law.theory)
    numbered = {re.sub(r"_\d$", "_i", p.name) for p in law.params}
    hidden = {"R_D", "R_N", "M"}  # behind N', D' and x
    assert {n for n in numbered if n not in re.findall(r"[A-Za-z]\w*", re.sub(r"_\d\b", "_i", law.formula))} <= hidden


@pytest.mark.parametrize(("word", "law", "quantity", "p"), PARAMETERS)
def test_a_parameter_is_claimed_held_and_told_of(
    word: str, law: type[Law], quantity: str, p: Parameter, folder: Path
) -> None:
    generic = form(word).parameters[[*law.params_in((quantity,) if quantity else law.variables)].index(p)]
    assert re.search(rf"^\| `{generic.name}` \| {p.kind}.* \| {re.escape(p.meaning)} \|$", PAGE, flags=re.MULTILINE)
    call = call_of(law, quantity)
    text = f"{TABLE}fit {call}\n"
    plan = plan_of(text + f"expect {p.name}({call}) > 0.5", folder)
    assert plan.claims[0].test == f"{p.name}({call}) > 0.5"
    for value in outside(p):
        claim = f"{p.name}({call}) {'>=' if value > p.bounds[1] else '<='} {value}"
        assert any("fails whatever is found" in m for m in messages(f"{text}expect {claim}", folder)), claim
        held = call_of(law, quantity, f"{p.name}={value}")
        assert any(f"SCL208 `{p.name}` of `{word}` is" in m for m in messages(f"{TABLE}fit {held}", folder))
        with pytest.raises(SpecError, match=f"`{p.name}` of `{word}` is"):
            read_table_law(held, ["N", "D", "C", "unique", "loss"])
        variables = {v: np.geomspace(1.0, 9.0, 9) for v in ([quantity] if quantity else law.variables)}
        with pytest.raises(FitError, match=f"`{p.name}` of `{word}` is"):
            fit_law(word, Points(variables, np.linspace(2.0, 1.0, 9)), fixed={p.name: value}, bootstrap=0)
    (request,) = plan.fits
    assert (p.name in exponents_in(request)) == bool(p.of)
    assert p.kind == "exponent" or not p.of
    shown = formula(SimpleNamespace(request=request))  # type: ignore[arg-type]
    assert p.name not in ("beta", "gamma", "B", "K") or re.search(rf"\b{p.name}\b", shown)


def test_no_claim_on_a_rate_is_settled_by_the_bound_of_exponents() -> None:
    text = TRAINED + "fit exponential(N)\nexpect rate(exponential(N)) > 9"
    assert not any("SCL430" in m for m in messages(text))


def test_the_exponent_of_overtraining_is_one_in_compute() -> None:
    (request,) = plan_of(TRAINED + "fit overtraining").fits
    assert exponents_in(request) == {"eta": "C"}


def test_interaction_is_not_mixed_below_nothing() -> None:
    said = "`mix` of `interaction` is at least 0.05 and at most 8, and is fixed to -3"
    assert messages(TRAINED + "fit interaction(mix=-3)") == [f"4:21 SCL208 {said}"]
    with pytest.raises(SpecError) as caught:
        read_table_law("interaction(mix=-3)", ["N", "D", "loss"])
    assert caught.value.diagnostics[0].message == said


def test_an_additive_law_is_its_declaration_alone() -> None:
    class Ours(Law):
        """Two powers under names of its own, without a level."""

        formula = "L(N, D) = P N^-p + Q D^-q"
        params = (
            coefficient("P", "of N", "N", "p"),
            exponent("p", "in N", "N"),
            coefficient("Q", "of D", "D", "q"),
            exponent("q", "in D", "D"),
        )
        additive = True

    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e3, 1e6, 5), np.geomspace(1e5, 1e8, 5)))
    true = {"P": 40.0, "p": 0.3, "Q": 90.0, "q": 0.25}
    REGISTRY["ours"], Ours.word = Ours, "ours"
    FORMS.implements(Ours)(sum_of_powers(Ours, Ours.summands()))
    try:
        fit = fit_law("ours", Points({"N": n, "D": d}, 40.0 * n**-0.3 + 90.0 * d**-0.25), bootstrap=0)
        assert fit.params == pytest.approx(true, rel=1e-6)
        best = optimum("surface", fit=fit, flops=np.array([1e10]))
        assert best.params["a"] == pytest.approx(0.25 / 0.55, rel=1e-6)
        assert best.params["E"] == 0.0
    finally:
        del REGISTRY["ours"], FORMS._found[Ours]


def test_no_two_quantities_share_a_header() -> None:
    for one, two in product(QUANTITIES.values(), repeat=2):
        assert one is two or not set(one.headers) & set(two.headers)
