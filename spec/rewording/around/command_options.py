"""Options of a command in a statement: `train --lr 0.01 --batch-size 16`, `fit chinchilla --objective huber`.

What the study has a parameter for is written as one, the word of another tool's `--optimizer` as the head; what the
command that runs studies takes is told to go there, and what neither has is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...diagnostics.suggest import ELSEWHERE, filled, listing
from ...plan.coerce import called
from ...requests.options_of_laws import OBJECTIVES_ELSEWHERE
from ...vocabulary.base import KINDS, PARTS, REGISTRY
from ...vocabulary.law_options import LAW_OPTIONS
from ...vocabulary.parameters import fields_of, typed
from ...vocabulary.settings import SETTINGS
from ...vocabulary.words.laws import OBJECTIVES
from ..constructs import Construct, Statement
from ..loose.loose_reading import reworded
from ..other_programs import options_of

_VALUE = r"(?!-)[^\s;()\[\]{}]+"
_OPTION = re.compile(rf"--?(?P<name>[A-Za-z][\w.-]*)(?:(?:=|\s+)(?P<value>{_VALUE}(?:[ \t]+\.?\d[\w.%]*(?=\s|$))*))?")
_OPTIONS = re.compile(
    rf"(?:\s+--?[A-Za-z][\w.-]*(?:(?:=|\s+){_VALUE}(?:[ \t]+\.?\d[\w.%]*(?=\s|$))*(?!\s*(?:in|along|=)\b))?)+\s*$",
    re.MULTILINE,
)
#: What others call the word that stands first in a statement, and the graph of a walk.
_HEADS = {
    "train": ("optimizer", "optimiser", "optim", "opt", "algorithm"),
    "models": ("model", "arch", "architecture", "family", "model_type", "network", "net"),
    "data": ("data", "source", "dataset", "task"),
    "fit": ("law", "form", "model"),
}
#: Options of commands by the names that others have for them.
_COMMAND = {
    **dict.fromkeys(("gpus", "gpu", "cuda", "devices", "accelerator"), "--device cuda"),
    **dict.fromkeys(
        ("jobs", "n-jobs", "num-workers", "j", "processes", "nproc", "nproc-per-node", "threads"), "--workers"
    ),
    **dict.fromkeys(("output", "output-dir", "save-dir", "o", "outdir", "out-dir", "results"), "--out"),
    **dict.fromkeys(("device", "workers", "out", "executor", "data-root", "max-runs", "set", "trainer", "timeout"), ""),
    **dict.fromkeys(("json", "recalibrate", "fail-fast", "checkpoint-every", "machine", "debug", "retries"), ""),
}


_FLAG = re.compile(r"(?<!\S)--?[A-Za-z][\w.-]*")


def options_of_parts(statement: Statement) -> Iterator[Construct]:
    """`train adamw --lr .02 --batch-size 8 --tokens 125k 250k`: parameters and axes, given as options of a command."""
    text = re.sub(r"\\[ \t]*(?=\n|$)", " ", statement.text.rstrip())
    flags = list(_FLAG.finditer(text))
    if statement.keyword not in PARTS or len(flags) < 2 or any(f[0].lstrip("-") in _COMMAND for f in flags):
        return
    head = text[len(statement.keyword) : flags[0].start()]
    given = [f"{name.replace('-', '_')}: {_listed(values)}" for name, values in options_of(text[flags[0].start() :])]
    made = reworded(", ".join([head, *given]), statement.keyword, {}) if "(" not in head else None
    if made and len(made) == 1:
        said = f"options of a command are parameters of `{statement.keyword}` here, and its axes"
        yield Construct(0, len(statement.text.rstrip()), said, made[0], (f"write `{made[0]}`",))


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(values)}]" if len(values) > 1 else values[0] if values else "true"


def command_options(statement: Statement) -> Iterator[Construct]:
    """`train adamw(lr=.02) --device cuda --workers 4`: what each of the options is here."""
    for found in _OPTIONS.finditer(statement.text) if statement.keyword else ():
        if found.start() == 0:
            continue
        head, ours, bound, out = "", [], [], []
        for option in _OPTION.finditer(found[0]):
            name, value = option["name"], " ".join((option["value"] or "").split())
            if name in _COMMAND:
                to = _COMMAND[name] or f"--{name}"
                ours.append(f"{to} {value}" if value and " " not in to else to)
            elif value and (word := _head(statement.keyword, name, value)):
                head = word
            elif value and (one := _binding(statement.keyword, name, value)):
                bound.append(one)
            else:
                out.append(f"--{name} {value}".rstrip())
        yield from _told(statement, found, head, ours, bound, out)


def _told(
    statement: Statement, found: re.Match[str], head: str, ours: list[str], bound: list[str], out: list[str]
) -> Iterator[Construct]:
    said = "an option of a command is no part of a study"
    if ours and not (bound or head or out):
        said = f"`{ours[0].split()[0]}` is an option of the command that runs a study, and no part of it"
    helps: list[str] = []
    written = ""
    bare = not statement.text[: found.start()].removeprefix(statement.keyword).strip()
    if statement.keyword == "fit" and bound:
        bound = [b for b in bound if b != "objective=huber" or not any("=huber(" in one for one in bound)]
        law = statement.text[: found.start()].removeprefix("fit").strip()
        if not re.fullmatch(r"\w+(?:\([^()]*\))?", law):
            return
        written = f"{law[:-1]}, {', '.join(bound)})" if law.endswith(")") else f"{law}({', '.join(bound)})"
        start = statement.text.index(law, len("fit"))
        yield Construct(start, found.end(), said, written, (f"write `fit {written}`", *_left(ours, out)))
        return
    if head and not bare:
        out = [head, *out]  # it has one
    elif head:
        bound = [head, *bound]
    if bound:
        trains = statement.keyword == "train" or not all(b.split(" ")[0] in SETTINGS for b in bound)
        written = "  " + "  ".join(bound) if trains else ""
        where = "" if trains else ", behind `train`"
        helps = [f"write `{'  '.join(bound)}`{where}"]
    yield Construct(found.start(), found.end(), said, written, (*helps, *_left(ours, out)))


def _left(ours: list[str], out: list[str]) -> tuple[str, ...]:
    """What goes to the command, and what nothing here has."""
    helps = []
    if ours:
        helps.append(f"leave it out, and give it to the command: `scalingdsl run STUDY {' '.join(ours)}`")
    if out:
        helps.append(f"leave {listing(out)} out: neither a study nor its command has it")
    return tuple(helps)


def _head(keyword: str, name: str, value: str) -> str:
    """The word that an option names for the statement; empty for any other option."""
    if keyword in KINDS and name.replace("-", "_").lower() in _HEADS.get(keyword, ()):
        return called(value.strip("\"'"), KINDS[keyword])
    return ""


def _binding(keyword: str, name: str, value: str) -> str:
    """An option as a binding, or as an argument of a law; empty where nothing has it."""
    plain = name.replace("-", "_").split(".")[-1]
    if keyword == "fit":
        return _argument(plain, value)
    if keyword not in PARTS:
        return ""
    kinds = {KINDS[keyword], "schedule", "graph"}
    own = {n for w in REGISTRY.values() if w.kind in kinds for n in typed(w)}
    also = next((w.also[plain] for w in REGISTRY.values() if w.kind in kinds and plain in w.also), "")
    if also and plain not in own and (meant := filled(also, ", ".join(re.split(r"[,\s]+", value)))) and "=" in meant:
        return "" if re.search(r"\blr\b|[{}]", meant) else "  ".join(meant.split(", "))
    setting = plain if plain in own or plain in SETTINGS else ELSEWHERE.get(plain.lower(), "")
    every = {n: w for w in REGISTRY.values() if w.kind in kinds or setting not in own for n in typed(w)}
    if setting not in SETTINGS and setting not in every:
        return ""
    field = fields_of(every[setting]).get(setting) if setting in every and setting not in SETTINGS else None
    listed = [v for v in re.split(r"[,\s]+", value) if v]
    if len(listed) > 1:
        return f"{setting} in {{{', '.join(listed)}}}"
    if field is not None and field.shape == "str" and not field.choices and not value.startswith('"'):
        value = '"' + value.strip("'") + '"'
    return f"{setting} = {value}"


def _argument(name: str, value: str) -> str:
    """An option of a law as its argument."""
    low = value.lower()
    if name in ("objective", "loss_fn", "criterion"):
        meant = low if low in OBJECTIVES else OBJECTIVES_ELSEWHERE.get(low.replace("-", "_"), "")
        return f"objective={meant}" if meant else ""
    if name in ("delta", "huber_delta"):
        return f"objective=huber({value})"
    name = {"n_bootstrap": "bootstrap", "bootstraps": "bootstrap", "target": "loss"}.get(name, name)
    return f"{name}={value}" if name in LAW_OPTIONS else ""
