"""What is said where a study asks another one for its parts: laws left out of it, values and fits by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import checked

PILOT = """data walk(er(n=256, p=.04), length=32)
models transformer(layers=2)  width in [16..64]
train adamw  tokens in [100k..800k]
fit chinchilla, kaplan
"""


@pytest.mark.parametrize(
    "typed", ["fit none kaplan", "fit without kaplan", "fit -kaplan", "fit all but kaplan", "fit not kaplan"]
)
def test_laws_are_left_out_together(typed: str, tmp_path: Path) -> None:
    (tmp_path / "pilot.scl").write_text(PILOT)
    (found,) = checked(f'use "pilot.scl"\n{typed}\nfit power(N)\n', tmp_path).errors
    assert found.helps == ("write `fit none`, and behind a `fit` of its own each law that stays",)
    assert all(fix.applicability == "maybe-incorrect" for fix in found.fixes)


@pytest.mark.parametrize("typed", ["fit none", "fit none, power(N)", "fit power(N)", "fit none\nfit chinchilla"])
def test_laws_that_are_left_out_rightly(typed: str, tmp_path: Path) -> None:
    (tmp_path / "pilot.scl").write_text(PILOT)
    assert not checked(f'use "pilot.scl"\n{typed}\n', tmp_path).diagnostics


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("expect alpha(pilot.chinchilla) > .1", "write `chinchilla`, which is fitted to all cells of this study"),
        ("train tokens in pilot.tokens * 2", "write `tokens`, if it is a `let` there"),
        ("models pilot.models", "leave it out: what another study says of it holds here by itself"),
    ],
)
def test_names_of_another_study(typed: str, first: str, tmp_path: Path) -> None:
    (tmp_path / "pilot.scl").write_text(PILOT)
    (found,) = checked(f'use "pilot.scl"\n{typed}\n', tmp_path).diagnostics
    assert found.helps[0].startswith(first)
