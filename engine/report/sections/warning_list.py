"""Every coded remark of an analysis, one line a code, by what follows from it for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...codes.fit_codes import CODES as DOUBTS
from ...codes.run_codes import CODES as NOTES
from ...formatting import counted
from ..report_model import Code, Part, Section, Table
from ..study_view import View

#: Codes by what follows from them, the gravest first.
CONSEQUENCES: Mapping[str, str] = {
    "The law may be the wrong one": "FIT106 FIT105 FIT128 FIT127 FIT103 FIT108 FIT155 FIT135 FIT136",
    "The data may mislead": (
        "RUN210 RUN203 RUN202 RUN201 RUN206 FIT133 FIT134 FIT132 FIT141 FIT125 FIT126 FIT138 FIT143 RUN211 RUN212 "
        "FIT144 FIT140 FIT139 FIT137 RUN207 RUN209 RUN213 RUN214 RUN204 RUN205 RUN208 RUN221"
    ),
    "Parameters that the data leave open": ("FIT104 FIT116 FIT101 FIT102 FIT107 FIT123 FIT122 FIT121 FIT124 FIT131"),
    "Optima": "FIT151 FIT152 FIT154 FIT153 FIT156 FIT157 FIT158 FIT142",
    "Intervals": "FIT111 FIT112 FIT113 FIT115",
    "Coefficients": "FIT114",
}
#: Where a remark on the data as a whole was made.
RUNS = "the runs"
#: Places of one code that are named one by one, and remarks of it that are quoted.
MOST_PLACES, MOST_SEEN = 3, 2


@dataclass(frozen=True)
class Remark:
    """All remarks of one code."""

    code: str
    title: str
    consequence: str
    where: str
    #: What was seen, and the law it was seen of, or the runs.
    seen: tuple[tuple[str, str], ...]
    meaning: str

    @property
    def words(self) -> str:
        """What was seen: the first few remarks, and how many more there are."""
        messages = list(dict.fromkeys(message for message, _ in self.seen))
        more = len(messages) - MOST_SEEN
        return "; ".join(messages[:MOST_SEEN]) + (f"; and {more} more like it" if more > 0 else "")


def coded(view: View) -> tuple[Remark, ...]:
    """Every remark, all of one code together, the gravest consequence first."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for note in view.analysis.notes:
        found.setdefault(note.code, {}).setdefault(note.message, []).append(("", ""))
    doubted = [((f.request.name, view.where(f)), f.fit.warnings) for f in view.fits if f.fit]
    doubted += [
        ((o.request.name, view.setting(o.panel)), o.optimum.warnings) for o in view.analysis.optima if o.optimum
    ]
    for at, doubts in doubted:
        for doubt in doubts:
            found.setdefault(doubt.code, {}).setdefault(doubt.message, []).append(at)
    order = [code for codes in CONSEQUENCES.values() for code in codes.split()]
    known = [code for code in order if code in found]
    return tuple(_remark(view, code, found[code]) for code in (*known, *sorted(found.keys() - {*order})))


def _remark(view: View, code: str, messages: dict[str, list[tuple[str, str]]]) -> Remark:
    known = {**NOTES, **DOUBTS}.get(code)
    title, meaning = (known.title, known.explanation) if known else ("a remark of another version", "")
    consequence = next((name for name, codes in CONSEQUENCES.items() if code in codes), "Others")
    meaning = meaning.partition(". ")[0].removesuffix(".") + "." if meaning else ""
    seen = tuple((message, law or RUNS) for message, places in messages.items() for law, _ in dict.fromkeys(places))
    return Remark(
        code, title, consequence, _places(view, [at for own in messages.values() for at in own]), seen, meaning
    )


def warnings(view: View) -> Part | None:
    """A table a consequence, one row a code."""
    remarks = coded(view)
    if not remarks:
        return None
    groups: dict[str, list[Remark]] = {}
    for remark in remarks:
        groups.setdefault(remark.consequence, []).append(remark)
    heads = ("code", "where", "what was seen", "what it means")
    sections = tuple(
        Section(name, (Table(heads, tuple((Code(r.code), r.where, r.words, r.meaning) for r in own)),))
        for name, own in groups.items()
    )
    note = "scalingdsl explain CODE says more of each."
    return Part("Warnings and notes", sections, gist=counted(len(remarks), "note"), note=note)


def _places(view: View, found: list[tuple[str, str]]) -> str:
    """`all fits of power(N), power(D); chinchilla (kappa = 0; D = 1M) and (kappa = 1; D = 2M)`; `the runs`."""
    asked = [*(f.request.name for f in view.fits), *(o.request.name for o in view.analysis.optima)]
    by_law: dict[str, list[str]] = {}
    for law, where in dict.fromkeys(found):
        by_law.setdefault(law, []).append(where)
    words, everywhere = [], []
    for law, wheres in by_law.items():
        fits = asked.count(law)
        if not law:
            words.append(RUNS)
        elif len(wheres) == fits > 1:
            everywhere.append(law)
        elif len(wheres) > MOST_PLACES:
            words.append(f"{len(wheres)} of {fits} fits of {law}")
        else:
            apart = " and ".join(f"({where})" for where in wheres)  # a place may itself hold a comma or a semicolon
            words.append(f"{law} {apart}" if any(w not in ("", "all cells") for w in wheres) else law)
    if everywhere:
        words.insert(0, f"all fits of {', '.join(everywhere)}")
    return "; ".join(words)
