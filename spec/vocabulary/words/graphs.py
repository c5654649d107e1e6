"""Graphs that walks run on. Node ids are token ids; the vocabulary is the whole graph."""

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ...constants import LARGEST_SEED
from ..base import Doubt, Flaw, Kind, Later, Term, Unit

#: More nodes than this are refused before a lattice is built.
MOST_LATTICE_NODES = 10_000_000

#: Edges rewired below which a ring stays one.
LEAST_REWIRED = 0.5

Nodes = Annotated[int, Unit("nodes")]


class Graph(Term):
    """A simple undirected graph, drawn with its own seed."""

    kind: ClassVar[Kind] = "graph"
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("directed", "digraph", "oriented", "direction", "asymmetric", "bidirectional"),
            "graphs that are drawn have no directions; `walk(..., kappa=1, symmetric=false)` weighs both ways of an "
            'edge apart, and `edges("graph.txt", directed=true)` is a graph of yours',
        ),
        **dict.fromkeys(
            ("loops", "self_loops", "selfloops", "multigraph", "multi", "multi_edges", "multiedges", "parallel_edges"),
            "a graph here has no loops, and no edge twice",
        ),
        **dict.fromkeys(
            ("connected", "ensure_connected", "giant", "largest_component", "giant_component", "lcc", "connect"),
            "walks run on the largest connected component by themselves",
        ),
    }

    #: Whether a walk on it is a chain of its nodes, whose edges have weights.
    chain: ClassVar[bool] = True

    @property
    def n_nodes(self) -> int:
        """Number of nodes, the vocabulary of a walk: `n` of those that have it."""
        return int(dict(self)["n"])

    def with_nodes(self, most: int) -> str:
        """The parameter that gives it so many nodes, or nearly, as it is written; empty where its file has them."""
        return f"n={most}" if "n" in self.declared() else ""

    @property
    def least_degree(self) -> float:
        """A mean degree that the graph hardly ever stays below; 1 where nobody can tell."""
        return 1.0

    @property
    def isolated(self) -> tuple[float, float]:
        """Nodes expected to have no edge, and the mean degree; none where every node has one or nobody can tell."""
        return 0.0, math.inf


class ErdosRenyi(Graph):
    """Erdos-Renyi graph: `n` nodes, each pair joined with probability `p`, or exactly `edges` edges."""

    word: ClassVar[str] = "er"
    spoken: ClassVar[str] = r"Erd[oőö]s[- ]R[ée]nyi|\bER\b"
    order: ClassVar[tuple[str, ...]] = ("n", "p")
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("p", "edges"),)
    reference: ClassVar[str] = "Erdos & Renyi 1959; Gilbert 1959"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("erdos_renyi", "erdos_renyi_graph", "erdosrenyi", "gnp", "gnp_random_graph", "random_graph", "random"),
        "er",
    ) | {
        **dict.fromkeys(("erdos", "renyi", "gilbert", "binomial", "bernoulli", "poisson", "gn"), "er"),
        **dict.fromkeys(("gnm", "dense_gnm", "gnm_random"), "er({0}, edges={1})"),
        **dict.fromkeys(("complete", "clique", "fully_connected"), "er(512, p=1)"),
    }
    sample: ClassVar[str] = "er(n=512, p=.02)"
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("degree", "mean_degree", "avg_degree", "average_degree", "k", "k_mean", "deg", "c", "lam", "z"), "p={}/n"
        ),
        **dict.fromkeys(("m", "e", "number_of_edges", "links"), "edges={}"),
        **dict.fromkeys(("prob", "probability", "edge_prob", "edge_probability", "density", "connectivity"), "p={}"),
    }
    n: Nodes = Field(ge=2, le=1_000_000, description="number of nodes")
    p: float | None = Field(default=None, gt=0, le=1, description="probability of each edge; give this or `edges`")
    edges: int | None = Field(default=None, ge=1, description="exact number of edges; give this or `p`")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the graph")

    def faults(self) -> Iterator[Flaw]:
        pairs = self.n * (self.n - 1) // 2
        if self.edges is not None and self.edges > pairs:
            enough = math.ceil((1 + math.sqrt(1 + 8 * self.edges)) / 2)
            helps = f"write `edges={pairs}` for all of them, or `n={enough}`, which have so many"
            yield Flaw(f"{self.n:,} nodes have {pairs:,} pairs, and {self.edges:,} edges are asked for", helps)

    @property
    def least_degree(self) -> float:
        """2 edges / n; of a binomial number of edges, six standard deviations below its mean."""
        pairs = self.n * (self.n - 1) / 2
        if self.edges is not None or self.p is None:
            return 2 * (self.edges or 0) / self.n
        edges = pairs * self.p - 6 * math.sqrt(pairs * self.p * (1 - self.p))
        return max(1.0, 2 * edges / self.n)

    @property
    def isolated(self) -> tuple[float, float]:
        """n (1 - p)^(n - 1) nodes without an edge, at a mean degree of (n - 1) p."""
        p = self.p if self.p is not None else 2 * (self.edges or 0) / (self.n * (self.n - 1))
        return float(self.n * (1 - p) ** (self.n - 1)), (self.n - 1) * p


