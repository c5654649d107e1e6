"""`use` as a patch, lets and `--set`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import DATA, STUDY, checked, messages, plan_of

BASE = """\
title "Base"
let rates = {.01, .03}
data walk(er(n=512, p=.02), length=50)
models transformer(layers=2, heads=1)  width in [32..128]
train adamw(schedule=cosine)  tokens in [1M..4M]  tune lr in rates  where width > 16
fit chinchilla
expect alpha(chinchilla) < 2
budget 1h
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.scl").write_text(BASE)
    return tmp_path


def test_a_used_study_is_the_same_study(folder: Path) -> None:
    assert plan_of('use "base.scl"', folder) == plan_of(BASE, folder)


def test_bindings_heads_lets_and_conditions_replace_those_of_the_same_name(folder: Path) -> None:
    plan = plan_of(
        'use "base.scl"\ntitle "Wider"\nlet rates = {.02}\nmodels width in [32..512]\n'
        "train tokens in [1M..8M]  where width > 32\nbudget 2h",
        folder,
    )
    assert plan.title == "Wider"
    assert {a.name: [p[0] for p in a.points] for a in plan.axes} == {
        "width": [32, 64, 128, 256, 512], "tokens": [1e6, 2e6, 4e6, 8e6], "lr": [0.02],
    }  # fmt: skip
    assert plan.models[0].call == "transformer(width=width, layers=2, heads=1)"
    assert plan.where == ("width > 32",)
    assert plan.budget.seconds == 7200


def test_an_argument_of_the_used_head_is_replaced_too(folder: Path) -> None:
    plan = plan_of('use "base.scl"\nmodels layers in {2, 4}\ndata length=32', folder)
    assert plan.models[0].call == "transformer(width=width, layers=layers, heads=1)"
    assert plan.data[0].call == "walk(length=32, graph=er(n=512, p=0.02))"


def test_a_let_of_the_used_study_may_have_lost_its_use(folder: Path) -> None:
    assert messages('use "base.scl"\ntrain tune lr in {.01, .02, .03}', folder) == []
    alone = 'use "base.scl"\nlet rates = {.02, .03}\ntrain tune lr in {.01, .02, .03}'
    assert messages(alone, folder) == ["2:5 ~SCL117 nothing uses `rates`"]


def test_a_new_head_keeps_the_used_bindings(folder: Path) -> None:
    plan = plan_of('use "base.scl"\ndata walk(ba(n=256))\ntrain adamw(clip=2)', folder)
    assert plan.data[0].call == "walk(graph=ba(n=256))"
    assert plan.train[0].call == "adamw(lr=lr, clip=2)"


def test_fits_and_claims_add_up_and_repeats_count_once(folder: Path) -> None:
    plan = plan_of(
        'use "base.scl"\nfit chinchilla, power(N)\nexpect alpha(chinchilla) < 2\nexpect E(power(N)) > 1', folder
    )
    assert [f.name for f in plan.fits] == ["chinchilla", "power(N)"]
    assert [c.test for c in plan.claims] == ["alpha(chinchilla) < 2", "E(power(N)) > 1"]


def test_a_bare_quantity_of_a_used_claim_means_the_used_fits(folder: Path) -> None:
    (folder / "bare.scl").write_text(BASE.replace("alpha(chinchilla)", "alpha"))
    plan = plan_of('use "bare.scl"\nlet narrow = chinchilla where width < 100\nfit narrow\nexpect alpha > .1', folder)
    assert [c.test for c in plan.claims] == ["alpha(chinchilla) < 2", "alpha(narrow) > 0.1"]


def test_uses_of_uses(folder: Path) -> None:
    (folder / "middle.scl").write_text('use "base.scl"\nmodels width in [32..64]')
    plan = plan_of('use "middle.scl"\ntrain tokens in {1M, 3M, 9M}', folder)
    assert [(a.name, len(a.points)) for a in plan.axes] == [("width", 2), ("tokens", 3), ("lr", 2)]


def test_findings_in_a_used_file_are_shown_there(folder: Path) -> None:
    (folder / "bad.scl").write_text("data walk(er(n=512, p=2))\nmodels width=64\n")
    (d,) = checked('use "bad.scl"', folder).diagnostics
    assert (d.code, d.span.file) == ("SCL208", "bad.scl")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('use "study.scl"', '1:1 SCL502 "study.scl" uses itself'),
        ('use "loop.scl"', '1:1 SCL502 "loop.scl" uses itself'),
        ('use "bse.scl"', '1:1 SCL503 "bse.scl" does not exist'),
        ('use "../base.scl"', '1:1 SCL501 "../base.scl" lies outside the study\'s folder'),
    ],
)
def test_files_that_cannot_be_used(text: str, found: str, folder: Path) -> None:
    (folder / "loop.scl").write_text('use "loop.scl"\n')
    (folder / "study.scl").write_text(text)
    assert found in messages(text + "\n" + STUDY, folder)


