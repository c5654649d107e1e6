"""Claims and fits in other words, signs and libraries come to what they say, in the names of the study."""

from __future__ import annotations

import random
from functools import cache

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.claims.resolve_names import Owners
from scalingdsl.spec.diagnostics.fixes import mend
from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.rereading.claim_grammar import Reader
from scalingdsl.spec.rereading.claim_names import Said
from scalingdsl.spec.rereading.claim_nodes import Heard, UnreadError
from scalingdsl.spec.rereading.fit_grammar import FitReader
from scalingdsl.spec.rereading.fit_names import FitSaid

STUDY = (
    "data walk(er(n=512, p=.02))\n"
    "models transformer(param={SP, muP})  width in [16..128]\n"
    "train adamw  tokens in [125k..2M]  tune lr in {.003, .01, .03}  seed in {0, 1}\n"
)
LAWS = "fit chinchilla, power({N, D})\noptimum surface(chinchilla)\n"

#: A claim as people write it, and what it says.
CLAIMS = {
    "chinchilla.alpha > .2": "alpha(chinchilla) > .2",
    'chinchilla.params["alpha"] > .2': "alpha(chinchilla) > .2",
    "results.chinchilla.alpha.value > .2": "alpha(chinchilla) > .2",
    "alpha_chinchilla > .2": "alpha(chinchilla) > .2",
    "power(N).alpha > power(D).beta": "alpha(power(N)) > beta(power(D))",
    "chinchilla::alpha > .2": "alpha(chinchilla) > .2",
    "alpha of chinchilla is at least .2": "alpha(chinchilla) >= .2",
    "alpha(power(D)) > .2": "beta(power(D)) > .2",
    "exponent(N) > .2": "alpha(power(N)) > .2",
    "loss[muP, 128, 2M] < loss[SP, 128, 2M]": "loss(muP, width=128, tokens=2M) < loss(SP, width=128, tokens=2M)",
    "loss@width=128 < loss@width=16": "loss(width=128) < loss(width=16)",
    "loss.mean() < 3": "mean(loss) < 3",
    "muP.loss.mean() < SP.loss.mean()": "mean(loss(muP)) < mean(loss(SP))",
    "muP beats SP": "loss(muP) < loss(SP)",
    "loss(mup) < loss(sp)": "loss(muP) < loss(SP)",
    "loss(width=max) < 3": "loss(width=128) < 3",
    "loss[-1] < loss[0]": "loss(width=128) < loss(width=16)",
    "loss < 3 at width=64": "loss(width=64) < 3",
    "loss < 3 where width=64": "loss(width=64) < 3",
    "loss(width >= 64) < 3": "loss < 3 where width >= 64",
    "alpha(chinchilla) == 0.34 ± 0.05": "alpha(chinchilla) within 0.05 of 0.34",
    "alpha(chinchilla) ≈ .34 (5%)": "alpha(chinchilla) within 5% of .34",
    "alpha(chinchilla) in .34 ± 10%": "alpha(chinchilla) within 10% of .34",
    "isclose(alpha(chinchilla), .34, rtol=.1)": "alpha(chinchilla) within 10% of .34",
    "E(chinchilla) equals entropy_rate to 2%": "E(chinchilla) within 2% of entropy_rate",
    "E(chinchilla) within entropy_rate of 2%": "E(chinchilla) within 2% of entropy_rate",
    "alpha(chinchilla) within .3 and .4": "alpha(chinchilla) in [.3..0.4]",
    "alpha(chinchilla) in (0.2, 0.6]": "alpha(chinchilla) in [0.2..0.6]",
    "alpha(chinchilla) != beta(chinchilla)": "not alpha(chinchilla) within 5% of beta(chinchilla)",
    "alpha(chinchilla) significantly > 0": "alpha(chinchilla) > 0.1",
    "alpha(chinchilla) > .2 (p < .05)": "alpha(chinchilla) > .2",
    "lower(alpha(chinchilla)) > .2": "alpha(chinchilla) > .2",
    "alpha(chinchilla) > .1 implies beta(chinchilla) > .1": "not alpha(chinchilla) > .1 or beta(chinchilla) > .1",
    "if width > 16 then loss < 3": "loss < 3 where width > 16",
    "alpha(chinchilla), E(chinchilla) > .2": "alpha(chinchilla) > .2 and E(chinchilla) > .2",
    "|alpha(chinchilla) - beta(chinchilla)| < .1": "abs(alpha(chinchilla) - beta(chinchilla)) < .1",
    "alpha(chinchilla) ∈ [.2, 2] ∧ E(chinchilla) ≤ 3": "alpha(chinchilla) in [.2..2] and E(chinchilla) <= 3",
    "best lr for muP is the same at width 16 and width 128": "lr(muP, width=16) == lr(muP, width=128)",
    "optimal_lr(muP, 128) within a factor of 2 of optimal_lr(muP, 16)": (
        "lr(muP, width=128)/lr(muP, width=16) in [0.5..2]"
    ),
    "argmin(loss, lr) == .01": "lr == .01",
    "loss(muP) < loss(SP) by at least .05": "loss(SP) - loss(muP) > .05",
    "loss decreases with width": "loss(width=16) > loss(width=32) > loss(width=64) > loss(width=128)",
    "loss ~ N^-0.3": "alpha(power(N)) within 5% of 0.3",
    "N_opt ∝ C^0.5": "a(surface(chinchilla)) within 5% of 0.5",
    "N_opt(1TFLOP) > 20k": "N(surface(chinchilla), C=1TFLOP) > 20k",
    "chinchilla(N=1M, D=20M) < 3": "L(chinchilla, N=1M, D=20M) < 3",
    "power(N) < power(D) / 3": "mse(power(N)) < mse(power(D))/3",
    "chinchilla better than power(N)": "rmse_log(chinchilla) < rmse_log(power(N))",
    "alpha(chinchilla > .2": "alpha(chinchilla) > .2",
    "holdout(tokens > 1M) < 5%": "holdout(chinchilla) < 5%",
    "loss(width 64) < 3": "loss(width=64) < 3",
    "loss_gap(width=64) < .1": "excess(width=64) < .1",
    "lr constant across width for muP": "lr(muP, width=16) == lr(muP, width=128)",
    "loss(param=mup) < loss(param=standard)": "loss(param=muP) < loss(param=SP)",
    "predicted loss at N=1M, D=20M is 2.4 +/- 0.03": "L(chinchilla, N=1M, D=20M) within 0.03 of 2.4",
    "chinchilla fits well": "r2(chinchilla) > 0.95",
    "R^2(chinchilla) > .9": "r2(chinchilla) > .9",
}
#: The same of `fit`.
FITS = {
    "power_law(params), powerlaw(data)": "power(N), power(D)",
    "hoffmann2022": "chinchilla",
    "bnsl(D, breaks=2)": "broken2(D)",
    "poly(D, 2)": "a + b*log(D) + c*log(D)^2",
    "power(N, D)": "power({N, D})",
    "power(loss, D)": "power(D)",
    "loss vs N with power": "power(N)",
    "power(D) | width >= 64": "power(D) where width >= 64",
    "power(D, width=128)": "power(D) where width == 128",
    "power(D | N=max)": "power(D) where width == 128",
    "chinchilla except width == 16": "chinchilla where width != 16",
    "chinchilla where not diverged and width>16": "chinchilla where width > 16",
    "power(D) by width": "power(D)",
    "chinchilla with E = 1.7": "chinchilla(E=1.7)",
    "power(D, offset=none)": "power(D, E=0)",
    "power(D) - entropy_rate": "power(D, E=0, loss=excess)",
    "chinchilla(loss=huber(delta=1e-3))": "chinchilla(objective=huber(1e-3))",
    "the chinchilla law using huber loss with delta 0.001": "chinchilla(objective=huber(0.001))",
    "chinchilla(share=alpha, beta)": "chinchilla(share=(alpha, beta))",
    "chinchilla(share=all)": "chinchilla(share=(E, A, alpha, B, beta))",
    "chinchilla(a=0.5)": "chinchilla(alpha=0.5)",
    "law L(N, D) = E + A*N^(-alpha)": "E + A*N^(-alpha)",
    "log(loss) = a + b*log(D)": "power(D, E=0)",
    "f with bootstrap=200": "law(f, bootstrap=200)",
}
#: What no reading may be made of: it asks for what is not there, or says nothing that can be told.
UNREAD = (
    *("beta(exponential(D)) > .1", "alpha(chinchilla)", "the model converges", "loss(width=16) crosses loss(width=64)"),
    *("alpha(chinchilla) within 2", "loss(depth=4) < 3", "x.y.z > 1", "alpha(chinchilla) > ", "", "( ( ("),
)


