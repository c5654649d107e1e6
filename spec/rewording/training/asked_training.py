"""What people ask of training in words or measures of other tools: ratios, tokens a step, so many seeds, remarks.

Each is told where it stands, with what is written for it here in the numbers that were typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import filled
from ...errors import SpecError
from ...plan.coerce import called
from ...syntax.numbers import number, text_of
from ...vocabulary.base import PARTS, REGISTRY
from ...vocabulary.parameters import typed
from ...vocabulary.settings import SETTINGS
from ..constructs import NUMBER, Construct, Statement, closing, parts
from .asked_amounts import bounds_and_passes, ends_by_loss, passes_in_words, ratios, shares_of_data, tokens_a_step

_SEEDS = re.compile(
    r"(?<![\w=(,] )(?:\b(?:with|over|using|for|and|across)\s+)?(?:"
    r"\b(?:random[ _])?seeds?\s*(?:[x×*]\s*|\(\s*|:\s*|of\s+|count\s+|=\s*range\(?\s*)(?P<one>\d{1,2})\b\s*\)?"
    r"|\b(?:repeat|repeated|repeating|rerun|replicated?)\s+(?P<three>\d{1,2})\s*(?:x|times)?\b(?!\s*(?:in|=)\b)"
    r"|(?<![\w.=\-*/])(?P<two>\d{1,2})\s*(?:[x×*]\s*)?(?:random |different |independent |init )?"
    r"(?:seeds?|repeats|repetitions|replicates|restarts|runs each|times each|reruns)\b(?!\s*(?:in|=)\b))"
)


def counted_seeds(statement: Statement) -> Iterator[Construct]:
    """`seed x 3`, `5 repetitions`, `with 3 random seeds`: every seed has its number."""
    for found in _SEEDS.finditer(statement.text) if statement.keyword == "train" else ():
        n = int(found["one"] or found["two"] or found["three"])
        if not 1 < n <= 60:
            continue
        listed = f"{{{', '.join(map(str, range(n)))}}}" if n <= 8 else f"[0..{n - 1} step 1]"
        written = f"seed in {listed}"
        lead = len(found[0]) - len(found[0].lstrip())
        yield Construct(
            found.start() + lead,
            found.end(),
            "every seed is named by its number: so many of them are an axis",
            written,
            (f"write `{written}`",),
            code="SCL009",
        )


_TUNED = re.compile(
    r"\b(?P<name>[A-Za-z_]\w*)\s*(?:=|:|in)\s*"
    r"(?P<call>tune|sweep|search|grid|tuned|Tune|Sweep|hparam|panel|optimi[sz]e|best_of|best)\s*(?=[(\[])"
)
_TUNED_ALL = re.compile(r"\b(?P<role>tune|panel)\s*[{(](?P<inside>(?:[^{}()]|\{[^{}]*\})*)[)}](?!\s*in\b)")
_TUNED_AND = re.compile(
    r"(?P<first>\b(?P<role>tune|panel)\s+[A-Za-z_]\w*\s+(?:in|over|among)\s+[\[{][^\[\]{}]*[\]}])"
    r"\s*(?:,\s*and|and|,|&|\+)\s+(?P<second>[A-Za-z_]\w*\s+(?:in|over|among)\s+[\[{][^\[\]{}]*[\]}])"
)
_ROLE_FIRST = re.compile(r"\balong\s+(?P<name>[A-Za-z_]\w*)\s*(?:in|=|:)?\s*(?=[\[{\d])")


def roles_elsewhere(statement: Statement) -> Iterator[Construct]:
    """`lr=tune(.003, .01)`, `along tokens in [...]`: a role stands before its axis, and `along` in place of `in`."""
    text = statement.text
    if statement.keyword not in PARTS:
        return
    for found in _TUNED.finditer(text):
        end = closing(text, found.end())
        values = list(parts(text[found.end() + 1 : end - 1])) if end else []
        if len(values) == 1 and values[0][:1] in "[{(":
            values = parts(values[0][1:-1]) if ".." not in values[0] else values
        if end is None or not values:
            continue
        sweep = values[0] if len(values) == 1 and ".." in values[0] else f"{{{', '.join(values)}}}"
        sweep = sweep if sweep[0] in "[{" else f"[{sweep}]"
        role = "panel" if found["call"] == "panel" else "tune"
        written = f"{role} {found['name']} in {sweep}"
        said = f"`{role}` is a word before an axis" + (", which keeps the best of its values" if role == "tune" else "")
        yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL017")
    for found in _TUNED_ALL.finditer(text):
        axes = [a.strip() for a in parts(found["inside"])]
        if len(axes) > 1 and all(re.match(r"[A-Za-z_]\w*\s*(?:\bin\s|=\s*[\[{])", a) for a in axes):
            swept = [re.sub(r"^(\w+)\s*=\s*", r"\1 in ", a) for a in axes]
            written = "  ".join(f"{found['role']} {a}" for a in swept)
            said = f"`{found['role']}` stands before every axis that it is said of"
            yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL017")
        elif axes and all(re.fullmatch(r"[A-Za-z_]\w*", a) for a in axes):
            each = "  ".join(f"{found['role']} {a} in {{...}}" for a in axes)
            said = f"`{found['role']}` stands before every axis, with the values that are tried"
            yield Construct(found.start(), found.end(), said, None, (f"write `{each}`, with values",), code="SCL017")
    for found in _TUNED_AND.finditer(text):
        written = re.sub(r"\b(over|among)\b", "in", f"{found['first']}  {found['role']} {found['second']}")
        said = f"`{found['role']}` stands before every axis that it is said of, and nothing between them"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL017")
    for found in _ROLE_FIRST.finditer(text):
        written = f"{found['name']} along "
        said = "`along` stands behind the name of its axis, in place of `in`"
        end = closing(text, found.end()) if text[found.end() : found.end() + 1] in "[{" else None
        shown = f"{written}{text[found.end() : end]}" if end else f"{written}..."
        yield Construct(found.start(), found.end(), said, written, (f"write `{shown}`",), code="SCL017")


_WHY = {
    "tune": "`tune` keeps the value with the lowest mean loss, in each cell by itself",
    "seed": "the runs of a cell are averaged over its seeds without a word",
    "": "every value of one axis meets every value of the others by itself",
}
_ASIDE = re.compile(
    r"(?<=[\]})\w%])[ \t]*,?[ \t]+(?P<aside>(?:(?:independently|separately|again)[ \t]+)?"
    r"(?:by|per|for each|for every|for all|at each|within each|on each|across|over all|on|using|according to|based on|"
    r"w\.?r\.?t\.?|under|minimi[sz]ing|chosen by|selected by|picked by)[ \t]+(?:the[ \t]+)?"
    r"(?!train\b|data\b|models\b|fit\b|cpu|gpu|cuda)[A-Za-z_][\w-]*(?!\w)"
    r"(?:[ \t]+(?:loss|error|set|split|sizes?|budget|value|seeds?|runs|models?|data)\b)?)"
    r"(?=[ \t]*(?:$|\n|#|;|(?:tune|panel|median)\b|where\b|[A-Za-z_]\w*[ \t]*(?:in\b|along\b|=)))"
)
_AVERAGED = re.compile(
    r"\b(?P<said>(?:average[ds]?|averaging|avg|mean(?:s|ed)?)(?:[ \t]+(?:over|across|of|on))?(?:[ \t]+the)?[ \t]+)"
    r"(?=seeds?[ \t]+(?:in|=)\b)"
)


_AT_ONE = re.compile(
    r"\btune[ \t]+(?P<name>[A-Za-z_]\w*)[ \t]+in[ \t]+(?P<values>[\[{][^\[\]{}]*[\]}])[ \t]*,?[ \t]+"
    r"(?P<aside>(?:only[ \t]+)?(?:at|for|on|when|if|with)[ \t]+(?:the[ \t]+)?(?:"
    rf"(?P<axis>[A-Za-z_]\w*)[ \t]*(?:==?|of)?[ \t]*(?P<value>{NUMBER})"
    r"|(?:(?:smallest|small|base|proxy|narrowest|tiny)[ \t_]+)(?:width|model|size|one|proxy|models)\b)"
    r"(?:[ \t]+(?:only|alone))?)"
)


def tuned_at_one_size(statement: Statement) -> Iterator[Construct]:
    """`tune lr in {...} at width=16`: the rate of one model for all, which is found in a study of that model."""
    for found in _AT_ONE.finditer(statement.text) if statement.keyword == "train" else ():
        said = "`tune` keeps the best value of each cell by itself, and none takes that of another"
        one = f"`{found['axis']} = {found['value']}`" if found["axis"] else "one width"
        first = found["values"][1:-1].split(",")[0].split("..")[0].strip()
        put = f"`{found['name']} = {first}`"
        helps = (
            f"leave `{found['aside']}` out, and each has its own",
            f"or tune in a study with {one}, and write what it finds here in place of the axis, such as {put}",
        )
        yield Construct(found.start("aside"), found.end("aside"), said, "", helps)


def asides(statement: Statement) -> Iterator[Construct]:
    """`tune lr in {...} per width`, `by holdout`, `avg over seed in {...}`: what follows of itself."""
    text = statement.text
    if statement.keyword not in ("models", "train") or statement.mended:
        return
    for found in _ASIDE.finditer(text):
        if text.count("(", 0, found.start()) > text.count(")", 0, found.start()):
            continue
        before = text[: found.start()]
        axis = re.findall(r"(?:(tune|panel|median)[ \t]+)?([A-Za-z_]\w*)\s+(?:in|along)\s", before)
        role, name = axis[-1] if axis else ("", "")
        why = _WHY["tune" if role == "tune" else "seed" if name == "seed" else ""]
        said = f"`{' '.join(found['aside'].split())}` says nothing here: {why}"
        yield Construct(found.start(), found.end(), said, "", (f"leave `{' '.join(found['aside'].split())}` out",))
    for found in _AVERAGED.finditer(text):
        said = f"`{found['said'].strip()}` is no word before an axis: {_WHY['seed']}"
        yield Construct(found.start(), found.end(), said, "", (f"leave `{found['said'].strip()}` out",))


_AXIS_LET = re.compile(
    r"let\s+(?P<name>[A-Za-z_]\w*)\s+(?P<sign>in|along|∈)\s*(?P<sweep>[\[{(][^\n]*[\])}])\s*(?P<rest>#.*)?$", re.DOTALL
)


def axes_in_lets(statement: Statement) -> Iterator[Construct]:
    """`let ratio in {5, 20}`, where `ratio` is read by a formula: the axis stands in the statement of that."""
    found = _AXIS_LET.fullmatch(statement.text.rstrip())
    if found is None:
        return
    name, sweep = found["name"], found["sweep"]
    use = re.search(rf"(?m)^(?P<part>data|models|train)\b[^\n]*(?:\n[ \t]+[^\n]*)*?\b{name}\b", statement.study)
    if use is None or re.search(rf"\b(?:in|along)\s+{name}\b", statement.study):
        return
    sweep = f"{{{sweep[1:-1]}}}" if sweep[0] == "(" else sweep
    from ...source import Source
    from ...syntax.scanner import scan  # statements of the study

    chunk = next((c for c in scan(Source(statement.study)).chunks if c.start <= use.start() < c.end), None)
    if chunk is None:
        return
    at = len(statement.study[: chunk.end].rstrip()) - statement.start
    where = re.compile(r"\s+where\b").search(statement.study, chunk.start, chunk.end)
    at = where.start() - statement.start if where else at
    said = "a `let` names a value with `=`, and makes no axis: that stands in the statement that it is for"
    helps = (f"write `{use['part']} ...  {name} in {sweep}`, and leave the `let` out",)
    yield Construct(0, len(statement.text), said, "", helps, ((at, at, f"  {name} in {sweep}"),), code="SCL015")


_INNER = re.compile(
    r"\b(?P<name>schedule|lr_scheduler|scheduler|lr_schedule)\s*=\s*(?P<schedule>[A-Za-z_]\w*)\s*(?=\()"
)
_WARMUP = re.compile(
    rf"(?:warmup|warmup_steps|num_warmup_steps|warm_up|warmup_iters|num_warmup|warmup_ratio)\s*=\s*(?P<n>{NUMBER})\s*(?:steps?)?"
)


def warmups_of_schedules(statement: Statement) -> Iterator[Construct]:
    """`schedule=cosine(warmup=100, final=.1)`, `WarmupCosine(warmup=100)`: the warm-up is the optimiser's."""
    text = statement.text
    for found in _INNER.finditer(text) if statement.keyword == "train" else ():
        end = closing(text, found.end())
        word = called(found["schedule"], "schedule")
        given = parts(text[found.end() + 1 : end - 1]) if end else []
        warm = next((m for p in given if (m := _WARMUP.fullmatch(p.strip()))), None)
        if end is None or warm is None or not word or "(" in word:
            continue
        rate = re.search(rf"(?<!\w)lr\s*=\s*({NUMBER})", text)
        kept, left = _of_schedule(
            word, [p for p in given if not _WARMUP.fullmatch(p.strip())], rate[1] if rate else "0.02"
        )
        inside = ", ".join(kept)
        n = warm["n"]
        if n[-1] not in "%s":
            n = f"{n}steps" if number(n).value >= 1 else f"{100 * number(n).value:.6g}%"
        written = f"schedule={word}({inside}), warmup={n}" if inside else f"schedule={word}, warmup={n}"
        said = "`warmup` is the optimiser's, beside its schedule"
        yield Construct(found.start(), end, said, written, (f"write `{written}`", *left), code="SCL104")


