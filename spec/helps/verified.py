"""Nothing is said to be typed before the study with it was checked.

A help that gives text to type, and a change that may be wrong, are tried where they belong: the mistake has to be gone
and none be there that was not, in the statement that changed. What fails is not shown. What a change drops of a
statement, and the finding does not name, is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..diagnostics.fixes import SAFE, UNSAFE, edits_of, mend
from ..diagnostics.suggest import listing
from ..errors import Diagnostic
from ..syntax.preserved import lost
from ..syntax.scanner import Chunk, lexemes
from .placed import Change, asked, changes, statement_of, without

#: Studies that are checked for the helps of one.
MOST_TRIED = 50
#: Characters of a study up to which its helps are tried.
LONGEST = 20_000
#: Errors about values that were typed, or statements that lack, which a right form cannot help.
OF_VALUES = {"SCL121", "SCL208", "SCL209", "SCL411", "SCL428", "SCL429", "SCL503"}
#: A share, which may be written in per cent.
_SHARE = re.compile(r"0?\.\d+")
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
#: The error about a value of a range, which is its ends and its spacing together.
OF_SWEEPS = "SCL207"
#: Signs that a change puts around what stood there.
_MARKS = "{}[](),"
#: Errors about what is right as far as it goes, and lacks a parameter or the word around it: told with the help.
LACKS = {"SCL107", "SCL203", "SCL310"}
#: What a help that says no more than what to type begins with; others say where something is found as well.
_TYPES = re.compile(r"`|(?:and |or )?(?:write|say|add|use|claim|call|choose|compare)\b")
#: The condition behind a fit.
_WHERE = re.compile(r"\bwhere\b")
#: The findings about a study of this text.
Check = Callable[[str], Sequence[Diagnostic]]


def verified(
    found: Sequence[Diagnostic], text: str, file: str, check: Check, first: Sequence[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The findings with those helps and changes to `file`, of this text, that mend what they are said of.

    `first` are all that `check` finds about the text.
    """
    if len(text) > LONGEST:
        return tuple(found)

    def looked(changed: str) -> Sequence[Diagnostic] | None:
        after = check(changed)
        return None if after is first and changed != text else after  # not looked at, for that was done too often

    trial = _Trial(text, file, looked, Counter(map(_key, first)))
    tried = (d.severity == "error" or d.code == SETTLED for d in found)
    return tuple(trial.of(d) if helps and d.span.file == file else d for d, helps in zip(found, tried, strict=True))


def _key(said: Diagnostic) -> tuple[str, str]:
    return said.code, said.message


