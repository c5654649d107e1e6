"""Levels that laws hold, and shares in conditions, are warned of where a table's rows are of another unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import checked

#: Accuracies in per cent, and in thousands of classes' worth of them, which start near 0.
SCORES = (25.2, 26.1, 31, 45.2, 57.9, 75.3)
FOLDED = (3.2, 8.1, 19, 35, 52, 71)
LOSSES = (3.6, 3.3, 3.0, 2.75, 2.5, 2.15)
PER_CENT = 'data table("t.csv", x="nll", loss="acc", C="flops")'
SCORED = f"{PER_CENT}\nfit sigmoid(x)"
SHARES = 'data table("t.csv", x="nll", loss="share", C="flops")'
PLAIN = 'data table("t.csv", loss="nll", C="flops")'


def told(study: str, folder: Path) -> list[str]:
    rows = zip(SCORES, FOLDED, LOSSES, strict=True)
    lines = [f"{10 ** (18 + i / 2):g},{nll},{acc},{acc / 100:.4f},{few}" for i, (acc, few, nll) in enumerate(rows)]
    (folder / "t.csv").write_text("\n".join(["flops,nll,acc,share,folded", *lines]))
    found = checked(study + "\n", folder).diagnostics
    assert not [d for d in found if d.severity == "error"]
    return [d.helps[0] for d in found if d.code == "SCL455"]


@pytest.mark.parametrize(
    ("study", "meant"),
    [
        (f"{PER_CENT}\nfit sigmoid(x, floor=.25)", ['write `loss="acc/100"`']),
        (f"{PER_CENT}\nfit sigmoid(C, top=25%)", ['write `loss="acc/100"`']),
        (f"{PER_CENT}\nfit sigmoid(x, top=1)", ['write `loss="acc/100"`']),
        (f"{SHARES}\nfit sigmoid(x, floor=25)", ["write `floor=0.25`"]),
        (f"{SHARES}\nfit sigmoid(x, top=100)", ["write `top=1`"]),
        (f"{SCORED}\nexpect floor(sigmoid(x)) < .3", ["write `floor(sigmoid(x)) < 30`"]),
        (f"{SCORED}\nexpect top(sigmoid(x)) within 5% of 1", ["write `top(sigmoid(x)) within 5% of 100`"]),
        (f"{SCORED}\nexpect L(sigmoid(x), x=2) > 70%", ["write `L(sigmoid(x), x=2) > 70`"]),
        (f"{SHARES}\nfit sigmoid(x)\nexpect max(loss) in [70..80]", ["write `max(loss) in [0.7..0.8]`"]),
        (f"{PER_CENT} where acc > .3\nfit sigmoid(x)", ["write `acc > 30`"]),
        (f"{PLAIN}\nfit power(C, E=2.5)", ["leave it out, to find it: write `power(C)`"]),
        (f"{PLAIN}\nfit m4(C, E=1, ceiling=3)", ["leave it out, to find it: write `m4(C, E=1)`"]),
    ],
)  # fmt: skip
def test_of_another_unit(study: str, meant: list[str], tmp_path: Path) -> None:
    assert told(study, tmp_path) == meant


@pytest.mark.parametrize(
    "study",
    [
        f"{PER_CENT}\nfit sigmoid(x, floor=25, top=80)\nexpect floor(sigmoid(x)) < 30",
        f"{PER_CENT}\nfit sigmoid(x, floor=0), sigmoid(C, floor=100), sigmoid(C, top=1)",  # chance of a hundred classes
        f"{SHARES}\nfit sigmoid(x, floor=25%, top=1)\nexpect max(loss) > .7",
        f"{PER_CENT.replace('acc', 'folded')}\nfit sigmoid(x, floor=.1)",  # of a thousand classes
        f"{SCORED}\nexpect rate(sigmoid(x)) > .5 and rmse(sigmoid(x)) < .9 and spread(loss) > .5",
        f"{PER_CENT}\nfit sigmoid(x) where nll > .5",
        f"{PER_CENT} where acc > .01 and acc < 100 and nll < 10\nfit sigmoid(x)",
        f"{SHARES} where share < 10\nfit sigmoid(x)",
        f"{PLAIN}\nfit power(C, E=1.69), power(C, E=2.2), m4(C, ceiling=10.8)\nexpect E(power(C, E=1.69)) < 20",
        f"{PLAIN} where nll > 2.6\nfit power(C, E=2.6)",
    ],
)
def test_of_the_rows_unit(study: str, tmp_path: Path) -> None:
    assert told(study, tmp_path) == []
