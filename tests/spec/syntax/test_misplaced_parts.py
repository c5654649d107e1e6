"""Parts of the language one step from their place are put there."""

from __future__ import annotations

import pytest
from scalingdsl.spec.diagnostics.fixes import UNSAFE, mend

from ..support import STUDY, checked


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
