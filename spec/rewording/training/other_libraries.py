"""Tokenizers, schedules, models and lists of files as other libraries name and build them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from ...diagnostics.suggest import letter, listing
from ...plan.coerce import called, unlike
from ...syntax.numbers import number, text_of
from ...vocabulary.base import PARTS, REGISTRY
from ...vocabulary.parameters import typed
from ..constructs import NUMBER, Construct, Statement, closing, parts
from .looked_up import numbers_in

_TOKENIZER = re.compile(r"\btokenizer\s*=\s*(?P<made>[A-Za-z_]\w*\s*\.\s*\w+)\s*(?=\()")


def made_tokenizers(statement: Statement) -> Iterator[Construct]:
    """`tokenizer=AutoTokenizer.from_pretrained("gpt2")`, `tokenizer=tiktoken.get_encoding("gpt2")`."""
    found = _TOKENIZER.search(statement.text)
    end = closing(statement.text, found.end()) if found else None
    if found is None or end is None:
        return
    meant = next(w.sample or f"{name}(4096)" for name, w in REGISTRY.items() if w.kind == "tokenizer" and w.order)
    said = f"`{' '.join(found['made'].split())}` is a name of another library, and no tokenizer is pretrained"
    helps = (f"write `tokenizer={meant}`: its pairs are learned from the text itself",)
    yield Construct(found.start("made"), end, said, meant, helps, code="SCL101")


_MIXED = re.compile(r"\bprecision\s*=\s*(?P<kind>(?:bf|fp)?(?:16|32)|tf32)-(?:mixed|true)\b")


def mixed_precisions(statement: Statement) -> Iterator[Construct]:
    """`precision=bf16-mixed`: what matrices are multiplied in has one word, and weights stay as they are."""
    for found in _MIXED.finditer(statement.text) if statement.keyword == "train" else ():
        meant = "fp32" if found["kind"].endswith("fp32") or found["kind"] == "32" else found["kind"]
        meant = meant if meant in ("fp32", "tf32") else "bf16"
        said = "`precision` is that of products of matrices; weights and sums are always in `fp32`"
        helps = (f"write `precision={meant}`",)
        yield Construct(found.start(), found.end(), said, f"precision={meant}", helps, code="SCL206")


_CHAIN = re.compile(r"(?:optax\s*\.\s*)?chain\s*(?=\()")
#: What stands in a chain of transformations for a parameter of an optimiser.
_LINKS = {
    "clip_by_global_norm": "clip",
    "clip": "clip",
    "adaptive_grad_clip": "clip",
    "add_decayed_weights": "decay",
    "trace": "momentum",
}


def chained_optimisers(statement: Statement) -> Iterator[Construct]:
    """`optax.chain(clip_by_global_norm(1.0), adamw(lr=.02))`: one optimiser with all of its parameters."""
    text = statement.text
    found = _CHAIN.search(text) if statement.keyword == "train" else None
    end = closing(text, found.end()) if found else None
    links = [re.sub(r"^optax\s*\.\s*", "", p) for p in parts(text[found.end() + 1 : end - 1])] if found and end else []
    calls = [(m[1], m[2].strip()) for p in links if (m := re.fullmatch(r"([A-Za-z_]\w*)\s*\((.*)\)", p, re.DOTALL))]
    own = [(word, inside) for word, inside in calls if word in REGISTRY and REGISTRY[word].kind == "optimiser"]
    if found is None or end is None or len(own) != 1 or len(calls) != len(links):
        return
    word, inside = own[0]
    more = [
        f"{_LINKS[name]}={given.rpartition('=')[2].strip()}"
        for name, given in calls
        if _LINKS.get(name) in typed(REGISTRY[word]) and given and f"{_LINKS[name]}=" not in inside
    ]
    left = [name for name, _ in calls if name != word and _LINKS.get(name) not in typed(REGISTRY[word])]
    written = f"{word}({', '.join(p for p in (inside, *more) if p)})"
    said = "an optimiser is one word with its parameters, and no chain"
    helps = (f"write `{written}`", *(f"`{name}` is left out: `{word}` has nothing of the kind" for name in left))
    yield Construct(found.start(), end, said, written, helps, code="SCL101")


_RATES = re.compile(r"\b(?:lr|learning_rate)\s*=\s*(?:optax\s*\.\s*)?(?P<made>[A-Za-z_]\w*)\s*(?=\()")
_PLAIN = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_PEAK = ("peak_value", "init_value", "value", "peak", "lr", "base_lr", "max_lr", "learning_rate")


def scheduled_rates(statement: Statement) -> Iterator[Construct]:
    """`lr=cosine_decay_schedule(.02, 1000)`: a peak rate, and a schedule of its own."""
    text = statement.text
    for found in _RATES.finditer(text) if statement.keyword == "train" else ():
        plain = re.sub(r"_?(?:decay|schedule|lr|annealing|onecycle)", "", found["made"].lower()).strip("_")
        meant = called(found["made"].lower(), "schedule") or called(plain, "schedule")
        meant = meant or (plain if plain in REGISTRY and REGISTRY[plain].kind == "schedule" else "")
        end = closing(text, found.end())
        if not meant or end is None:
            continue
        given = parts(text[found.end() + 1 : end - 1])
        named = {k.strip(): v.strip() for k, _, v in (g.partition("=") for g in given if "=" in g)}
        placed = [g for g in given if _PLAIN.fullmatch(g)]
        rates = [named[n] for n in _PEAK if n in named and _PLAIN.fullmatch(named[n]) and number(named[n]).value > 0]
        rate = next(iter(rates), next((p for p in placed if number(p).value > 0), ""))
        last = next((v for n, v in named.items() if n in ("end_value", "final", "min_lr", "eta_min", "end")), "")
        last = last if _PLAIN.fullmatch(last) else ""
        last = last or next((p for p in placed if rate and 0 < number(p).value < number(rate).value), "")
        if not rate:
            continue
        share = text_of(float(f"{number(last).value / number(rate).value:.6g}")) if last else ""
        schedule = f"cosine(final={share})" if share and meant == "cosine" else meant
        warm = next((v for n, v in named.items() if n.startswith("warmup") and v.isdigit()), "")
        written = f"lr={rate}, schedule={schedule}" + (f", warmup={warm}steps" if warm else "")
        said = "`lr` is the peak rate, and its course a `schedule`, to the end of each run"
        yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL105")


_FILES = re.compile(
    r"\btext\s*\(\s*(?:path\s*=\s*)?(?P<open>[\[{(])(?P<files>\s*\"[^\"\n]+\"(?:\s*,\s*\"[^\"\n]+\")+\s*,?\s*)[\]})]"
)


def listed_files(statement: Statement) -> Iterator[Construct]:
    """`text(["a.txt", "b.txt"])`: files that are one text stand in a folder, or fit a pattern."""
    found = _FILES.search(statement.text)
    if found is None or statement.keyword not in ("data", "let"):
        return
    files = re.findall(r"\"([^\"\n]+)\"", found["files"])
    each = ", ".join(f'{letter(i)}: text("{file}")' for i, file in enumerate(files))
    helps = (f'put them into a folder of their own, `text("texts")`; for runs on each, write `{{{each}}}`',)
    yield Construct(
        found.start("open"), found.end(), "a text is one file, a folder or a pattern", None, helps, code="SCL203"
    )


_STEPS = re.compile(r"\bschedule\s*=\s*(?=[\[({])")


def listed_schedules(statement: Statement) -> Iterator[Construct]:
    """`schedule=[(0, .01), (1000, .001)]`: schedules are words, and none is a list of steps."""
    found = _STEPS.search(statement.text) if statement.keyword == "train" else None
    end = closing(statement.text, found.end()) if found else None
    if found is None or end is None or not re.search(r"\d\s*[,:]\s*[\d.]", statement.text[found.end() : end]):
        return
    words = [w for w, t in REGISTRY.items() if t.kind == "schedule"]
    said = "a schedule is a word, and no list of steps and rates"
    helps = (f"write {listing([f'schedule={w}' for w in sorted(words)], last='or')}",)
    yield Construct(found.start(), end, said, "schedule=cosine", helps, code="SCL203")


_TRAINED = re.compile(r"\b[A-Za-z_]\w*(?:\.\w+)*\.(?:named_)?parameters\(\)\s*,?\s*")


def trained_parameters(statement: Statement) -> Iterator[Construct]:
    """`AdamW(model.parameters(), lr=1e-3)`: what is trained are the models of the study."""
    for found in _TRAINED.finditer(statement.text) if statement.keyword == "train" else ():
        typed = found[0].rstrip(", ")
        said = "an optimiser trains all weights of the models of the study"
        yield Construct(found.start(), found.end(), said, "", (f"leave `{typed}` out",))


_IN_TURN = re.compile(
    r"\bschedule\s*=\s*(?:[\w.]+\.)?(?:SequentialLR|ChainedScheduler|join_schedules|sequential)\s*(?=\()"
)
_RAMP = re.compile(
    r"\b(?:total_iters|warmup(?:_steps|_iters)?|transition_steps|milestones|boundaries)\s*=\s*\[?\s*(\d+)"
)
#: What the last of schedules in turn is called, and what is written for it.
_LAST = (("cosine", "cosine"), ("constant", "constant"), ("linear", "wsd(decay=100%)"))


def schedules_in_turn(statement: Statement) -> Iterator[Construct]:
    """`schedule = SequentialLR([LinearLR(total_iters=50), CosineAnnealingLR(...)])`: a warm-up, and then another."""
    found = _IN_TURN.search(statement.text) if statement.keyword == "train" else None
    end = closing(statement.text, found.end()) if found else None
    inside = statement.text[found.end() : end] if found and end else ""
    ramp = _RAMP.search(inside)
    last = next((meant for name, meant in _LAST if name in inside.lower()), "")
    if found is None or end is None or ramp is None or not last:
        return
    within = statement.text.count("(", 0, found.start()) > statement.text.count(")", 0, found.start())
    written = f"schedule={last}, warmup={ramp[1]}steps" if within else f"schedule = {last}  warmup = {ramp[1]}steps"
    said = "a warm-up is said beside the schedule, which has the rest of the run"
    yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL101")


_KEYED = re.compile(
    rf"(?P<name>[A-Za-z_]\w*)\s*=\s*\{{\s*(?P<pairs>{NUMBER}\s*:\s*{NUMBER}(?:\s*,\s*{NUMBER}\s*:\s*{NUMBER})+)\s*,?\s*\}}"
)


def values_by_size(statement: Statement) -> Iterator[Construct]:
    """`lr={16: .04, 32: .02, 64: .01}`: a value that follows from an axis is a formula in it."""
    found = _KEYED.search(statement.text) if statement.keyword in PARTS else None
    if found is None:
        return
    pairs = [[number(side.strip()).value for side in pair.split(":")] for pair in found["pairs"].split(",")]
    axes = re.findall(r"\b([A-Za-z_]\w*)\s+in\s+([\[{][^\]}\n]*[\]}])", statement.study)
    axis = next((name for name, values in axes if {k for k, _ in pairs} <= {*(numbers_in(values) or ())}), "")
    (low, first), (high, last) = pairs[0], pairs[-1]
    if not axis or min(low, first, high, last) <= 0 or low == high:
        return
    power = float(f"{math.log(last / first) / math.log(high / low):.3g}")
    if any(abs(first * (k / low) ** power / v - 1) > 0.02 for k, v in pairs):
        return
    written = f"{found['name']} = {text_of(first)}*({axis}/{text_of(low)})^{text_of(power)}"
    inside = statement.text.count("(", 0, found.start()) > statement.text.count(")", 0, found.start())
    said = f"a value that follows from `{axis}` is a formula in it"
    put = written.replace(" = ", "=") if inside else written
    yield Construct(found.start(), found.end(), said, put, (f"write `{put}`",), code="SCL015")


_SIZED = re.compile(
    r"(?<![\w\"-])(?P<label>[A-Za-z_]\w*\s*:\s*)?(?P<name>[A-Za-z]\w*-(?:small|medium|large|xl|\d+[mb]))(?![\w-])"
)


def sized_models(statement: Statement) -> Iterator[Construct]:
    """`{gpt2-small, gpt2-medium}`: models of others by their names, which stand for sizes."""
    for found in _SIZED.finditer(statement.text) if statement.keyword == "models" else ():
        meant = called(found["name"].lower(), "family")
        if "width=" not in meant:
            continue
        label = found["label"] or f"{found['name'].replace('-', '_')}: "
        written = f"{label}{meant}" if "{" in statement.text[: found.start()] else meant
        said = f"`{found['name']}` is a model of others, of which the sizes can be had"
        why = unlike(found["name"].lower(), "family")
        helps = (f"write `{written}`" + (f": {why}" if why else ""),)
        yield Construct(found.start(), found.end(), said, written, helps, code="SCL101")


FINDERS = (
    trained_parameters,
    schedules_in_turn,
    listed_schedules,
    values_by_size,
    sized_models,
    made_tokenizers,
    listed_files,
    mixed_precisions,
    chained_optimisers,
    scheduled_rates,
)
