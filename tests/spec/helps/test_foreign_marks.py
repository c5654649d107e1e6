"""Comments and names as other languages write them, wherever they stand."""

from __future__ import annotations

import pytest
from scalingdsl.spec.diagnostics.fixes import mend

from ..support import checked

DATA, MODELS = "data walk(er(n=512, p=.02))\n", "models width in [16..256]\n"
STUDY = DATA + MODELS + "train tokens in [125k..2M]\n"


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        (f"// pilot\n{STUDY}fit tied", f"# pilot\n{STUDY}fit tied"),
        (f"{STUDY}fit tied  -- in both", f"{STUDY}fit tied  # in both"),
        (f"{STUDY}fit tied % in both", f"{STUDY}fit tied # in both"),
        (f"; pilot\n{STUDY}fit tied", f"# pilot\n{STUDY}fit tied"),
        (f"{STUDY}expect loss < 9 -- by theory", f"{STUDY}expect loss < 9 # by theory"),
        (f"/* a pilot\n   of April */\n{STUDY}fit tied", f"# a pilot\n# of April\n{STUDY}fit tied"),
        (
            f"{DATA}{MODELS}train adamw(lr=.02, // rate\n  batch=8)  tokens in [125k..2M]",
            f"{DATA}{MODELS}train adamw(lr=.02, # rate\n  batch=8)  tokens in [125k..2M]",
        ),
        (f"{DATA}{MODELS}train adam-w(lr=.02)  tokens = 1M", f"{DATA}{MODELS}train adamw(lr=.02)  tokens = 1M"),
        (f"{STUDY}fit over-training", f"{STUDY}fit overtraining"),
    ],
)
def test_marks_are_mended(typed: str, mended: str) -> None:
    found = checked(typed).diagnostics
    assert mend(typed, "study.scl", found)[0] == mended
    assert checked(mended).plan is not None


@pytest.mark.parametrize(
    "typed",
    [
        f"{DATA}models transformer(heads=width//16)  width in [16..256]",  # divides
        f"{STUDY}fit tied\nexpect E(tied) within 5 % of entropy_rate",  # a per cent
        f"{STUDY}fit width-layers",  # a difference
        f"{STUDY}fit tied; expct E(tied) > 1",  # a statement
    ],
)
def test_other_marks_are_no_comments(typed: str) -> None:
    assert not any("comments begin" in d.message or "holds no `-`" in d.message for d in checked(typed).diagnostics)
