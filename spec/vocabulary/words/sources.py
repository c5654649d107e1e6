"""Sources: where training data come from. A source says its vocabulary and length; the engine draws from it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SerializeAsAny

from ...constants import LARGEST_SEED
from ..base import DataShape, Flaw, Kind, Later, Term, Unit
from .graphs import Graph, Uniform

#: Tuples of symbols that are told apart by a number.
MOST_TUPLES = 2**40
#: Seconds for a letter of a world drawn anew, for a world, and for one that is a graph more, itself and a node of it.
#: Measured on one core: within a third for automata and for graphs of 10 to 100 nodes.
LETTER_S, WORLD_S, GRAPH_S, NODE_S = 7e-7, 1.1e-4, 3e-4, 2.4e-5


class Source(Term):
    """Anything `data` can name."""

    kind: ClassVar[Kind] = "source"
    #: What it gives.
    shape: ClassVar[DataShape] = "sequences"
    #: The parameter whose source says that instead.
    shaped_by: ClassVar[str] = ""
    #: Whether the next-token law is known, so that losses are exact.
    exact: ClassVar[bool] = False
    #: Numbers of what it drew that claims may ask for, such as `hill(data)`, and what they are.
    facts: ClassVar[Mapping[str, str]] = {}
    #: Curves that it has, whatever is trained on it.
    curves: ClassVar[tuple[str, ...]] = ()

    @property
    def least_entropy(self) -> float:
        """Nats a token that its entropy rate is not below, as far as its declaration tells."""
        return 0.0

    @property
    def same_by(self) -> str | None:
        """Of a copy of a source the parameter by which it gives what that does, `source` where that is none; empty
        where it gives something else. None of what copies none.
        """
        return None


class SequenceSource(Source):
    """A source of token sequences of one length."""

    curves: ClassVar[tuple[str, ...]] = ("correlation", "entropy", "unigram", "successor")

    length: Annotated[int, Unit("tokens")] = Field(
        default=32, ge=1, le=65_536, description="predicted tokens a sequence"
    )
    eval_walks: int = Field(default=256, ge=2, le=1_000_000, description="sequences of the fixed evaluation set")
    eval_seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the evaluation set")

    @property
    def vocab(self) -> int:
        """Number of token ids."""
        raise TypeError(type(self).__name__)

    #: The parameter that says how much there is to draw from, where that is no number of tokens.
    bounded_by: ClassVar[str] = "unique"

    @property
    def distinct(self) -> int | None:
        """Tokens that it draws from, again and again; None where there is no end of them, or a text has them."""
        return None

    @property
    def forgetful(self) -> bool:
        """True where the law of the next token is known, and of the present one alone."""
        return False

    @property
    def draw_seconds(self) -> float:
        """Seconds of drawing one token to train on, on one core, as far as they count beside training on it."""
        return 0.0


class PointSource(Source):
    """Points with a number each, which is to be predicted for others. Its amounts are counted in points."""

    shape: ClassVar[DataShape] = "points"

    #: Bytes that a point takes while it is drawn, beside its numbers; copies of these where models are trained on them.
    point_bytes: ClassVar[int] = 64
    copies: ClassVar[int] = 2
    #: Whether numbers of several points near each other can be averaged; and whether a learner knows the clusters that
    #: points are of, by rank.
    averages: ClassVar[bool] = False
    ranked: ClassVar[bool] = False

    @property
    def inputs(self) -> int:
        """Numbers a point; 0 where points have a distance and no place."""
        raise TypeError(type(self).__name__)

    @property
    def n_points(self) -> int:
        """Points that are drawn for a seed; 0 where there is no end of them."""
        return 0

    @property
    def draw_seconds(self) -> float:
        """Seconds of drawing a seed's points, on one core."""
        return 0.0

    @property
    def drawn(self) -> Self:
        """The source that stands for all whose draws of a seed are the same."""
        return self

    def lookup_seconds(self, known: Sequence[int]) -> float:
        """Seconds of predicting the points held out from known ones, for models that know so many each."""
        raise TypeError(type(self).__name__)

    def lookup_bytes(self, points: int) -> int:
        """Bytes that such predictions take beside the points."""
        raise TypeError(type(self).__name__)