class BarabasiAlbert(Graph):
    """Barabasi-Albert graph: each new node joins `m` old ones, preferring those of high degree."""

    word: ClassVar[str] = "ba"
    spoken: ClassVar[str] = r"Barab[aá]si|\bBA\b|preferential attachment"
    order: ClassVar[tuple[str, ...]] = ("n", "m")
    reference: ClassVar[str] = "Barabasi & Albert 1999"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("barabasi_albert", "barabasi_albert_graph", "barabasialbert", "preferential", "scale_free"), "ba"
    ) | {
        **dict.fromkeys(("barabasi", "albert", "preferential_attachment", "pref_attach", "price", "scalefree"), "ba"),
        **dict.fromkeys(("tree", "recursive_tree", "trees", "gn_tree"), "ba(512, m=1)"),
    }
    vague: ClassVar[frozenset[str]] = frozenset(["k", "links"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("edges", "n_edges", "num_edges"), "m={}/n"),
        **dict.fromkeys(("k", "attach", "attachment", "links", "edges_per_node"), "m={}"),
        **dict.fromkeys(("degree", "mean_degree", "avg_degree", "average_degree"), "m={}/2"),
        **dict.fromkeys(("p", "density", "prob", "probability", "p_edge"), "m=round({}*n/2)"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **Graph.lacks,
        "m0": "it grows from `m` nodes and one more, joined as `start` says",
        **dict.fromkeys(
            ("power", "exponent", "gamma", "alpha", "beta", "nonlinear", "attractiveness", "a"),
            "nodes are preferred in proportion to their degree; degrees by a power law of any exponent have "
            "`config(n=512, exponent=2.5)`",
        ),
    }
    n: Nodes = Field(ge=2, le=1_000_000, description="number of nodes")
    m: int = Field(default=6, ge=1, description="edges that each new node brings")
    start: Literal["star", "complete"] = Field(
        default="star", description="initial graph: a star on m + 1 nodes (networkx) or the complete graph on m nodes"
    )
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the graph")

    def faults(self) -> Iterator[Flaw]:
        if self.m >= self.n:
            yield Flaw(
                f"each new node brings {self.m:,} edges, and there are {self.n:,} nodes",
                f"write `m={self.n - 1}` at most",
            )


class WattsStrogatz(Graph):
    """Watts-Strogatz graph: a ring of `k` neighbours with each edge rewired with probability `p`."""

    word: ClassVar[str] = "ws"
    spoken: ClassVar[str] = r"Watts[- ]Strogatz|[Ss]mall[- ]worlds?"
    order: ClassVar[tuple[str, ...]] = ("n", "k", "p")
    reference: ClassVar[str] = "Watts & Strogatz 1998"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *("watts_strogatz", "watts_strogatz_graph", "wattsstrogatz", "small_world", "smallworld", "watts"),
            *("strogatz", "newman_watts_strogatz", "connected_watts_strogatz", "small_worlds", "navigable"),
        ),
        "ws",
    )
    vague: ClassVar[frozenset[str]] = frozenset(["knn", "ring"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("neighbours", "neighbors", "knn", "degree", "mean_degree", "ring"), "k={}"),
        "nei": "k=2*{}",
        **dict.fromkeys(("beta", "rewire", "rewiring", "prob", "probability", "p_rewire"), "p={}"),
    }
    n: Nodes = Field(ge=3, le=1_000_000, description="number of nodes")
    k: int = Field(default=10, ge=2, description="neighbours of each node on the ring")
    doubted: ClassVar[tuple[str, ...]] = ("k", "p")
    p: float = Field(default=0.1, ge=0, le=1, description="probability of rewiring each edge")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the graph")

    def faults(self) -> Iterator[Flaw]:
        if self.k >= self.n:
            yield Flaw(f"a node cannot have {self.k:,} neighbours among {self.n:,} nodes", "k is below n")

    def doubts(self) -> Iterator[Doubt]:
        if self.k % 2:
            message = f"neighbours on a ring come in pairs, so `k={self.k}` gives {self.k - 1}"
            yield Doubt("k", message, f"write `k={self.k - 1}` or `k={self.k + 1}`")
        edges = self.n * (self.k // 2)
        if 0 < self.p * edges < LEAST_REWIRED:
            message = f"of {edges:,} edges hardly one is rewired at `p={self.p:g}`, and the ring stays as it is"
            yield Doubt("p", message, "write a probability such as `p=0.1`, or `p=0` for the ring")


class Regular(Graph):
    """Random regular graph: every node has `degree` neighbours."""

    word: ClassVar[str] = "regular"
    spoken: ClassVar[str] = r"[Rr]egular graphs?"
    order: ClassVar[tuple[str, ...]] = ("n", "degree")
    reference: ClassVar[str] = "Steger & Wormald 1999"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("random_regular", "regular_graph", "d_regular", "k_regular"), "regular"
    ) | {"random_regular_graph": "regular({1}, {0})"}
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(("d", "k", "deg", "r", "neighbours", "neighbors"), "degree={}")
    n: Nodes = Field(ge=2, le=1_000_000, description="number of nodes")
    degree: int = Field(default=10, ge=1, description="neighbours of every node; n * degree is even")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the graph")

    @property
    def least_degree(self) -> float:
        return float(self.degree)

    def faults(self) -> Iterator[Flaw]:
        if self.degree >= self.n:
            yield Flaw(f"a node cannot have {self.degree:,} neighbours among {self.n:,} nodes", "degree is below n")
        elif self.n * self.degree % 2:
            yield Flaw(
                f"{self.n:,} nodes of degree {self.degree:,} leave an edge with one end",
                f"write `n={self.n + 1}` or `degree={self.degree + 1}`: n times the degree is even",
            )


