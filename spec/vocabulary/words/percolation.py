"""Percolation and other point sets, what learns from them without sequences, and the theory of its loss."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, ClassVar, Self

from pydantic import Field

from ..base import DataShape, Flaw, Later, Unit
from .families import Cost, Family
from .laws import Law, Objective, Setting
from .sources import PointSource, Source
from .training import Optimiser

#: Clusters as large as `smallest` are rarer than a power law by at most exp(-RARE) below the critical point.
RARE = 5.0
#: Sites of the largest cluster that are tested at least.
FEW_TESTED = 10
#: Numbers of the vectors of the largest cluster at most: 4 GB.
MOST_NUMBERS = 1_000_000_000
#: Sets of known sites that settle how many sites a degree of freedom is worth, beside those of the runs.
SCALE_SETS = 50
#: Bytes of the table of nearest sites that is worked on at once, and of a coordinate.
TABLE_BYTES, FLOAT = 2**27, 4
#: Seconds of growing one site, of one number of its vector, of one site in one set, and of one query of a tree of
#: points; measured on one core.
GROW_S, EMBED_S, SITE_S, QUERY_S = 3e-7, 3e-8, 3.5e-8, 5e-6
#: Seconds of telling the dimension of a sample of points by their neighbours, measured likewise.
DIMENSION_S = 0.3
#: Seconds of one merger of a coalescent, and of one multiplication of a distance in space, measured likewise.
MERGER_S, DISTANCE_S = 3.5e-6, 5e-11
#: Passes of a perceptron over a layer's features in one step, forward and back.
PASSES = 6


def too_few_tested(share: float, points: int, noun: str) -> Flaw:
    """Fewer than FEW_TESTED of these points are held out."""
    return Flaw(
        f"a share of {share:g} of {points:,} {noun} leaves hardly any to test on",
        f"test on a share of {min(0.5, 10 * FEW_TESTED / points):.2g}",
    )


def too_many(points: int, dim: int, noun: str, take: str = "at most") -> Flaw:
    """More than MOST_NUMBERS coordinates; `take` begins what to have instead."""
    return Flaw(
        f"{points:,} {noun} in {dim} dimensions are more numbers than are held at once",
        f"take {take} {MOST_NUMBERS // dim:,} {noun}",
    )


class Percolation(PointSource):
    """Percolation clusters of the Bethe lattice, with a number at each site that walks at random along the tree."""

    word: ClassVar[str] = "percolation"
    vague: ClassVar[frozenset[str]] = frozenset(["d", "k", "n", "size", "nodes", "points", "items"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("n", "size", "sites", "points", "nodes", "n_points", "n_sites", "items"), "largest={}"),
        **dict.fromkeys(("d", "z", "k", "coordination"), "degree={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("dim", "dimension", "side", "l", "lattice", "geometry", "width", "height", "periodic", "boundary", "bond"),
        "clusters are those of sites of the Bethe lattice, each of which has `degree` neighbours, and of no other; "
        "above the critical point those of a lattice are `manifold(dim)`, and without `p` they are the critical ones",
    )
    order: ClassVar[tuple[str, ...]] = ("degree", "p")
    curves: ClassVar[tuple[str, ...]] = ("cluster",)
    facts: ClassVar[Mapping[str, str]] = {
        "hill": "exponent of the cluster sizes: Pr(S >= s) ~ s^-hill",
        "cluster_exponent": "exponent of the error on a single cluster in the number of its known sites",
        "q": "known sites of a cluster that one degree of freedom is worth, mean over clusters",
    }
    reference: ClassVar[str] = "arXiv:2412.07942"
    ranked: ClassVar[bool] = True
    degree: int = Field(default=200, ge=3, le=1_000_000, description="neighbours of every site of the lattice")
    p: float | None = Field(
        default=None, gt=0, le=1, description="probability of each site; the default is critical, 1/(degree - 1)"
    )
    smallest: Annotated[int, Unit("sites")] = Field(default=300, ge=2, description="size of the smallest cluster kept")
    largest: Annotated[int, Unit("sites")] = Field(
        default=1_000_000, ge=3, le=100_000_000, description="size of the largest; one cluster is expected above it"
    )
    tested: float = Field(default=0.001, gt=0, le=0.5, description="share of each cluster's sites held out for testing")
    embed: int = Field(
        default=0, ge=0, le=10_000, description="dimension of the vectors that sites are; 0 measures along the tree"
    )

    @property
    def inputs(self) -> int:
        return self.embed

    @property
    def n_points(self) -> int:
        return self.largest

    @property
    def draw_seconds(self) -> float:
        """Cluster sizes with density s^(1 - tau), tau = 5/2, have a mean of sqrt(smallest * largest)."""
        return self.largest * (GROW_S + EMBED_S * self.embed)

    def lookup_seconds(self, known: Sequence[int]) -> float:
        return self.largest * SITE_S * (len(known) + SCALE_SETS)

    def lookup_bytes(self, points: int) -> int:
        return FLOAT * self.embed * points + 3 * max(TABLE_BYTES, 8 * points)

    @property
    def children(self) -> float:
        """Mean number of sites that a site leads on to; 1 at the critical point."""
        return 1.0 if self.p is None else self.p * (self.degree - 1)

    @property
    def n_clusters(self) -> int:
        """Clusters kept: as many as leave one expected above `largest`, sizes having Pr(S >= s) ~ s^(2 - tau)."""
        return max(1, int(math.sqrt(self.largest / self.smallest)))

    def faults(self) -> Iterator[Flaw]:
        if self.smallest >= self.largest:
            yield Flaw(f"cluster sizes run from {self.smallest:,} to {self.largest:,}", "smallest is below largest")
        elif self.children > 1 + 1e-9:
            yield Flaw(
                f"a probability of {self.p:g} is above the critical {1 / (self.degree - 1):.6g}: clusters have no end",
                "leave `p` out for the critical point, or use `manifold(dim)` for what lies above it",
            )
        elif self.tested * self.largest < FEW_TESTED:
            yield too_few_tested(self.tested, self.largest, "sites")
        elif self.largest * self.embed > MOST_NUMBERS:
            yield too_many(self.largest, self.embed, "sites", take="clusters of at most")
        elif self.smallest * (self.children - 1 - math.log(self.children)) > RARE:
            yield Flaw(
                f"at a probability of {self.p:g} hardly any cluster reaches {self.smallest:,} sites",
                f"the critical probability is {1 / (self.degree - 1):.6g}",
            )

    def settled(self) -> Self:
        return self if self.p is not None else type(self)(**{**dict(self), "p": 1 / (self.degree - 1)})


class Coalescent(PointSource):
    """Percolation clusters in space, in two parts at every scale: their mergers give places and labels alike."""

    word: ClassVar[str] = "coalescent"
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("n", "n_points", "num_points", "size", "n_samples", "samples"), "points={}"),
        **dict.fromkeys(("d", "embed", "dimension", "n_features"), "dim={}"),
        **dict.fromkeys(("q", "p_new", "new_prob"), "new={}"),
        **dict.fromkeys(("test_size", "test_split", "test", "held_out"), "tested={}"),
    }
    order: ClassVar[tuple[str, ...]] = ("points",)
    curves: ClassVar[tuple[str, ...]] = ("cluster",)
    facts: ClassVar[Mapping[str, str]] = {"hill": "exponent of the cluster sizes, Pr(S >= s) ~ s^-hill: 1/(1 - new)"}
    reference: ClassVar[str] = "arXiv:2606.20347"
    points: Annotated[int, Unit("points")] = Field(
        default=100_000, ge=100, le=100_000_000, description="points of all clusters together"
    )
    dim: int = Field(default=100, ge=2, le=10_000, description="dimension of the space; 100 or more keeps steps apart")
    new: float = Field(
        default=1 / 3, ge=0, lt=1, description="probability that a point starts a cluster; 0 makes one of all"
    )
    tested: float = Field(default=0.01, gt=0, le=0.5, description="share of the points held out for testing")

    #: What a point takes in mergers and trees.
    point_bytes: ClassVar[int] = 600
    copies: ClassVar[int] = 3

    @property
    def inputs(self) -> int:
        return self.dim

    @property
    def n_points(self) -> int:
        return self.points

    @property
    def draw_seconds(self) -> float:
        return self.points * (MERGER_S + EMBED_S * self.dim)

    def lookup_seconds(self, known: Sequence[int]) -> float:
        return self.tested * self.points * sum(known) * self.dim * DISTANCE_S

    def lookup_bytes(self, points: int) -> int:
        return FLOAT * self.dim * points

    @property
    def step(self) -> float:
        """Distance between neighbours before all places are multiplied by sqrt(dim)."""
        return float(self.points ** (-1 / 6 if self.new else -1 / 4))

    def faults(self) -> Iterator[Flaw]:
        if self.tested * self.points < FEW_TESTED:
            yield too_few_tested(self.tested, self.points, "points")
        elif self.points * self.dim > MOST_NUMBERS:
            yield too_many(self.points, self.dim, "points")


class Manifold(PointSource):
    """Points spread evenly over a torus, with a number at each that has kinks but no jumps: data of one dimension.

    In a space, `embed`, the torus is a product of circles, turned at random; distances are those of the space.
    """

    word: ClassVar[str] = "manifold"
    vague: ClassVar[frozenset[str]] = frozenset(["d", "k"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("d", "k", "dims", "dimension", "intrinsic_dim", "latent_dim", "n_dims"), "dim={}"),
        **dict.fromkeys(("ambient", "ambient_dim", "embedding_dim", "embed_dim", "n_features", "inputs"), "embed={}"),
        **dict.fromkeys(("sigma", "std", "noise_std"), "noise={}"),
        **dict.fromkeys(("n_test", "test_points", "test_size", "n_tested", "test"), "tested={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("n", "points", "n_points", "num_points", "samples", "n_samples", "num_samples", "size"),
        "how many points are learnt from is said by the model, `samples in [64..4096]`",
    )
    values: ClassVar[Mapping[str, str]] = {"dim": "2"}
    order: ClassVar[tuple[str, ...]] = ("dim",)
    reference: ClassVar[str] = "arXiv:2412.07942: above the critical point one cluster of the lattice's dimension"
    facts: ClassVar[Mapping[str, str]] = {
        "dimension": "dimension of the points as their neighbours tell it, by maximum likelihood"
    }
    averages: ClassVar[bool] = True
    dim: int = Field(ge=1, le=64, description="dimension of the torus")
    embed: Annotated[int, Later()] = Field(
        default=0, ge=0, le=10_000, description="dimension of the space that it lies in; 0 for the torus alone"
    )
    noise: Annotated[float, Later()] = Field(
        default=0.0, ge=0, le=1e6, description="standard deviation of what is added to the numbers"
    )
    tested: Annotated[int, Unit("points")] = Field(
        default=4096, ge=2, le=10_000_000, description="points held out for testing"
    )

    @property
    def inputs(self) -> int:
        return self.embed or self.dim

    @property
    def draw_seconds(self) -> float:
        return DIMENSION_S

    def faults(self) -> Iterator[Flaw]:
        if 0 < self.embed < 2 * self.dim:
            circles = (
                "a circle has two dimensions" if self.dim == 1 else f"{self.dim} circles have {2 * self.dim} dimensions"
            )
            yield Flaw(f"{circles}, and the space has {self.embed}", f"write `embed={2 * self.dim}`, or more")

    def lookup_seconds(self, known: Sequence[int]) -> float:
        return QUERY_S * sum(self.tested + n for n in known)

    def lookup_bytes(self, points: int) -> int:
        return 3 * max(TABLE_BYTES, 8 * points)


class Solved(Optimiser):
    """Nothing is trained: what the models say follows from their data."""

    word: ClassVar[str] = "solved"


#: What others call the points that a model learns from.
CALLED_SAMPLES = dict.fromkeys(("d", "points", "n_samples", "num_samples", "n_train"), "samples={}")


class Nearest(Family):
    """The nearest known point, trusted less the farther it is: `cells` to spend well, or `samples` drawn alike."""

    word: ClassVar[str] = "nearest"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("knn", "kknn", "knnreg", "knn_reg", "k_nn", "kneighbors", "kneighborsregressor"), "nearest"),
        **dict.fromkeys(
            ("nearest_neighbor", "nearest_neighbour", "nearest_neighbors", "nearest_neighbours"), "nearest"
        ),
    }
    vague: ClassVar[frozenset[str]] = frozenset(["n", "d"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("k", "neighbors", "n_neighbors", "n_neighbours", "kmax", "nn"), "neighbours={}"),
        **dict.fromkeys(("n", "draws", "train_size"), "samples={}"),
        **CALLED_SAMPLES,
    }
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("cells", "samples"),)
    learns_from: ClassVar[DataShape] = "points"
    trained: ClassVar[bool] = False
    measures: ClassVar[tuple[str, ...]] = ("theory",)
    reference: ClassVar[str] = "arXiv:2412.07942"
    cells: int | None = Field(
        default=None, ge=1, le=1_000_000_000, description="degrees of freedom N, spent where they help most"
    )
    samples: Annotated[int | None, Unit("samples")] = Field(
        default=None, ge=1, le=1_000_000_000, description="points D, drawn alike from all data"
    )
    neighbours: Annotated[int, Later()] = Field(
        default=1, ge=1, le=100_000, description="nearest points whose numbers are averaged, on a manifold"
    )
    b: Annotated[float | None, Later()] = Field(
        default=None, ge=-100, le=100, description="`cells` are spent on clusters as rank^(b - 1); the default is best"
    )
    last: Annotated[float | None, Later()] = Field(
        default=None, gt=1, le=1e12, description="rank of the last cluster that they are spent on; the default is best"
    )

    def faults(self) -> Iterator[Flaw]:
        if (self.b is None) != (self.last is None):
            yield Flaw("one of `b` and `last` says half of how cells are spent", "give both, or neither")
        elif self.b is not None and self.cells is None:
            yield Flaw("`b` and `last` say how cells are spent, and there are none", "give it `cells`")

    def unfit(self, source: Source) -> str:
        if self.neighbours > 1 and not (isinstance(source, PointSource) and source.averages):
            return f"`neighbours` are averaged on a manifold, and `{source.word}` is none"
        if self.b is not None and not (isinstance(source, PointSource) and source.ranked):
            return (
                f"`b` and `last` are of clusters by rank, and `{source.word}` is not in clusters that a learner knows"
            )
        return ""

    @property
    def n_body(self) -> int:
        return self.cells or 0

    def n_total(self, vocab: int) -> int:
        return self.cells or 0

    @property
    def n_samples(self) -> int:
        return self.samples or 0

    def flops_per_token(self, vocab: int, length: int) -> int:
        return 0

    @property
    def features(self) -> int:
        return 1


class Mlp(Family):
    """Multilayer perceptron on vectors: ReLU, with biases, trained on squared error for `steps` or `epochs`."""

    word: ClassVar[str] = "mlp"
    instead: ClassVar[str] = "what reads points is `mlp(layers=2)`"
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("activation", "act", "act_fn", "nonlinearity", "activation_fn", "activation_function"),
        "the activation is ReLU",
    )
    learns_from: ClassVar[DataShape] = "points"
    vague: ClassVar[frozenset[str]] = frozenset(["d", "points"])
    also: ClassVar[Mapping[str, str]] = {
        **CALLED_SAMPLES,
        **dict.fromkeys(
            ("hidden_layer_sizes", "hidden_sizes", "hidden_layers", "hidden_dims", "net_arch", "layer_sizes"),
            "width={0}, layers={len}",
        ),
    }
    reference: ClassVar[str] = "initial weights: arXiv:1502.01852; a last layer of 1/width: arXiv:2011.14522"
    width: Annotated[int, Unit("features")] = Field(ge=1, le=65_536, description="features of a hidden layer")
    layers: int = Field(default=2, ge=1, le=100, description="hidden layers")
    samples: Annotated[int | None, Unit("samples")] = Field(
        default=None, ge=1, le=1_000_000_000, description="distinct points D to learn from; without it, all there are"
    )

    def matrices(self, vocab: int) -> tuple[tuple[int, int], ...]:
        """Rows and columns of the weights of each layer, the last one included."""
        sizes = (vocab, *(self.width for _ in range(self.layers)), 1)
        return tuple(pairwise(sizes))

    @property
    def n_body(self) -> int:
        """Parameters behind the first layer's weights, which are the only ones that grow with the inputs."""
        return self.n_total(0)

    def n_total(self, vocab: int) -> int:
        """All weights and biases: `vocab` numbers a point into L layers of w features and 1 number.

        d w + w + (L - 1) (w^2 + w) + w + 1.
        """
        return sum(rows * columns + columns for rows, columns in self.matrices(vocab))

    @property
    def n_samples(self) -> int:
        return self.samples or 0

    def flops_per_token(self, vocab: int, length: int) -> int:
        """Exact matmul FLOPs of a point in one step: thrice the forward's, less the first layer's input gradient."""
        forward = [2 * rows * columns for rows, columns in self.matrices(vocab)]
        return 3 * sum(forward) - forward[0]

    @property
    def features(self) -> int:
        return self.width

    def cost(self, vocab: int, length: int, square: int = 0) -> Cost:
        """Of one operation a layer, which passes over its features some times and holds them twice."""
        wide = self.layers * self.width
        return Cost(operations=self.layers + 1, elements=vocab + PASSES * wide, held=vocab + 2 * wide)

    @property
    def stacked(self) -> Self:
        """All that differ in their data alone."""
        return self.changed(samples=None)


class Brill(Law):
    """A learner on critical percolation clusters, in N or in D: a closed form, nothing free."""

    word: ClassVar[str] = "brill"
    order: ClassVar[tuple[str, ...]] = ("x",)
    variables: ClassVar[tuple[str, ...]] = ("x",)
    readable: ClassVar[tuple[str, ...]] = ("N", "D")
    theory: ClassVar[bool] = True
    objective: ClassVar[Objective] = "log-mse"
    delta: ClassVar[float | None] = None
    settings: ClassVar[Mapping[str, Setting]] = {
        "c": Setting(2.0, 0.01, 100.0, "2 for a learner that is constant in pieces, as a neighbour is; 4 for linear"),
        "dim": Setting(7, 2, 1_000_000, "the lattice's dimension; from 7 on all are the mean field", whole=True),
    }
    reference: ClassVar[str] = "arXiv:2412.07942"