class Walk(SequenceSource):
    """Random walks on a graph, a node a token. Edge weights are k with probability ~ k^-kappa, all 1 at kappa = 0."""

    word: ClassVar[str] = "walk"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("random_walk", "randomwalk", "walks", "random_walks"), "walk"),
        **dict.fromkeys(("hmm", "hidden_markov", "hidden_markov_model", "hiddenmarkov"), "walk(automaton())"),
    }
    unlike: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("hmm", "hidden_markov", "hidden_markov_model", "hiddenmarkov"),
        "of hidden states there are those of automata alone, each of whose arcs is taken as often",
    )
    vague: ClassVar[frozenset[str]] = frozenset(
        ("alpha", "tau", "disorder", "heterogeneity", "steps", "n_steps", "num_steps")
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("weights", "weighted", "edge_weights", "weight"), "kappa=1"),
        **dict.fromkeys(("biased", "bias", "weighting", "random_weights"), "kappa=1"),
        **dict.fromkeys(("alpha", "weight_exponent", "disorder", "heterogeneity", "edge_exponent", "tau"), "kappa={}"),
        **dict.fromkeys(
            ("steps", "n_steps", "num_steps", "hops", "t", "l", "walk_steps", "context_window"), "length={}"
        ),
        **dict.fromkeys(("kmin", "min_weight", "w_min", "wmin", "weight_min"), "k_min={}"),
        **dict.fromkeys(("kmax", "max_weight", "w_max", "wmax", "weight_max"), "k_max={}"),
        **dict.fromkeys(("start_node", "initial", "init", "begin", "start_distribution", "from"), "start={}"),
        **dict.fromkeys(
            ("n_eval", "eval_size", "test_walks", "n_test", "eval_sequences", "val_walks"), "eval_walks={}"
        ),
        **dict.fromkeys(("g", "network"), "graph={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("p", "q", "return_p", "inout_q", "node2vec", "second_order", "memory", "order", "return_prob"),
            "walks are of first order: the next node is a neighbour of the last one, drawn by the weights of edges, "
            "which `kappa` spreads",
        ),
        **dict.fromkeys(
            ("restart", "restart_prob", "teleport", "teleportation", "damping", "jump", "jumps", "lazy", "laziness"),
            "walks do not jump, rest or begin anew before their `length`",
        ),
        **dict.fromkeys(
            ("nonbacktracking", "non_backtracking", "backtrack", "backtracking", "self_avoiding", "saw", "no_return"),
            "walks may turn back, and meet a node again",
        ),
        **dict.fromkeys(
            ("walks", "n_walks", "num_walks", "walks_per_node", "n_samples", "num_samples", "n_sequences", "samples"),
            "walks are drawn as runs want them: how many follows from `tokens` of `train`, `length` tokens each",
        ),
    }
    order: ClassVar[tuple[str, ...]] = ("graph",)
    exact: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2601.10684, section 2"
    graph: SerializeAsAny[Graph] = Field(description="the graph to walk on; its largest connected component is used")
    kappa: float = Field(default=0.0, ge=0, le=20, description="exponent of the edge-weight law; 0 gives equal weights")
    k_min: int = Field(default=1, ge=1, description="smallest edge weight")
    k_max: int = Field(default=100, ge=1, le=1_000_000, description="largest edge weight")
    symmetric: bool = Field(default=True, description="whether (u, v) and (v, u) share a weight")
    start: Literal["stationary", "uniform"] = Field(default="stationary", description="law of the first node")
    exhaustive: bool = Field(
        default=False, description="evaluate on every context of a small chain instead of sampled walks"
    )

    def faults(self) -> Iterator[Flaw]:
        if self.k_min > self.k_max:
            yield Flaw(f"edge weights run from {self.k_min:,} to {self.k_max:,}", "k_min is at most k_max")
        elif not self.graph.chain and (self.kappa or self.exhaustive or self.start != "stationary"):
            yield Flaw(
                f"`{self.graph.word}` begins in its first state, and its arcs are taken alike",
                "leave `kappa`, `start` and `exhaustive` out",
            )

    @property
    def vocab(self) -> int:
        return self.graph.n_nodes

    @property
    def forgetful(self) -> bool:
        return bool(self.graph.chain)

    @property
    def draw_seconds(self) -> float:
        return 0.0 if self.graph.chain else LETTER_S

    @property
    def least_entropy(self) -> float:
        """The logarithm of the mean degree, where edges weigh the same: for the rate is sum d log d / sum d."""
        return math.log(max(1.0, self.graph.least_degree)) if self.kappa == 0 else 0.0


