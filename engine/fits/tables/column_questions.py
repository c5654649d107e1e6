"""What to ask where a table lacks a quantity: the columns that it may be in, and how to say so. Nothing is guessed.

A name such as `params_m` or `train/tokens (B)` says what a column holds and in which magnitude; whether it does is for
the user to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

#: Parts of names that speak of each quantity.
SIGNS = {
    "N": ("params", "param", "parameters", "nparams", "size"),
    "D": ("tokens", "token", "ntokens", "samples"),
    "C": ("flops", "flop", "compute", "pflops"),
    "loss": ("loss", "nll", "xent", "ce", "perplexity", "ppl"),
}
#: Parts that speak of a magnitude: the factor and its word.
MAGNITUDES = {
    **dict.fromkeys(("k", "thousand", "thousands"), ("1e3", "thousands")),
    **dict.fromkeys(("m", "mn", "mln", "million", "millions"), ("1e6", "millions")),
    **dict.fromkeys(("b", "bn", "billion", "billions", "g"), ("1e9", "billions")),
    **dict.fromkeys(("t", "trillion", "trillions"), ("1e12", "trillions")),
}


def questions(quantity: str, columns: Iterable[str]) -> Sequence[str]:
    """A line for each column that may hold a quantity, with the option to type; empty where none looks like it."""
    asked = []
    for name in columns:
        parts = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
        if set(parts) & set(SIGNS.get(quantity, ())):
            asked.append(_question(quantity, name, parts))
    return asked


def _question(quantity: str, name: str, parts: Sequence[str]) -> str:
    quoted = name if name.isidentifier() else f'"{name}"'
    factor, word = MAGNITUDES.get(parts[-1], ("", ""))
    text = f"log({quoted})" if {"perplexity", "ppl"} & set(parts) else f"{quoted}*{factor}" if factor else name
    said = f"{quantity}={text}"
    shown = said if re.fullmatch(r"[\w=.*]+", said) else f"'{said}'"
    return f"is it {name}{f', in {word}' if word else ''}? then --columns {shown}"
