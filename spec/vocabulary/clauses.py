"""The words that statements are made of, beside those that stand for a value: what each says, and one way to write it.

`syntax/scanner.py` knows which they are; `explain`, the reference page and `docs/language.md` read what they mean here.
"""

from __future__ import annotations

from typing import NamedTuple


class Clause(NamedTuple):
    """A word of the grammar."""

    #: A statement, or a part of one, that holds it.
    example: str
    meaning: str


#: Words that begin a statement.
STATEMENTS: dict[str, Clause] = {
    "title": Clause('title "Walks on a graph"', "names the study, for its report"),
    "use": Clause(
        'use "base.scl"',
        "takes all that another study says; what this one says of the same name replaces it, and its fits, optima and "
        "claims are added",
    ),
    "let": Clause(
        "let late = power(D) where tokens >= 1M",
        "gives a name to a value, a sweep, a law, an optimum, a condition or a quantity; `--set NAME=VALUE` changes it",
    ),
    "data": Clause("data walk(er(n=512, p=.02))", "says what the models learn: a source, or a set of labelled sources"),
    "models": Clause("models transformer(layers=2)  width in [32..512]", "says what is trained, and in which sizes"),
    "train": Clause("train adamw(lr=.02)  tokens in [1M..8M]", "says how, on how much, and with which seeds"),
    "fit": Clause("fit chinchilla, power(D) where D > 1M", "asks for laws; each is fitted once in every panel"),
    "optimum": Clause("optimum surface(chinchilla), isoflop", "asks for the sizes that are best at each compute"),
    "budget": Clause("budget 30min, 5PFLOP", "refuses the study, before anything is trained, if it takes more"),
    "report": Clause("report markdown, slices", "asks for figures and tables beside those that every report has"),
    "expect": Clause("expect alpha(chinchilla) in [.3..0.5]", "states a claim, which the results will decide"),
}

#: Words with a meaning of their own inside a statement.
CLAUSES: dict[str, Clause] = {
    "where": Clause(
        "fit chinchilla where width < 256",
        "keeps the runs, or the cells, for which a condition is true; the cells that a fit leaves out are its hold-out",
    ),
    "tune": Clause(
        "tune lr in {.01, .03, .1}",
        "makes an axis of which each cell keeps the best value alone: that with the lowest mean loss over its seeds",
    ),
    "panel": Clause(
        "panel layers in {2, 4}", "makes an axis with laws of its own at every value, where it would have been pooled"
    ),
    "in": Clause(
        "width in [32..512]",
        "makes an axis of a sweep, with a run for every value; in a condition or a claim, asks if a number lies in an "
        "interval or a list",
    ),
    "along": Clause(
        "tokens along [1M..8M]",
        "makes an axis of points on one run's way, so that all of them cost one run: with `wsd` each point is decayed "
        "on a branch of its own, with a constant rate it is measured as it passes",
    ),
    "step": Clause("[64..256 step 64]", "steps of one size between the ends of a sweep: 64, 128, 192, 256"),
    "times": Clause("[1..1000 times 10]", "steps of one factor between the ends of a sweep: 1, 10, 100, 1000"),
    "count": Clause("[1k..1M count 4]", "so many values between the ends of a sweep, evenly spaced in the logarithm"),
    "and": Clause("expect alpha > .3 and beta > .3", "true where both parts are"),
    "or": Clause("expect alpha > .3 or beta > .3", "true where one part is"),
    "not": Clause("expect not alpha > .3", "true where what follows is not"),
    "within": Clause(
        "expect E within 2% of entropy_rate",
        "asks if two numbers differ by no more than a number, or a percentage of the second",
    ),
    "of": Clause("expect E within 2% of entropy_rate", "stands between a tolerance and the number it is around"),
    "median": Clause(
        "median seed in [0..49 step 1]",
        "makes cells of the median over seeds in place of the mean, for losses that scatter far to one side",
    ),
}