class Markov(SequenceSource):
    """A Markov chain given by its transition matrix: a csv of rows, or `i j probability` triples."""

    word: ClassVar[str] = "markov"
    values: ClassVar[Mapping[str, str]] = {"path": '"chain.csv"'}
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *("matrix", "transition_matrix", "transitions", "transition", "chain", "markov_chain", "markovchain", "mc"),
            *("dtmc", "transition_probabilities", "stochastic_matrix", "from_matrix", "markov_process"),
        ),
        'markov("chain.csv")',
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("matrix", "transition_matrix", "transitions", "p", "chain", "source"), "path={}"),
        "stationary": "start=stationary",
        **dict.fromkeys(("initial", "init", "start_distribution", "pi", "pi0", "initial_distribution"), "start={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("states", "n", "n_states", "symbols", "vocab", "vocab_size", "size", "n_symbols", "num_states", "nodes"),
            "the states are those of the file",
        ),
        **dict.fromkeys(
            ("order", "memory", "k", "lag", "history", "context", "degree"),
            "the next state hangs on the last one alone; what follows the last two of a text is "
            '`ngram(text("book.txt"), n=3)`',
        ),
        **dict.fromkeys(
            ("seed", "temperature", "alpha", "sparsity", "dirichlet", "concentration", "random"),
            "a matrix is a file, and none is drawn; chains that are drawn are walks on a graph with a seed",
        ),
    }
    order: ClassVar[tuple[str, ...]] = ("path",)
    exact: ClassVar[bool] = True
    path: str = Field(description="file beside the study", json_schema_extra={"file": True})
    sha256: str = Field(default="", description="content of the file; filled in", json_schema_extra={"derived": True})
    states: int = Field(
        default=0,
        description="states in the file; filled in",
        json_schema_extra={"derived": True, "counts": "transitions"},
    )
    start: Literal["stationary", "uniform"] = Field(default="stationary", description="law of the first state")
    exhaustive: bool = Field(
        default=False, description="evaluate on every context of a small chain instead of sampled walks"
    )

    @property
    def vocab(self) -> int:
        return self.states

    @property
    def forgetful(self) -> bool:
        return True


class Rhm(SequenceSource):
    """Random rules, level by level: a symbol stands for any of `rules` tuples of `branch` symbols of the next level.

    Leaves of trees of `depth` levels are written one tree behind the other; sequences begin with a tree. All tuples of
    a level are different, so that the law of every token after those before it in its tree is known.
    """

    word: ClassVar[str] = "rhm"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("random_hierarchy", "hierarchy", "pcfg", "cfg"), "rhm")
    unlike: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("pcfg", "cfg"), "rules are drawn at random, level by level, and none are read from a file"
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("v", "vocab", "vocab_size", "alphabet", "n_symbols", "n_features", "num_features", "n", "features"),
            "symbols",
        ),
        **dict.fromkeys(("m", "n_rules", "synonyms", "multiplicity", "n_synonyms", "productions"), "rules"),
        **dict.fromkeys(
            ("s", "branching", "branching_factor", "tuple", "tuple_size", "arity", "b", "fanout"), "branch"
        ),
        **dict.fromkeys(("l", "levels", "n_levels", "layers", "height", "num_layers", "n_layers"), "depth"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("classes", "n_classes", "nc", "labels", "num_classes"),
        "roots are symbols too, and models learn the next leaf, not a class",
    )
    exact: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2307.02129"
    symbols: int = Field(default=16, ge=2, le=1024, description="symbols of a level, and tokens")
    rules: int = Field(default=4, ge=1, le=1024, description="tuples that a symbol can stand for, each as likely")
    branch: int = Field(default=2, ge=2, le=8, description="symbols of a tuple")
    depth: int = Field(default=4, ge=1, le=12, description="levels below the root; a tree has branch^depth leaves")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of the rules")

    def faults(self) -> Iterator[Flaw]:
        tuples, leaves = self.symbols**self.branch, self.branch**self.depth
        if self.symbols * self.rules > tuples:
            there = f"there are {tuples:,} tuples, and {self.symbols} symbols with {self.rules} rules each need more"
            yield Flaw(there, f"give at most {tuples // self.symbols} `rules`")
        elif tuples > MOST_TUPLES:
            yield Flaw(f"{self.branch} of {self.symbols} symbols make more tuples than can be numbered", "take fewer")
        elif self.length % leaves:
            near = max(1, round(self.length / leaves)) * leaves
            yield Flaw(
                f"a tree has {leaves} leaves, and {self.length} tokens are no whole trees",
                f"write `length=branch^depth`, a tree a sequence whatever its depth, or `length={near}`",
            )

    @property
    def vocab(self) -> int:
        return self.symbols

    @property
    def least_entropy(self) -> float:
        """The entropy rate: of a tree, one of the roots and one of the rules at every symbol that is rewritten."""
        leaves: int = self.branch**self.depth
        return (math.log(self.symbols) + (leaves - 1) // (self.branch - 1) * math.log(self.rules)) / leaves


class Fresh(SequenceSource):
    """Sequences that each have a world of their own: strings that a walk on a graph drawn anew has written.

    A separator follows each string and a full stop the last of a world, after which another begins until a sequence is
    full. Models are held to the law of somebody who knows the world and where in it a string is.
    """

    word: ClassVar[str] = "fresh"
    values: ClassVar[Mapping[str, str]] = {"source": "walk(automaton(states=uniform(4, 12), symbols=uniform(4, 18)))"}
    order: ClassVar[tuple[str, ...]] = ("source",)
    exact: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2401.12973"
    source: Walk = Field(description="a walk on a graph with a seed, which is another for every world")
    problems: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="sequences to learn from, again and again; else there is no end",
    )
    strings: Uniform = Field(default_factory=lambda: Uniform(low=10, high=19), description="strings of a world")
    letters: Uniform = Field(default_factory=lambda: Uniform(low=1, high=49), description="tokens of a string")

    def faults(self) -> Iterator[Flaw]:
        if "seed" not in self.source.graph.declared():
            yield Flaw(
                f"`{self.source.graph.word}` has no seed, and is the same for every world", "take a random graph"
            )

    bounded_by: ClassVar[str] = "problems"

    @property
    def distinct(self) -> int | None:
        return None if self.problems is None else self.problems * self.length

    @property
    def draw_seconds(self) -> float:
        """Of a token, and its part of a world's graph."""
        letters = (self.strings.low + self.strings.high) * (self.letters.low + self.letters.high) / 4
        world = WORLD_S + (GRAPH_S + NODE_S * self.source.vocab if self.source.graph.chain else 0.0)
        return LETTER_S + world / letters

    @property
    def vocab(self) -> int:
        """Letters, the separator and the full stop."""
        return self.source.vocab + 2


