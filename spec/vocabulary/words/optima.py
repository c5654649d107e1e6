"""Ways to compute-optimal sizes that `optimum` can name."""

from typing import ClassVar

from ..base import Kind, Word


class OptimumMethod(Word):
    """Anything `optimum` can name: N_opt ~ C^a, D_opt ~ C^b, L_opt - E ~ C^-gamma."""

    kind: ClassVar[Kind] = "optimum"
    #: Whether the method reads a fitted surface, named as its argument.
    needs_fit: ClassVar[bool] = False
    #: Numbers that the method gives.
    params: ClassVar[tuple[str, ...]] = ("a", "b", "gamma", "E", "N_1", "D_1", "K")
    #: Curves against compute that the method gives, read at `C=`.
    curves: ClassVar[tuple[str, ...]] = ("L", "N", "D")


class Surface(OptimumMethod):
    """The best N at each compute on a fitted surface L(N, D), with C = 6 N D."""

    word: ClassVar[str] = "surface"
    order: ClassVar[tuple[str, ...]] = ("fit",)
    needs_fit: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.3"


class Isoflop(OptimumMethod):
    """The minimum of a parabola in log N through the losses of each compute budget."""

    word: ClassVar[str] = "isoflop"
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.2"


class IsoflopCurve(OptimumMethod):
    """The minimum of a smooth curve through the losses of each compute budget, without the parabola's bias."""

    word: ClassVar[str] = "isoflop_curve"
    reference: ClassVar[str] = "arXiv:2406.19146, section 3"


class Envelope(OptimumMethod):
    """The runs that no other beats with less or equal compute."""

    word: ClassVar[str] = "envelope"
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.1"
