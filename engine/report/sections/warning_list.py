"""Every coded remark of an analysis: notes on its data, doubts about its fits and optima."""

from __future__ import annotations

from ...codes.fit_codes import CODES as DOUBTS
from ...codes.run_codes import CODES as NOTES
from ...formatting import MISSING
from ..report_model import Cell, Code, Table, Warnings
from ..study_view import View

#: Places of one warning of one law that are named one by one.
MOST_PLACES = 3


def warnings(view: View) -> Warnings | None:
    """Every coded remark once, with the places it was made at: notes on the data, then doubts of fits and optima."""
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for note in view.analysis.notes:
        places.setdefault((note.code, note.message), []).append(("", ""))
    doubted = [((f.request.name, view.where(f)), f.fit.warnings) for f in view.fits if f.fit]
    doubted += [
        ((o.request.name, view.setting(o.panel)), o.optimum.warnings) for o in view.analysis.optima if o.optimum
    ]
    for at, doubts in doubted:
        for doubt in doubts:
            places.setdefault((doubt.code, doubt.message), []).append(at)
    rows: list[tuple[Cell, ...]] = [
        (Code(code), _places(view, found), message)
        for (code, message), found in sorted(places.items(), key=lambda item: item[0])
    ]
    if not rows:
        return None
    known = {**NOTES, **DOUBTS}
    codes = dict.fromkeys(code for code, _ in sorted(places))
    meanings = tuple((code, known[code].title, known[code].explanation) for code in codes if code in known)
    return Warnings(Table(("code", "where", "what was seen"), tuple(rows)), meanings)


def _places(view: View, found: list[tuple[str, str]]) -> str:
    """`all 4 fits of power(N), chinchilla (kappa = 0; D = 1M) and (kappa = 1; D = 2M)`; a dash for the whole study."""
    by_law: dict[str, list[str]] = {}
    for law, where in dict.fromkeys(found):
        by_law.setdefault(law, []).append(where)
    words = []
    for law, wheres in by_law.items():
        fits = sum(f.request.name == law for f in view.fits)
        if len(wheres) == fits > 1:
            words.append(f"all {fits} fits of {law}")
        elif len(wheres) > MOST_PLACES:
            words.append(f"{len(wheres)} of {fits} fits of {law}")
        else:
            apart = " and ".join(f"({where})" for where in wheres)  # a place may itself hold a comma or a semicolon
            words.append(f"{law} {apart}" if any(w not in ("", "all cells") for w in wheres) else law)
    return ", ".join(w for w in words if w) or MISSING