class StochasticBlock(Graph):
    """Stochastic block model: `blocks` equal communities, edges within with `p_in`, between with `p_out`."""

    word: ClassVar[str] = "sbm"
    spoken: ClassVar[str] = r"[Bb]lock models?"
    order: ClassVar[tuple[str, ...]] = ("n", "blocks")
    reference: ClassVar[str] = "Holland, Laskey & Leinhardt 1983"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("stochastic_block_model", "stochastic_block", "communities", "block_model"), "sbm"
    ) | {"planted_partition": "sbm(n={0}*{1}, blocks={0}, p_in={2}, p_out={3})"}
    also: ClassVar[Mapping[str, str]] = {
        "p": "p_in={}, p_out=0.005",
        "q": "p_in=0.05, p_out={}",
        **dict.fromkeys(("k", "communities", "n_blocks", "groups", "clusters", "num_blocks", "b"), "blocks={}"),
        **dict.fromkeys(("sizes", "block_sizes", "community_sizes"), "n={sum}, blocks={len}"),
        **dict.fromkeys(("p_intra", "pin", "p_within", "intra", "within"), "p_in={}"),
        **dict.fromkeys(("p_inter", "pout", "p_between", "inter", "between"), "p_out={}"),
    }
    n: Nodes = Field(ge=2, le=1_000_000, description="number of nodes")
    blocks: int = Field(default=4, ge=1, description="number of equal communities")
    p_in: float = Field(default=0.05, ge=0, le=1, description="probability of an edge within a community")
    doubted: ClassVar[tuple[str, ...]] = ("p_in", "p_out")
    p_out: float = Field(default=0.005, ge=0, le=1, description="probability of an edge between communities")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the graph")

    def faults(self) -> Iterator[Flaw]:
        if self.blocks > self.n:
            yield Flaw(f"there are {self.blocks:,} communities and {self.n:,} nodes")

    def doubts(self) -> Iterator[Doubt]:
        if self.blocks == 1:
            message = "one community has no edges to another, so `p_out` changes nothing"
            yield Doubt("p_out", message, "write `blocks=4`, or `er(n, p)` for a graph without communities")
        elif self.p_in < self.p_out:
            message = f"edges within a community, {self.p_in:g}, are rarer than between two, {self.p_out:g}"
            for name in self.doubted:
                yield Doubt(name, message, f"for communities write `p_in={self.p_out:g}, p_out={self.p_in:g}`")
        elif self.p_in == self.p_out and self.blocks > 1:
            message = f"edges within a community are as likely as between two, {self.p_in:g}, so there are none"
            yield Doubt("p_in", message, f"write `p_in={min(1.0, 10 * self.p_out):g}` for communities, or `er(n, p)`")


