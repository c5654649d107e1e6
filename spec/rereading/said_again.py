"""Claims and fits that were refused, read again for what they say: one finding each, with what is written here.

What is offered was checked: in the study with what is offered for its other statements it has no error. Where the
findings about a statement mend it by themselves, and nothing of it is lost, they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from ..claims.resolve_names import Owners
from ..diagnostics.certainty import HARDLY_MEANT
from ..diagnostics.fixes import UNSAFE, edits_of, mend
from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Edit, Fix, SpecError
from ..source import Source, Span
from ..syntax.preserved import lost
from ..syntax.scanner import STATEMENTS, Chunk, lexemes, scan
from .claim_grammar import Reader
from .claim_names import SHARE, Said
from .claim_nodes import Heard, UnreadError
from .claim_pieces import comment_of
from .fit_grammar import FitReader
from .fit_names import FitSaid

#: Claims of a study that are read again, and characters of one.
MOST, LONGEST = 16, 600
#: What is said of each way of saying it that the language has not.
SAID = {
    "members": "nothing has members: what is asked stands before the parentheses, of what and where inside them",
    "brackets": "of what and where a number is asked stands in round parentheses behind its name",
    "at": "where a number is asked stands in its parentheses",
    "of words": "what a number is of stands in its parentheses",
    "beside": "what is made of a number stands around it, and what it is of in its parentheses",
    "near": "how near an estimate is to a number says `within ... of ...`",
    "interval": "an interval is written `in [a..b]`",
    "list": "values are listed in braces",
    "factor": "a factor between two numbers is a range of their ratio",
    "of": "`of` stands between how near and to what",
    "turned": "how near stands before `of`, and to what behind it",
    "signs": "comparisons are written in signs",
    "merit": "what is better is told by a number: a loss, or the error of a law",
    "judged": "every claim is judged by the 95% interval of what it compares, so none says how sure it is",
    "implies": "there is no `if`: either the first does not hold, or the second does",
    "several": "several claims are joined by `and`, or are statements of their own",
    "distributed": "each number has its own comparison, joined by `and`",
    "joined": "conditions are joined by `and`, `or` and `not`",
    "everywhere": "a claim is about every cell and panel that it does not leave out",
    "where": "cells are kept by a condition behind `where`, or chosen in the parentheses of what is asked",
    "bars": "an absolute value is written `abs(...)`",
    "closed": "brackets close what they open",
    "exponent": "how a number goes with a size is told by an exponent",
    "predicted": "what a law predicts at sizes that no run has is `L(FIT, N=..., D=...)`",
    "same": "what makes no difference is told by two numbers near each other",
    "laws in brackets": "laws stand in no brackets, separated by commas",
    "option inside": "what is said of a law stands in its parentheses",
    "option outside": "what is said of a law stands in its parentheses",
    "condition behind": "a fit is kept to some cells by a condition behind `where`",
    "variables inside": "a law is named, with the quantity that it is read in in parentheses",
    "formula alone": "a law of your own is its formula alone",
    "panels": "a law has a fit of its own at each value of an axis that it does not read",
    "to the loss": "every law is fitted to the loss unless it says another",
    "objective": "how residuals are weighed says `objective=`",
    "floor": "the floor of a law is `E`",
    "excess": "a law of what lies above the entropy rate is fitted to `excess`, and ends at 0",
    "lse": "laws say the loss, and not its logarithm: the sum of exponentials is it",
    "one of it": "a study without alternatives has one of it, and nothing is chosen by its name",
    "straight": "a line in logarithms is a power law without a floor; `power` alone has one, `E`",
    "shared": "parameters that panels share stand together in `share=`",
    "fitted anyway": "parameters without a number are fitted anyway",
    "small letters": "`alpha` and `beta` are exponents, `A` and `B` factors",
    "ended": "a diverged run counts as an infinite loss, and every run is trained to its end",
    "margin": "by how much is told by a difference, or a multiple",
    "of its condition": "a fit is called by its law's name, less its condition",
    "product": "a product has its sign, `*`",
    "unfinished": "a comparison has two sides",
    "index": "cells have no numbers: an axis is given a value",
    "held out": "what the condition of a fit leaves out is its hold-out by itself",
    "run's end": "a loss is that of the end of each run",
    "fits well": "how well a law fits is a number, such as `r2`: 0.95 stands for what is well",
    "no formula": "a law without a formula is one of N and D, `kernel` or `network`",
    "one variable": "a law of one quantity has a fit for each that is listed",
    "logarithm": "a law takes its quantity as it is",
    "size": "`N` are parameters, `D` tokens, and `C` compute",
    "anyway": "intervals are those of a bootstrap anyway",
    "named": "a claim has no name: the report calls it by what it says",
    "monotone": "a fall or a rise is a chain of comparisons",
}
#: Ways of saying it that may mean another thing too.
UNSURE = {
    "panels",
    "few cells",
    "where",
    "unsigned",
    "of its condition",
    "fits well",
    "unfinished",
    "margin",
    "index",
    "ended",
    "monotone",
    "everywhere",
    "of words",
}
#: What notes say of what was put in where nothing stood.
PUT_IN = {
    "how near": "how near is for you to say: 5% stands for it",
    "at what compute": "at which compute is for you to say: one of many stands for it",
    "least": "0 is the least that it can be: 0.1 stands for the least that you expect",
    "few cells": "it has more parameters than the study has cells: sweep more sizes too",
}
#: Findings about how a statement is written, and not about what its cells can tell.
_READ = {"expect": re.compile(r"SCL(?:[01]|42|431)"), "fit": re.compile(r"SCL(?:[01]|203|30|40)")}
#: The warning that a condition which a mend makes does nothing.
KEEPS_NOTHING = "SCL440"
#: The warning that a claim holds or fails whatever is found.
SETTLED = "SCL430"
#: The error that a law has more parameters than there are cells, whatever way it is written.
FEW_CELLS = "SCL414"
#: What begins a help that shows how any claim is written.
_GENERAL = ("for example `expect", "a fitted number and a range: `expect")
#: What begins a help that says all there is to type.
_TYPED = re.compile(
    r"(?:write(?: the number:)? `(?P<code>[^`]*)`(?! or `)|close |add `|remove |say how near|it calls|words of |"
    r"an? (?:label|axis|fit) with |ask at one )(?!.*`[^`]*\.\.\.)"
)


class Looked(Protocol):
    """A study that was checked."""

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """Its findings."""

    @property
    def owners(self) -> Owners | None:
        """All that its claims may ask of."""


Look = Callable[[str], Looked | None]


def said_again(found: Sequence[Diagnostic], text: str, file: str, look: Look) -> tuple[Diagnostic, ...]:
    """The findings, with one in place of those about a statement that can be read for what it says: fits first, which
    claims ask of.
    """
    for keyword in ("fit", "expect"):
        found = _each(keyword, found, text, file, look)
    return tuple(found)


def _each(keyword: str, found: Sequence[Diagnostic], text: str, file: str, look: Look) -> Sequence[Diagnostic]:
    """The findings, with one in place of those about a statement of a kind."""
    claims = _statements(text, keyword)
    wrong = {c: _about(found, c, file) for c in claims}
    if not any(wrong.values()):
        return found
    others = [d for d in found if d.severity == "error" and not any(d in said for said in wrong.values())]
    base, _ = mend(text, file, [_with_edit(d, text) for d in others], UNSAFE)
    there = _statements(base, keyword)
    if len(there) != len(claims) or any(_typed(text, a) != _typed(base, b) for a, b in zip(claims, there, strict=True)):
        base, there = text, claims
    looked = look(base)
    if looked is None or looked.owners is None:
        return found
    kept, lets = list(found), re.findall(r"(?m)^let\s+(\w+)\s*=", base)
    for mine, other in list(zip(claims, there, strict=True))[:MOST]:
        said = wrong[mine]
        if not said or not all(_READ[keyword].match(d.code) for d in said) or mine.end - mine.start > LONGEST:
            continue
        named = {*looked.owners.requests.fits, *looked.owners.requests.optima}
        if _exact(said, text, file, mine, base, other, look, named):
            continue
        for written, heard, guessed in _readings(keyword, _typed(text, mine), looked.owners, lets):
            tried = look(base[: other.start] + f"{keyword} {written}" + base[other.end :])
            if tried is None:
                break
            ends = other.start, len(keyword) + 1 + len(written)
            wrong_then = [d for d in tried.diagnostics if _stands(d, file, *ends)]
            if all(d.code == FEW_CELLS for d in wrong_then) and not _of_itself(tried.diagnostics, file, *ends):
                if wrong_then:
                    heard.add("few cells")
                hardly = any(
                    d.code in HARDLY_MEANT and d.span.file == file and ends[0] <= d.span.start <= sum(ends)
                    for d in tried.diagnostics
                )
                guessed = guessed or hardly
                first = min(kept.index(d) for d in said)
                kept = [d for d in kept if d not in said]
                kept.insert(first, _finding(said, text, mine, file, keyword, written, heard, guessed))
                break
    own = looked.owners.examples() if keyword == "expect" else ()
    unread = [d for said in wrong.values() for d in said]
    return [_with_examples(d, own) if d in unread else d for d in kept]


def _with_examples(said: Diagnostic, own: Sequence[str]) -> Diagnostic:
    """A finding that shows how claims are written, with those that this study can make."""
    general = bool(own) and bool(said.helps) and said.helps[0].startswith(_GENERAL)
    shown = "\n         or ".join(f"`expect {one}`" for one in own)
    return replace(said, helps=(f"for example {shown}",)) if general else said


def _with_edit(said: Diagnostic, text: str) -> Diagnostic:
    """A finding with the change that its help comes to where that goes on from what stands there: `surface` is to be
    `surface(chinchilla)`.
    """
    typed = text[said.span.start : said.span.end]
    code = re.match(r"write `([^`]+)`$", said.helps[0]) if said.helps else None
    if said.fixes or code is None or not code[1].startswith(f"{typed}(") or "..." in code[1]:
        return said
    return replace(said, fixes=(Fix((Edit(said.span, code[1]),), "maybe-incorrect"),))


def _statements(text: str, keyword: str) -> list[Chunk]:
    """The statements that may be read again; with a claim, what goes on behind `;` and begins no statement."""
    found: list[Chunk] = []
    for chunk in scan(Source(text)).chunks:
        first = re.match(r"\w+", text[chunk.start : chunk.end])
        goes_on = found and re.fullmatch(r"[ \t]*;[ \t]*", text[found[-1].end : chunk.start])
        if _keyword(text, chunk) == keyword:
            found.append(chunk)
        elif goes_on and first and first[0] not in STATEMENTS and keyword == "expect":
            found[-1] = found[-1]._replace(end=chunk.end)
    return found


def _keyword(text: str, chunk: Chunk) -> str:
    """The statement that is read again; empty for another."""
    first = re.match(r"\w+", text[chunk.start : chunk.end])
    return first[0] if first and first[0] in _READ else ""


def _typed(text: str, chunk: Chunk) -> str:
    return text[chunk.start : chunk.end].removeprefix(_keyword(text, chunk))


def _about(found: Sequence[Diagnostic], chunk: Chunk, file: str) -> list[Diagnostic]:
    return [
        d for d in found if d.severity == "error" and d.span.file == file and chunk.start <= d.span.start <= chunk.end
    ]


def _readings(keyword: str, typed: str, owners: Owners, lets: Collection[str]) -> Iterator[tuple[str, Heard, bool]]:
    """What a statement says, as it is written here, with what it said otherwise, and whether any of it is a guess."""
    for predict in (False, True) if keyword == "expect" else (False,):
        heard = Heard()
        try:
            if keyword == "fit":
                laws = FitReader(typed, heard).laws()
                said: Said = FitSaid(owners, heard, lets)
                written = said.fit(laws) if isinstance(said, FitSaid) else ""
            else:
                read = Reader(typed, heard).claims()
                said = Said(owners, heard, predict)
                written = said.claim(read)
        except (UnreadError, SpecError, RecursionError):
            return
        if predict == ("predicted" in heard.kinds):
            yield written + comment_of(typed), heard, said.guessed


def _exact(
    said: Sequence[Diagnostic],
    text: str,
    file: str,
    chunk: Chunk,
    base: str,
    there: Chunk,
    look: Look,
    named: Collection[str],
) -> bool:
    """True where the findings themselves make a right statement of it in a study, of which no number and no fit that is
    `named` is lost.
    """
    fixed = [d for d in said if edits_of(d, UNSAFE)]
    typed = text[chunk.start : chunk.end]
    if not all(_says_all(d, typed) for d in said if d not in fixed):
        return False
    mended, applied = mend(text, file, fixed, UNSAFE)
    new = mended[chunk.start : len(mended) - (len(text) - chunk.end)]
    looked = look(base[: there.start] + new + base[there.end :]) if applied == len(fixed) else None
    dropped = any(n.endswith("not in it") for d in fixed for n in d.notes)
    if looked is None or dropped or any(re.search(r"\d", x) or x in named for x in lost(typed, new)):
        return False
    if typed.startswith("expect") and f"within {SHARE} of" in new and SHARE not in typed:
        return False  # how near was put in, and is to be said
    places = [e.span for d in fixed for e in edits_of(d, UNSAFE)]
    if any(s.start < d.span.end and d.span.start < s.end for d in said if d not in fixed for s in places):
        return False  # what is mended is wrong in another way too
    end = there.start + len(new)
    if any(d.code == KEEPS_NOTHING and there.start <= d.span.start <= end for d in looked.diagnostics):
        return False
    left = {(d.code, d.message) for d in said if d not in fixed}
    found = [d for d in looked.diagnostics if _stands(d, file, there.start, len(new))]
    return all((d.code, d.message) in left for d in found)


def _says_all(said: Diagnostic, typed: str) -> bool:
    """True for a finding whose help says all there is to type, with numbers of the claim alone."""
    found = _TYPED.match(said.helps[0]) if said.helps else None
    if said.code < "SCL1" or (typed.startswith("fit") and len(_of_statement(said)) < 2):
        return False  # a whole statement says it better
    return (
        found is not None
        and "..." not in (found["code"] or "")
        and not lost(re.sub(r"[A-Za-z_]\w*", "", found["code"] or ""), typed)
    )


def _of_statement(said: Diagnostic) -> list[str]:
    """The helps of a finding that are about its own statement."""
    return [h for h in said.helps if not h.startswith("and in the claim")]


def _of_itself(found: Sequence[Diagnostic], file: str, start: int, length: int) -> bool:
    """True for a claim that compares a number with itself, which nobody says."""
    there = (d for d in found if d.code == SETTLED and d.span.file == file and start <= d.span.start <= start + length)
    return any("on both sides" in text for d in there for text in d.helps)


def _stands(said: Diagnostic, file: str, start: int, length: int) -> bool:
    """True for an error about a place."""
    return said.severity == "error" and said.span.file == file and start <= said.span.start <= start + length


def _finding(
    said: Sequence[Diagnostic],
    text: str,
    chunk: Chunk,
    file: str,
    keyword: str,
    written: str,
    heard: Heard,
    guessed: bool,
) -> Diagnostic:
    first = said[0]
    kinds = [SAID[kind] for kind in heard.kinds if kind in SAID]
    own = first.code >= "SCL1" or not kinds or ("how near" in first.message and kinds[0] == SAID["near"])
    message = first.message if own else kinds[0]
    notes = [k for k in kinds[:2] if k != message and not ("how near" in message and k == SAID["near"])]
    notes += [said_of for kind, said_of in PUT_IN.items() if kind in heard.kinds]
    typed = _typed(text, chunk)
    gone = [x for x in lost(typed, written) if re.search(r"(?<![A-Za-z_])\d", x) and not _as_percent(x, written)]
    if gone and "judged" not in heard.kinds:
        notes.append(f"{listing(gone)} {'is' if len(gone) == 1 else 'are'} not in it")
    start = next((x.start for x in lexemes(text, chunk.start + len(keyword), chunk.end)), chunk.end)
    put = written if text[start - 1].isspace() else f" {written}"
    torn = {"several", "closed"} <= {*heard.kinds}  # a call that is closed too early goes on behind the comma
    sure = not (guessed or gone or torn or UNSURE & {*heard.kinds})
    fix = Fix((Edit(Span(start, chunk.end, file), put),), "machine-applicable" if sure else "maybe-incorrect")
    helps = (f"write `{keyword} {written.split('  #')[0]}`",)
    return replace(first, message=message, notes=tuple(notes), helps=helps, fixes=(fix,))


def _as_percent(gone: str, claim: str) -> bool:
    """True for a share that stands there as a percentage."""
    number = re.search(r"[\d.]+$", gone)
    return number is not None and number[0].strip(".") != "" and f"{float(number[0]) * 100:.6g}%" in claim