class Table(Source):
    """Measurements made elsewhere: a csv, jsonl or parquet file whose rows are points for the laws."""

    word: ClassVar[str] = "table"
    values: ClassVar[Mapping[str, str]] = {"path": '"runs.csv"'}
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("wandb", "weights_and_biases", "neptune", "comet", "clearml", "aim", "sql", "database", "gsheet"),
            'table("runs.csv")`, of your runs, which such a tool exports as csv; put it beside the study as `runs.csv',
        ),
    } | dict.fromkeys(
        (
            *("csv", "read_csv", "pandas", "dataframe", "parquet", "jsonl", "excel", "runs", "tsv", "load_csv"),
            *("read_table", "read_parquet", "read_json", "from_csv", "csv_file", "df", "measurements", "results"),
        ),
        'table("runs.csv")',
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("columns", "mapping", "rename"), 'N="params"'),
        **dict.fromkeys(("best", "tune", "tuned", "best_of", "keep_best", "over", "swept"), "best_over={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("units", "unit", "scale", "scales", "multiplier"), 'a column in millions is named so: `N="params"*1e6`'
    )
    order: ClassVar[tuple[str, ...]] = ("path",)
    shape: ClassVar[DataShape] = "table"
    path: str = Field(
        description="file beside the study, or a folder of runs of MLflow or TensorBoard",
        json_schema_extra={"file": True, "folder": True, "late": "put the table there to fit laws to it"},
    )
    sha256: str = Field(default="", description="content of the file; filled in", json_schema_extra={"derived": True})
    beside: str = Field(
        default="",
        description="file whose columns stand beside those of the first, row by row where `by` is the same",
        json_schema_extra={"file": True, "late": "put the table there to join it"},
    )
    beside_sha256: str = Field(
        default="", description="content of that file; filled in", json_schema_extra={"derived": True}
    )
    by: str = Field(default="", description="column of both files that tells which rows belong together")
    best_over: Annotated[str, Later()] = Field(
        default="",
        description='columns that were swept, such as `"lr, batch"`: of rows with equal sizes and labels the setting '
        "with the least loss is kept",
    )
    columns: tuple[tuple[str, str], ...] = Field(
        default=(),
        description='the column, or an expression over columns, that holds a quantity: `N="params*1e6"`',
        json_schema_extra={"rest": True},
    )