@dataclass
class _Trial:
    """Helps of one study tried in it."""

    text: str
    file: str
    check: Callable[[str], Sequence[Diagnostic] | None]
    before: Counter[tuple[str, str]]
    _seen: dict[str, Sequence[Diagnostic]] = field(default_factory=dict)

    def of(self, said: Diagnostic) -> Diagnostic:
        """A finding with what proves right."""
        edits = edits_of(said, UNSAFE)
        own = bool(edits) and all(e.span.file == self.file for e in edits)
        if not self.before[_key(said)]:
            return self._dropping(said) if own and not edits_of(said, SAFE) else said  # told by what was tried already
        mends = own and self._mends(said)
        if own and not mends and not edits_of(said, SAFE):
            said = replace(said, fixes=())
        groups = [
            list(group if i == 0 and mends else self._right(group, said))
            for i, group in enumerate(_together(said.helps))
        ]
        kept = [one for group in self._leaving_least([g for g in groups if g], said) for one in group]
        kept = kept or [h for h in said.helps if not asked(h).gone and not _TYPES.match(h)][:1]
        said = replace(said, helps=tuple(dict.fromkeys(kept)))
        return self._dropping(said) if own and mends and not edits_of(said, SAFE) else said

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

    def _mends(self, said: Diagnostic) -> bool:
        mended, applied = mend(self.text, self.file, [said], UNSAFE)
        spans = [e.span for e in edits_of(said, UNSAFE)]
        longer = len(mended) - len(self.text)
        start, end = min(s.start for s in spans), max(s.end for s in spans)
        return bool(applied) and self._better(said, Change(mended, start, end + longer))

    def _right(self, helps: Sequence[str], said: Diagnostic, last: bool = False) -> Sequence[str]:
        """The helps, if what they say, all of them together, mends the finding, or they say nothing to type.

        Where that leaves one mistake in what is typed, and a help of that one mends it, with that help behind them.
        """
        wanted = [asked(h) for h in helps]
        if not any(wanted):
            return helps
        beside = [code for one in wanted for code in one.beside] + [c for one in wanted[1:] for c in one.typed[:1]]
        ways = [
            way._replace(text=_with(way.text, beside))
            for made in (
                *(changes(code, said, self.text) for code in wanted[0].typed),
                *((without(wanted[0].gone, said, self.text),) if wanted[0].gone else ()),
            )
            for way in made
        ]
        if (way := next((way for way in ways if self._better(said, way)), None)) is not None:
            return [*helps, *(self._claims(said, way) if not last else ())]
        if wanted[0].gone and wanted[0].gone not in self.text:
            return helps
        for way in ways if not last else ():
            if (more := self._then(said, way)) is not None:
                return [more] if more.startswith("write `{") else [*helps, f"and {more}"]
        return ()

    def _claims(self, said: Diagnostic, change: Change) -> list[str]:
        """The helps that call a fit in claims as it is written then, where they wrote it out as it was."""
        if not self.text.startswith("fit", _bounds(statement_of(self.text, said.span.start))[0]):
            return []
        after = self._checked(change.text)
        new = [d for d in after if d.code == OF_FITS and not self.before[_key(d)] and d.span.file == self.file]
        fit = "".join(_WHERE.split(change.text[change.start : change.end])[0].removeprefix("fit ").split())
        then = _Trial(change.text, self.file, self.check, Counter(map(_key, after)), self._seen)
        helps = []
        for one in new:
            asks = next((f"write {h.removeprefix('ask ')}" for h in one.helps if h.startswith("ask ")), "")
            if fit not in "".join(asks.split()) or not then._right([asks], one, last=True):
                return []
            helps.append(f"and in the claim {asks}")
        return list(dict.fromkeys(helps))

    def _then(self, said: Diagnostic, change: Change) -> str | None:
        """The help that mends the one mistake left by a change; None where there are more, or none does."""
        errors = [d for d in self._checked(change.text) if d.severity == "error"]
        new = [d for d in errors if not self.before[_key(d)] and self._of_change(d, said, change)]
        if len(new) != 1 or Counter(map(_key, errors))[_key(said)] >= self.before[_key(said)]:
            return None
        if new[0].code not in (*LACKS, *(OF_SWEEPS,) * (said.code < "SCL1")):
            return None
        then = _Trial(change.text, self.file, self.check, Counter(map(_key, errors)), self._seen)
        ways = (h for h in new[0].helps if h.startswith(("write ", "say ")) and asked(h))
        return next((h for h in ways if then._right([h], new[0], last=True)), None)

    def _checked(self, text: str) -> Sequence[Diagnostic]:
        if text not in self._seen and len(self._seen) < MOST_TRIED and (after := self.check(text)) is not None:
            self._seen[text] = after
        return self._seen.get(text, ())

    def _better(self, said: Diagnostic, change: Change) -> bool:
        errors = [d for d in self._checked(change.text) if d.severity == "error"]
        if change.text not in self._seen:
            return True  # not tried
        after = Counter(map(_key, self._checked(change.text)))
        return after[_key(said)] < self.before[_key(said)] and not any(
            self._of_change(d, said, change) for d in errors if not self.before[_key(d)] and d.span.file == self.file
        )

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
        if said.helps[:1] and said.helps[0].startswith(("leave the line out", "put it there")):
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
            if not all(
                word in spoken or (worked_out and _NUMBER.fullmatch(word)) for word in re.findall(r"[\w.]+", piece)
            )
            and piece.split("=")[0] not in out
            if not (_SHARE.fullmatch(piece) and f"{100 * float(piece):.10g}%" in mended)
        ]
        if not left:
            return said
        return replace(said, notes=(*said.notes, f"{listing(left)} {'is' if len(left) == 1 else 'are'} not in it"))


def _bounds(chunk: Chunk | None) -> tuple[int, int]:
    return (0, 0) if chunk is None else (chunk.start, chunk.end)


def _with(text: str, more: Sequence[str]) -> str:
    """A study with further statements: what is named before it is used stands first."""
    for one in more:
        text = f"{one}\n{text}" if one.startswith("let ") else f"{text.rstrip()}\n{one}\n"
    return text


def _together(helps: Sequence[str]) -> list[list[str]]:
    """Helps that belong together: one, and those behind it that begin with `and`."""
    groups: list[list[str]] = []
    for one in helps:
        if groups and one.startswith("and "):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups
