"""Parts of the language one step from their place are put there."""

from __future__ import annotations

import pytest
from scalingdsl.spec.diagnostics.fixes import UNSAFE, mend

from ..support import DATA, STUDY, checked, plan_of


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("fit tied(where N > 20k)", "fit tied where N > 20k"),
        ("fit tied(E=1, where N > 20k), power(N)", "fit tied(E=1) where N > 20k, power(N)"),
        ("fit power(N, where N > 20k)", "fit power(N) where N > 20k"),
        ("fit tied (tokens > 500k)", "fit tied where tokens > 500k"),
        ("let early = fit tied where N > 20k\nfit early", "let early = tied where N > 20k\nfit early"),
        ("let best = optimum envelope\noptimum best", "let best = envelope\noptimum best"),
        ("fit tied & power(N)", "fit tied, power(N)"),
        ("expect E(tied) == 2 within 5%", "expect E(tied) within 5% of 2"),
        ("expect E(tied) = 2 within 5% and loss < 9", "expect E(tied) within 5% of 2 and loss < 9"),
        ("expect E(tied) == 2 +- 0.1", "expect E(tied) within 0.1 of 2"),
        ("expect loss < 9,", "expect loss < 9"),
        ("expect loss < 9 (by theory)", "expect loss < 9 # by theory"),
        ("expect E(tied) in 2 +/- 0.1", "expect E(tied) within 0.1 of 2"),
        ("expect L(tied)(N=1M, D=1M) < 9", "expect L(tied, N=1M, D=1M) < 9"),
        ("fit tied(E fixed to 2)", "fit tied(E=2)"),
        ("fit where N > 20k tied", "fit tied where N > 20k"),
        ("fit where N > 20k: tied, power(N, E=1)", "fit tied where N > 20k, power(N, E=1) where N > 20k"),
        ("optimum where C > 1e9 surface(tied)", "optimum surface(tied) where C > 1e9"),
        (
            "expect where width > 32 and tokens > 1M mean(loss) < 9",
            "expect mean(loss) < 9 where width > 32 and tokens > 1M",
        ),
    ],
)
def test_parts_are_moved(typed: str, mended: str) -> None:
    base = f"{STUDY}train tokens in [1M..8M]\n" + "fit tied\n" * typed.startswith(("expect", "let best"))
    text = f"{base}{typed}\n"
    found = checked(text).diagnostics
    (said,) = [d for d in found if d.severity == "error"]
    if said.fixes:
        assert mend(text, "study.scl", [said], UNSAFE)[0] == text.replace(typed, mended)
    else:
        assert f"write `{mended.removeprefix('expect ')}`" in said.helps


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        (
            "fit where width > 32  # the smallest, alone\n  # two laws\n  tied,  # 1) the paper's\n  power(N, E=1)",
            "fit # the smallest, alone\n  # two laws\n  tied where width > 32,  # 1) the paper's\n"
            "  power(N, E=1) where width > 32",
        ),
        (
            "fit where width > 32\n  power(N, # in sizes, not tokens\n    E=1)  # last",
            "fit power(N, # in sizes, not tokens\n    E=1) where width > 32  # last",
        ),
        (
            "fit where width in {64, 128, 256} chinchilla(share=(alpha, E)), tied",
            "fit chinchilla(share=(alpha, E)) where width in {64, 128, 256}, tied where width in {64, 128, 256}",
        ),
    ],
)
def test_a_condition_goes_behind_every_law_and_comments_stay(typed: str, mended: str) -> None:
    text = f"{STUDY}train tokens in [1M..8M]  panel lr in {{.01, .02}}\n{typed}\n"
    assert mend(text, "study.scl", checked(text).errors)[0] == text.replace(typed, mended)
    assert len(plan_of(text.replace(typed, mended)).fits) == mended.count("where")


@pytest.mark.parametrize(
    "typed",
    [
        "fit where width > 32 # one, two\n  and tokens > 1M\n  tied, power(N)",
        "fit tied(E=1,  # known\n  where N > 20k)",
    ],
)
def test_what_would_lose_a_comment_is_not_certain(typed: str) -> None:
    text = f"{STUDY}train tokens in [1M..8M]\n{typed}\n"
    errors = checked(text).errors
    assert errors[0].fixes
    assert mend(text, "study.scl", errors) == (text, 0)


@pytest.mark.parametrize(
    ("labels", "mended", "rest"),
    [
        (("1M", "8M"), ("M1", "M8"), "train tokens in [1M..8M]"),
        (("2", "4"), ("v2", "v4"), "train batch in {2, 4}  tokens in [1M..8M]"),
        (("2L", "4L"), ("L2", "L4"), "train tokens in [1M..8M]  # 2L and 4L"),
    ],
)
def test_labels_are_renamed_and_neither_amounts_nor_texts(
    labels: tuple[str, str], mended: tuple[str, str], rest: str
) -> None:
    models = "{{{0}: transformer(layers=2), {1}: transformer}} width"
    study = 'title "From {0} to {1}"\n' + STUDY.replace("width", models)
    title, data, models = (line.format(*labels) for line in study.splitlines())
    renamed = study.splitlines()[2].format(*mended)
    text = f"{title}\n{data}\n{models}\n{rest}\nfit power(N)\n"
    errors = checked(text).errors
    assert mend(text, "study.scl", errors, UNSAFE)[0] == text.replace(models, renamed)


def test_labels_that_are_no_amounts_are_renamed_in_claims_and_conditions() -> None:
    models = "models {2L: transformer(layers=2), 4L: transformer(layers=4)} width in [16..64]"
    rest = "let early = power(N) where models == 2L\nfit early\nexpect loss(2L, width=64) > loss(4L, width=64)\n"
    text = f"{DATA}{models}\n{rest}"
    assert mend(text, "study.scl", checked(text).errors, UNSAFE)[0] == text.replace("2L", "L2").replace("4L", "L4")


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("[16..64 step 16, 128]", "{16, 32, 48, 64, 128}"),
        ("{16..64, 128, 200}", "{16, 32, 64, 128, 200}"),
        ("{8, 16..64 step 16}", "{8, 16, 32, 48, 64}"),
    ],
)
def test_a_range_and_a_list_are_a_list(typed: str, mended: str) -> None:
    text = STUDY.replace("[32..256]", typed)
    (said,) = checked(text).errors
    assert said.helps == (f"write `{mended}`",)
    assert mend(text, "study.scl", [said], UNSAFE)[0] == STUDY.replace("[32..256]", mended)


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("width in {16, 32} & layers in {1, 2}", "width & layers in {(16, 1), (32, 2)}"),
        ("lr=lambda width: 0.02*64/width", "lr=0.02*64/width"),
    ],
)
def test_axes_in_pairs_and_formulas(typed: str, mended: str) -> None:
    data = "data walk(er(n=512, p=.02))\n"
    study = (
        f"{data}models transformer  {typed}\n" if "width in" in typed else f"{STUDY}train adamw({typed})  tokens = 1M\n"
    )
    (said,) = checked(study).errors
    assert mend(study, "study.scl", [said], UNSAFE)[0] == study.replace(typed, mended)
    assert checked(study.replace(typed, mended)).plan is not None
