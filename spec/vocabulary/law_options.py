"""Options that every law takes in `fit`, beside its variables and its parameters."""

from __future__ import annotations

from typing import NamedTuple


class Option(NamedTuple):
    """An option of a law."""

    #: One way to write it.
    example: str
    meaning: str
    #: Whether a law fitted to a table outside a study has it too: a table there is one panel.
    of_tables: bool = False


LAW_OPTIONS: dict[str, Option] = {
    "loss": Option("power(D, loss=excess)", "the number that the law is fitted to; `loss` unless said", True),
    "objective": Option("chinchilla(objective=huber(1e-3))", "what the fit minimises; the law's own unless said", True),
    "bootstrap": Option("chinchilla(bootstrap=4000)", "number of draws behind the intervals, 1,000 unless said", True),
    "group": Option("power(D, group=2%)", "the tolerance within which cells count as one slice of the other size"),
    "share": Option("chinchilla(share=(E, alpha, beta))", "parameters that are the same in every panel"),
}
