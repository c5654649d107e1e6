"""What is said to be typed was checked, and what is put for a statement says what it drops."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.diagnostics.fixes import UNSAFE, edits_of, mend
from scalingdsl.spec.helps.placed import Asked, asked, changes, without
from scalingdsl.spec.helps.verified import verified
from scalingdsl.spec.syntax.preserved import lost

from ..support import checked
from ..test_slips import looked_at, slips

BASE = "data walk(er(n=512, p=.02))\nmodels width in [16..256]\ntrain tokens in [125k..2M]\nfit chinchilla\n"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("write `power(N)`", Asked(("power(N)",))),
        ("write `1` or `1.0`", Asked(("1", "1.0"))),
        ("leave `batch=16` out", Asked(gone="batch=16")),
        ("leave `compute = ...` out: it follows from the rest", Asked(gone="compute")),
        ("name it before: `let early = tied`, and write `fit early`", Asked(("let early = tied",), ("fit early",))),
        ("give one of `tokens`, `steps` or `compute`", Asked()),
        ("for example `[32..512]`", Asked()),
        ("a law of your own is written out: `fit E + ...`", Asked()),
        ("a parameter with a similar name exists: `width`", Asked(("width",))),
        ("where a study runs is no part of it: `scalingdsl run --device cuda`", Asked()),
    ],
)
def test_what_a_help_asks_for(said: str, wanted: Asked) -> None:
    assert asked(said) == wanted


def test_a_claim_that_is_offered_for_another_was_checked() -> None:
    text = f"{BASE}expect loss(width=64) < loss(width=64)\n"
    first = check(text=text).diagnostics
    ways = tuple(f"write `loss(width=64) < loss({other})`" for other in ("width=16", "depth=3", "width=64, muP"))
    (said,), _ = verified(
        [replace(first[0], helps=ways)], text, first[0].span.file, lambda t: check(text=t).diagnostics, first
    )
    assert said.helps == ways[:1]


def test_a_claim_goes_with_its_law() -> None:
    """What calls a law as it was is to call it as it is; without one that has its number it goes."""
    study = (
        BASE.replace("fit chinchilla", "fit power(N)\noptimum surface(power(N))") + "expect a(surface(power(N))) > .4\n"
    )
    (said,) = checked(study).errors
    assert said.helps == (
        "write `surface(chinchilla)`, and add `fit chinchilla`",
        "and in the claim write `a(surface(chinchilla))`",
    )
    (said,) = checked(BASE.replace("chinchilla", "repeated") + "expect R_D(repeated) > 4\n").errors
    assert said.helps[1:] == ("and leave `expect R_D(repeated) > 4` out",)


def test_a_let_that_nothing_uses_then_goes() -> None:
    study = f"let hidden = 64\n{BASE}".replace("models width", "models transformer(mlp=hidden)  width")
    (said,) = checked(study).diagnostics
    assert said.helps[1:] == ("and leave `let hidden = 64` out",)
    (said,) = checked(f"{study}expect mean(loss) < hidden\n".replace("mlp=hidden", "mlp=hidden, layers=2")).diagnostics
    assert len(said.helps) == 1  # the claim uses it


def test_what_a_help_leaves_is_told_with_it() -> None:
    """The law with both of its functions, and that which a value of training hides."""
    study = BASE.replace("fit chinchilla", "let line = a - b*ln(N) - c*ln(D)\nfit line")
    assert [d.helps for d in checked(study).errors] == [("write `a - b*log(N) - c*log(D)`",)]
    study = BASE.replace("tokens in", "adamw(precision=half)  tokens =").replace("[125k..2M]", "2M")
    assert [d.code for d in checked(study).errors] == ["SCL206", "SCL412"]


def test_a_warning_says_what_the_errors_leave() -> None:
    """Not the help of an error beside it; and none that goes with the error is told."""
    study = BASE.replace("tokens in [125k..2M]", "compute = 20GFLOP").replace(
        "fit chinchilla", "fit power(N)\noptimum isoflop"
    )
    found = checked(study.replace("[16..256]", "{16, 24, 32, 48}")).diagnostics
    helps = [h for d in found for h in d.helps]
    assert [d.severity for d in found].count("error") == 1
    assert len(helps) == len({*helps})
    study = f"let ndoes = 100\n{BASE.replace('n=512', 'n=nodes')}"
    assert [d.code for d in checked(study).diagnostics] == ["SCL103"]
    assert [d.code for d in checked(study.replace("n=nodes", "n=512")).diagnostics] == ["SCL117"]


def test_a_text_is_put_where_it_belongs() -> None:
    text = BASE.replace("fit chinchilla", "fit power_law(N), tied")
    (said,) = check(text=text).errors
    assert text.replace("power_law(N)", "power(N)") in {c.text for c in changes("power(N)", said, text)}
    assert text.replace("fit power_law(N), tied", "fit tied") in {c.text for c in changes("fit tied", said, text)}
    assert text.replace("power_law(N),", "") in {c.text for c in without("power_law(N)", said, text)}


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ("tokens = 500K", "tokens = 500k", []),
        ("warmup = 5 %", "warmup=5%", []),
        ('fit tied to "runs.csv"', "fit tied", ['to "runs.csv"']),
        ("train tokens = 1M\nfilter D > 1B", "train tokens = 1M", ["filter D > 1B"]),
        ("walk(g, len=32)", "walk(g, length=32)", []),
        ("budget 3 hours", "budget 3h", ["hours"]),
    ],
)
def test_what_a_change_drops(before: str, after: str, left: list[str]) -> None:
    assert lost(before, after) == left


def test_a_help_that_is_refused_is_not_shown() -> None:
    """A model beside data that it cannot learn from; the other helps stand."""
    found = checked(BASE.replace("models width", "models perceiver(layers=1)  width")).errors
    assert "`mlp(" not in "".join(h for d in found for h in d.helps)
    assert any("transformer" in h for d in found for h in d.helps)


def test_a_word_that_lacks_a_parameter_is_told_with_it() -> None:
    (said,) = checked(BASE.replace("models width in [16..256]", "models pretrained(7)")).errors
    assert said.helps[-2:] == (
        "what reads sequences of tokens is `transformer(layers=2)`",
        "and write `width in [32..256]` for several sizes, or `width=256` for one",
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, len(slips()), 40))
def test_changes_take_their_findings_away(first: int) -> None:
    """Of every change that may be wrong: the finding is gone."""
    for slip in slips()[first : first + 40]:
        found = looked_at(slip.study).diagnostics
        for said in found:
            if said.severity != "error" or not edits_of(said, UNSAFE) or edits_of(said):
                continue
            mended, applied = mend(slip.study, "s.scl", [said], UNSAFE)
            assert applied
            after = [(d.code, d.message) for d in looked_at(mended).errors]
            before = [(d.code, d.message) for d in found]
            assert after.count((said.code, said.message)) < before.count((said.code, said.message)), slip.written