class Lattice(Graph):
    """Cubic lattice of `side`^`dim` nodes."""

    word: ClassVar[str] = "lattice"
    spoken: ClassVar[str] = r"\b(?:[Ll]attices?|[Tt]orus|[Tt]ori)\b"
    values: ClassVar[Mapping[str, str]] = {"side": "16"}
    order: ClassVar[tuple[str, ...]] = ("side", "dim")
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "grid",
            "grid_graph",
            "grid_2d_graph",
            "square",
            "square_lattice",
            "torus",
            "grid2d",
            "grid_2d",
            "lattice_2d",
            "triangular_lattice",
            "hexagonal_lattice",
        ),
        "lattice(32, dim=2)",
    ) | {
        **dict.fromkeys(("cycle", "ring", "chain", "circle", "lattice_1d"), "lattice(512, dim=1)"),
        **dict.fromkeys(("path", "line", "linear"), "lattice(512, dim=1, periodic=false)"),
        **dict.fromkeys(("cube", "grid_3d", "grid3d", "cubic", "lattice_3d", "lattice3d"), "lattice(8, dim=3)"),
        **dict.fromkeys(("hypercube", "ncube", "hypercubic"), "lattice(side=2, dim=8)"),
    }
    vague: ClassVar[frozenset[str]] = frozenset(["size", "width", "m"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("l", "length", "size", "width", "m", "sides", "edge"), "side={}"),
        **dict.fromkeys(("d", "dims", "dimension", "dimensions", "ndim", "n_dim"), "dim={}"),
        **dict.fromkeys(("pbc", "wrap", "torus", "circular", "boundary"), "periodic={}"),
        **dict.fromkeys(("n", "nodes", "n_nodes"), "side={root}"),
    }
    side: int = Field(ge=2, le=1_000_000, description="nodes along each direction")
    dim: int = Field(default=2, ge=1, le=8, description="number of directions")
    periodic: bool = Field(default=True, description="whether opposite faces are joined")

    def faults(self) -> Iterator[Flaw]:
        if self.n_nodes > MOST_LATTICE_NODES:
            most = int((MOST_LATTICE_NODES + 0.5) ** (1 / self.dim))
            nodes = f"{self.side:,}^{self.dim} is {self.n_nodes:,} nodes, more than {MOST_LATTICE_NODES:,}"
            yield Flaw(nodes, f"write `side={most}` at most")

    @property
    def n_nodes(self) -> int:
        return int(self.side**self.dim)

    def with_nodes(self, most: int) -> str:
        """Of a side that is itself so many nodes of a whole lattice, the side of that one."""
        meant = round(self.side ** (1 / self.dim))
        return f"side={meant if meant**self.dim == self.side else max(2, int(most ** (1 / self.dim)))}"