def _of_schedule(word: str, given: list[str], rate: str) -> tuple[list[str], list[str]]:
    """Arguments of a schedule of another tool as one here takes them, and what is said of those that it does not."""
    kept, left = [], []
    for piece in given:
        name, _, value = (side.strip() for side in piece.partition("="))
        also = REGISTRY[word].also.get(name.lower(), "")
        own = typed(REGISTRY[word])
        if not value and not REGISTRY[word].order and len(own) == 1:
            kept.append(f"{own[0]}={name}")
        elif name in own or not value:
            kept.append(piece.strip())
        elif also and not any(p.partition("=")[0].strip() == also.partition("=")[0] for p in given):
            kept.append(filled(also, value, {"lr": rate}))
        elif also:
            left.append(f"`{piece.strip()}` is left out: `{also.partition('=')[0]}` is given")
        else:
            left.append(f"`{piece.strip()}` is left out: {missing(name) or 'a schedule ends where its run ends'}")
    return kept, left


_OWN_SCHEDULE = re.compile(r"\b(?:schedule|lr_schedule|scheduler)\s*=\s*(?:lambda\b|def\b|fn\b|\w+\s*=>)")


def schedules_of_ones_own(statement: Statement) -> Iterator[Construct]:
    """`schedule=lambda step: min(1, step/100)`: a schedule is one of the words that there are."""
    text = statement.text
    for found in _OWN_SCHEDULE.finditer(text) if statement.keyword == "train" else ():
        depth, end = 0, found.end()
        while end < len(text) and not (depth == 0 and (text[end] == ")" or re.match(r",\s*\w+\s*=(?!=)", text[end:]))):
            depth += (text[end] in "([{") - (text[end] in ")]}")
            end += 1
        said = "no schedule is a function of one's own"
        helps = ("write `schedule=cosine`, `schedule=wsd` or `schedule=constant`, with a `warmup` before it",)
        yield Construct(found.start(), end, said, None, helps, code="SCL101")


