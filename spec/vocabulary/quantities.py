"""Every quantity of runs, cells and fits, declared once: what it is, its unit, bounds, columns, names and words.

Units in conditions, the settings of `train`, selectors and claims, the columns of run tables and of tables found in the
wild, averages over seeds, the labels of figures and the reference page are read off these declarations. A number that
something new measures is one more `declare(Quantity(...))`, beside whatever measures it.

    of run    follows from a run's source, model and settings; laws are read in it: N, D, C, tokens, ...
    of cell   is measured: loss, excess, entropy_rate, ...
    of fit    is a statistic that every fit has beside its parameters: mse, holdout, ...
    of curve  is a curve of a source itself, whatever is trained on it, or what one runs along: correlation, lag, ...
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ..constants import FLOPS_PER_PARAMETER_TOKEN
from .base import WordClashError, loading


@dataclass(frozen=True)
class Quantity:
    """One quantity; every field but the first three has the default that most quantities share."""

    name: str
    of: Literal["run", "cell", "fit", "curve"]
    meaning: str
    #: The quantity that this is another name of.
    same_as: str = ""
    #: The unit that numbers beside it may be written in; none for a plain number.
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    #: Whether `low` itself is left out.
    above: bool = False
    #: Whether it takes whole numbers alone.
    whole: bool = False

    #: Whether it selects cells that no axis names, `N=1M`.
    size: bool = False
    #: The size that stays the same while a law in this one alone is fitted.
    held: str = ""
    #: What a law in it alone calls its coefficient and its exponent.
    parameters: tuple[str, str] = ("A", "alpha")
    #: For what a study gives to say how much a run trains: whether it fixes D by itself, or divides it.
    amount: Literal["", "whole", "part"] = ""
    #: Whether it grows along a path.
    grows: bool = False
    #: How it is read off a run, or off one that is only surveyed; None there for a run that has none.
    reads: Callable[[Any], float | None] | None = None

    #: Whether every evaluation of a model measures it, beside the loss.
    evaluated: bool = False
    #: Whether every run measures it; a number of a few words alone is theirs to name.
    everywhere: bool = True
    #: Whether families measure it that say so (`Family.measures`), beside the loss.
    of_families: bool = False
    #: Whether only those of sources whose next-token law is known have it.
    of_law: bool = False
    #: Whether a law can be fitted to it, with `loss=`: it has a value and a standard error in every cell.
    fitted: bool = False
    #: Whether a cell has the mean over its seeds; otherwise, what one run says means nothing for a cell.
    averaged: bool = False
    #: Whether it is a share of a whole, of what is trained here; columns of tables may hold it in per cent.
    share: bool = False
    #: Whether it grows as models learn, unlike a loss.
    rises: bool = False
    #: Whether it is estimated with noise, for what is not of a run.
    noisy: bool = True

    #: For a curve of sources that say so (`Source.curves`), what it runs along.
    along: str = ""
    #: Whether the losses of every model trained on sequences have a curve along it.
    of_sequences: bool = False

    #: The column along which it moves and is compared in conditions; of its own name unless another is given.
    column: str = ""
    #: What it is in a table that has no column of it.
    in_tables: str = ""
    #: Names of columns that are taken for it in tables, in small letters and without spaces and underscores.
    headers: tuple[str, ...] = ()
    #: What readers call it, with its unit; and where data are points with numbers to be predicted.
    label: str = ""
    label_of_points: str = ""
    #: What an exponent in it is said to be in.
    letter: str = ""


#: Every quantity by name, in the order of messages.
QUANTITIES: dict[str, Quantity] = {}
#: The package that declares each.
PACKAGES: dict[str, str] = {}


@cache
def names(*, of: str = "", **fields: Any) -> tuple[str, ...]:
    """Names of the quantities of a kind whose fields have these values, in order."""
    wanted = fields if not of else {**fields, "of": of}
    return tuple(q.name for q in QUANTITIES.values() if all(getattr(q, k) == v for k, v in wanted.items()))


def declare(quantity: Quantity) -> Quantity:
    """Make a quantity known by its name."""
    names.cache_clear()
    known = QUANTITIES.setdefault(quantity.name, quantity)
    package = PACKAGES.setdefault(quantity.name, loading())
    if (known, package) != (quantity, loading()):
        raise WordClashError(quantity.name, package, loading())
    return quantity


def _compute(run: Any) -> float | None:
    return FLOPS_PER_PARAMETER_TOKEN * run.n_total * run.asked_tokens or None


def _tokens(run: Any) -> float | None:
    # The D that was asked for, so that rounding to whole steps moves nothing.
    return run.asked_tokens or None


_N_HEADERS = ("n", "nparams", "params", "parameters", "modelsize", "ntotal", "numparams", "paramsactiveprecise")
_D_HEADERS = ("d", "tokens", "ntokens", "trainingtokens", "trainingdata", "numtokens")
_C_HEADERS = ("c", "flops", "compute", "trainingflop", "trainingflops", "flops6nd")
_UNIQUE_HEADERS = ("unique", "uniquetokens", "nunique", "nuniquetokens", "distincttokens", "uniquedata")
_LOSS_HEADERS = ("loss", "finalloss", "evalloss", "testloss", "valloss", "validationloss")
_LOSS = "mean cross-entropy, nats a token"

for _quantity in (
    Quantity(
        "N", "run", "parameters, embeddings included", low=0, size=True, held="D",
        reads=lambda run: run.n_total or None, headers=_N_HEADERS, label="parameters N",
        label_of_points="degrees of freedom N",
    ),
    Quantity(
        "N_body", "run", "parameters without embeddings", low=0, size=True, held="D",
        reads=lambda run: run.n_body or None, label="parameters N without embeddings",
        label_of_points="degrees of freedom N", letter="N without embeddings",
    ),
    Quantity(
        "D", "run", "tokens trained on", unit="tokens", low=0, size=True, held="N", parameters=("B", "beta"),
        grows=True, reads=_tokens, column="D_asked", headers=_D_HEADERS, label="training tokens D",
        label_of_points="points D",
    ),
    Quantity(
        "C", "run", "compute, 6 N D", unit="FLOP", low=0, size=True, parameters=("K", "gamma"), grows=True,
        reads=_compute, headers=_C_HEADERS, label="training compute C (FLOPs)",
    ),
    Quantity(
        "tokens", "run", "tokens trained on, D", same_as="D", unit="tokens", low=1, amount="whole", grows=True,
        reads=_tokens,
    ),
    Quantity(
        "steps", "run", "optimiser steps", unit="steps", low=1, whole=True, amount="whole", grows=True,
        reads=lambda run: run.steps,
    ),
    Quantity("epochs", "run", "passes over the unique tokens", low=0, above=True, amount="part", grows=True),
    Quantity(
        "unique", "run", "distinct tokens", unit="tokens", low=1, amount="part", headers=_UNIQUE_HEADERS
    ),
    Quantity(
        "compute", "run", "compute, C = 6 N D", same_as="C", unit="FLOP", low=0, above=True, amount="whole", grows=True,
        reads=_compute,
    ),
    Quantity(
        "flops", "run", "compute, every product counted", unit="FLOP", low=0, grows=True, in_tables="C",
        reads=lambda run: run.flops,
    ),
    Quantity(
        "loss", "cell", _LOSS, low=0, fitted=True, averaged=True, headers=_LOSS_HEADERS, label="loss (nats a token)",
        label_of_points="mean squared error",
    ),
    Quantity(
        "excess", "cell", "loss above the entropy rate, nats a token", low=0, of_law=True, fitted=True, averaged=True,
        label="excess loss (nats a token)",
    ),
    Quantity(
        "entropy_rate", "cell", "entropy rate of the source, nats a token", low=0, of_law=True, averaged=True,
        noisy=False,
        label="entropy rate (nats a token)",
    ),
    Quantity("standard_error", "cell", "standard error of the loss", low=0),
    Quantity(
        "kl", "cell", "divergence of the law from the model, which is the excess loss", same_as="excess",
        everywhere=False, of_law=True, fitted=True,
    ),
    Quantity("excess_loss", "cell", "excess loss under another name", same_as="excess", everywhere=False, fitted=True),
    Quantity(
        "theory", "cell", "the loss that a closed form says, in the mean over what is drawn", low=0, everywhere=False,
        of_families=True, fitted=True, averaged=True, noisy=False, label="loss in theory",
    ),
    Quantity(
        "train_loss", "cell", "mean squared error on the samples learnt from", low=0, everywhere=False,
        of_families=True, fitted=True, averaged=True, label="mean squared error on the samples",
    ),
    Quantity(
        "gcv", "cell", "generalised cross-validation: the loss as the samples alone tell it", low=0, everywhere=False,
        of_families=True, fitted=True, averaged=True, label="generalised cross-validation",
    ),
    # Tables hold these two in per cent too, so they have no bound above.
    Quantity(
        "tvd", "cell", "total variation distance of the model from the law of the next token", low=0, evaluated=True,
        everywhere=False, of_families=True, of_law=True, fitted=True, averaged=True, share=True,
        label="total variation distance",
    ),
    Quantity(
        "accuracy", "cell", "share of contexts whose likeliest next token, as the model has it, can follow; where no "
        "law is known, does", low=0, evaluated=True, everywhere=False, of_families=True, fitted=True, averaged=True,
        share=True, rises=True, label="accuracy",
    ),
    Quantity("lag", "curve", "tokens from one token to another", low=1, whole=True, label="lag (tokens)"),
    Quantity("context", "curve", "tokens that are known before one", low=0, whole=True, label="context (tokens)"),
    Quantity("rank", "curve", "place by size, the largest first", low=1, whole=True, label="rank"),
    Quantity(
        "position", "curve", "tokens of a sequence that were read before the one foretold", low=1, of_sequences=True,
        label="position (tokens read)",
    ),
    Quantity(
        "correlation", "curve", "largest singular value of the covariance of tokens a lag apart", low=0, along="lag",
        label="norm of the covariance",
    ),
    Quantity(
        "entropy", "curve", "entropy of the next token after a context of so many, nats", low=0, along="context",
        label="entropy of the next token (nats)",
    ),
    Quantity("unigram", "curve", "share of a token or an item", low=0, high=1, along="rank", label="share"),
    Quantity(
        "successor", "curve", "share of a next token among those after one", low=0, high=1, along="rank",
        label="share among successors",
    ),
    Quantity(
        "eigenvalue", "curve", "variance of points along a principal axis", low=0, along="rank", label="eigenvalue"
    ),
    Quantity("cluster", "curve", "points of a cluster", low=0, along="rank", label="points of a cluster"),
    Quantity("mse", "fit", "mean squared residual of the loss", low=0),
    Quantity("rmse", "fit", "root mean square residual of the loss", low=0),
    Quantity("rmse_log", "fit", "root mean square residual of the log loss", low=0),
    Quantity("r2", "fit", "share of the variance of the loss that the law takes up", high=1),
    Quantity("n", "fit", "number of cells", low=0, whole=True, noisy=False),
    Quantity("holdout", "fit", "error on the cells that the fit's condition leaves out", low=0),
    Quantity("validation", "fit", "mean squared error on cells left out at random", low=0),
):  # fmt: skip
    declare(_quantity)


def run_quantities() -> tuple[str, ...]:
    """Numbers of a run that a law can be read in, besides the study's axes and parameters."""
    return names(of="run")


