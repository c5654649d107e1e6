"""Statements that were misread are offered as one finding each, written anew as the language writes them.

What is offered was checked: the study with it has no error there, and none that was not there before. Where the
findings about a statement mend it by themselves, they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..diagnostics.fixes import UNSAFE, edits_of, mend
from ..errors import Diagnostic, Edit, Fix
from ..source import Source, Span
from ..syntax.preserved import lost
from ..syntax.recovery.foreign.words import meant_statement
from ..syntax.scanner import STATEMENTS, Lexeme, lexemes, scan
from ..vocabulary.base import KINDS, PARTS, REGISTRY
from .claims.loose_claims import claims, laws, optima
from .loose.loose_reading import reworded
from .loose.phrases import phrased
from .loose_tables import tables

#: What begins a comment of several lines elsewhere.
QUOTED = ('"""', "'''", "/*")
#: Characters of a statement that is read for what it says, and statements of a text that may be one.
LONGEST, MOST_BROKEN = 2_000, 40
#: Most statements of a study that are written anew.
MOST = 12
#: What a statement says and in which order, for those of one form.
FORMS = {
    "let": "`let` names one value: `let NAME = ...`",
    "budget": "`budget` lists a time, an amount of compute, or both",
    "report": "`report` lists what the report has besides, separated by commas",
    "title": "`title` takes a text in double quotes",
    "expect": "`expect` compares what is found with numbers or with each other",
    "fit": "`fit` lists laws, separated by commas",
    "optimum": "`optimum` lists ways to the best size at each compute",
    "use": "`use` takes the path of another study in double quotes",
    "data": "`data` names a source with its parameters in parentheses, then axes",
    "models": "`models` names a model with its parameters in parentheses, then axes",
    "train": "`train` names an optimiser with its parameters in parentheses, then axes",
}
ANY_FORM = "what is learned, trained and how is said by `data`, `models` and `train`"
#: Findings that say what is wrong of many kinds of statements, and those that say all there is to say.
GENERAL, FINAL = ("SCL001", "SCL008", "SCL009", "SCL019", "SCL020", "SCL021"), ("SCL006", "SCL018")
#: Findings about names that a component does not have, or lacks.
UNKNOWN = {"SCL101", "SCL102", "SCL104", "SCL106", "SCL107", "SCL109"}
Check = Callable[[str], Sequence[Diagnostic]]


@dataclass(frozen=True)
class Broken:
    """One statement, or several in a row, that the grammar does not take."""

    start: int
    end: int
    said: tuple[Diagnostic, ...]


def offered(found: Sequence[Diagnostic], text: str, file: str, check: Check) -> tuple[Diagnostic, ...]:
    """The findings, with one in place of all about a statement that can be written anew."""
    kept = list(found)
    lets = _lets(text)
    for broken in list(_broken(found, text, file))[:MOST]:
        if any(d not in kept for d in broken.said) or _told(broken) or _mended(broken, text, file, check):
            continue
        for statements in _ways(text, broken, lets):
            statements = [line for one in statements for line in re.split(r"\n(?=\w)", one)]
            new = "\n".join(statements)
            if not new.strip() or _headless(text, broken, new):
                continue
            after = check(text[: broken.start] + new + text[broken.end :])
            if not _right(after, found, broken, len(new), file) or _drops(text[broken.start : broken.end], new):
                continue
            errors = Counter((d.code, d.message) for d in after)
            gone = [d for d in kept if d in broken.said or (d.severity == "error" and not errors[d.code, d.message])]
            kept = [d for d in kept if d not in gone] + [_finding(text, file, broken, statements)]
            break
        else:
            if (less := _less(text, broken, found, file, check)) is not None:
                kept = [d for d in kept if d not in broken.said or d.code >= "SCL1"] + [less]
    return tuple(kept)


def _headless(text: str, broken: Broken, new: str) -> bool:
    """True where the word of a component that is not known is gone, and none stands for it."""
    unknown = [d for d in broken.said if d.code == "SCL101" and text[d.span.start : d.span.end].isidentifier()]
    keyword = _first(text, broken)
    if not unknown or keyword not in PARTS or not new.startswith(keyword):
        return False
    words = {x.text for x in lexemes(new)}
    return not any(text[d.span.start : d.span.end] in words for d in unknown) and not any(
        w in words and t.kind == KINDS[keyword] for w, t in REGISTRY.items()
    )


def _broken(found: Sequence[Diagnostic], text: str, file: str) -> Iterator[Broken]:
    """Statements with syntax errors: several in a row together first, and then each."""
    wrong = [d for d in found if d.severity == "error" and d.span.file == file]
    single: list[Broken] = []
    for chunk in scan(Source(text)).chunks:
        if chunk.end - chunk.start > LONGEST or len(single) > MOST_BROKEN:
            continue
        said = tuple(d for d in wrong if chunk.start <= d.span.start <= chunk.end)
        misread = any(d.code < "SCL1" for d in said)
        names = text[chunk.start : chunk.end].split(maxsplit=1)[0] in PARTS
        if misread or (names and {d.code for d in said} & UNKNOWN):
            single.append(Broken(chunk.start, chunk.end, said))
    row: list[Broken] = []
    for one in [*single, None]:
        if (
            one is not None
            and row
            and not text[row[-1].end : one.start].strip()
            and _first(text, one) not in STATEMENTS
        ):
            row.append(one)
            continue
        if len(row) > 1:
            yield Broken(row[0].start, row[-1].end, tuple(d for b in row for d in b.said))
        row = [one] if one is not None else []
    yield from single


def _first(text: str, broken: Broken) -> str:
    return next((x.text for x in lexemes(text, broken.start, broken.end)), "")


#: Pieces that are left out at most, and studies that are tried without them.
MOST_LEFT_OUT, MOST_WITHOUT = 3, 14


def _less(text: str, broken: Broken, found: Sequence[Diagnostic], file: str, check: Check) -> Diagnostic | None:
    """The finding about a few words in one place of a statement that is right without them; None where none are.

    Numbers, texts and what is set or swept stay.
    """
    wrong = [d for d in broken.said if d.code < "SCL1" and d.code not in FINAL]
    if len(wrong) != 1 or _first(text, broken) not in PARTS or not (_general(wrong[0]) or wrong[0].code == "SCL008"):
        return None
    pieces = [x for x in lexemes(text, broken.start, broken.end) if x.kind != "comment"]
    at = next((i for i, x in enumerate(pieces) if x.end > wrong[0].span.start), len(pieces) - 1)
    tried = 0
    for n in range(1, MOST_LEFT_OUT + 1):
        for first in range(max(2, at - n), min(at + 1, len(pieces) - n) + 1):
            run = pieces[first : first + n]
            if any(re.search(rf"(?m)^let\s+{re.escape(x.text)}\b", text) for x in run):
                continue  # it has a value
            closed = all(sum(x.text == a for x in run) == sum(x.text == b for x in run) for a, b in ("()", "[]", "{}"))
            if not closed or not any(x.kind == "name" for x in run) or any(_says(x) for x in run):
                continue
            tried += 1
            if tried > MOST_WITHOUT:
                return None
            new = f"{text[broken.start : run[0].start].rstrip()}{text[run[-1].end : broken.end]}"
            if _right(check(text[: broken.start] + new + text[broken.end :]), found, broken, len(new), file):
                start, end = run[0].start, run[-1].end
                typed = " ".join(text[start:end].split())
                before = len(text[:start].rstrip())
                fix = Fix((Edit(Span(before, end, file), ""),), "maybe-incorrect")
                message = f"`{typed}` says nothing here"
                return Diagnostic(
                    "SCL001", message, Span(start, end, file), helps=(f"leave `{typed}` out",), fixes=(fix,)
                )
    return None


def _says(piece: Lexeme) -> bool:
    """True for what a statement does not lose: numbers, texts, words of the vocabulary, signs that give a value."""
    signs = ("=", "in", "along", "..", "&")
    return piece.kind in ("number", "string", "quoted") or piece.text in signs or piece.text in REGISTRY


def _lets(text: str) -> dict[str, str]:
    """Names of lets that stand for a word, with its kind."""
    named = re.findall(r"(?m)^let\s+(\w+)\s*=\s*(\w+)", text)
    return {name: REGISTRY[word].kind for name, word in named if word in REGISTRY}


def _told(broken: Broken) -> bool:
    """True where one finding says what is wrong, and how it is mended cannot be told better."""
    first = broken.said[0]
    alone = len(broken.said) == 1 and not edits_of(first, UNSAFE)
    said_out = ("write `", "say ", "leave `", "or `", "for so many")
    lacks = any(h.startswith("write its values") for h in first.helps)
    exact = (
        first.code not in ("SCL003", "SCL102")
        and not _general(first)
        and any(h.startswith(said_out) and "..." not in h for h in first.helps)
    )
    return any(d.code in FINAL for d in broken.said) or (
        alone and (lacks or exact or not (_general(first) or first.code in ("SCL003", "SCL023", *UNKNOWN)))
    )


def _general(said: Diagnostic) -> bool:
    """True for a finding that names the place and hardly the mistake."""
    if said.code == "SCL002" and said.helps and said.helps[0].startswith("for example"):
        return True
    if said.message.startswith(("a claim compares numbers by signs", "behind a law stands")):
        return True
    bare = said.code == "SCL003" and ":" not in said.message and said.message.startswith("no statement")
    return bare or said.code in GENERAL or said.message.startswith("expected ")


def _mended(broken: Broken, text: str, file: str, check: Check) -> bool:
    """True where the fixes of the findings make a statement of it."""
    fixed = [d for d in broken.said if edits_of(d, UNSAFE)]
    if not fixed:
        return False
    changed, applied = mend(text, file, fixed, UNSAFE)
    if applied < len(fixed):
        return False
    longer = len(changed) - len(text)
    there = [d for d in check(changed) if d.severity == "error" and d.span.file == file]
    return not any(broken.start <= d.span.start <= broken.end + longer for d in there)


#: A block of statements under a heading, in braces or behind a colon.
_BLOCK = re.compile(r"\w+[ \t]*(?:[ \t]\w+)*[ \t]*(?:\"([^\"\n]*)\")?[^\n\"]*?[{:][ \t]*\n(.*?)\s*\}?\s*\Z", re.DOTALL)


def _unfolded(typed: str) -> list[str] | None:
    """The statements of a block, as in `study "Walks" { data ... }`; None where it holds none."""
    block = _BLOCK.match(typed)
    if block is None:
        return None
    lines = [line.rstrip().rstrip(";,").removesuffix(":") for line in block[2].split("\n") if line.strip()]
    depth = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    found = [f'title "{block[1]}"'] if block[1] else []
    for line in lines:
        said, own = line.strip(), len(line) - len(line.lstrip()) == depth
        first, _, rest = said.partition(" ")
        if own and (word := first.rstrip(":=").lower()) in STATEMENTS:
            found.append(f"{word} {rest.lstrip(':= ')}".rstrip())
        elif found and not (own and found == [f'title "{block[1]}"']):
            found[-1] += f"\n  {said}"
        else:
            return None
    return found if any(line.split(" ", 1)[0] in PARTS for line in found) else None


def _ways(text: str, broken: Broken, lets: Mapping[str, str]) -> Iterator[list[str]]:
    typed = text[broken.start : broken.end]
    first = _first(text, broken)
    if first not in STATEMENTS and (block := _unfolded(typed)) is not None:
        yield block
    meant = first if first in STATEMENTS else meant_statement(first) or ""
    if meant in STATEMENTS:
        yield from ([line] for line in phrased(meant + typed.removeprefix(first), meant))
    compared = re.match(
        r"(?:compare|contrast|rank|versus)\s+(\S+?),?\s+(?:and |with |to |vs\.? |against )?(\w+(?:\([^()]*\))?)", typed
    )
    if compared is not None:
        yield [f"expect rmse_log({compared[1]}) < rmse_log({compared[2]})"]
    if typed.startswith("["):
        yield from _sections(typed, lets)
    if typed.startswith(QUOTED):
        yield [f"# {line.strip()}" for line in typed.strip("\"'/*\n ").splitlines() if line.strip()]
    if meant == "expect":
        for line in phrased(meant + typed.removeprefix(first), meant):
            yield from ([claim] for claim in claims(line.removeprefix("expect"), text))
        yield from ([claim] for claim in claims(typed.removeprefix(first), text))
    elif meant == "fit":
        yield from ([fit] for fit in laws(typed.removeprefix(first)))
    elif meant == "optimum":
        yield from ([optimum] for optimum in optima(typed, text))
    if meant in STATEMENTS and meant not in (*PARTS, "use") and not (meant == "title" and "(" in typed):
        return
    meant = "" if meant == "title" else meant
    if meant in ("data", ""):
        yield from ([table] for table in tables(typed))
    if (statements := reworded(typed, meant, lets)) is not None:
        yield statements
    for line in phrased(typed, meant) if meant in PARTS else ():
        if (statements := reworded(line, meant, lets)) is not None:
            yield statements
    if meant in PARTS and (statements := reworded(typed, meant, lets, whole=False)) is not None:
        yield statements
    if meant in PARTS and (statements := reworded(typed, "", lets)) is not None:
        yield statements


def _sections(text: str, lets: Mapping[str, str]) -> Iterator[list[str]]:
    """The statements of sections with headings, `[train]` and what stands below."""
    parts = re.split(r"(?m)^\[+\"?(\w+)\"?\]+[ \t]*\n?", text)[1:]
    found: list[str] = []
    plain: list[str] = []
    for name, body in zip(parts[::2], parts[1::2], strict=False):
        word = name if name in STATEMENTS else meant_statement(name) or ""
        lines = [line.strip() for line in body.splitlines() if line.strip()]
        plain.append("\n  ".join([f"{word} {lines[0]}", *lines[1:]]) if lines else word)
        found += (reworded(body, word, lets) if word in PARTS else [f"{word} {' '.join(lines)}"]) or [""]
    if all(plain):
        yield plain
    if all(found):
        yield found


def _right(after: Sequence[Diagnostic], before: Sequence[Diagnostic], broken: Broken, length: int, file: str) -> bool:
    """True where nothing is wrong in the place, and what can be told of the rest before any run was wrong before."""
    errors = [d for d in after if d.severity == "error"]
    known = Counter((d.code, d.message) for d in before)
    inside = any(d.span.file == file and broken.start <= d.span.start <= broken.start + length for d in errors)
    return not inside and all(known[d.code, d.message] for d in errors if d.code < "SCL3")


def _drops(typed: str, new: str) -> bool:
    """True where a condition on a line of its own is gone: what it compared with is nowhere in what is offered."""
    if re.match(r"data\s+table\(", typed) and any(
        re.search(r"\d|[\"'][^\"'\n]*[^\w\"'\n]", x) for x in lost(typed, new)
    ):
        return True  # a path, or a column with what it is multiplied by
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    conditions = [line for line in lines if re.search(r"\s(?:[<>]=?|[!=]=)\s", line)]
    values = [x for x in lost(typed, new) if re.search(r"\d|\"", x)]
    return len(lines) > 1 and any(x in line for line in conditions for x in values)


def _in_line(statement: str) -> str:
    """A statement on one line, its axes two spaces apart."""
    return re.sub(r"\s*\n\s*", "  ", statement).strip()


def _shown(statement: str, first: str, text: str, broken: Broken) -> str:
    """A statement as it is offered; of a part that has a statement already, what goes behind that."""
    keyword, _, rest = _in_line(statement).partition(" ")
    others = text[: broken.start] + text[broken.end :]
    if keyword in PARTS and keyword != first and re.search(rf"(?m)^{keyword}\b", others):
        return f"`{rest}` behind what stands in `{keyword}`"
    return f"`{_in_line(statement)}`"


def _finding(text: str, file: str, broken: Broken, statements: Sequence[str]) -> Diagnostic:
    first = _first(text, broken)
    said = next((d for d in broken.said if d.code < "SCL1"), broken.said[0])
    span = said.span
    meant = statements[0].split(" ", 1)[0]
    bare = said.code == "SCL003" and _general(said)
    if bare and first not in STATEMENTS and _unfolded(text[broken.start : broken.end]) is not None:
        general = f"no statement begins with `{first}`: a study is a file, and its statements begin in column 1"
    else:
        general = ""
    message = general or FORMS.get(first) or f"no statement begins with `{first}`: {ANY_FORM}"
    if not general and not FORMS.get(first) and meant_statement(first) == meant and meant in FORMS:
        message = f"no statement begins with `{first}`: {FORMS[meant]}"
    asked = re.search(r"(?:\b([NDL])\b.*?)?\bC\s*(?:=?=|in\s*[\[{])\s*([\d.]+\w*)", text[broken.start : broken.end])
    more: tuple[str, ...] = ()
    if asked and meant == "optimum":
        what = f"{asked[1] or 'N'}({statements[0].split(' ', 1)[1]}, C={asked[2]})"
        more = (f"what it finds is asked for in claims: `{what}`",)
    helps = tuple(
        f"{'and ' if i else 'write '}{_shown(statement, first, text, broken)}" for i, statement in enumerate(statements)
    )
    lines = "\n".join(statements)
    if "\n" in text[broken.start : broken.end]:
        lines = re.sub(r"(?<=\S)  (?=\S)", "\n  ", lines)
    helps = (*helps, *more)
    edit = Edit(Span(broken.start, broken.end, file), lines)
    if not general and not _general(said):
        return replace(said, helps=helps, fixes=(Fix((edit,), "maybe-incorrect"),))
    return Diagnostic(
        "SCL003" if first not in STATEMENTS else "SCL001",
        message,
        span,
        helps=helps,
        fixes=(Fix((edit,), "maybe-incorrect"),),
    )
