"""The pieces of a claim as anyone writes it: signs of mathematics and of other languages as one sign each."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Signs that are written otherwise here, each as long a text as need be.
_SIGNS = {
    **dict.fromkeys("≤⩽≦", "<="),
    **dict.fromkeys("≥⩾≧", ">="),
    **dict.fromkeys("≈≃≅∼≂≐∝", "~"),
    **dict.fromkeys("−–—‐", "-"),
    **dict.fromkeys("×·⋅", "*"),
    **dict.fromkeys("⇒⟹→⟶", "=>"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    "≠": "!=",
    "∈": " in ",
    "∉": " not in ",
    "∧": " and ",
    "∨": " or ",
    "¬": " not ",
    "±": "+-",
    "÷": "/",
    "∀": " for all ",
    "√": "sqrt",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "η": "eta",
    "Δ": "delta",
    "²": "^2",
    "…": "..",
    "\u00a0": " ",
    "∞": "inf",
}
_PIECE = re.compile(
    r"""(?P<space>\s+|\#[^\n]*|//[^\n]*|(?<!\S)--(?!\S)[^\n]*)
      | (?P<text>"[^"\n]*"|'[^'\n]*')
      | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?:[A-Za-z]+|%)?)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign>\.{2,3}|\+\s?/\s?-|\+\s?-(?=\s*[\d.])|<=>|===|!==|==|!=|<=|>=|=<|=>|<>|~=|=~|&&|\|\||->|::|\*\*|.)
    """,
    re.VERBOSE,
)
#: Signs of other languages, as one sign of a kind.
_AS = {
    **dict.fromkeys(("=<",), "<="),
    **dict.fromkeys(("<>", "!==", "/="), "!="),
    **dict.fromkeys(("===",), "=="),
    **dict.fromkeys(("~=", "=~", "<=>"), "~"),
    **dict.fromkeys(("+/-", "+-", "+ -"), "+-"),
    "&&": "and",
    "||": "or",
    "!": "not",
    "**": "^",
    "...": "..",
    "::": ".",
    "->": ".",
    "$": ".",
}
#: `0.74(1)`, a number with how far its last digits may be off.
_LAST_DIGITS = re.compile(r"(?<![\w.])(?P<number>\d*\.(?P<digits>\d+))\((?P<off>\d{1,2})\)(?![\w(])")
#: Units of losses, which have none here.
UNITS = ("nats", "nat")


class Piece(NamedTuple):
    """A piece: a `number`, `name`, `text` or `sign`, as it counts, and where it stands in the claim."""

    kind: str
    text: str
    start: int
    #: What stands there; another text where the sign is one of another language.
    typed: str


def _spelt_out(found: re.Match[str]) -> str:
    """`0.74(1)` as `0.74 +- 0.01`."""
    return f"{found['number']} +- {int(found['off']) * 10.0 ** -len(found['digits']):.6g}"


def comment_of(claim: str) -> str:
    """What stands behind a claim as a comment, as the language writes it; empty where nothing does."""
    said = [m[0] for m in _PIECE.finditer(claim) if m.lastgroup == "space" and m[0].strip()]
    return f"  # {said[-1].strip().lstrip('#/-').strip()}" if said else ""


def pieces_of(claim: str) -> list[Piece]:
    """The pieces of a claim, in order."""
    plain = "".join(_SIGNS.get(c, c) for c in claim)
    plain = _LAST_DIGITS.sub(_spelt_out, plain)
    plain = re.sub(r"\b[rR]\s?\^\s?2\b(?=\s*[(<>=\[])", "r2", plain)
    found: list[Piece] = []
    for match in _PIECE.finditer(plain):
        kind = match.lastgroup or "space"
        if kind == "space":
            if "\n" in match[0] and found:
                found.append(Piece("sign", "\n", match.start(), "\n"))
            continue
        text = re.sub(r"\s", "", match[0]) if kind == "sign" else match[0]
        text = _AS.get(text, text) if kind == "sign" else text
        if kind == "name" and text in ("AND", "OR", "NOT", "IN", "WHERE"):
            text = text.lower()
        if kind == "name" and text.lower() in ("percent", "pct") and found and found[-1].kind == "number":
            last = found[-1]
            found[-1] = last._replace(text=f"{last.text}%", typed=f"{last.typed} {text}")
            continue
        if kind == "sign" and text == "%" and found and found[-1].kind == "number":
            found[-1] = found[-1]._replace(text=f"{found[-1].text}%")
            continue
        if kind == "name" and text.lower() in UNITS and found and found[-1].kind == "number":
            continue
        if text == "=>" and not any(p.text in ("<", ">", "<=", ">=", "==", "in", "within") for p in found):
            text = ">="
        if kind == "number" and found and found[-1].typed == "..." and _fraction(found, match.start(), text):
            text = f".{text}"  # `.3...4` is `.3` to `.4`
        found.append(Piece("name" if text in ("and", "or", "not") else kind, text, match.start(), match[0]))
    return found


def _fraction(found: list[Piece], start: int, text: str) -> bool:
    """True for a number right behind three dots, the last of which is its own."""
    return found[-1].start + 3 == start and len(found) > 1 and "." in found[-2].text and "." not in text
