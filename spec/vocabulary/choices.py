"""Truth values and choices as others write them, in small letters, to what is written here."""

from __future__ import annotations

from collections.abc import Iterable

TRUTHS = {
    **dict.fromkeys(("true", "yes", "on", "t", "periodic", "wrap", "torus", "closed"), "true"),
    **dict.fromkeys(("false", "no", "off", "f", "open", "free", "reflecting", "hard"), "false"),
}
#: Choices that any parameter may have, by what the field calls them.
CHOICES = {
    **dict.fromkeys(("sp", "standard", "default", "pytorch", "vanilla", "ntk"), "SP"),
    **dict.fromkeys(("mu-p", "maximal", "mup", "mu", "maximal_update"), "muP"),
    **dict.fromkeys(
        ("fp16", "float16", "half", "bfloat16", "mixed", "bf16-mixed", "16-mixed", "bf16-true", "16-true", "16", "amp"),
        "bf16",
    ),
    **dict.fromkeys(
        ("float32", "float", "full", "single", "fp64", "float64", "double", "f64", "32-true", "64-true", "32", "64"),
        "fp32",
    ),
}
#: Those that only say something of a parameter which has them: words with other meanings elsewhere.
_OF_ONE = {
    "first": ("largest", "top", "leading", "principal", "pca", "sorted"),
    "complete": ("clique", "full", "complete_graph", "fully_connected"),
    "star": ("star_graph", "networkx", "nx"),
    "stationary": ("equilibrium", "invariant", "steady", "steady_state", "limit"),
    "uniform": ("random", "flat", "equal"),
    "counts": ("empirical", "frequency", "frequencies", "unigram"),
    "sequence": ("context", "in_context", "in-context", "icl"),
    "training": ("weights", "train", "corpus"),
    "linear": ("identity", "id"),
}


def choice_meant(said: str, choices: Iterable[str]) -> str:
    """The one of a parameter's choices that is called so; empty where none is."""
    low = said.lower()
    return next((c for c in choices if c == CHOICES.get(low) or low == c.lower() or low in _OF_ONE.get(c, ())), "")