def tied() -> tuple[str, ...]:
    """N, D and C: quantities of a table that C = 6 N D ties, any two giving the third."""
    return tuple(q.name for q in QUANTITIES.values() if q.size and q.headers)


def amounts() -> tuple[str, ...]:
    """Amounts of training, of which a study gives exactly as many as the identities need."""
    return tuple(q.name for q in QUANTITIES.values() if q.amount)


def sizes() -> tuple[str, ...]:
    """Names that select a size rather than an axis's value."""
    return tuple(name for name in QUANTITIES if QUANTITIES[canonical(name)].size)


def measured() -> tuple[str, ...]:
    """Numbers that the cells of every study have, besides their axes and sizes."""
    return names(of="cell", everywhere=True)


def measured_beside() -> tuple[str, ...]:
    """Numbers that evaluations of every study measure beside the loss: each has a standard error of its own."""
    return names(evaluated=True, everywhere=True)


def measured_by_families() -> tuple[str, ...]:
    """Numbers that some families measure beside the loss: see `Family.measures`."""
    return names(of_families=True)


def known_exactly() -> tuple[str, ...]:
    """Numbers that cells have only where the law of their source is known."""
    return names(of_law=True)


def error_of(name: str) -> str:
    """The column with the standard error of a number that cells have."""
    known = QUANTITIES.get(name)
    ours = known is not None and known.fitted and not known.evaluated and not known.of_families
    return "standard_error" if ours else f"{name}_standard_error"


