"""From a call in a study to the vocabulary's own value: each argument judged against its declaration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.concepts import missing
from ..diagnostics.suggest import SAID, article, listing, nearest, similar, sure
from ..errors import Edit, Fix, SpecError
from ..expressions.canonical_tree import text
from ..expressions.units import NAMED
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import EXAMPLES, canonical_number, number, short, text_of
from ..syntax.visit import children, free_names
from ..vocabulary.base import KINDS, REGISTRY, Kind, Term, Word
from ..vocabulary.choices import TRUTHS, choice_meant
from ..vocabulary.functions import FUNCTIONS, PCA
from ..vocabulary.parameters import Field, fields_of
from ..vocabulary.plugins import PROBLEMS, clash
from ..vocabulary.words.training import Warmup

#: Units of fields that a number may be written in.
WRITTEN = ("tokens", "steps", "FLOP")


#: Words of a kind that a message lists as what may be written, and of which it says what each is.
FEW, TOLD = 5, 9
#: What libraries put before and behind the names of graphs, models and schedules.
_AROUND = re.compile(
    r"^(?:fast_|random_|nx_|make_|get_|simple_)+|(?:_random|_graph|_model|_schedule|_law|_scheduler)+$"
)
#: Words joined in one name: `GPT2`, `LM` and `Head` of `GPT2LMHead`.
_PARTS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*")


def called(name: str, kind: Kind) -> str:
    """What is written here for a word of the kind that others call by this name; empty where nothing is."""
    for low in dict.fromkeys((name.lower(), _AROUND.sub("", name.lower()))):
        for word, term in REGISTRY.items():
            if term.kind == kind and low in term.called:
                return term.called[low]
            if term.kind == kind and low == word.lower():
                return word
    if kind in ("family", "optimiser"):  # `GPT2LMHeadModel`, `FusedAdam`, `LlamaForCausalLM`
        for part in (p.lower() for p in _PARTS.findall(name)):
            for word, term in REGISTRY.items():
                if term.kind == kind and len(part) > 2 and part in (word, *term.called):
                    return term.called.get(part, word)
    return ""


def unlike(name: str, kind: Kind) -> str:
    """What is said of a name that others have for something which there is none of here; empty where there is."""
    plain = (name.lower(), _AROUND.sub("", name.lower()), *(part.lower() for part in _PARTS.findall(name)))
    terms = [term for term in REGISTRY.values() if term.kind == kind]
    return next((term.unlike[low] for low in plain for term in terms if low in term.unlike), "")


def all_called(name: str, kind: Kind) -> list[str]:
    """What is written for the words of the kind that others call by this name, the first of them first."""
    first, low = called(name, kind), _AROUND.sub("", name.lower())
    every = [t.called[n] for t in REGISTRY.values() if t.kind == kind for n in (name.lower(), low) if n in t.called]
    return list(dict.fromkeys([first, *every])) if first else []


def _gloss(word: str) -> str:
    """A word with the first words of its description: "`er` (Erdos-Renyi graph)"."""
    said = re.split(r"[:;,.(]| of | by | with | that ", REGISTRY[word].description(), maxsplit=1)[0]
    return f"`{word}` ({said})"


def said_of_call(node: Any) -> str | None:
    """What is said of a call of something that the language has not; None for what is a word, or is called as one."""
    if not isinstance(node, ast.Call) or node.name in REGISTRY:
        return None
    kinds = {word.kind for word in REGISTRY.values()}
    return None if any(called(node.name, kind) for kind in kinds) else missing(node.name)


def word_of(name: str, kind: Kind, span: Span, given: Sequence[str] = ()) -> type[Word]:
    """The declaration of a word of one kind; `Fault` with the words of that kind where it is not.

    Args:
        name: As it is typed.
        kind: What is wanted in the place.
        span: Where it stands.
        given: Quantities that it is given, which take the place of N in what a message writes.
    """
    word = REGISTRY.get(name)
    if (problem := clash(name)) is not None:
        raise Fault("SCL101", f"`{name}` is declared by two packages", span, notes=(str(problem),))
    if word is not None and word.kind == kind:
        return word
    known = sorted(w for w, t in REGISTRY.items() if t.kind == kind)
    if word is None:
        written = called(name, kind)
        if len(given) == 1 and (written.count("(N)") == 1 or " + " in written):
            written = re.sub(r"\bN\b", given[0], written)
        why = f": {said_of}" if (said_of := unlike(name, kind)) else ""
        helps = (f"write `{written}`{why}",) if written else nearest(article(kind), name, known)
        # A word before the name of a law makes another law of it.
        another = kind == "law" and not written and bool({*name.lower().split("_")[1:]} & {*known})
        if another and (nearest_law := similar(name, known)):
            own_law = "a law of your own is written out, such as `fit E + A*N^-alpha`"
            helps = (f"{own_law}; the nearest by name is `{nearest_law}`",)
        others = (called(name, t.kind) for t in REGISTRY.values() if t.kind in ("graph", "tokenizer"))
        if not helps and (inner := next(filter(None, others), "")) and (head := inner.split("(")[0]) in REGISTRY:
            helps = tuple(h.replace(f"{head}(...)", inner) for h in around(head, REGISTRY[head], kind))
        said = listing(known)
        if not helps:
            ways = _instead(name, known)
            lacks = missing(name, of_fits=kind == "law")
            helps = (lacks, *(ways[:1] if "`" not in lacks else ())) if lacks else ways
            only = REGISTRY[known[0]].sample if len(known) == 1 else ""
            helps = helps or ((f"write `{only}`",) if only else ())
            helps = helps or ((f"write {listing(known, last='or')}",) if len(known) <= FEW else ())
            if kind == "graph" and len(known) <= TOLD:
                said = listing(map(_gloss, known), mark="")
        notes = (f"it knows {said}", *map(str, PROBLEMS))
        message = f"`{name}` is no {SAID.get(kind, kind)} that this version knows"
        near = similar(name, known) if not written and not another else None
        certain = near is not None and sure(name, near, known) and not another
        fixes = (Fix((Edit(span, near),), "machine-applicable" if certain else "maybe-incorrect"),) if near else ()
        raise Fault("SCL101", message, span, notes=notes, helps=helps, fixes=fixes if span.end > span.start else ())
    notes = (f"{article(kind)} is one of {listing(known, last='or')}",)
    own = word.kind == "optimum" and kind == "law"
    message = f"`{name}` is {article(word.kind)}, and {article(kind)} is wanted here"
    sample = next((REGISTRY[w].sample for w in known if REGISTRY[w].sample), "")
    typed_so = f"{name}({', '.join(given)})" if given else name
    parts = {k: part for part, k in KINDS.items()}
    meant = called(name, kind)
    ways = (
        ((f"write `{meant}`",) if meant else ())
        or around(name, word, kind)
        or (
            (f"{article(word.kind)} stands behind `{parts[word.kind]}`, as in `{parts[word.kind]} {name}`",)
            if {word.kind, kind} <= {*parts}
            else ()
        )
        or ((f"write `optimum {typed_so}`: it is no law of the loss",) if own else ())
        or ((f"for example `{sample}`",) if sample else ())
    )
    fixes = ()
    typed = len(ways) == 1 and ways[0].startswith(("write `", "for example `"))
    if typed and "..." not in ways[0] and not own and span.end > span.start:
        fixes = (Fix((Edit(span, ways[0].split("`")[1]),), "maybe-incorrect"),)
    raise Fault("SCL102", message, span, notes=notes, helps=ways or _instead(name, known)[:1], fixes=fixes)


def _instead(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """What is said in place of a word that is none of a kind, by those words of it that say something."""
    plain = re.sub(r"\W", "", name.lower())
    own = (REGISTRY[w].__dict__.get("instead", "") for w in known)
    ways = (way.replace("{name}", plain) for way in own if way)
    return tuple(sorted(ways, key=lambda way: ("of your own" in way, "points" in way)))


def around(name: str, word: type[Word], kind: Kind) -> tuple[str, ...]:
    """The help that puts a word into the one of the wanted kind that takes such a word: `walk(er(...))`."""
    takers = (
        (w, field)
        for w, t in REGISTRY.items()
        if t.kind == kind
        for field, info in fields_of(t).items()
        if info.required and info.term is not None and info.term.kind == word.kind
    )
    if word.kind == "law" and kind == "optimum":
        methods = (w for w, t in REGISTRY.items() if t.kind == kind and getattr(t, "needs_fit", False))
        return tuple(f"write `{method}({name})`" for method in methods)
    found = [(taker, f"{name}(...)" if word.declared() else name, field) for taker, field in takers]
    if not found:
        return ()
    taker, inner, place = found[0]
    more = "".join(
        f", {n}={number_for(f)}"
        for n, f in fields_of(REGISTRY[taker]).items()
        if f.required and n != place and not f.term
    )
    return (f"write `{taker}({inner}{more})`",)


def number_for(field: Field) -> str:
    """A number that is of the size which a parameter mostly has."""
    low = 32 if (field.low or 0) <= 32 else 512
    return "1M" if field.unit == "tokens" else str(8 * low) if field.shape == "int" else "..."


def literals(node: Any) -> list[ast.Number]:
    """Every number typed in an expression, arguments of its functions included."""
    if isinstance(node, ast.Number):
        return [node]
    # The `by` of `count` is a number of points, not one of them.
    count = node.by if isinstance(node, ast.Range) and node.grid == "count" else None
    return [number for child in children(node) if child is not count for number in literals(child)]


def check_units(node: Any, field: Field, owner: str, along: str = "") -> None:
    """`Fault` where a number in `node` has a unit that this parameter does not take.

    `along` is the amount, if any, of which one run has several points on its way, in all of them one share of it.
    """
    if field.shape not in ("int", "float"):
        return
    allowed = {"", "%" if field.shape == "float" else "", field.unit if field.unit in WRITTEN else ""}
    for literal in literals(node):
        unit = number(literal.text).unit
        if unit not in allowed:
            wanted = EXAMPLES[field.unit if field.unit in WRITTEN else ""]
            message = f"`{field.name}` of `{owner}` wants {wanted}, and `{literal.text}` is {NAMED[unit]}"
            notes = (f"`{field.name}`: {field.description}",) if field.description else ()
            plain = number(literal.text).value
            helps: tuple[str, ...] = ()
            if unit == "steps" and field.high == 1 and field.description.startswith("share of the steps"):
                share = f"a share of them, such as `{field.name}=20%`, for so long a part of every run"
                each = f"{text_of(plain)}/steps"
                helps = (f"write `{field.name}={each}`, for so many of each run", f"or {share}")
                if along:
                    told = f"write `{field.name}={each}`, for so many of the longest run"
                    helps = (f"{told}, and of each where `{along} in` stands for `{along} along`", f"or {share}")
            if unit == "tokens" and "sequences" in field.description:
                helps = (f"divide by the length of a sequence: `{field.name}={text_of(plain)}/length`",)
            if unit == "%" and field.description.startswith("steps "):
                helps = (
                    f"write `{field.name}=max(1, round({text_of(plain)}*steps))`, for so large a part of each run",
                )
            elif not helps and unit in ("steps", "tokens") and not plain % 1:
                helps = (f"write `{field.name}={text_of(plain)}`" if node is literal else f"write `{text_of(plain)}`",)
            raise Fault("SCL202", message, literal.span, notes=notes, helps=helps)


def coerce(value: Any, field: Field, owner: str, span: Span, typed: str = "") -> Any:
    """A computed value as the parameter's type; `Fault` says what was wanted. `typed` is the formula that gave it."""
    match field.shape:
        case "int" | "float":
            return _numeric(value, field, owner, span, typed)
        case "bool":
            if isinstance(value, str) and value in ("true", "false"):
                return value == "true"
            if isinstance(value, str) and value.lower() in TRUTHS:
                meant = TRUTHS[value.lower()]
                message = f"`{field.name}` of `{owner}` wants {field.wanted}, not `{value}`"
                fixes = (Fix((Edit(span, meant),), "maybe-incorrect"),) if span.end - span.start == len(value) else ()
                raise Fault("SCL203", message, span, helps=(f"write `{meant}`",), fixes=fixes)
            if isinstance(value, bool):
                return value
            if isinstance(value, str):
                near = similar(value, ("true", "false"))
                ways = [f"{field.name}={truth}" for truth in ((near,) if near else ("true", "false"))]
                message = f"`{field.name}` of `{owner}` wants {field.wanted}, not {describe(value)}"
                raise Fault("SCL203", message, span, helps=(f"write {listing(ways, last='or')}",))
        case "choice":
            if isinstance(value, str) and value not in field.choices:
                message = f"`{field.name}` of `{owner}` is {field.wanted}, not `{value}`"
                if choice := choice_meant(value, field.choices):
                    whole = span.end - span.start == len(value)
                    fixes = (Fix((Edit(span, choice),), "maybe-incorrect"),) if whole else ()
                    raise Fault("SCL206", message, span, helps=(f"write `{choice}`",), fixes=fixes)
                helps = nearest("a value", value, field.choices)
                helps = helps or ((f"`{field.name}`: {field.description}",) if field.description else ())
                raise Fault("SCL206", message, span, helps=helps)
            if isinstance(value, str):
                return value
            if choice := choice_meant(str(value), field.choices):
                message = f"`{field.name}` of `{owner}` is {field.wanted}, not `{value}`"
                raise Fault("SCL206", message, span, helps=(f"write `{choice}`",))
        case "str":
            if isinstance(value, str):
                return value
        case "term":
            if isinstance(value, Term):
                return value
        case "scalar":
            if isinstance(value, str):
                return value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return canonical_number(value)
    example = EXAMPLES_OF.get(field.shape) or (field.choices[0] if field.choices else "")
    helps = (f"write `{field.name}={example}`",) if example else ()
    raise Fault("SCL203", f"`{field.name}` of `{owner}` wants {field.wanted}, not {describe(value)}", span, helps=helps)


