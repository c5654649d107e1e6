"""What other tools say of a report: figures on request, `report loss vs N`, and options, `report bootstrap=2000`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostics.suggest import listing
from ..vocabulary.base import REGISTRY
from .constructs import Construct, Statement, closing, parts

_DRAWN = re.compile(r"\b(?:vs\.?|versus|against|as a function of|scatter|log-?log)\b|~|\bplots?\s*\(", re.IGNORECASE)


def figures(statement: Statement) -> Iterator[Construct]:
    """Figures asked for by what stands on their axes: every law has its own."""
    text = statement.text.rstrip()
    first = re.match(r"report\s*", text)
    if first is None or _DRAWN.search(text) is None:
        return
    asked = [p for p in parts(text[first.end() :]) if p.isidentifier()]
    kept = [*re.findall(r"\w+", text[first.end() :]), *asked]
    kept = [block for w in kept if (block := _block(w, known=w not in asked))]
    said = "figures are not asked for by their axes: every law is drawn over its cells in every report"
    blocks = "more is asked for by name, such as `report slices, curves`"
    written = f"report {', '.join(dict.fromkeys(kept))}" if kept else ""
    helps = (f"write `{written}`: {blocks}" if kept else f"leave the line out; {blocks}",)
    yield Construct(0, len(text), said, written, helps, code="SCL024")


#: A file or a folder in quotes, and words that name no part of a report.
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


#: What every report has of every law, by the names that it is asked for by.
_IN_EVERY = ("residuals", "residual", "fits", "fit", "parameters", "intervals", "confidence", "summary", "estimates")


def parts_in_words(statement: Statement) -> Iterator[Construct]:
    """`report loss curves`, `report {exponents, curves}`, `report figures "figs/"`: parts by name, and commas."""
    text = statement.text.rstrip()
    first = re.match(r"report\s+", text)
    if first is None or "=" in text or re.fullmatch(r"report\s+\w+(?:\s*,\s*\w+)*", text) or _DRAWN.search(text):
        return
    rest = _QUOTED.sub("", text[first.end() :])
    words = re.findall(r"[A-Za-z_]\w*", rest)
    kept = list(dict.fromkeys(w for w in words if w in REGISTRY and REGISTRY[w].kind == "block"))
    others = [w for w in words if w not in kept and w not in ("and", "with", "the", "all", "only", "as", "to", "in")]
    if not words or re.search(r"[^\w\s,{}()+&%.]", rest):
        return
    written = f"report {', '.join(kept)}" if kept else ""
    said = "`report` lists what the report has besides, by name and with commas between"
    inside = {w for call in re.findall(r"\(([^()]*(?:\([^()]*\))?[^()]*)\)", rest) for w in re.findall(r"\w+", call)}
    there = [w for w in others if w.lower() in _IN_EVERY and w not in inside]
    others = [w for w in others if w not in there and w not in inside]
    out = listing(others)
    helps = [f"write `{written}`" + (f": {out} {'is' if len(others) == 1 else 'are'} no part of its own" * bool(out))]
    if there and kept:
        helps.append(f"of every law, {listing(there)} {'is' if len(there) == 1 else 'are'} in every report")
    helps += [
        f"`pandoc` makes LaTeX of `report.md`, as `{w}` asks for" for w in others if w.lower() in ("latex", "tex")
    ]
    if not kept:
        helps = ["leave the line out: every law has its figures, tables and intervals by itself"]
    if _QUOTED.search(text):
        helps.append("the folder is given on the command line: `scalingdsl run --out FOLDER`")
    yield Construct(0, len(text), said, written, tuple(helps), code="SCL024")


_OPTION = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*=(?!=)\s*(?P<value>.+)", re.DOTALL)
_CALL = re.compile(r"(?P<word>[A-Za-z_]\w*)\s*\((?P<inside>.*)\)", re.DOTALL)
#: Options of laws by the names that they have elsewhere.
_OF_LAWS = {
    **dict.fromkeys(("bootstrap", "n_boot", "n_bootstrap", "nboot", "bootstraps", "draws", "resamples"), "bootstrap"),
    **{name: name for name in ("objective", "share", "group")},
}
_LEVELS = ("confidence", "conf", "ci", "interval", "intervals", "level", "conf_level", "confidence_level")
_LEVEL = re.compile(rf"(?:{'|'.join(_LEVELS)}|significance|alpha)\s*[=:]?\s*\d*\.?\d+\s*%?\s*$")
#: What is said of every interval.
_ALL_LEVELS = "every interval is one of 95 %"
_FOLDERS = (
    "out",
    "output",
    "dir",
    "outdir",
    "out_dir",
    "output_dir",
    "folder",
    "path",
    "file",
    "save",
    "save_to",
    "to",
)
_FITS = re.compile(r"(?m)^fit\b[ \t]*(?P<items>[^\n#]*(?:\n[ \t]+[^\n#]+)*)")
_DRAWS = re.compile(rf"\b(?:{'|'.join(_OF_LAWS)})\b\s*[=:]?\s*(?P<value>\d[\w.]*)\s*$")
_ASIDE = re.compile(r"\s*,\s*(?P<name>bootstrap|n_boot|n_bootstrap|nboot)\s*=(?!=)\s*(?P<value>\d[\w.]*)")


def options(statement: Statement) -> Iterator[Construct]:
    """`report html, bootstrap=2000, confidence=90%, out="figs"`: a report has no options, laws have some of them."""
    text = statement.text.rstrip()
    first = re.match(r"report\s+", text)
    if first is None or not re.search(r"\w\s*=(?!=)", text[first.end() :]):
        return
    kept: list[str] = []
    of_laws, out = [], []
    for piece in parts(text[first.end() :]):
        call = _CALL.fullmatch(piece)
        found = [_OPTION.fullmatch(one) for one in (parts(call["inside"]) if call else [piece])]
        kept += [_block(call["word"] if call else piece)] if call or found == [None] else []
        for one in (one for one in found if one is not None):
            name, value = one["name"].lower(), one["value"]
            shown = _block(name) if value.lower() in ("true", "yes", "on", "1") else ""
            kept += [shown] if shown else []
            of_laws += [(_OF_LAWS[name], value)] if name in _OF_LAWS else []
            out += [one[0]] if not shown and name not in _OF_LAWS else []
    edits, fits = _with_options(statement, of_laws)
    if of_laws and not edits:
        return
    kept = [block for block in dict.fromkeys(kept) if block]
    written = f"report {', '.join(kept)}" if kept else ""
    typed = [*fits, *([written] if written else [])]
    helps = [f"{'and' if i else 'write'} `{one}`" for i, one in enumerate(typed)]
    names = {one.partition("=")[0].strip().lower() for one in out}
    why = ": " + _ALL_LEVELS if names & {*_LEVELS} else ""
    if not written:
        helps.append(f"{'and ' if fits else ''}leave the line out{why}")
    elif out:
        helps.append(f"{listing(out)} {'is' if len(out) == 1 else 'are'} left out{why}")
    if names & {*_FOLDERS}:
        helps.append("the folder is given on the command line: `scalingdsl run --out FOLDER`")
    said = "a report is a list of parts by name, and takes no options"
    yield Construct(0, len(text), said, written, tuple(helps), tuple(edits), code="SCL001")


def draws_aside(statement: Statement) -> Iterator[Construct]:
    """`optimum surface(chinchilla, bootstrap=1000)`, `bootstrap 4000`, `confidence 90%`: what is said of intervals."""
    text = statement.text.rstrip()
    if _LEVEL.match(text):
        yield Construct(0, len(text), _ALL_LEVELS, "", ("leave the line out",), code="SCL003")
        return
    alone = _DRAWS.match(text)
    found = alone or (None if statement.keyword in ("fit", "let", "report") else _ASIDE.search(text))
    if found is None:
        return
    edits, fits = _with_options(statement, [("bootstrap", found["value"])])
    if edits:
        said = "`bootstrap` is an option of a law"
        helps = [f"{'and' if i else 'write'} `{one}`" for i, one in enumerate(fits)]
        helps.append(f"and leave `{found[0].strip(' ,')}` out here")
        yield Construct(found.start(), found.end(), said, "", tuple(helps), tuple(edits), code="SCL001")


def _block(word: str, known: bool = False) -> str:
    """The part of a report by its name, or what it is called elsewhere; empty where it is none."""
    here = {w: t for w, t in REGISTRY.items() if t.kind == "block"}
    if word in here or known:
        return word if word in here else ""
    meant = (t.called.get(word.lower(), "").split("`")[0] for t in here.values())
    return next((m for m in meant if m in here), "")


def _with_options(statement: Statement, given: list[tuple[str, str]]) -> tuple[list[tuple[int, int, str]], list[str]]:
    """Edits that give every fitted law of a study these options, and the statements as they are then."""
    edits, written, study = [], [], statement.study
    for fit in _FITS.finditer(study) if given else ():
        items, at = [], fit.start("items")
        for item in parts(fit["items"]):
            at = study.index(item, at)
            let = re.search(rf"(?m)^let[ \t]+{re.escape(item.split()[0])}[ \t]*=[ \t]*(?P<law>[^\n#]*[^\s#])", study)
            law, place = (let["law"], let.start("law")) if let else (item, at)
            new = _law_with(law, given)
            edits.append((place - statement.start, place + len(law) - statement.start, new))
            items.append(item if let else new)
            written += [study[let.start() : let.start("law")] + new] if let else []
            at += len(item)
        whole = f"fit {', '.join(items)}"
        written += [whole] if whole != re.sub(r"\s+", " ", fit[0].strip()) else []
    return list(dict.fromkeys(edits)), list(dict.fromkeys(written))


def _law_with(law: str, given: list[tuple[str, str]]) -> str:
    """A law with options that it has not."""
    body, where, rest = law.partition(" where ")
    more = ", ".join(f"{name}={value}" for name, value in given if not re.search(rf"\b{name}\s*=", body))
    call = re.match(r"[A-Za-z_]\w*\s*\(", body)
    whole = call is not None and closing(body, call.end() - 1) == len(body)
    if not more:
        return law
    if whole:
        body = f"{body[:-1].rstrip()}{'' if body[:-1].rstrip().endswith('(') else ', '}{more})"
    else:
        body = f"{body}({more})" if body.isidentifier() else f"law({body}, {more})"
    return f"{body}{where}{rest}"


FINDERS = (figures, options, parts_in_words, draws_aside)
