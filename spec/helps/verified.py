"""Nothing is said to be typed before the study with it was checked.

A help that gives text to type, and a change that may be wrong, are tried where they belong: the mistake has to be gone
and none be there that was not, in the statement that changed. What fails is not shown, of warnings only where another
way out is left. What a change leaves to be done, and what it drops and the finding does not name, is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import NamedTuple

from ..diagnostics.fixes import SAFE, UNSAFE, edits_between, edits_of, mend
from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Fix
from ..source import Source
from ..syntax.preserved import lost
from ..syntax.scanner import Chunk, lexemes, scan
from .placed import Change, asked, changes, statement_of, without

#: Studies that are checked for the helps of one.
MOST_TRIED = 50
#: Characters of a study up to which its helps are tried.
LONGEST = 20_000
#: Errors about values that were typed, or statements that lack, which a right form cannot help.
OF_VALUES = {"SCL121", "SCL208", "SCL209", "SCL411", "SCL428", "SCL429", "SCL503"}
#: A share, which may be written in per cent.
_SHARE = re.compile(r"0?\.\d+")
#: The other way round.
_PERCENT = re.compile(r"\d+(?:\.\d+)?%")
#: A number, of which a new one may be worked out.
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
#: The error about what a file holds, which is as it is however its name is written.
OF_FILES = "SCL504"
#: The warning about a claim that holds or fails whatever is found, whose helps put another claim together.
SETTLED = "SCL430"
#: The error about the ends of a range, for which helps write others.
OF_ENDS = "SCL304"
#: The error about a fit that is not there by this name.
OF_FITS = "SCL427"
#: The error about a fit in a size that no model has.
OF_SIZES = "SCL412"
#: The error about a value of a range, which is its ends and its spacing together.
OF_SWEEPS = "SCL207"
#: Signs that a change puts around what stood there.
_MARKS = "{}[](),"
#: The warning about a let that nothing uses, and characters up to which such a one is written out.
UNUSED, SHORT = "SCL117", 60
#: Errors about what is said in two places, one of which a change has put there.
TWICE = {"SCL112", "SCL113", "SCL315"}
#: The error about a name that hides another, which stands in several places.
HIDES = "SCL119"
#: Things that are looked for beside a change.
MOST_BESIDE = 4
#: Errors about what is right as far as it goes, and lacks a parameter or the word around it: told with the help.
LACKS = {"SCL107", "SCL203", "SCL310"}
#: What a help that says no more than what to type begins with; others say where something is found as well.
_TYPES = re.compile(r"`|(?:and |or )?(?:write|say|add|use|claim|call|choose|compare)\b")
#: Words and numbers of a text, those of a range apart.
_WORD = re.compile(r"(?:(?<![.\w])\.)?\w+(?:\.\w+)*(?:(?<=\d[eE])[+-]\d+)?")
#: What a help says of one way out of several.
_EXAMPLE = re.compile(r"such as|for instance|for example|` or `")
#: An axis or a definition behind the statement that it is to stand in.
_AXIS = re.compile(r"(?:data|models|train) \w+ (?:in|along|=) ")
#: Statements that claims call by what they say, and what stands in one before its condition.
_REQUEST = re.compile(r"fit|optimum")
_WHERE = re.compile(r"\bwhere\b")
#: The findings about a study of this text.
Check = Callable[[str], Sequence[Diagnostic]]


def verified(
    found: Sequence[Diagnostic], text: str, file: str, check: Check, first: Sequence[Diagnostic]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """The findings with those helps and changes to `file`, of this text, that mend what they are said of; and those of
    them whose help was done to see that, with it as their change.

    `first` are all that `check` finds about the text.
    """
    if len(text) > LONGEST:
        return tuple(found), ()

    def looked(changed: str) -> Sequence[Diagnostic] | None:
        after = check(changed)
        return None if after is first and changed != text else after  # not looked at, for that was done too often

    trial = _Trial(text, file, looked, Counter(map(_key, first)))
    told = tuple(trial.of(d) if d.span.file == file else d for d in found)
    return told, tuple(trial.done)


def _key(said: Diagnostic) -> tuple[str, str]:
    return said.code, said.message


class _Tried(NamedTuple):
    """Helps that belong together as they are shown, none if they fail, and the change that they came to."""

    helps: Sequence[str]
    way: Change | None = None


@dataclass
class _Trial:
    """Helps of one study tried in it."""

    text: str
    file: str
    check: Callable[[str], Sequence[Diagnostic] | None]
    before: Counter[tuple[str, str]]
    _seen: dict[str, Sequence[Diagnostic]] = field(default_factory=dict)
    #: Findings whose only help was done, with what it changes.
    done: list[Diagnostic] = field(default_factory=list)

    def of(self, said: Diagnostic) -> Diagnostic:
        """A finding with what proves right."""
        edits = edits_of(said, UNSAFE)
        own = bool(edits) and all(e.span.file == self.file for e in edits)
        if not self.before[_key(said)]:
            return self._dropping(said) if own and not edits_of(said, SAFE) else said  # told by what was tried already
        mends = self._mended(said) if own else None
        if own and mends is None and not edits_of(said, SAFE):
            said = replace(said, fixes=())
        groups = [
            _Tried(group, mends) if i == 0 and mends else self._right(group, said)
            for i, group in enumerate(_together(said.helps))
        ]
        if said.severity == "warning" and not any(g.way for g in groups):
            return said  # what a warning says to do is seldom all that can be done
        if len(groups) == 1 and not edits_of(said, UNSAFE) and (way := groups[0].way) is not None:
            self._note(said, way)
        shown = self._leaving_least([list(g.helps) for g in groups if g.helps], said)
        kept = [one for group in shown for one in group]
        kept = kept or [h for h in said.helps if not asked(h).gone and not _TYPES.match(h)][:1]
        said = replace(said, helps=tuple(h for h in dict.fromkeys(kept) if f"and {h}" not in kept))
        return self._dropping(said) if mends and said.severity == "error" and not edits_of(said, SAFE) else said

    def _note(self, said: Diagnostic, way: Change) -> None:
        """Keep what the only help of a finding comes to, where that leaves all else as it was."""
        spoken = f"{self.text[said.span.start : said.span.end]} {said.helps[0]}"
        left = [word for piece in lost(self.text, way.text) for word in re.findall(r"[\w.]+", piece)]
        if said.code == HIDES or _EXAMPLE.search(said.helps[0]) or not all(word in spoken for word in left):
            return
        done = Fix(tuple(edits_between(self.text, way.text, self.file)), "maybe-incorrect")
        self.done.append(replace(said, fixes=(done,)))

    def _leaving_least(self, groups: list[list[str]], said: Diagnostic) -> list[list[str]]:
        """The helps; of several that leave something out, those after which the fewest errors come to light."""
        outs = {i: gone for i, group in enumerate(groups) if (gone := asked(group[0]).gone)}
        if len(outs) < 2:
            return groups
        costs = {}
        for i, gone in outs.items():
            way = next((way for way in without(gone, said, self.text) if self._better(said, way)), None)
            after = self._checked(way.text) if way else ()
            costs[i] = sum(d.severity == "error" and not self.before[_key(d)] for d in after)
        kept = [g for i, g in enumerate(groups) if costs.get(i, 0) <= min(costs.values())]
        if kept and kept[0][0].startswith("or "):
            kept[0][0] = kept[0][0].removeprefix("or ")
        return kept

    def _mended(self, said: Diagnostic) -> Change | None:
        """The study with the finding's own change; None where that does not mend it."""
        mended, applied = mend(self.text, self.file, [said], UNSAFE)
        spans = [e.span for e in edits_of(said, UNSAFE)]
        longer = len(mended) - len(self.text)
        start, end = min(s.start for s in spans), max(s.end for s in spans)
        change = Change(mended, start, end + longer)
        return change if applied and self._better(said, change) else None

    def _right(self, helps: Sequence[str], said: Diagnostic, last: bool = False) -> _Tried:
        """The helps, if what they say, all of them together, mends the finding, or they say nothing to type.

        With them is what else is to be done then, and where they leave one mistake in what is typed, and a help of
        that one mends it, that help.
        """
        wanted = [asked(h) for h in helps]
        if not any(wanted):
            return _Tried(helps)
        beside = [code for one in wanted for code in one.beside] + [c for one in wanted[1:] for c in one.typed[:1]]
        gone = [one.gone for one in wanted[1:] if one.gone]
        ways = [
            put
            for made in (
                *(changes(code, said, self.text) for code in wanted[0].typed),
                *((without(wanted[0].gone, said, self.text),) if wanted[0].gone else ()),
            )
            for way in made
            for put in dict.fromkeys(
                _with(self._less_of(way, gone, said), beside, instead) for instead in (False, True)
            )
        ]
        better = (way for way in ways if self._better(said, way))
        if (way := next(better, None)) is not None:
            if not self._alone(way):
                way = next((other for other in better if self._alone(other)), way)
            if last:
                return _Tried(helps, way)
            tried = self._beside(helps, said, way)
            return tried._replace(helps=[*tried.helps, *self._fits(said, way, bool(wanted[0].gone))])
        if wanted[0].gone and wanted[0].gone not in self.text:
            return _Tried(helps)
        for way in ways if not last and said.severity == "error" else ():
            if (more := self._then(said, way)) is not None:
                return _Tried([more] if more.startswith("write `{") else [*helps, f"and {more}"])
        return _Tried(())

    def _less_of(self, change: Change, gone: Sequence[str], said: Diagnostic) -> Change:
        """A change with other texts left out as well."""
        for one in gone:
            less = next(without(one, said, change.text), None)
            change = change._replace(text=less.text) if less is not None else change
        return change

    def _beside(self, helps: Sequence[str], said: Diagnostic, change: Change) -> _Tried:
        """The helps, with what is to be done beside them: claims that call a fit as it was written are to call it as it
        is, and lets that nothing uses any more are left out.
        """
        after = self._checked(change.text)
        new = [d for d in after if not self.before[_key(d)] and d.span.file == self.file]
        statement = _REQUEST.match(self.text, _bounds(statement_of(self.text, said.span.start))[0])
        fit = change.text[change.start : change.end].removeprefix(f"{statement[0]} ") if statement else ""
        fit = "".join(_WHERE.split(fit)[0].split())
        stood = (
            "".join(self.text[slice(*_bounds(statement_of(self.text, said.span.start)))].split()) if statement else ""
        )
        claims: list[str] = []
        gone: list[str] = []
        for _ in range(MOST_BESIDE):
            claim = next((d for d in new if d.code == OF_FITS and _names(d, change.text) in stood), None)
            let = next((d for d in new if d.code == UNUSED and self._less(d, change.text)), None)
            then = _Trial(change.text, self.file, self.check, Counter(map(_key, after)), self._seen)
            if claim is not None:
                asks = _asks(claim)
                if fit and fit in "".join(asks.split()):
                    more = then._right([asks], claim, last=True)
                    claims.append(f"and in the claim {asks}")
                else:
                    more = then._without(claim, gone)
            elif let is not None:
                more = then._without(let, gone)
            else:
                return _Tried([*helps, *dict.fromkeys([*claims, *gone])], change)
            if more.way is None:
                break
            change = change._replace(text=more.way.text)
            after = self._checked(change.text)
            new = [d for d in after if not self.before[_key(d)] and d.span.file == self.file]
        return _Tried(helps, change)

    def _without(self, said: Diagnostic, gone: list[str]) -> _Tried:
        """The study without the statement of a finding, with the help that says so."""
        typed = self.text[slice(*_bounds(statement_of(self.text, said.span.start)))]
        shown = " ".join(typed.split())
        if typed.startswith("let") and (len(shown) > SHORT or "\n" in typed):
            shown = f"{shown.split('=')[0].strip()} = ..."
        gone.append(f"and leave `{shown}` out")
        return self._right([f"leave `{shown}` out"], said, last=True)

    def _less(self, unused: Diagnostic, text: str) -> bool:
        """True for a let that stood in more places before a change."""
        word = re.compile(rf"\b{re.escape(text[unused.span.start : unused.span.end])}\b")
        return len(word.findall(text)) < len(word.findall(self.text))

    def _fits(self, said: Diagnostic, change: Change, gone: bool) -> list[str]:
        """The help for the one fit that nothing of the study has a law for, once it is changed so."""
        new = [d for d in self._checked(change.text) if d.code == OF_SIZES and not self.before[_key(d)]]
        if gone or len(new) != 1 or said.code == OF_SIZES or new[0].span.file != self.file:
            return []
        then = _Trial(change.text, self.file, self.check, Counter(map(_key, self._checked(change.text))), self._seen)
        ways = (h for h in new[0].helps if h.startswith("write "))
        help_ = next((h for h in ways if then._right([h], new[0], last=True).way is not None), "")
        return [f"and behind `fit` {help_}"] if help_ else []

    def _then(self, said: Diagnostic, change: Change) -> str | None:
        """The help that mends the one mistake left by a change; None where there are more, or none does."""
        errors = [d for d in self._checked(change.text) if d.severity == "error"]
        new = [d for d in errors if not self.before[_key(d)] and self._of_change(d, said, change)]
        if len(new) != 1 or Counter(map(_key, errors))[_key(said)] >= self.before[_key(said)]:
            return None
        if said.code > "SCL4" or new[0].code not in (*LACKS, *(OF_SWEEPS,) * (said.code < "SCL1")):
            return None
        then = _Trial(change.text, self.file, self.check, Counter(map(_key, errors)), self._seen)
        ways = (h for h in new[0].helps if h.startswith(("write ", "say ")) and asked(h))
        return next((h for h in ways if then._right([h], new[0], last=True).helps), None)

    def _checked(self, text: str) -> Sequence[Diagnostic]:
        if text not in self._seen and len(self._seen) < MOST_TRIED and (after := self.check(text)) is not None:
            self._seen[text] = after
        return self._seen.get(text, ())

    def _better(self, said: Diagnostic, change: Change) -> bool:
        found = self._checked(change.text)
        if change.text not in self._seen:
            return True  # not tried
        after = Counter(map(_key, found))
        new = [d for d in found if not self.before[_key(d)] and d.span.file == self.file]
        return (
            after[_key(said)] < self.before[_key(said)]
            and not any(d.code in TWICE or self._of_change(d, said, change) for d in new if d.severity == "error")
            and not (said.severity == "warning" and any(self._again(d, said, change) for d in new))
        )

    def _alone(self, change: Change) -> bool:
        """True for a change with which no error comes to light."""
        return not any(d.severity == "error" and not self.before[_key(d)] for d in self._checked(change.text))

    def _again(self, new: Diagnostic, said: Diagnostic, change: Change) -> bool:
        """True for the same warning in other words, about the statement that a change was to mend."""
        if new.code != said.code:
            return False
        was, now = (statement_of(t, d.span.start) for t, d in ((self.text, said), (change.text, new)))
        return was is not None and now is not None and now.start - was.start in (0, len(change.text) - len(self.text))

    def _of_change(self, new: Diagnostic, said: Diagnostic, change: Change) -> bool:
        """True for an error that the change brings, and that does not only come to light with it.

        One in what was put there is; one about all around it, where it is of the kind of the first; and one of syntax
        in its statement.
        """
        as_typed = new.code in OF_VALUES or (new.code == OF_FILES and said.code < "SCL1")
        if as_typed and said.code not in (SETTLED, OF_ENDS):
            return False
        if new.code < "SCL1":
            statement = statement_of(change.text, change.start)
            return statement is None or statement.start <= new.span.start <= statement.end
        low, high = change.start, change.end
        was, now = (statement_of(t, d.span.start) for t, d in ((self.text, said), (change.text, new)))
        if was and now and self.text[was.start : was.end] == change.text[now.start : now.end]:
            # What was wrong stands there as it did, and is wrong in another way.
            return (
                new.span.start - now.start < said.span.end - was.start
                and new.span.end - now.start > said.span.start - was.start
            )
        typed = self.text[slice(*_bounds(statement_of(self.text, said.span.start)))]
        stood = {x.text for x in lexemes(typed)} | {*_MARKS}
        if said.code < "SCL1" and all(x.text in stood for x in lexemes(change.text, new.span.start, new.span.end)):
            return False  # it stood there, and was not read
        if said.code[:4] < new.code[:4] and re.fullmatch(r"[A-Za-z_]\w*", change.text[low:high]):
            return False  # the right word, of which more is to be said
        inside = low <= new.span.start and new.span.end <= high and low < high
        around = new.span.start <= low and high <= new.span.end
        return inside or (around and (new.code[:4] == said.code[:4] or new.code == OF_SWEEPS))

    def _dropping(self, said: Diagnostic) -> Diagnostic:
        """The finding, with a note of what its change drops and it does not name."""
        if said.helps[:1] and said.helps[0].startswith(("leave the line out", "leave it out", "put it there")):
            return said
        mended, _ = mend(self.text, self.file, [said], UNSAFE)
        spoken = "\n".join((said.message, *said.notes, *said.helps))
        worked_out = bool(Counter(_NUMBER.findall(mended)) - Counter(_NUMBER.findall(self.text)))
        out = {name for h in said.helps for name in re.findall(r"leave `(\w+)", h)}
        turned = {"".join(sorted(word)) for word in re.findall(r"\w+", spoken)}  # `layer4` of `4layer`
        left = [
            piece
            for piece in dict.fromkeys(lost(self.text, mended))
            if "".join(sorted(piece)) not in turned
            if not all(word in spoken or (worked_out and _NUMBER.fullmatch(word)) for word in _WORD.findall(piece))
            and piece.split("=")[0] not in out
            if not (_SHARE.fullmatch(piece) and f"{100 * float(piece):.10g}%" in mended)
            if not (_PERCENT.fullmatch(piece) and f"{float(piece[:-1]) / 100:.10g}" in mended)
        ]
        if not left:
            return said
        return replace(said, notes=(*said.notes, f"{listing(left)} {'is' if len(left) == 1 else 'are'} not in it"))