#: A value of each kind of parameter, for messages.
EXAMPLES_OF = {"bool": "true", "str": '"file.txt"', "int": "8", "float": "0.1"}


#: A number above 0, where that is the bound and far larger ones are allowed.
SMALL = 0.01


def within(field: Field, value: float) -> str:
    """The number nearest to a value that a parameter takes; of an open end above it the default."""
    low, high = field.low, field.high
    usual = field.default if field.below and field.shape == "float" and high is not None and value >= high else None
    if isinstance(usual, int | float) and usual and field.holds(usual):
        return short(canonical_number(usual))
    if low is not None and (value < low or (field.above and value == low)):
        least = SMALL if (high or 1) > 1 else (high or 1) * 0.1
        near = low if not field.above else low + 1 if field.shape == "int" else low * 1.1 if low > 0 else least
    elif high is not None:
        near = high if not field.below else high - 1 if field.shape == "int" else high * 0.9
    else:
        return ""
    if field.shape == "int":
        shown = short(round(near))
        return shown if number(shown).value == round(near) else str(round(near))
    return short(canonical_number(float(f"{near:.3g}")))


#: What other tools call the parts of data.
PARTS_OF_TEXTS = ("train", "training", "validation", "valid", "val", "test", "eval", "dev")


def _numeric(value: Any, field: Field, owner: str, span: Span, typed: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"`{field.name}` of `{owner}` wants {field.wanted}, not {describe(value)}"
        if isinstance(value, str) and (unquoted := without_quotes(value)):
            ways = (f"leave the quotes out: write `{field.name}={unquoted}`",)
            fixes = (Fix((Edit(span, unquoted),), "maybe-incorrect"),) if span.end > span.start else ()
            raise Fault("SCL203", message, span, helps=ways, fixes=fixes)
        if isinstance(value, str) and value.lower() in PARTS_OF_TEXTS and "held out" in field.description:
            why = "what is not held out is learned, and a tenth is held out unless it says otherwise"
            raise Fault("SCL203", message, span, helps=(f"leave `{field.name}` out: {why}",))
        number_ = within(field, -1e30) or "8"
        raise Fault("SCL203", message, span, helps=(f"write a number, such as `{field.name}={number_}`",))
    value = canonical_number(value)
    helps: tuple[str, ...]
    if field.shape == "int" and not isinstance(value, int):
        if abs(value) < 2**53:
            message = f"`{field.name}` of `{owner}` is a whole number, and this gives {short(value)}"
            near = f"{max(field.low or 0, round(value)):g}"
            helps = (f"write a whole number, such as `{field.name}={near}`",)
            if re.search(r"[A-Za-z_]\w*", typed):
                helps = (f"write `{field.name}=round({typed})`, or with `ceil` or `floor` in place of `round`",)
                if (low := field.low or 0) >= 1:
                    helps += (f"or `{field.name}=max({low:g}, round({typed}))`, where that may be less",)
            if field.name == "seed":
                helps = ("write whole numbers, such as `seed in {0, 1}`: they tell runs apart and measure nothing",)
            raise Fault("SCL207", message, span, helps=helps)
        value = int(value)
    if not field.holds(value):
        message = f"`{field.name}` of `{owner}` wants {field.wanted}, and this is {short(value)}"
        percent = field.shape == "float" and field.high == 1 and 1 < value <= 100
        helps = (f"write `{short(value)}%`, if per cent are meant",) if percent else ()
        if value == 0 and field.above and field.low == 0 and field.description.startswith("largest"):
            helps = (f"one that is never reached is none: write `{field.name}=1000`",)
        if not helps and "over width" in field.description and value > 0:
            helps = (f"it is the {field.description}: write `{field.name}={short(value)}/width`",)
        if not helps and field.above and field.low == 0 > value and field.holds(power := 10.0 ** max(value, -30)):
            helps = (f"a power of ten is written out: `{power:g}` for an exponent of {short(value)}",)
        if not helps and (small := _sign_lost(field, value)):
            helps = (f"write `{field.name}={small}`, if so small a number was meant",)
        if field.name == "seed" and value < 0:
            helps = ("write `seed=0`, or `seed in {0, 1, 2}` for several: the same seed draws the same every time",)
        if not helps and field.name == "width" and field.required and field.high is not None and value > field.high:
            what = f"`{field.name}` is the features of a layer, and no count of parameters"
            helps = (f"{what}: write widths such as `{field.name} in [64..512]`, and `scalingdsl plan` counts them",)
        if not helps and (point := _point_lost(field, value)):
            helps = (f"write `{field.name}={point}`, if a point is missing", f"or {within(field, value)} at most")
        if not helps and (near := within(field, value)):
            helps = (f"write a number that is, such as `{field.name}={near}`",)
        raise Fault("SCL208", message, span, helps=helps)
    return value if field.shape == "int" else float(value)


def without_quotes(value: str) -> str:
    """A text that is a number or a formula, as it is written without quotes; empty where it is neither."""
    from ..syntax.parser import parse_value

    try:
        node = parse_value(value.replace("**", "^"))
    except SpecError:
        return ""
    formula = isinstance(node, ast.Number | ast.Binary) or (isinstance(node, ast.Call) and node.name in FUNCTIONS)
    return text(node) if formula else ""


def _point_lost(field: Field, value: float) -> str:
    """A number of two digits, the second of them no 0, with a point between: 2.5 for 25."""
    lost = field.shape == "float" and field.high is not None and 10 < value < 100 and value == int(value) and value % 10
    return f"{value / 10:g}" if lost and value > (field.high or 0) and field.holds(value / 10) else ""


def _sign_lost(field: Field, value: float) -> str:
    """A value of one or two digits and an exponent with the sign of its exponent turned: 3e-4 for 3e4."""
    digits, exponent = f"{value:.1e}".split("e")
    small = f"{float(digits):g}e-{int(exponent)}"
    fits = field.shape == "float" and value >= 1000 and float(f"{digits}e{exponent}") == value
    return small if fits and field.holds(float(small)) else ""


def describe(value: Any) -> str:
    """A computed value in words, for messages."""
    if isinstance(value, bool):
        return "a condition"
    if isinstance(value, int | float):
        return short(value)
    if isinstance(value, str):
        return f'the name or text "{value}"'
    if isinstance(value, Term):
        return article(value.kind)
    return "several values" if isinstance(value, tuple) else "this"


def coerce_warmup(node: Any, evaluated: Callable[[], Any], owner: str) -> Warmup:
    """Warm-up in steps or as a fraction, by the unit it was typed in."""
    numbers = literals(node)
    units = {number(n.text).unit for n in numbers}
    wrong = units - {"", "%", "steps"}
    if wrong:
        what = NAMED[sorted(wrong)[0]]
        ways = ("write `warmup=200steps` or `warmup=2%`",)
        raise Fault("SCL202", f"`warmup` of `{owner}` wants {WARMUP}, and this is {what}", node.span, helps=ways)
    value = evaluated()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Fault("SCL203", f"`warmup` of `{owner}` wants {WARMUP}, not {describe(value)}", node.span, helps=WARMUPS)
    if "steps" in units:
        if not isinstance(canonical_number(value), int) or value < 0:
            message = f"`warmup` of `{owner}` is a whole number of steps, and this is {short(value)}"
            raise Fault("SCL207", message, node.span, helps=WARMUPS)
        return Warmup(steps=int(canonical_number(value)))
    if not 0 <= value < 1:
        steps = isinstance(node, ast.Number) and value >= 1
        helps: tuple[str, ...] = (f"write `{text(node)}steps`",) if steps else ()
        helps += (f"or `{text(node)}%`, for so large a part of each run",) if helps and value < FEW_STEPS else ()
        if "%" in units:
            helps = ("a warm-up is a part of a run: write `warmup=10%`",)
        raise Fault("SCL202", f"`warmup` of `{owner}` wants {WARMUP}", node.span, helps=helps)
    return Warmup(fraction=float(value))


#: Steps below which a warm-up without a unit may be in per cent.
FEW_STEPS = 20
WARMUPS = ("write `warmup=200steps` or `warmup=2%`",)
WARMUP = "steps or a percentage below 100%, such as `200steps` or `2%`"


def build_term(word: type[Term], values: dict[str, Any], span: Span) -> Term:
    """The vocabulary's value, settled: defaults that depend on other parameters are filled in."""
    from pydantic import ValidationError

    try:
        term = word(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        given, kind = values.get(name), word.model_fields[name].annotation if name in word.model_fields else None
        if isinstance(given, Term) and isinstance(kind, type) and issubclass(kind, Term):
            wanted = f"`{kind.word}`" if kind.word else _abstract(kind)
            message = f"`{name}` of `{word.word}` wants {wanted}, not `{given.word}`"
            helps = (
                (f"write `{name}={kind.word}(...)`",) if kind.word else (f"take {wanted} in place of `{given.word}`",)
            )
            raise Fault("SCL203", message, span, helps=helps) from None
        message = f"`{word.word}`: {'.'.join(map(str, first['loc']))} {first['msg']}"
        raise Fault("SCL208", message, span, helps=("leave it out for its default",)) from None
    for fault in term.faults():
        raise Fault("SCL209", f"`{word.word}`: {fault.message}", span, helps=(fault.help,) if fault.help else ())
    return term.settled()


def _abstract(kind: type[Term]) -> str:
    """What several words are, as their common declaration says it."""
    said = kind.description().split(".")[0]
    return said[0].lower() + said[1:]


def _texts(node: Any) -> Iterator[str]:
    """The texts in an expression."""
    if isinstance(node, ast.String):
        yield node.value
    for part in children(node) if isinstance(node, ast.Node) else ():
        yield from _texts(part)


def column_text(node: Any) -> str:
    """A column of a table, or a column times a number: `"params"*1e6` is kept as `params*1000000`."""
    match node:
        case ast.String(value):
            return value
        case ast.Call(name) if name == PCA:
            return text(node)
        case ast.Binary("*" | "/", ast.String(value), ast.Number(scale)):
            return f"{value}{node.op}{text(ast.Number(scale))}"
    plain = text(node).replace('"', "") if all(name.isidentifier() for name in _texts(node)) else ""
    if plain and isinstance(node, ast.Call) and node.name.lower() in ("mean", "avg", "average"):
        names = [*_texts(node)] or [*free_names(node)]
        plain = f"({' + '.join(names)})/{len(names)}" if names else plain
    helps = (f'write `"{plain}"`',) if plain and isinstance(node, ast.Name | ast.Call | ast.Binary) else ()
    if isinstance(node, ast.Number):
        helps = ("columns have no numbers: write the name that the table has for it",)
    raise Fault("SCL203", "a column is its name in quotes, times a number if need be", node.span, helps=helps)