class Configuration(Graph):
    """Configuration-model graph with degrees drawn from Pr(k) ~ k^-exponent, multi-edges and loops dropped."""

    word: ClassVar[str] = "config"
    order: ClassVar[tuple[str, ...]] = ("n", "exponent")
    reference: ClassVar[str] = "Molloy & Reed 1995"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *("configuration", "configuration_model", "powerlaw_graph", "degree_sequence", "power_law_graph"),
            *("scale_free", "scalefree", "scale_free_graph", "powerlaw", "power_law", "molloy_reed", "chung_lu"),
        ),
        "config",
    )
    vague: ClassVar[frozenset[str]] = frozenset(["tau"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("gamma", "alpha", "power", "tau", "degree_exponent", "exp"), "exponent={}"),
        **dict.fromkeys(("min_degree", "kmin", "degree_min", "m"), "k_min={}"),
        **dict.fromkeys(("max_degree", "kmax", "degree_max", "cutoff"), "k_max={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **Graph.lacks,
        **dict.fromkeys(
            ("degrees", "deg_sequence", "degree_sequence", "sequence", "degs", "degree"),
            "degrees are drawn by `exponent`, from `k_min` to `k_max`; a graph with degrees of yours is a file, "
            '`edges("graph.txt")`',
        ),
    }
    n: Nodes = Field(ge=2, le=1_000_000, description="number of nodes")
    exponent: float = Field(default=3.0, gt=1, le=10, description="degree exponent gamma")
    k_min: int = Field(default=3, ge=1, description="smallest degree")
    k_max: int | None = Field(
        default=None, ge=1, description="largest degree; the default is sqrt(n), the structural cutoff"
    )
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the graph")

    def faults(self) -> Iterator[Flaw]:
        largest = self.k_max if self.k_max is not None else max(self.k_min, math.isqrt(self.n))
        if not self.k_min <= largest < self.n:
            yield Flaw(
                f"degrees run from {self.k_min:,} to {largest:,} among {self.n:,} nodes",
                "k_min is at most k_max, and k_max below n",
            )


class EdgeList(Graph):
    """A user's own graph: an edge a line, two node names and an optional weight; or GraphML, GML, Matrix Market."""

    word: ClassVar[str] = "edges"
    values: ClassVar[Mapping[str, str]] = {"path": '"graph.txt"'}
    order: ClassVar[tuple[str, ...]] = ("path",)
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "edgelist",
            "edge_list",
            "read_edgelist",
            "from_edgelist",
            "graphml",
            "read_graphml",
            "gml",
            "adjacency",
            "read_gml",
            "graph_file",
            "load_graph",
            "from_file",
        ),
        'edges("graph.txt")',
    )
    lacks: ClassVar[Mapping[str, str]] = {
        **{name: said for name, said in Graph.lacks.items() if "no directions" not in said},
        **dict.fromkeys(
            ("weighted", "weights", "weight", "edge_weights", "weight_column", "edge_attr"),
            "weights are what the file has behind the two names of an edge; without any, all edges weigh the same",
        ),
    }
    instead: ClassVar[str] = 'any graph can be brought as a file, an edge a line: write `edges("{name}.txt")`'
    path: str = Field(description="file beside the study, packed or not", json_schema_extra={"file": True})
    directed: Annotated[bool | None, Later()] = Field(
        default=None,
        description="whether walks go along each edge only as it is written; both ways by default, and where a file "
        "says that it is directed, that is asked",
    )
    sha256: str = Field(default="", description="content of the file; filled in", json_schema_extra={"derived": True})
    nodes: int = Field(
        default=0, description="nodes in the file; filled in", json_schema_extra={"derived": True, "counts": "edges"}
    )

    @property
    def n_nodes(self) -> int:
        return self.nodes


class Uniform(Term):
    """A whole number drawn anew wherever it is used, each from the least to the greatest as likely."""

    kind: ClassVar[Kind] = "function"
    word: ClassVar[str] = "uniform"
    values: ClassVar[Mapping[str, str]] = {"low": "4", "high": "12"}
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("runif", "randint", "random_int", "randrange", "unif", "sample_int", "rdunif", "uniform_int", "integers"),
        "uniform",
    )
    order: ClassVar[tuple[str, ...]] = ("low", "high")
    low: int = Field(ge=1, le=65_536, description="least")
    high: int = Field(ge=1, le=65_536, description="greatest")

    def faults(self) -> Iterator[Flaw]:
        if self.low > self.high:
            yield Flaw(f"numbers run from {self.low:,} to {self.high:,}", "write the least first")


class Automaton(Graph):
    """A random deterministic automaton; a walk writes the symbols of its arcs, and begins in its first state.

    Every state has some arcs, of different symbols, to any states; each is taken as often. Symbols of an automaton are
    any of the alphabet.
    """

    word: ClassVar[str] = "automaton"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("dfa", "pfa", "automata", "fsm", "regular_language"), "automaton"
    )
    reference: ClassVar[str] = "arXiv:2401.12973"
    chain: ClassVar[bool] = False
    states: Uniform = Field(default_factory=lambda: Uniform(low=4, high=12), description="states")
    symbols: Uniform = Field(default_factory=lambda: Uniform(low=4, high=18), description="symbols that it writes")
    arcs: Uniform = Field(
        default_factory=lambda: Uniform(low=1, high=3), description="arcs out of a state, at most the symbols"
    )
    alphabet: int = Field(default=18, ge=2, le=65_536, description="symbols of all automata together")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the automaton")

    @property
    def n_nodes(self) -> int:
        return self.alphabet
