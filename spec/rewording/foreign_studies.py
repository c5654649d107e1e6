"""Other tools' formats and constructs in a study, and the mistakes that those of the first round hide."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..diagnostics.certainty import HARDLY_MEANT
from ..diagnostics.fixes import UNSAFE, edits_of
from ..errors import Diagnostic, Edit, Fix
from ..source import Source, Span
from ..syntax.scanner import scan
from . import (
    fits_elsewhere,
    formulas_elsewhere,
    lines_elsewhere,
    loose_tables,
    other_programs,
    reports_elsewhere,
    several_tables,
    texts_elsewhere,
    values_elsewhere,
)
from .around import assigned_lines
from .claims import asserted, claims_elsewhere, claims_tested, worded_claims
from .constructs import Patched, constructs
from .file_formats import listed_items
from .training import (
    alternatives_elsewhere,
    asked_training,
    axes_without_values,
    budgets_elsewhere,
    looked_up,
    other_libraries,
    roles_apart,
    sources_elsewhere,
    units_of_lists,
    used_studies,
    values_by_label,
    worded_sweeps,
)

FINDERS = (
    *texts_elsewhere.FINDERS,
    listed_items,
    *assigned_lines.FINDERS,
    values_elsewhere.matrices_of_blocks,
    *budgets_elsewhere.FINDERS,
    *used_studies.FINDERS,
    *other_libraries.FINDERS,
    *looked_up.FINDERS,
    *other_programs.FINDERS,
    *asserted.FINDERS,
    *several_tables.FINDERS,
    *reports_elsewhere.FINDERS,
    *loose_tables.FINDERS,
    *sources_elsewhere.FINDERS,
    *units_of_lists.FINDERS,
    *axes_without_values.FINDERS,
    *lines_elsewhere.FINDERS,
    *formulas_elsewhere.FINDERS,
    *fits_elsewhere.FINDERS,
    *claims_tested.FINDERS,
    *worded_claims.FINDERS,
    *claims_elsewhere.FINDERS,
    *values_by_label.FINDERS,
    *values_elsewhere.FINDERS,
    lines_elsewhere.named_values,
    *alternatives_elsewhere.FINDERS,
    roles_apart.roles_apart,
    *asked_training.FINDERS,
    worded_sweeps.worded_sweeps,
)
Check = Callable[[str], Sequence[Diagnostic]]
#: Warnings about what is written, which hold whatever else is wrong.
OF_WRITTEN = (*HARDLY_MEANT, "SCL218", "SCL439", "SCL445", "SCL455")
#: Findings about places of a study that hold whatever the rest of it says, up to which a hidden one may be told.
LAST_OF_PLACES = "SCL5"
#: The finding about a study that says nothing of its data: it is not hidden, but what is mended was not all of one.
NO_DATA = "SCL121"
#: Errors up to which laws are judged on the cells that the mended study would have, and the findings about those.
FEW, OF_CELLS = 3, "SCL41"
#: Findings about a study as a whole, whose place may hold what was mended; those before are about the value there.
OF_STUDIES = "SCL310"


def foreign(found: Sequence[Diagnostic], text: str, file: str, check: Check) -> tuple[Patched, tuple[Diagnostic, ...]]:
    """The text with what stands for every construct of another tool, and the findings about those."""
    return constructs(found, text, file, check, FINDERS)


def hidden(
    found: Sequence[Diagnostic],
    text: str,
    file: str,
    check: Check,
    done: Sequence[Diagnostic] = (),
    proved: Callable[[Sequence[Diagnostic], str], Sequence[Diagnostic]] = lambda found, _: found,
) -> tuple[Diagnostic, ...]:
    """Errors that are found once what is offered for the others is taken, at places that none of it touches; where none
    is, what can hardly be meant.

    `done` are findings with the change that their help comes to; the helps of what is found are `proved` in the study
    that all of it makes.
    """
    taken: list[Edit] = []
    as_told = {(d.code, d.message, d.span): edits_of(d, UNSAFE) for d in done}
    for said in found:
        edits = edits_of(said, UNSAFE) or as_told.get((said.code, said.message, said.span), ())
        edits = edits if said.severity == "error" else ()
        mine = [e for e in edits if e.span.file == file]
        clash = any(a.span.start < b.span.end and b.span.start < a.span.end for a in mine for b in taken)
        if len(mine) == len(edits) and not clash:
            taken += mine
    unused = _uses_without_file(found, text, file)
    taken += unused
    if not taken:
        return ()
    patched = Patched.of(text, taken)
    many = sum(d.severity == "error" for d in found) > FEW
    known = {(d.code, d.message) for d in found}
    places = {(d.code, d.span) for d in found}
    more = []
    after = check(patched.text)
    right = all(d.severity != "error" for d in after)
    for said in after:
        told = patched.told(said, file)
        if (
            (said.severity == "error" or (right and said.code in OF_WRITTEN and patched.untouched(said.span)))
            and said.span.file == file
            and said.code < LAST_OF_PLACES
            and said.code != NO_DATA
            and (not unused or _of_own(said))
            and not (many and said.code.startswith(OF_CELLS))
            and not patched.written(said.span)
            and (patched.untouched(said.span) or said.code >= OF_STUDIES)
            and (said.code, said.message) not in known
            and (said.code, told.span) not in places
            and said.helps
            and not _of_a_mend(said, text, told.span, taken)
        ):
            more.append(said)
    told_so = [patched.told(said, file) for said in proved(more, patched.text) if said.helps] if more else []
    return tuple(replace(d, fixes=tuple(f._replace(applicability="maybe-incorrect") for f in d.fixes)) for d in told_so)


#: Findings about what is asked of a fit, and about a name that nothing uses.
OF_ASKED, UNUSED = ("SCL426", "SCL427", "SCL428"), "SCL109"


def _of_a_mend(said: Diagnostic, text: str, place: Span, taken: Sequence[Edit]) -> bool:
    """True for a finding that a mend makes: what a claim asks of what is put there, a name that it takes away."""
    if said.code == UNUSED:
        name = text[place.start : place.end]
        return any(re.search(rf"\b{re.escape(name)}\b", text[e.span.start : e.span.end]) for e in taken)
    chunk = next((c for c in scan(Source(text)).chunks if c.start <= place.start <= c.end), None)
    return said.code in OF_ASKED and chunk is not None and any(chunk.start <= e.span.start <= chunk.end for e in taken)


#: Findings about numbers and values of sweeps, which hold whatever another study says.
OF_VALUES = re.compile("SCL(?:20[2-9]|30[4-8])")


def _uses_without_file(found: Sequence[Diagnostic], text: str, file: str) -> list[Edit]:
    """The edits that leave out each `use` of a file that is not there, of a study that has its own data and models."""
    whole = re.search(r"(?m)^data\b", text) and re.search(r"(?m)^models\b", text)
    spans = (d.span for d in found if d.code == "SCL503" and d.span.file == file)
    return [Edit(span, "") for span in spans if whole and text.startswith("use", span.start)]


def _of_own(said: Diagnostic) -> bool:
    """True for an error that another study cannot mend: a value, or an amount that is said twice here."""
    return bool(OF_VALUES.match(said.code)) or (said.code == "SCL310" and "both say" in said.message)


#: Findings about a name that stands for nothing, which are told where it first stands.
OF_NAMES = ("SCL101", "SCL404", "SCL426", "SCL427", "SCL428")


def told_once(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings, those about one name told where it first stands; a mend of the others stays with it."""
    first: dict[tuple[str, str, tuple[str, ...]], int] = {}
    kept: list[Diagnostic] = []
    for said in found:
        key = (said.code, said.message, said.helps)
        if said.code not in OF_NAMES or said.severity != "error" or key not in first:
            first.setdefault(key, len(kept))
            kept.append(said)
            continue
        at = first[key]
        one, more = kept[at], edits_of(said, UNSAFE)
        if one.fixes and more and one.span.file == said.span.file:
            edits = (*one.fixes[0].edits, *(e for e in more if e not in one.fixes[0].edits))
            kept[at] = replace(one, fixes=(one.fixes[0]._replace(edits=edits),))
    return tuple(kept)