_SHARE_OF = re.compile(
    r"(?P<n>\d+(?:\.\d+)?%)[ \t]+of[ \t]+(?:the[ \t]+|all[ \t]+|total[ \t]+)*"
    r"(?:tokens|steps|training|runs?|time|updates|iterations|it)\b"
    r"(?:[ \t]+(?:steps|run|time|tokens))?"
)
_POINTS_AT = re.compile(
    r"(?P<said>\b(?:checkpoints?|branch(?:es)?|evaluat(?:e|ed|ions?)|measured?|snapshots?|decay|cooldowns?|save)[ \t]+"
    r"(?:at|every|in|on|from)[ \t]+(?:tokens[ \t]+|tokens?[ \t]*=[ \t]*|steps[ \t]+)?)(?=[\[{])"
)
_INSIDE = re.compile(r",?\s*\b(?:adamw?|others|aux|rest)\s*(?:=\s*\w+\s*)?\(\s*lr\s*=\s*(?P<n>[\d.eE+-]+)\s*\)")


def shares_points_and_others(statement: Statement) -> Iterator[Construct]:
    """`warmup=2% of steps`, `checkpoints at {125k, 250k}`, `muon(lr=.02, adam(lr=.003))`."""
    text = statement.text
    if statement.keyword != "train":
        return
    for found in _SHARE_OF.finditer(text):
        said = "a percentage of a warm-up or a decay is that of the steps"
        yield Construct(found.start(), found.end(), said, found["n"], (f"write `{found['n']}`",), code="SCL013")
    for found in _POINTS_AT.finditer(text) if not re.search(r"\btokens\s+(?:in|along)\b", text) else ():
        end = closing(text, found.end())
        name = "steps" if "steps" in found["said"] else "tokens"
        if end is not None:
            shown = f"{name} along {text[found.end() : end]}"
            said = "points on the way of one run are an axis with `along`"
            yield Construct(found.start(), found.end(), said, f"{name} along ", (f"write `{shown}`",), code="SCL009")
    rate = re.search(r"(?<!\w)lr\s*=\s*(\d*\.?\d+(?:[eE][+-]?\d+)?)", text)
    for found in _INSIDE.finditer(text) if rate and text.count("(", 0, rate.start()) == 1 else ():
        if text.count("(", 0, found.start()) != 1 + text.count(")", 0, found.start()):
            continue
        try:
            share = float(found["n"]) / float(rate[1])  # type: ignore[index]
        except (ValueError, ZeroDivisionError):
            continue
        written = f"others={share:.6g}"
        said = "what is no hidden matrix goes by AdamW, at `others` times the rate"
        yield Construct(found.start(), found.end(), said, f", {written}", (f"write `{written}`",), code="SCL106")


_USED_WITH = re.compile(
    r"use\s+(?P<path>\"[^\"\n]+\")\s*,?\s*(?:with|but|and|where|changing|overriding|\{)\s*(?P<rest>[^\n{}]*\{[^\n{}]*\}|[^\n{}]+?)\s*\}?\s*$"
)


def changes_of_used(statement: Statement) -> Iterator[Construct]:
    """`use "base.scl" with seed in {5, 6}`: what is otherwise is said in the statements that it is of."""
    found = _USED_WITH.match(statement.text.rstrip())
    name = re.match(r"(?:(?:tune|panel)\s+)?([A-Za-z_]\w*)\s*(?:=|in\b|along\b)", found["rest"]) if found else None
    if found is None or name is None:
        return
    part = (
        "train"
        if name[1] in SETTINGS or _owned(name[1], "optimiser")
        else "models"
        if _owned(name[1], "family")
        else ""
    )
    if not part:
        return
    written = f"use {found['path']}\n{part} {found['rest'].strip()}"
    said = "`use` takes a path alone: what is otherwise here stands in a statement of its own"
    helps = (f"write `use {found['path']}`", f"and `{part} {found['rest'].strip()}`")
    yield Construct(0, len(statement.text.rstrip()), said, written, helps, code="SCL022")