@cache
def owners() -> Owners:
    found = check(text=STUDY + LAWS, name="s.scl").owners
    assert found is not None
    return found


def claim(text: str) -> str:
    heard = Heard()
    return Said(owners(), heard).claim(Reader(text, heard).claims())


def fit(text: str) -> str:
    heard = Heard()
    return FitSaid(owners(), heard, ("f",)).fit(FitReader(text, heard).laws())


@pytest.mark.parametrize("typed", CLAIMS)
def test_claims_are_read_for_what_they_say(typed: str) -> None:
    assert claim(typed) == CLAIMS[typed]


@pytest.mark.parametrize("typed", FITS)
def test_fits_are_read_for_what_they_say(typed: str) -> None:
    assert fit(typed) == FITS[typed]


@pytest.mark.parametrize("typed", UNREAD)
def test_nothing_is_made_of_what_says_nothing(typed: str) -> None:
    with pytest.raises((UnreadError, SpecError)):
        claim(typed)


@pytest.mark.parametrize("statement", ["expect fit.alpha > .3", "expect loss[muP, 128, 2M] < loss[SP, 128, 2M]"])
def test_one_finding_mends_the_claim(statement: str) -> None:
    text = f"{STUDY}fit chinchilla\n{statement}\n"
    (said,) = [d for d in check(text=text, name="s.scl").diagnostics if d.severity == "error"]
    mended, applied = mend(text, "s.scl", [said])
    assert applied == 1
    assert not check(text=mended, name="s.scl").errors


def test_a_claim_is_read_beside_mistakes_in_other_statements() -> None:
    text = f"{STUDY}fit chinchila\noptimum chinchilla\nexpect N_opt ~ C^0.5\n"
    helps = [h for d in check(text=text, name="s.scl").diagnostics for h in d.helps]
    assert "write `expect a(surface(chinchilla)) within 5% of 0.5`" in helps


def test_what_was_put_in_is_said_and_not_certain() -> None:
    text = f"{STUDY}fit chinchilla\nexpect alpha.chinchilla ≠ beta.chinchilla\n"
    (said,) = check(text=text, name="s.scl").errors
    assert any("5% stands for it" in note for note in said.notes)
    assert said.fixes[0].applicability == "maybe-incorrect"


def test_any_row_of_words_is_read_or_refused() -> None:
    words = " ".join([*CLAIMS, *FITS, *UNREAD]).split()
    draw = random.Random(0)
    for _ in range(400):
        typed = " ".join(draw.choices(words, k=draw.randint(1, 9)))
        for read in (claim, fit):
            try:
                read(typed)
            except (UnreadError, SpecError):
                continue