#: Findings about what is written in a place, and those of them in whose stead the help leads out of both.
OF_TEXTS, INSTEAD = re.compile("SCL(?!121)(?:[012]|30|31[06]|40|41[12]|42)"), re.compile("SCL(?:0|316|40)")
#: How often what is written is looked into again.
DEEPEST = 2


def deepened(found: Sequence[Diagnostic], text: str, file: str, check: Check) -> tuple[Diagnostic, ...]:
    """The findings, each of whose fixes leaves no mistake in what it writes, all of them being taken together.

    Where one does, what is written next is said in its place: the finding keeps its message, and has the help, and the
    whole of the change, that lead out of it.
    """
    known = {(d.code, d.message) for d in found}
    kept = list(found)
    for _ in range(DEEPEST):
        taken: list[tuple[Edit, int]] = []
        for i, said in enumerate(kept):
            edits = edits_of(said, UNSAFE) if said.severity == "error" else ()
            clash = any(a.span.start < b.span.end and b.span.start < a.span.end for a in edits for b, _ in taken)
            if all(e.span.file == file for e in edits) and not clash:
                taken += [(e, i) for e in edits]
        if not taken:
            break
        patched = Patched.of(text, [e for e, _ in taken])
        owners = dict(taken)
        seen: set[int] = set()
        for left in check(patched.text):
            if left.severity != "error" or left.span.file != file or (left.code, left.message) in known:
                continue
            edit = patched.written_by(left.span, left.code >= OF_STUDIES)
            if edit is None or not OF_TEXTS.match(left.code) or owners[edit] in seen:
                continue
            seen.add(owners[edit])
            kept[owners[edit]] = _deeper(kept[owners[edit]], left, edit, patched)
        if not seen:
            break
    return tuple(kept)


def _deeper(said: Diagnostic, left: Diagnostic, edit: Edit, patched: Patched) -> Diagnostic:
    """A finding with the way out of the mistake that is left in what its fix writes."""
    if left.code == said.code or not left.helps or left.helps[0].startswith("for example"):
        return replace(said, fixes=())
    if not INSTEAD.match(left.code):
        more_helps = (h for h in left.helps if h not in said.helps and f"and {h}" not in said.helps)
        return replace(said, helps=(*said.helps, *more_helps))
    more = edits_of(left, UNSAFE)
    said = replace(said, helps=left.helps, notes=(*said.notes, left.message), fixes=())
    if not more or not all(patched.written_by(e.span, True) == edit for e in more):
        return said
    first, new = patched.start_of(edit), edit.text
    for span, put in sorted(more, key=lambda e: e.span, reverse=True):
        new = new[: span.start - first] + put + new[span.end - first :]
    return replace(said, fixes=(Fix((Edit(edit.span, new),), "maybe-incorrect"),))