def _owned(name: str, kind: str) -> bool:
    return any(name in typed(w) for w in REGISTRY.values() if w.kind == kind)


_BETAS = re.compile(rf"\b(?:adam_)?betas\s*=\s*\[\s*({NUMBER})\s*,\s*({NUMBER})\s*\]")


def pairs_of_decays(statement: Statement) -> Iterator[Construct]:
    """`betas=[.9, .95]`: each of the two decays has its name."""
    for found in _BETAS.finditer(statement.text) if statement.keyword == "train" else ():
        written = f"beta1={found[1]}, beta2={found[2]}"
        said = "both decays have a name of their own"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL104")


_REMAINDER = re.compile(
    r"[ \t]*,?\s*\b(?P<word>where|if|when|such that|with)\s+\(?(?P<name>[A-Za-z_]\w*)\s*(?:%|mod\b)\s*(?P<by>\d+)"
    r"\s*(?:==?|is)\s*0\)?(?=\s*(?:$|\n|#|and\b))"
)


def remainders(statement: Statement) -> Iterator[Construct]:
    """`width in [16..160] where width % 32 == 0`: a range that goes on in steps has these values alone."""
    text = statement.text
    found = _REMAINDER.search(text)
    if found is None:
        return
    name, by = found["name"], int(found["by"])
    axis = re.search(rf"\b{name}\s+in\s+\[\s*({NUMBER})\s*\.\.\s*({NUMBER})[^\]]*\]", text)
    said = "there is no remainder: a range in steps has the multiples of a number"
    if axis is None or by < 1 or text[found.end() :].lstrip().startswith("and"):
        yield Construct(
            found.start(),
            found.end(),
            said,
            None,
            (f"write `{name} in [{by}..{4 * by} step {by}]` for its values",),
            code="SCL002",
        )
        return
    try:
        low, high = (number(axis[n]).value for n in (1, 2))
    except SpecError:
        return
    first = max(by, ceil(low / by) * by)
    written = f"{name} in [{text_of(first)}..{text_of(high // by * by)} step {by}]"
    if first >= high:
        return
    yield Construct(
        axis.start(),
        axis.end(),
        said,
        written,
        (f"write `{written}`, and no condition",),
        ((found.start(), found.end(), ""),),
        code="SCL002",
    )


FINDERS = (
    ratios,
    tokens_a_step,
    roles_elsewhere,
    counted_seeds,
    tuned_at_one_size,
    asides,
    axes_in_lets,
    pairs_of_decays,
    warmups_of_schedules,
    passes_in_words,
    ends_by_loss,
    schedules_of_ones_own,
    bounds_and_passes,
    shares_points_and_others,
    changes_of_used,
    remainders,
    shares_of_data,
)
