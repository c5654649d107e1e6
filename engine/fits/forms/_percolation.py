"""What percolation theory says the loss of a nearest-neighbour learner is: closed forms with nothing to fit.

Data fall into clusters whose sizes follow a power law: the cluster of rank k holds a share k^-(1 + alpha) of them. A
model that spends n_k degrees of freedom on cluster k is wrong there by n_k^-r, and knows nothing of a cluster it has
none for. Spending N of them as well as can be gives one curve, L(N); showing D points drawn alike from all clusters
gives another, L(D). Both are 1 for one degree of freedom or one point.

Reference: Brill 2024, arXiv:2412.07942; the forms are those of its released code, rewritten to hold at ties too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.vocabulary.words.percolation import Brill

from ..core.fit_result import Array
from ..core.form import THEORIES

#: Halvings of the interval that a break rank lies in: down to the last bit.
HALVINGS = 64


@dataclass(frozen=True)
class Exponents:
    """The two numbers that both curves follow from.

    Attributes:
        alpha: Of the sizes by rank, k^-(1 + alpha); (3 - tau) / (tau - 2) where cluster sizes have density s^-tau.
        r: Of the error on one cluster; 2/D for a piecewise-constant learner on clusters of dimension D.
    """

    alpha: float
    r: float

    @property
    def b(self) -> float:
        """Degrees of freedom fall with rank as k^(b - 1)."""
        return 1.0 - (1.0 + self.alpha) / (1.0 + self.r)

    @property
    def tail(self) -> float:
        """Exponent of the share of the data in clusters too small to be met by D points: alpha / (1 + alpha)."""
        return self.alpha / (1.0 + self.alpha)

    def loss(self, quantity: str, x: Array) -> Array:
        """The curve in N or in D."""
        return model_loss(x, self) if quantity == "N" else data_loss(x, self)


#: Percolation at its critical point in six dimensions or more, and a nearest neighbour: tau = 5/2, D = 4.
MEAN_FIELD = Exponents(alpha=1.0, r=0.5)

#: Dimension of the lattice -> Fisher exponent tau of the cluster sizes, and fractal dimension D of a cluster.
LATTICES: Mapping[int, tuple[float, float]] = {
    2: (187 / 91, 91 / 48),
    3: (2.1892, 2.53),
    4: (2.3142, 3.06),
    5: (2.419, 3.54),
    6: (2.487, 4.0),
    7: (2.5, 4.0),
}


@THEORIES.implements(Brill)
def _brill(numbers: Mapping[str, float]) -> Exponents:
    return exponents(int(numbers["dim"]), numbers["c"])


def exponents(dimension: int, c: float = 2.0) -> Exponents:
    """Exponents at the critical point of a lattice; `c` is 2 for a piecewise-constant learner, 4 for a linear one."""
    tau, fractal = LATTICES[min(dimension, max(LATTICES))]
    return Exponents((3.0 - tau) / (tau - 2.0), c / fractal)


def saturating(x: Array, rate: float) -> Array:
    """(1 - exp(-rate x)) / rate, which is x at rate 0."""
    return np.asarray(-np.expm1(-rate * x) / rate) if rate else x


# --- how a model is best spent ----------------------------------------------------------------------------------------


def spent(log_rank: Array, law: Exponents = MEAN_FIELD) -> Array:
    """Degrees of freedom that are spent once clusters up to this rank k are worth any: N = k (1 - k^-b) / b."""
    return np.asarray(np.exp(log_rank) * saturating(log_rank, law.b))


def break_rank(n: Array, law: Exponents = MEAN_FIELD) -> Array:
    """Rank up to which clusters are worth a degree of freedom, for N of them; the inverse of `spent`.

    N lies above k - 1 for every b below 1, so the rank lies between 1 and N + 1.
    """
    n = np.asarray(n, dtype=np.float64)
    low, high = np.zeros_like(n), np.log1p(n)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = spent(middle, law) < n
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(np.exp(0.5 * (low + high)))


def allocation(n: float, ranks: Array, law: Exponents = MEAN_FIELD) -> Array:
    """Degrees of freedom of the clusters of these ranks (1, 2, ...) that make the loss least; 0 beyond the break rank.

    n_k = (k_br / k)^(1 - b), which is 1 at the break rank: the least a cluster can use.
    """
    last = float(break_rank(np.array([n]), law)[0])
    return np.where(ranks <= last, (last / ranks) ** (1.0 - law.b), 0.0)


# --- the two curves ---------------------------------------------------------------------------------------------------


def model_loss(n: Array, law: Exponents = MEAN_FIELD) -> Array:
    """Loss of a model of N degrees of freedom with data without end, in units of the loss at N = 1."""

    def curve(n: Array) -> Array:
        last = break_rank(n, law)
        return np.asarray((n / last + 1.0 / law.alpha) * last**-law.alpha)

    return _from_one(n, curve)


def data_loss(d: Array, law: Exponents = MEAN_FIELD) -> Array:
    """Loss after D points with a model without bounds, in units of the loss at D = 1.

    C1 D^-tail + C2 D^-r of the reference, with the two terms taken together so that r = tail is no special case.
    """

    def curve(d: Array) -> Array:
        logs = np.log(law.alpha * d)
        return np.asarray(np.exp(-law.tail * logs) * (1.0 + law.tail * saturating(logs, law.r - law.tail)) / law.alpha)

    return _from_one(d, curve)


def _from_one(x: Array, curve: Callable[[Array], Array]) -> Array:
    """A curve over its value at 1; 1 below that."""
    at = np.maximum(np.asarray(x, dtype=np.float64), 1.0)
    return np.asarray(curve(at) / curve(np.ones(1)))