def losses() -> tuple[str, ...]:
    """Numbers that the laws of every study can be fitted to."""
    return names(everywhere=True, fitted=True)


def curves() -> tuple[str, ...]:
    """Curves of sources that laws can be fitted to: see `Source.curves`."""
    return tuple(name for name in names(of="curve") if QUANTITIES[name].along)


def curve_variables() -> tuple[str, ...]:
    """Numbers that curves of sources run along, and those that losses within sequences do."""
    return tuple(dict.fromkeys((*(QUANTITIES[name].along for name in curves()), *positions())))


def positions() -> tuple[str, ...]:
    """Numbers that the losses of a model trained on sequences run along, within these."""
    return names(of="curve", of_sequences=True)


def statistics() -> tuple[str, ...]:
    """Numbers that every fit gives beside its parameters."""
    return names(of="fit")


def canonical(name: str) -> str:
    """The quantity that a name stands for: `tokens` is D."""
    known = QUANTITIES.get(name)
    return known.same_as or name if known is not None else name


def column_of(name: str) -> str:
    """The column along which a quantity moves and is compared: the D asked for, not the D rounded to whole steps."""
    known = QUANTITIES.get(canonical(name))
    return known.column or known.name if known is not None else name


def recorded_columns() -> tuple[str, ...]:
    """Columns that every run table has: of sizes as they were and as they were asked for, of what is measured."""
    own = (q for q in QUANTITIES.values() if q.of in ("run", "cell") and q.everywhere and not q.amount)
    return tuple(name for q in own for name in dict.fromkeys((q.name, q.column or q.name)))


def held_by(name: str) -> str:
    """The size that stays the same while a law in this quantity alone is fitted; empty where none does."""
    known = QUANTITIES.get(canonical(name))
    return known.held if known is not None else ""


def label_of(column: str, points: bool = False) -> str:
    """The name of a column's quantity for readers, with its unit; `points` where no tokens are counted."""
    known = _of_column(column)
    return column if known is None else (points and known.label_of_points) or known.label or column


def letter_of(column: str) -> str:
    """The quantity that an exponent in a column is said to be in."""
    known = _of_column(column)
    return column if known is None else known.letter or known.name


def _of_column(column: str) -> Quantity | None:
    known = QUANTITIES.get(canonical(column))
    return known or next((q for q in QUANTITIES.values() if q.column == column), None)


def headers() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Quantities that columns of a table are taken for, and the names of such columns."""
    return ((q.name, q.headers) for q in QUANTITIES.values() if q.headers)