def test_a_root_allows_files_elsewhere(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    assert plan_of('use "../base.scl"', inner, roots=(folder,)).title == "Base"


# --- lets -------------------------------------------------------------------------------------------------------------


def test_lets_are_put_in_wherever_they_are_named() -> None:
    plan = plan_of(
        "let p = .02\nlet graph = er(n=512, p=p)\nlet big = width > 16\nlet sizes = [16..128]\nlet rate = .01 + .02\n"
        "let law = power(N) where big\nlet slope = alpha(law)\n"
        "data walk(graph)\nmodels width in sizes\ntrain adamw(lr=2*rate)\nfit law\nexpect slope > .1"
    )
    assert plan.data[0].call == "walk(graph=er(n=512, p=0.02))"
    assert plan.train[0].call == "adamw(lr=2*(0.01 + 0.02))"
    assert [(f.name, f.where) for f in plan.fits] == [("law", "width > 16")]
    assert [c.test for c in plan.claims] == ["alpha(law) > 0.1"]


def test_a_quantity_let_takes_selectors() -> None:
    plan = plan_of(
        "data {a: walk(er(n=64, p=.2)), b: walk(ba(n=64))}\nmodels width in [32..256]\nfit power(N)\n"
        "let inN = mean(alpha(power(N)))\nexpect inN(a) > 1.3*inN(data=b)"
    )
    assert plan.claims[0].test == "mean(alpha(power(N)), a) > 1.3*mean(alpha(power(N)), data=b)"


@pytest.mark.parametrize(
    ("lets", "found"),
    [
        ("let a = b\nlet b = a", "1:5 SCL116 `a` is defined by itself: `a` -> `b` -> `a`"),
        ("let a = a + 1", "1:5 SCL116 `a` is defined by itself: `a` -> `a`"),
    ],
)
def test_cycles(lets: str, found: str) -> None:
    assert messages(f"{lets}\ndata walk(er(n=512, p=a))\nmodels width=64") == [found]


def test_a_setting_replaces_a_let() -> None:
    text = "let p = .02\ndata walk(er(n=512, p=p))\nmodels width=64"
    assert plan_of(text, settings={"p": "5%"}).data[0].call == "walk(graph=er(n=512, p=0.05))"
    lists = "let widths = {32}\n" + DATA + "models width in widths"
    assert len(plan_of(lists, settings={"widths": "[32..512]"}).axes[0].points) == 5


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("q", "1", "1:1 SCL114 `q` is no let of this study"),
        ("p", ".02)", "1:1 SCL115 `.02)` is no value for `p`"),
        ("p", "2", "1:1 SCL208 `p` of `er` wants a number above 0 and at most 1, and this is 2"),
        ("p", "2Mio", "1:1 SCL201 `Mio` in `2Mio` is no magnitude and no unit"),
    ],
)
def test_settings_are_judged_where_they_were_typed(name: str, value: str, found: str) -> None:
    result = checked("let p = .02\ndata walk(er(n=512, p=p))\nmodels width=64", settings={name: value})
    (d,) = [d for d in result.diagnostics if d.code != "SCL117"]
    place = result.sources[d.span.file].position(d.span.start)
    assert f"{place.line}:{place.column} {d.code} {d.message}" == found
    assert d.span.file == f"--set {name}"


def test_claims_and_the_budget_of_a_used_study_can_be_left_out(folder: Path) -> None:
    text = 'use "base.scl"\ntitle "Shorter"\ntrain tokens in [1M..2M]\n'
    assert [c.test for c in plan_of(text, folder).claims] == ["alpha(chinchilla) < 2"]
    plan = plan_of(text + "expect none\nexpect beta(chinchilla) > 0.01\nbudget none", folder)
    assert [c.test for c in plan.claims] == ["beta(chinchilla) > 0.01"]
    assert plan.budget == plan_of(BASE.replace("budget 1h\n", "")).budget
    assert [f.name for f in plan_of(text + "expect none\nfit none, power(N)", folder).fits] == ["power(N)"]


@pytest.mark.parametrize(
    ("more", "said", "helps"),
    [
        (
            "models transformer(layers=4)",
            '2:8 ~SCL218 `transformer(layers=4)` stands for the whole of `transformer` in "base.scl"',
            (
                "to change that alone write `models layers = 4`",
                "or, to keep `heads=1` write `transformer(layers=4, heads=1)`",
            ),
        ),
        (
            "data walk(er(n=256, p=.04))",
            '2:6 ~SCL218 `walk(er(n=256, p=0.04))` stands for the whole of `walk` in "base.scl"',
            ("to keep `length=50` write `walk(er(n=256, p=0.04), length=50)`",),
        ),
    ],
)
def test_what_a_new_head_of_the_same_word_leaves_out_is_told(
    folder: Path, more: str, said: str, helps: tuple[str, ...]
) -> None:
    found = checked(f'use "base.scl"\n{more}', folder)
    assert messages(f'use "base.scl"\n{more}', folder)[0] == said
    assert found.diagnostics[0].helps == helps


@pytest.mark.parametrize(
    "more",
    [
        "models transformer(layers=4, heads=1)",
        "models layers = 4",
        "models transformer(layers=4)  heads = 2",
        "models lstm(layers=1)",
        "train adamw(lr=.02)",
        "train adamw(schedule=constant)",
        "train sgd",
        "data walk(er(n=256, p=.04), length=50)",
        "data walk(graph=er(n=256, p=.04), length=32)",
    ],
)
def test_heads_that_say_all_again_or_change_a_word_are_silent(folder: Path, more: str) -> None:
    found = messages(f'use "base.scl"\n{more}', folder)
    assert not [one for one in found if "SCL218" in one]
