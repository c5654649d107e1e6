"""Examples of each statement and of what stands in one, for messages."""

from __future__ import annotations

import re

#: Shown where the grammar takes such a thing; each is parsed in a test.
EXAMPLES = {
    "title": ('title "Walks on a random graph"', 'title "Does muP transfer?"'),
    "use": ('use "er.scl"', 'use "../common/base.scl"'),
    "let": ("let graph = er(n=512, p=.02, seed=0)", "let small = chinchilla where width < 256"),
    "data": ("data walk(er(n=512, p=.02), length=50)", "data {sparse: walk(er(512, .01)), dense: walk(er(512, .1))}"),
    "models": (
        "models width in [32..512]",
        "models transformer(layers=2, heads=width/64, param=muP)  width in [64..512]",
    ),
    "train": (
        "train tokens in [250k..4M]  seed in {0, 1}",
        "train adamw(schedule=cosine, warmup=2%)  tokens in [1M..64M]  tune lr in {.01, .03}",
    ),
    "fit": ("fit chinchilla, power(N)", "fit power(D) where N > 1M"),
    "optimum": ("optimum surface(chinchilla)", "optimum isoflop, surface(chinchilla)"),
    "budget": ("budget 30min", "budget 5PFLOP, 2h"),
    "report": ("report markdown", "report markdown, html"),
    "expect": ("expect beta(power(D)) in [.5..1.1]", "expect E(chinchilla) within 2% of entropy_rate"),
    "call": ("er(n=512, p=.02)", "adamw(schedule=cosine, warmup=2%)"),
    "group": ("(width/256)^-.5", "(E, alpha)"),
    "range": ("[32..512]", "[1e-4..1e-2 count 5]"),
    "set": ("{.01, .03, .1}", "{small: er(512, .02), large: er(2048, .005)}"),
    "where": ("where width <= 256", "where 3 < D/N < 300 and param == muP"),
    "test": ("width <= 256", "D/N in [3..300] and param == muP"),
    "value": ("[32..512]", "max(4, width/64)"),
}
#: Values that an axis of a name is often given, for one that is given none.
USUAL_VALUES = {
    "lr": "{0.003, 0.01, 0.03}",
    "width": "[16..128]",
    "layers": "{1, 2, 4}",
    "tokens": "[250k..4M]",
    "steps": "[250..4k]",
    "seed": "{0, 1, 2}",
    "batch": "{4, 8, 16}",
    "decay": "{0, 0.01, 0.1}",
    "param": "{SP, muP}",
    "compute": "{10GFLOP, 40GFLOP, 160GFLOP}",
}

_TERM = r"(?:log\((\w+)\)|([A-Za-z_]\w*))"


def with_factors(written: str) -> str:
    """A sum of names and their logarithms with an intercept and a factor for each, `a + b_N*log(N)`, or nothing."""
    if re.fullmatch(rf"{_TERM}(?:\s*\+\s*{_TERM})*", written) is None:
        return ""
    terms = [(m[0], m[1] or m[2]) for m in re.finditer(_TERM, written)]
    if len({name for _, name in terms}) != len(terms):
        return ""
    return " + ".join(("a", *(f"b_{name}*{term}" for term, name in terms)))
