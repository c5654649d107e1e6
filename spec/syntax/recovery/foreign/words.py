"""First words of statements elsewhere: the statement that each was meant for, or why there is none of the kind."""

from __future__ import annotations

import re

from ....diagnostics.suggest import edits, similar
from ...scanner import STATEMENTS

#: Words of other languages for our statements.
SYNONYMS = {
    **dict.fromkeys(("model", "architecture", "arch", "network", "networks"), "models"),
    **dict.fromkeys(("dataset", "datasets", "source", "corpus"), "data"),
    **dict.fromkeys(("training", "trainer", "optimizer", "optimiser", "optim"), "train"),
    **dict.fromkeys(
        ("assert", "claim", "claims", "require", "hypothesis", "check", "test", "verify", "prove"), "expect"
    ),
    **dict.fromkeys(("import", "include", "extends", "source"), "use"),
    **dict.fromkeys(("def", "var", "const", "define", "set", "val", "alias"), "let"),
    **dict.fromkeys(
        ("law", "laws", "regress", "baseline", "curve_fit", "candidates", "regression", "lm", "nls"), "fit"
    ),
    **dict.fromkeys(("name", "study", "experiment", "project", "description"), "title"),
    **dict.fromkeys(("limit", "max_time", "timeout", "walltime"), "budget"),
    **dict.fromkeys(("optimal", "optima", "minimize", "minimise"), "optimum"),
    **dict.fromkeys(("output", "format", "formats"), "report"),
}


#: Words of what is only read by people.
REMARKS = (
    *("note", "author", "date", "comment", "notes", "remark", "todo", "email"),
    *("license", "tags", "tag", "doc", "copyright", "desc", "abstract", "subtitle"),
    *("summary", "comments", "about", "authors", "keywords", "goal", "question", "motivation"),
    *("purpose", "background", "docs", "aim"),
)

SWEEP = "an axis is a sweep behind what it belongs to"


#: Words for a figure.
FIGURES = ("print", "show", "plot", "display", "log", "echo", "draw", "figure", "table")
#: What figures are against, and what shows it.
_COMPUTE = ("c", "compute", "flop", "flops", "pf")
_SIZES = ("n", "d", "params", "parameters", "size", "tokens", "samples", "width", "data")
_STEPS = ("step", "steps", "iteration", "iterations", "curves")


#: Words for what is known of a parameter, for what holds it, for a fit at each value, and for repeats.
_BELIEVED = ("prior", "priors", "initialize", "initialise", "init", "start_values", "bounds", "initial", "guess")
_HELD = ("assume", "constraint", "given", "fix", "hold", "suppose")
_GROUPED = ("group", "facet", "groupby", "by", "split", "stratify", "hue", "panel_by")
_REPEATED = ("average", "mean", "aggregate", "replicates", "repeats", "repeat", "repetitions", "n_seeds", "num_seeds")
_PREDICTED = ("predict", "forecast", "extrapolate", "estimate")