def _bounds(chunk: Chunk | None) -> tuple[int, int]:
    return (0, 0) if chunk is None else (chunk.start, chunk.end)


def _with(change: Change, more: Sequence[str], instead: bool = False) -> Change:
    """A change with further statements: what is named before it is used stands first, and axes behind what is there; or
    each `instead` of that of its kind which is most like it.
    """
    text, start, end = change
    for one in more:
        kind = one.split(maxsplit=1)[0]
        alike = [c for c in scan(Source(text)).chunks if text[c.start : c.end].split(maxsplit=1)[:1] == [kind]]
        if alike and _AXIS.match(one):
            low = high = alike[0].end
            one = f"  {one.removeprefix(kind).strip()}"
        elif instead and alike:
            low, high, *_ = max(alike, key=lambda c: SequenceMatcher(None, text[c.start : c.end], one).ratio())
        else:
            low = high = 0 if kind == "let" else len(text.rstrip())
            one = f"{one}\n" if kind == "let" else f"\n{one}\n"
        text = text[:low] + one + text[high:]
        moved = len(one) - (high - low) if high <= start else 0
        start, end = start + moved, end + moved
    return Change(text, start, end)


def _names(said: Diagnostic, text: str) -> str:
    """The law or optimum that a claim calls; what none is called by where a finding is elsewhere."""
    called = re.match(r"\w+", text[said.span.start : said.span.end])
    return called[0] if called else "..."


def _asks(said: Diagnostic) -> str:
    """The help of a finding about a claim that says what to ask; empty where none does."""
    asks = (h if h.startswith("write `") else f"write {h.removeprefix('ask ')}" for h in said.helps)
    return next((h for h in asks if h.startswith("write `")), "")


def _together(helps: Sequence[str]) -> list[list[str]]:
    """Helps that belong together: one, and those behind it that begin with `and`."""
    groups: list[list[str]] = []
    for one in helps:
        if groups and one.startswith("and "):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups
