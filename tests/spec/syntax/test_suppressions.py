"""Warnings silenced in place, and silences that are themselves wrong."""

from __future__ import annotations

import pytest
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax.suppressions import suppressions_in

from ..support import messages

DATA = "data walk(er(n=512, p=.02))\n"
STOPS = "models width in [32..300]"
WARNING = "2:17 ~SCL307 the range stops at 256, before its end 300"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DATA + STOPS, [WARNING]),
        (DATA + STOPS + "  # scl: allow SCL307", []),
        (
            DATA + STOPS + "  # scl: allow SCL307, SCL117",
            ["2:49 ~SCL026 nothing to silence: `SCL117` is not found here"],
        ),
        (DATA + "# scl: allow SCL307\n" + STOPS, []),
        ("#scl:allow SCL307\n" + DATA + STOPS, []),
        (DATA + "models transformer()\n  # scl: allow SCL307\n  width in [32..300]", []),
        (
            DATA + STOPS + "\n# scl: allow SCL307\n",
            [WARNING, "3:14 ~SCL026 nothing to silence: `SCL307` is not found here"],
        ),
        (DATA + "# scl: allow SCL307\n\n" + STOPS + "\nlet q = 3", ["5:5 ~SCL117 nothing uses `q`"]),
        (
            DATA.rstrip() + "  # scl: allow SCL307\n" + STOPS,
            ["1:43 ~SCL026 nothing to silence: `SCL307` is not found here", WARNING],
        ),
        (DATA + STOPS + "  # scl: allow SCL307 # why not", []),
        (DATA + STOPS + "  # scl: allow SCL3077", [WARNING, "2:41 ~SCL025 no code is called `SCL3077`"]),
        (
            DATA + "models width in [256..32]  # scl: allow SCL305",
            [
                "2:17 SCL305 the range falls from 256 to 32, and a range rises",
                "2:41 ~SCL027 `SCL305` is an error here, and errors cannot be silenced",
            ],
        ),
        # while there are errors, a silence that is not needed may yet be
        (
            DATA + STOPS + "  # scl: allow SCL212\nfit chinchilla power(N)",
            [WARNING, "3:16 SCL008 a comma is missing before `power`"],
        ),
        (DATA + STOPS + "  # we allow SCL307", [WARNING]),
    ],
)
def test_silences(text: str, said: list[str]) -> None:
    assert messages(text) == said


def test_a_silence_knows_what_it_holds_for() -> None:
    text = "# scl: allow SCL001\ndata a\nfit b,  # scl: allow SCL002\n  c\n# scl: allow SCL003\nlet x = 1\n"
    held = [text[s.holds.start : s.holds.end] for s in suppressions_in(Source(text))]
    assert held == [text, "fit b,  # scl: allow SCL002\n  c", "let x = 1"]