#: First words of other languages -> why there is nothing of the kind, and what is written instead.
NO_STATEMENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("if", "when", "unless", "else", "elif", "filter"),
        (
            "a condition is no statement of its own",
            ("write it after `where`, behind what it is about: `fit chinchilla where width > 16`",),
        ),
    ),
    **dict.fromkeys(
        FIGURES,
        (
            "the report shows every fit, with its figures",
            ("leave the line out: figures come with every report, and `report slices, curves` has more of them",),
        ),
    ),
    **dict.fromkeys(
        _PREDICTED,
        (
            "a prediction is no statement",
            (
                "what a law says at sizes is asked in a claim, `expect L(chinchilla, {at}) < 2.5`; of runs that it was "
                "not fitted to, its error is `holdout(chinchilla)`",
            ),
        ),
    ),
    **dict.fromkeys(
        (
            "run",
            "execute",
            "start",
            "launch",
            "submit",
            "device",
            "gpu",
            "gpus",
            "cuda",
            "workers",
            "executor",
            "parallel",
            "jobs",
            "threads",
            "n_jobs",
            "nodes",
            "slurm",
            "cluster",
        ),
        (
            "where and when a study runs is no part of it",
            ("leave the line out, and write `scalingdsl run --device cuda`",),
        ),
    ),
    **dict.fromkeys(
        (
            "checkpoint",
            "checkpoints",
            "checkpointing",
            "snapshot",
            "snapshots",
            "save_every",
            "ckpt",
            "autosave",
            "resume",
        ),
        (
            "runs are checkpointed by themselves, and the same command goes on with what was stopped",
            ("leave the line out; how often is said to the command, `scalingdsl run STUDY --checkpoint-every 600`",),
        ),
    ),
    **dict.fromkeys(
        ("save", "out", "outdir", "output_dir", "log_dir"),
        ("where results go is no part of a study", ("leave the line out, and write `scalingdsl run --out FOLDER`",)),
    ),
    **dict.fromkeys(
        (
            "sweep",
            "grid",
            "search",
            "parameters",
            "params",
            "hyperparameters",
            "method",
            "metric",
            "vary",
            "axis",
            "axes",
        ),
        (SWEEP, ("write `models width in [16..64]`, or `train tune lr in {.003, .01, .03}`",)),
    ),
    **dict.fromkeys(
        ("from", "class", "return", "with", "try", "async", "lambda", "pass", "yield", "global", "function", "func"),
        (
            "this is Python, and a study is no program",
            ("write what is trained and asked: `data ...`, `models ...`, `train ...`, `fit ...`, `expect ...`",),
        ),
    ),
    **dict.fromkeys(
        ("scalingdsl", "python", "python3", "pip", "cd", "bash", "sbatch", "srun", "torchrun", "export", "git", "uv"),
        ("this is a command for the shell", ("leave the line out of the study, and type it in a terminal",)),
    ),
    **dict.fromkeys(
        REMARKS, ("what is only read by people is a comment", ("write it behind `#`, on a line of its own",))
    ),
    **dict.fromkeys(
        _HELD,
        ("what a law holds fixed stands in its parentheses", ("write `fit chinchilla(E=2)`",)),
    ),
    **dict.fromkeys(
        _BELIEVED,
        (
            "a fit has neither priors nor first guesses",
            (
                "leave the line out; a parameter is held with `fit chinchilla(alpha=0.5)`, and what is expected of it "
                "is claimed: `expect alpha(chinchilla) within 0.1 of 0.5`",
            ),
        ),
    ),
    **dict.fromkeys(
        ("wandb", "tensorboard", "mlflow", "logger", "logging", "callbacks", "callback", "monitor", "track", "comet"),
        (
            "losses along each run are kept by themselves",
            (
                "leave the line out: `report curves` draws them, and `scalingdsl export FOLDER --what curves` writes "
                "them",
            ),
        ),
    ),
    **dict.fromkeys(
        _GROUPED,
        (
            "a fit at each value of an axis is the role of that axis",
            ("write `panel` before it: `panel layers in {1, 2}`",),
        ),
    ),
    **dict.fromkeys(
        _REPEATED,
        ("seeds are an axis of `train`, and are averaged by themselves", ("write `train seed in {0, 1, 2}`",)),
    ),
    **dict.fromkeys(
        ("eval", "evaluate", "validation", "validate", "test_set", "metrics", "evaluation", "early_stopping"),
        (
            "every run is evaluated at its end, on data that it did not see",
            ("leave the line out; what should hold of the loss is claimed: `expect loss(width=64) < 2.5`",),
        ),
    ),
    **dict.fromkeys(
        ("program", "command", "hydra", "entity", "version", "kind", "spec"),
        ("this is the configuration of another tool", ("leave it out: a study needs no such line",)),
    ),
    "defaults": (
        "this is the configuration of another tool",
        ('what a study goes on from is said by `use "base.scl"`; leave the list out where there is no such study',),
    ),
    **dict.fromkeys(
        ("select", "create", "insert"),
        ("this is SQL", ('a table is read with `data table("runs.csv")`, and its rows are kept with `where`',)),
    ),
    **dict.fromkeys(
        ("end", "done", "fi", "endfor", "begin"),
        ("a statement ends where the next line begins in column 1", ("leave the line out",)),
    ),
}


#: Words for how many processes share a study.
WORKERS = ("workers", "parallel", "jobs", "threads", "n_jobs")


#: Words before what they are about.
SENDS = ("log", "enable", "send", "push", "sync", "save", "show", "print", "with", "set")


