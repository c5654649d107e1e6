"""Sources as other tools put them together: several mixed, files held out, teachers, public texts by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import SpecError
from ...plan.coerce import called
from ...resolve.components import DEFAULTS
from ...syntax.numbers import number
from ...vocabulary.base import REGISTRY
from ...vocabulary.words.text import public
from ..constructs import NUMBER, Construct, Statement, closing, parts

#: Sources that are mixed at most.
MOST_MIXED = 8
_OF_SEVERAL = re.compile(r"\bmix\s*(?=\()")
_WEIGHTS = re.compile(r"[A-Za-z_]\w*\s*=\s*[\[({]\s*(?P<all>[^\[\](){}]+?)\s*,?\s*[\])}]")


def mixtures_of_several(statement: Statement) -> Iterator[Construct]:
    """`mix(web, code, books, weights={.7, .2, .1})`: a mixture of two, one of which is a mixture."""
    call = _OF_SEVERAL.search(statement.text) if statement.keyword in ("data", "let") else None
    end = closing(statement.text, call.end()) if call else None
    given = parts(statement.text[call.end() + 1 : end - 1]) if call and end else []
    sources = [g for g in given if not re.match(r"[A-Za-z_]\w*\s*=", g)]
    named = [g for g in given if g not in sources]
    weights = next((m["all"].split(",") for g in named if (m := _WEIGHTS.fullmatch(g))), [])
    if call is None or end is None or not 2 < len(sources) <= MOST_MIXED:
        return
    try:
        shares = [number(w.strip()).value for w in weights] or [1.0] * len(sources)
    except SpecError:
        return
    if len(shares) == len(sources) - 1:
        shares.append(1 - sum(shares))
    if len(shares) != len(sources) or min(shares) <= 0:
        return
    kept = "".join(f", {g}" for g in named if re.match(r"(?:length|eval_\w+)\s*=", g))
    mixed = sources[-1]
    for i in range(len(sources) - 2, -1, -1):
        rest = 100 * sum(shares[i + 1 :]) / sum(shares[i:])
        mixed = f"mix({sources[i]}, {mixed}, share={rest:.4g}%{kept * (i == 0)})"
    said = "`mix` is of two sources, of which the second may be a mixture: `share` is that of the second"
    yield Construct(call.start(), end, said, mixed, (f"write `{mixed}`",), code="SCL106")


_PUBLIC = re.compile(r"\bdataset\s*(?=\(\s*[\"'](?P<name>[\w./-]+)[\"'])")


def public_texts(statement: Statement) -> Iterator[Construct]:
    """`data dataset("wikitext")` beside `models transformer(...)`: what models here learn from is a text."""
    found = _PUBLIC.search(statement.text) if statement.keyword == "data" else None
    end = closing(statement.text, found.end()) if found else None
    trained = re.search(r"(?m)^models\s+(?:\{\s*\w+\s*:\s*)?(?P<word>\w+)", statement.study)
    family = trained["word"] if trained and trained["word"] in REGISTRY else DEFAULTS["models"]
    if found is None or end is None or trained is None or family == "external":
        return
    given = parts(statement.text[found.end() + 1 : end - 1])
    configs = (re.fullmatch(r"(?:config|name|subset)\s*=\s*[\"']([\w.-]+)[\"']", g) for g in given)
    kept = "".join(f", {g}" for g in given if re.match(r"(?:length|unique)\s*=", g))
    written, way = public(found["name"], next((c[1] for c in configs if c), ""), kept)
    said = f"`dataset` is what a trainer of yours reads, and `{family}` learns from a text in a folder"
    yield Construct(found.start(), end, said, written, (f"write `{written}`, {way}",), code="SCL316")


_HELD_FILE = re.compile(
    r"(?:test|val|valid|validation|eval|dev|heldout)(?:_?(?:file|path|data|set))?\s*=\s*(?P<file>[\"'][^\"'\n]+[\"'])"
)
_TRAIN_FILE = re.compile(
    r"(?:(?:train|path|input|file|data)(?:_?(?:file|path|data|set))?\s*=\s*)?(?P<file>[\"'][^\"'\n]+[\"'])"
)
#: Ends of names of files that hold the numbers of tokens, as programs that prepare texts write them.
_OF_IDS = (".bin", ".npy", ".npz", ".pt", ".memmap", ".idx", ".arrow")


def texts_held_out(statement: Statement) -> Iterator[Construct]:
    """`text(train="train.txt", val="val.txt")`: a source to train on, and another to be tested on."""
    call = re.search(r"\btext\s*(?=\()", statement.text) if statement.keyword in ("data", "let") else None
    end = closing(statement.text, call.end()) if call else None
    given = parts(statement.text[call.end() + 1 : end - 1]) if call and end else []
    held = [m for g in given if (m := _HELD_FILE.fullmatch(g))]
    train = next((m for g in given if (m := _TRAIN_FILE.fullmatch(g))), None)
    if call is None or end is None or not held or train is None:
        return
    rest = "".join(f", {g}" for g in given if g not in (held[0][0], train[0]) and not _HELD_FILE.fullmatch(g))
    if train["file"].strip("\"'").endswith(_OF_IDS):
        written = f'text("input.txt"{rest})'
        said = f"a text is read as text, and {train['file']} holds numbers of tokens by its name"
        helps: tuple[str, ...] = (
            f"write `{written}`, with the text that they were made from: a tenth of it is held out by itself",
        )
    else:
        written = f"shift(text({train['file']}{rest}), truth=text({held[0]['file']}{rest}))"
        said = "a text holds out a tenth of itself, and another to be tested on is the `truth` of a `shift`"
        helps = (f"write `{written}`",)
    yield Construct(call.start(), end, said, written, helps, code="SCL104")


_TESTED = re.compile(
    r"(?:evaluat\w+|eval\w*|valid\w*|val|test\w*|held_?out|hold_?out|dev)\b[\s:=]*(?:on|with|data|set|using)?[\s:=]*"
    r"(?:(?P<text>text)\s*(?=\()|(?P<file>[\"'][^\"'\n]+[\"'])(?P<rest>[^\S\n]*))"
)


def tested_on_others(statement: Statement) -> Iterator[Construct]:
    """`evaluate text("heldout.txt")` below `data text("book.txt")`, `data text("book.txt")  test = "heldout.txt"`."""
    inside = statement.keyword == "data"
    found = _TESTED.search(statement.text) if inside else _TESTED.match(statement.text)
    data = re.search(r"(?m)^data\s+(?P<word>text)\s*(?=\()", statement.study)
    end = closing(statement.study, data.end()) if data else None
    if found is None or data is None or end is None or (inside and statement.start + found.start() < end):
        return
    given = parts(statement.study[data.end() + 1 : end - 1])
    own = closing(statement.text, found.end()) if found["text"] else found.end()
    if own is None:
        return
    said = parts(statement.text[found.end() + 1 : own - 1]) if found["text"] else [found["file"]]
    said = [g for g in said if not re.match(r"length\s*=", g)]
    names = {g.partition("=")[0].strip() for g in said[1:]}
    more = [g for g in given[1:] if g.partition("=")[0].strip() not in (*names, "split", "unique")]
    written = f"shift({statement.study[data.start('word') : end]}, truth=text({', '.join([*said, *more])}))"
    stop = own if inside else len(statement.text)
    start = found.start() if inside else 0
    at = data.start("word") - statement.start
    message = "what models are tested on, where it is no part of what they learn from, is the `truth` of a `shift`"
    helps = (f"write `data {written}`, and leave this out",)
    yield Construct(start, stop, message, "", helps, ((at, end - statement.start, written),), code="SCL003")


_TAUGHT = re.compile(r"\b(?:sample|synthetic|distill|distil|teacher)\s*(?=\()")


def taught_by_models(statement: Statement) -> Iterator[Construct]:
    """`sample(transformer(width=128, tokens=1M), text("book.txt"))`: a teacher is `lm`, with its text inside."""
    text = statement.text
    call = _TAUGHT.search(text) if statement.keyword in ("data", "let") else None
    end = closing(text, call.end()) if call else None
    given = parts(text[call.end() + 1 : end - 1]) if call and end else []
    model = re.fullmatch(r"(?:\w+\s*=\s*)?(?P<word>\w+)\((?P<inside>.*)\)", given[0], re.DOTALL) if given else None
    if call is None or model is None:
        return
    if DEFAULTS["models"] not in (model["word"], called(model["word"], "family").split("(")[0]):
        return
    source = re.sub(r"^\w+\s*=\s*(?=[A-Za-z_]\w*\s*(?:\(|$))", "", given[1]) if len(given) > 1 else ""
    if not re.match(r"[A-Za-z_]\w*\s*(?:\(|$)", source):
        return
    start = text.index(given[0], call.end())
    word, behind = start + model.start("word"), start + len(given[0])
    opened, stop = start + model.start("inside"), text.index(given[1], behind) + len(given[1])
    begun = f"lm({source}{', ' if model['inside'].strip() else ''}"
    said = "a teacher is a language model, `lm`, and what it has learned from stands in its parentheses"
    helps = (f"write `{begun}{model['inside'].strip()})`",)
    yield Construct(word, opened, said, begun, helps, ((behind, stop, ""),), code="SCL102")


_MIXING = re.compile(
    r"\b(?:mix(?:ture)?|concat(?:enate)?|interleave(?:_datasets)?|blend|combine|union|weighted|chain|sum)\s*(?=\()"
)


_WEIGHED = re.compile(rf"\s*{NUMBER}\s*\*\s*\w|.*\)\s*[*:]\s*{NUMBER}\s*$", re.DOTALL)


def mixtures(statement: Statement) -> Iterator[Construct]:
    """`data 0.7*text("a.txt") + 0.3*walk(...)`, `data mix(text(...), text(...))`: sources are learned one by one."""
    text = statement.text
    if statement.keyword != "data":
        return
    first = re.match(r"data\b[\s:=]*", text)
    start = first.end() if first else 0
    mixing = _MIXING.match(text, start)
    end = closing(text, mixing.end()) if mixing else None
    items = parts(text[mixing.end() + 1 : end - 1]) if mixing and end else []
    in_list = any(item[:1] in "[{" for item in items)
    items = [i for item in items for i in (parts(item[1:-1]) if item[:1] in "[{" else [item])]
    if mixing and (in_list or mixing[0].strip() not in REGISTRY or any(map(_WEIGHED.match, items))):
        pass
    else:
        end = len(text.rstrip())
        for axis in re.finditer(r"\s+(?:tune\s+|panel\s+)?[A-Za-z_]\w*\s+in\s|\s+where\s", text):
            if text.count("(", 0, axis.start()) == text.count(")", 0, axis.start()):
                end = axis.start()
                break
        whole = text[start:end].strip()
        labelled = re.fullmatch(rf"\{{\s*{NUMBER}\s*:.*\}}", whole, re.DOTALL)
        items = parts(whole[1:-1]) if labelled else parts(whole, "+")
        if len(items) < 2 or not (
            labelled
            or any(re.match(rf"\s*{NUMBER}\s*\*|.*\)\s*\*\s*{NUMBER}\s*$", i) for i in items)
            or all("(" in i for i in items)
        ):
            return
    heads = [
        h
        for i in items
        if (
            h := re.sub(
                rf"^\s*(?:{NUMBER}|\w+)\s*[:=]\s*|^\s*{NUMBER}\s*(?:\*|of\b)?\s*(?=[A-Za-z_])|\s*\*\s*{NUMBER}\s*$|\s*[:=,@]\s*{NUMBER}\s*$",
                "",
                i,
            ).strip()
        )
    ]
    heads = [h for h in heads if (word := re.match(r"([A-Za-z_]\w*)\(", h)) and word[1] in REGISTRY]
    if end is None or len(heads) < 2:
        return
    labels: list[str] = []
    for head in heads:
        file = re.search(r"\"([A-Za-z_]\w*)[^\"]*\"", head)
        label = file[1] if file else head.split("(")[0]
        label = label if label not in REGISTRY else f"{label}_"
        labels.append(label if label not in labels else f"{label}{len(labels) + 1}")
    listed = f"{{{', '.join(f'{name}: {head}' for name, head in zip(labels, heads, strict=True))}}}"
    alike = len(heads) == 2 and heads[0].split("(")[0] == heads[1].split("(")[0]
    if alike:
        written = f"mix({heads[0]}, {heads[1]}, share={_share(text[start:end])})"
        said = f"sequences of two sources are mixed by `{written.split('(')[0]}`, whose `share` is that of the second"
        helps: tuple[str, ...] = (f"write `data {written}`", f"or, for runs on each by itself, `data {listed}`")
        yield Construct(start, end, said, written, helps, code="SCL021")
        return
    said = "a mixture is of two sources that have one vocabulary: other sources are learned one by one"
    share = _share(text[start:end]) if len(heads) == 2 else "30%"
    helps = (f"write `data {listed}`, for runs on each", f"of one vocabulary, write `mix(ONE, OTHER, share={share})`")
    yield Construct(start, end, said, listed, helps, code="SCL021")


def _share(text: str) -> str:
    """The share of the second of two sources, by the weights beside them; a half where there are none."""
    if stated := re.search(rf"\bshare\s*=\s*({NUMBER})", text):
        return stated[1]
    weights = re.findall(rf"(?<![\w.=\"])({NUMBER})\s*(?:\*|:|of\b)?\s*(?=[A-Za-z_]\w*\()", text)
    listed = re.search(
        rf"(?:(?:weights?|probs?|probabilities|ratios?|proportions)\s*=|,)\s*[\[(]\s*({NUMBER})\s*,\s*({NUMBER})", text
    )
    weights = (
        list(listed.groups())
        if listed
        else weights or re.findall(rf"(?:[:*,@]|\bshare=)\s*({NUMBER})\s*(?=[,}})]|$)", text)
    )
    try:
        one, two = (number(w).value for w in weights[:2])
        return f"{100 * two / (one + two):.4g}%"
    except (SpecError, ValueError, ZeroDivisionError):
        return "50%"


_HUB = re.compile(r"(?:[A-Za-z_]\w*\.)*load_dataset\s*(?=\()")


def hub_datasets(statement: Statement) -> Iterator[Construct]:
    """`data load_dataset("wikitext", "wikitext-2-raw-v1")["train"].map(f)`: a public text is fetched by a command."""
    text = statement.text
    found = _HUB.search(text) if statement.keyword == "data" else None
    end = closing(text, found.end()) if found else None
    name = re.match(r"\(\s*[\"']([\w./-]+)[\"']", text[found.end() : end]) if found and end else None
    if found is None or end is None or name is None:
        return
    rest = re.compile(r"(?:\s*\[[^\]]*\]|\s*\.\s*\w+\s*\((?:[^()]|\([^()]*\))*\))*").match(text, end)
    short = name[1].rsplit("/", 1)[-1]
    written = f'text("{short}/text")'
    fetched = f"scalingdsl corpus {short} --huggingface {name[1] if '/' in name[1] else f'OWNER/{name[1]}'}"
    helps = (f"write `{written}`, after `{fetched}`",)
    said = "a study reads files of its folder, and fetches nothing"
    yield Construct(found.start(), rest.end() if rest else end, said, written, helps, code="SCL101")


FINDERS = (
    mixtures_of_several,
    public_texts,
    texts_held_out,
    tested_on_others,
    taught_by_models,
    hub_datasets,
    mixtures,
)
