"""What is valid and hardly meant is warned of, and what is meant is not."""

from __future__ import annotations

import pytest

from ..support import checked

DATA = "data walk(er(n=512, p=.02))\n"
STUDY = f"{DATA}models width in [16..256]\ntrain tokens in [125k..2M]\n"


def codes(text: str) -> list[str]:
    return [d.code for d in checked(text).diagnostics]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("fit power(N), power(D) where tokens >= 250k", "SCL446"),
        ("let ours = E + A*(N_c/N)^alpha + B*D^-beta\nfit ours", "SCL442"),
        ("fit E + exp(a + b)*N^-alpha", "SCL442"),
        ("fit E + A*N^alpha", "SCL441"),
        ("fit A*N^-alpha + B*D^-beta", "SCL439"),
        ("fit chinchilla\nexpect spread(alpha) < .1", "SCL443"),
        ("fit chinchilla\nexpect alpha > .2\nexpect alpha > .2", "SCL444"),
        ("fit chinchilla\nexpect alpha in [.5..0.6]\nexpect alpha within 10% of .4", "SCL444"),
        ("fit power(C)", "SCL448"),
        ("fit chinchilla\noptimum envelope\nexpect a(envelope) + b(envelope) within 5% of 1", "SCL430"),
        ("fit chinchilla\nexpect alpha within 120% of .4", "SCL435"),
        ("fit chinchilla\nexpect E within entropy_rate of 2%", "SCL435"),
        ("fit chinchilla\nexpect alpha - beta within 10% of 0", "SCL435"),
    ],
)
def test_warned_of(typed: str, code: str) -> None:
    assert codes(STUDY + typed) == [code]


@pytest.mark.parametrize(
    "typed",
    [
        "fit power({N, D}) where tokens >= 250k",
        "fit power(D) where tokens >= 250k, power(N)",
        "fit chinchilla, power(D) where width == 64",
        "fit E + (N_c/N)^alpha + (D_c/D)^beta",
        "fit E + A*exp(-k*log(N)) + B*D^-beta",
        "fit law(A*N^-alpha + B*D^-beta, loss=excess)",
        "fit entropy_rate + A*N^-alpha",
        "fit E - A*log(N)",
        "fit chinchilla, power(N)\nexpect spread(alpha(power(N))) < .1",
        "fit chinchilla\nexpect alpha > .2\nexpect alpha < .6",
        "fit chinchilla\noptimum envelope\nexpect a(envelope) in [.4..0.6]",
    ],
)
def test_not_warned_of(typed: str) -> None:
    assert codes(STUDY + typed) == []


def test_alternatives_over_other_values_are_no_copies() -> None:
    two = DATA + "models {{a: transformer(width in {{16, 32}}), b: transformer(width in {})}}\ntrain tokens=1M"
    assert "SCL308" in codes(two.format("{16, 32}"))
    assert "SCL308" in codes(two.format("[16..32]"))
    assert "SCL308" not in codes(two.format("{48, 64}"))


def test_sizes_that_grow_together_or_hardly() -> None:
    line = f"{DATA}models width in [16..256]\ntrain tokens = 20*N\n"
    assert codes(f"{line}fit power(N)") == ["SCL448"]
    assert codes(f"{line}fit power(C)") == []
    assert codes(f"{DATA}models width in [16..256]\ntrain tokens in {{1M, 1.2M, 1.5M}}\nfit chinchilla") == ["SCL447"]