def drawn_elsewhere(first: str, rest: str, study: str) -> tuple[str, ...]:
    """The help for a figure of the loss against what the rest of a line names; empty for another line."""
    asked = {*re.findall(r"[a-z]+", rest.lower())}
    if first not in FIGURES or "loss" not in asked:
        return ()
    if asked & {*_COMPUTE}:
        if re.search(r"(?m)^optimum\b", study):
            return ("leave the line out: the figure of what `optimum` finds has the losses against compute",)
        why = "whose figure has the losses against compute: without an optimum or a law in C a report has none"
        return (f"write `optimum envelope`, {why}",)
    if asked & {*_SIZES}:
        return ("leave the line out: every report has the losses against N and D, on logarithmic axes",)
    return ("write `report curves`, which has the losses along every run",) if asked & {*_STEPS} else ()


#: Most repeats that are listed one by one.
MOST_REPEATS = 8
_PARAMETER = re.compile(r"(?P<name>E|[AB]|alpha|beta|gamma)\b\s*(?P<more>.*)")
_FIT = re.compile(r"(?m)^fit\s+(?P<law>[A-Za-z_]\w*(?:\((?:N|D|C)\))?)\s*(?:where\b.*)?$")


def with_its_own(first: str, rest: str, study: str) -> tuple[str, ...]:
    """The help for a line of another language with its own names and numbers; empty where it has none.

    Args:
        first: Its first word.
        rest: What stands behind that.
        study: All statements.
    """
    fit = _FIT.search(study)
    law = fit["law"] if fit else "chinchilla"
    said = _PARAMETER.match(rest)
    more = said["more"].replace("..", " ") if said else ""
    numbers = re.findall(r"(?<![\w.])-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?(?![\w.])", more)
    if said and first in _HELD and len(numbers) == 1:
        return (f"write `fit {_with(law, said['name'], numbers[0])}`",)
    if said and first in _HELD and law == "chinchilla" and re.match(r"=+\s*(?:alpha|beta)\b", said["more"]):
        return (f"one `{said['name']}` for both is a law of its own: write `fit tied`",)
    if said and first in _BELIEVED and numbers:
        around = re.match(r"~\s*normal|.*(?:±|\+/?-)", said["more"].lower()) is not None
        low, *high = numbers[:2]
        claim = f"within {high[0]} of {low}" if high and around else f"in [{low}..{high[0]}]" if high else ""
        asked = f"expect {said['name']}({law}) {claim}"
        held = f"what is known of it holds it, `fit {_with(law, said['name'], low)}`"
        if claim:
            return (f"leave the line out; what is expected of it is claimed: `{asked}`", *((held,) if around else ()))
        return (f"leave the line out: a fit begins at many places by itself; {held}",)
    names = re.findall(r"[A-Za-z_]\w*", rest)
    if first in _GROUPED and names and (axis := re.search(rf"\b{names[-1]}\s+in\s+[\[{{][^\]}}\n]*[\]}}]", study)):
        return (f"leave the line out, and write `panel` before the axis: `panel {axis[0]}`",)
    if first in _GROUPED and names and re.search(r"(?m)^data\s+table\(", study):
        column = f'`{names[-1]}="{names[-1]}"`'
        return (f"leave the line out, and name the column in the table, {column}: each of its texts has a fit then",)
    count = re.search(r"(?<!\w)\d+(?!\w)", rest)
    if first in _REPEATED and count and 1 < int(count[0]) <= MOST_REPEATS and not re.search(r"\bseed\s+in\b", study):
        return (f"write `train seed in {{{', '.join(map(str, range(int(count[0]))))}}}`",)
    if (
        first in _PREDICTED
        and "(" not in law
        and (compute := re.search(r"(?<!\w)([\d.]+(?:e\d+)?)\s*([kMGTPEZ]?FLOPs?)\b", rest))
    ):
        optimum = f"surface({law})"
        claim = f"`expect L({optimum}, C={compute[1]}{compute[2]}) < 2.5`"
        return (f"write `optimum {optimum}`, and claim what it has at a compute: {claim}",)
    return ()


def _with(law: str, name: str, value: str) -> str:
    """A law that holds a parameter."""
    return f"{law.removesuffix(')')}{', ' if law.endswith(')') else '('}{name}={value})"


def meant_statement(word: str) -> str | None:
    """The statement that a word which begins none was meant for."""
    low = word.lower()
    if low in STATEMENTS:
        return low
    if low in SYNONYMS or low in NO_STATEMENTS or low == "for":
        return SYNONYMS.get(low)
    slips = [s for s in STATEMENTS if len(s) > 2 and len(low) > 2 and edits(low, s) == 1]
    return slips[0] if len(slips) == 1 else similar(word, STATEMENTS)
