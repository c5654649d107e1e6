"""What a report says, from analyses whose numbers are known."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import CellTable, PanelVerdict, RunTable, Verdict
from scalingdsl.engine.codes.fit_codes import CODES
from scalingdsl.engine.codes.run_codes import CODES as NOTES
from scalingdsl.engine.fits import FitWarning, Interval
from scalingdsl.engine.fits.core.fit_result import Misfit, Told
from scalingdsl.engine.report import write_report
from scalingdsl.engine.report.assemble import report
from scalingdsl.engine.report.first_screen import laws_in_numbers
from scalingdsl.engine.report.sections.warning_list import CONSEQUENCES
from scalingdsl.engine.report.study_view import View
from scalingdsl.engine.report.to_markdown import to_markdown

from ..make import axis, fit_request, product, run_at, study
from . import example, small

GOLDEN = Path(__file__).parent / "expected" / "small.md"
UNPRINTABLE = re.compile(r"\b(nan|NaN|None|inf|Undefined)\b")


def markdown(analysis: object, **options: bool) -> str:
    """The Markdown of an analysis, without drawing."""
    return to_markdown(report(analysis, {"torch": "2.13.0", "machine": "a|b"}, **options))  # type: ignore[arg-type]


def test_a_small_report_to_the_letter(tmp_path: Path) -> None:
    analysis = small.analysis()
    text = markdown(analysis, with_runs=True).replace(analysis.plan.digest, "(digest)")
    # Explanations belong to their codes.
    text = re.sub(r"^(\| `[A-Z]{3}\d+` \|.*\| ).* \|$", r"\1... |", text, flags=re.MULTILINE)
    (tmp_path / "small.md").write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), f"if the change is meant: cp {tmp_path / 'small.md'} {GOLDEN}"


def parts(text: str) -> list[str]:
    """Titles of the parts that fold, in order."""
    return re.findall(r"^<summary><b>(.*?)</b>", text, flags=re.MULTILINE)


def first_screen(text: str) -> str:
    """What stands above all folds."""
    return text.partition("<details>")[0]


def test_labels_stand_in_the_order_in_which_they_are_declared() -> None:
    axes = [axis("data", ["text", "copy", "bigram"]), axis("width", [32, 16, 64]), axis("tokens", [1e5, 2e5])]
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    view = View(analyse(study(axes, fits=[fit_request("power(D)")]), {}, runs=runs))
    assert [page.title for page in view.pages] == ["data = text", "data = copy", "data = bigram"]
    assert [fit.panel[1][1] for fit in view.fits[:3]] == [16, 32, 64]


def test_everything_but_the_first_screen_is_folded() -> None:
    text = markdown(small.analysis(), with_runs=True)
    assert text.count("<details>") == text.count("</details>") == len(parts(text))
    assert parts(text)[:2] == ["Warnings and notes", "Claims"]
    assert parts(text)[-3:] == ["How it was made", "Runs", "How to read this"]
    assert not re.search(r"^#{2,}", first_screen(text), flags=re.MULTILINE)


def test_the_first_screen_has_the_law_the_verdicts_and_what_was_found_beside_what_was_expected() -> None:
    shown = first_screen(markdown(small.analysis()))
    law = "**`L(N, D) = 2.389 + (N/1.66k)^-0.75 + (D/44.9k)^-0.85`** nats a token (chinchilla)"
    assert law in shown
    assert "| **held 1 of 2** | **failed 0** | **undecided 1** | **1 run diverged** |" in shown
    assert "| floor E | 2.389 | 2.381 to 2.401 | 2.3884, the entropy rate | **agrees** |" in shown
    assert "| exponent in N | 0.75 | 0.71 to 0.80 | – | not asked |" in shown
    assert "**undecided (stated after results)**" in shown
    assert shown.count("`RUN202`") == 1


def test_a_claim_in_several_panels_shows_the_one_that_decided_and_then_all() -> None:
    panels = tuple(PanelVerdict((("kappa", k),), s, share, f"E = {k}") for k, s, share in (
        (0, "held", 0.99), (1, "failed", 0.02), (2, "undecided", 0.4), (3, "failed", 0.01),
    ))  # fmt: skip
    text = markdown(replace(small.analysis(), verdicts=(Verdict("E > 2", "failed", panels),)))
    assert "| `E > 2` | **failed** | 1.0 % |" in text
    assert "| `E > 2` | E = 3 |" in text
    assert "| `E > 2` | kappa = 2 | **undecided** | 40.0 % | E = 2 |" in text


def test_a_claim_that_was_not_judged_is_named_once() -> None:
    verdicts = (Verdict("E > 2", "undecided", (), ("E > 2: no draws", "power(N): no fit")),)
    text = markdown(replace(small.analysis(), verdicts=verdicts))
    assert "| `E > 2` | no draws |\n| `E > 2` | power(N): no fit |\n" in text


def test_a_fit_that_is_missing_says_why() -> None:
    text = markdown(small.analysis())
    assert "| `power(N)` | D = 1M | no cell of this panel has a loss |" in text
    assert "| `power(D)` | N = 14.4k (width 16) | 2 cells for 3 free parameters |" in text


def test_fits_missing_in_many_places_for_one_reason_share_a_row() -> None:
    base = small.analysis()
    last = base.fits[3]
    many = tuple(replace(last, panel=(("width", width),), cells=last.cells[:0]) for width in range(20, 80, 10))
    text = markdown(replace(base, fits=(*base.fits[:3], *many)))
    assert "| `power(D)` | width = 20, width = 30 ... width = 70: 6 places in all | 2 cells for 3" in text
    assert text.count("| `power(D)` |") == 1


def test_every_warning_code_of_a_fit_is_one_line_with_its_meaning() -> None:
    base = small.analysis()
    every = tuple(FitWarning(code, f"seen {code} {again}") for code in sorted(CODES) for again in "abc")
    joint = base.fits[0]
    assert joint.fit is not None
    text = markdown(replace(base, fits=(replace(joint, fit=replace(joint.fit, warnings=every)), *base.fits[1:])))
    for code in CODES:
        rows = [line for line in text.splitlines() if line.startswith(f"| `{code}` |")]
        assert len(rows) == 1, code
        assert re.search(rf"seen {code} a; seen {code} b; and \d more like it", rows[0])


def test_every_code_has_a_consequence() -> None:
    named = [code for codes in CONSEQUENCES.values() for code in codes.split()]
    assert len(named) == len(set(named))
    assert {*CODES, *NOTES} <= {*named}


def test_no_more_than_three_caveats_the_gravest_first() -> None:
    base = small.analysis()
    joint = base.fits[0]
    assert joint.fit is not None
    doubts = tuple(FitWarning(code, "seen") for code in ("FIT114", "FIT111", "FIT121", "FIT127", "FIT103"))
    shown = first_screen(markdown(replace(base, fits=(replace(joint, fit=replace(joint.fit, warnings=doubts)),))))
    listed = [re.findall(r"`((?:FIT|RUN)\d+)`", line)[0] for line in shown.splitlines() if re.match(r"\d\. ", line)]
    assert listed == ["FIT127", "FIT103", "RUN202"]


def test_a_law_without_parameters_has_no_numbers_to_tell() -> None:
    """A network says what the loss will be, and no number that a line could hold."""
    base = small.analysis()
    joint = base.fits[0]
    assert joint.fit is not None
    request = joint.request.model_copy(update={"name": "network", "law": "network"})
    network = replace(joint, request=request, fit=replace(joint.fit, law="network", params={}, intervals={}))
    told = [where for _, where in laws_in_numbers(View(replace(base, fits=(*base.fits, network))))]
    assert told == ["nats a token (chinchilla)"]


def test_a_warning_of_many_slices_is_one_line() -> None:
    text = markdown(example.analysis(draws=20))
    assert "| `FIT112` | all fits of power(N), power(D), exponential(D) |" in text


def test_the_places_of_a_warning_are_told_apart() -> None:
    base = example.analysis(draws=20)
    chosen = [f for f in base.fits if f.request.name in ("power(N)", "power(D)")]
    marked = [
        replace(f, fit=replace(f.fit, warnings=(FitWarning("FIT113", "seen"),)))
        for f in (*chosen[:2], *chosen[-2:])
        if f.fit
    ]
    kept = {id(f) for f in (*chosen[:2], *chosen[-2:])}
    text = markdown(replace(base, fits=(*marked, *(f for f in base.fits if id(f) not in kept))))
    (row,) = [line for line in text.splitlines() if line.startswith("| `FIT113` |")]
    places = re.findall(r"power\((\w)\) \(([^()]*(?:\([^()]*\))?)\) and \(([^()]*(?:\([^()]*\))?)\)", row)
    assert [law for law, *_ in places] == ["N", "D"], row


def test_user_text_is_shown_and_never_interpreted() -> None:
    nasty = "<img src=x> *bold* | `code` [link](x) # _y_"
    text = markdown(small.analysis(title=nasty, label="a|b *c*"))
    assert text.startswith(r"# \<img src=x> \*bold\* \| \`code\` \[link\](x) # \_y\_")
    assert r"data = a\|b \*c\*" in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) > 2
    assert "<img" not in text.replace(r"\<img", "")


def test_no_entropy_rate_no_comparison_and_no_excess() -> None:
    base = small.analysis()
    columns = {
        k: np.full(len(v), np.nan) if k in ("excess", "entropy_rate") else v for k, v in base.cells.columns.items()
    }
    text = markdown(replace(base, cells=CellTable(base.cells.axes, columns)))
    assert "the entropy rate" not in text
    assert "excess" not in text
    assert not UNPRINTABLE.search(text)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(2.38, 2.40, "agrees"), (2.389, 2.40, "does not agree"), (np.nan, np.nan, "no interval")],
)
def test_e_agrees_with_the_entropy_rate_within_its_interval(low: float, high: float, verdict: str) -> None:
    base = small.analysis()
    joint = base.fits[0]
    assert joint.fit is not None
    changed = replace(joint.fit, intervals={**joint.fit.intervals, "E": (low, high)})  # type: ignore[dict-item]
    text = markdown(replace(base, fits=(replace(joint, fit=changed),)))
    assert f"| 2.3884, the entropy rate | **{verdict}** |" in first_screen(text)
    assert f"2.3884 | within 0.05 % | **{verdict}** |" in text


def test_e_of_a_fit_that_is_not_identified_contradicts_nothing() -> None:
    base = small.analysis()
    joint = base.fits[0]
    assert joint.fit is not None
    loose = replace(joint, fit=replace(joint.fit, status="unidentified", unidentified=("E", "alpha")))
    text = markdown(replace(base, fits=(loose,)))
    assert "| floor E | 2.39 | – | 2.3884, the entropy rate | **unidentified** |" in first_screen(text)
    assert "| exponent in N | 0.750 | – | – | **unidentified** |" in first_screen(text)
    assert "; alpha unidentified" in first_screen(text)
    assert "**agrees**" not in text


def test_a_parameter_that_is_told_from_one_side_says_so_wherever_it_stands() -> None:
    base = small.analysis()
    joint = base.fits[0]
    assert joint.fit is not None
    intervals = {**joint.fit.intervals, "alpha": Interval(0.2, 8.0)}
    wide = replace(joint.fit, intervals=intervals, told={"alpha": Told("above", 0.2)})
    text = markdown(replace(base, fits=(replace(joint, fit=wide),)))
    assert "| exponent in N | 0.750 | above 0.2 | – | **above 0.2** |" in first_screen(text)
    assert "; alpha above 0.2" in first_screen(text)
    assert "| 260 | above 0.2 | 9000 |" in text


@pytest.mark.parametrize(("ratio", "p", "said"), [(5.2, 1e-9, "misses by 5.2 times the"), (0.9, 0.7, "sound, within")])
def test_a_law_is_held_against_the_noise_of_replicates(ratio: float, p: float, said: str) -> None:
    base = small.analysis()
    joint = base.fits[0]
    assert joint.fit is not None
    found = Misfit(ratio=ratio, p=p, freedom=(1.0, 12.0), residual=0.01, noise=0.002, settings=6)
    shown = first_screen(markdown(replace(base, fits=(replace(joint, fit=replace(joint.fit, misfit=found)),))))
    assert f"| **fit {said}" in shown
    assert ("not asked, law misses" in shown) == (p < 0.01)


def test_a_study_without_results_says_so() -> None:
    base = small.analysis()
    empty = {k: v[:0] for k, v in base.runs.columns.items()}
    text = markdown(
        replace(base, runs=RunTable(empty), cells=CellTable((), {}), fits=(), optima=(), verdicts=(), notes=())
    )
    assert "No run of this study has a loss yet" in text
    assert not UNPRINTABLE.search(text)


def test_all_losses_missing_still_gives_a_report() -> None:
    base = small.analysis()
    lost = [
        {k: np.full(len(v), np.nan) if k in ("loss", "excess", "standard_error") else v for k, v in t.columns.items()}
        for t in (base.runs, base.cells)
    ]
    fits = tuple(replace(f, fit=None, reason="no cell of this panel has a loss") for f in base.fits)
    lost_all = replace(base, runs=RunTable(lost[0]), cells=CellTable(base.cells.axes, lost[1]), fits=fits, optima=())
    text = markdown(lost_all, with_runs=True)
    assert "no loss" in text
    assert not UNPRINTABLE.search(text)


def test_several_panels_are_told_apart_everywhere() -> None:
    text = markdown(example.analysis(widths=(16, 32, 64), kappas=(0.0, 1.0), draws=20))
    for piece in ("### kappa = 0", "### kappa = 1", "### lr at kappa = 1", "exponent in N at kappa = 1"):
        assert piece in text
    assert not UNPRINTABLE.search(text)


@pytest.mark.slow
def test_the_same_analysis_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    data = {"runs.csv": b"key\nx\n"}
    path = write_report(small.analysis(label="er"), here, with_runs=True, provenance={"torch": "2"}, data=data)
    assert path == here / "report.md"
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from tests.engine.report import small\n"
        "from scalingdsl.engine.report import write_report\n"
        "made, data = small.analysis(label='er'), {'runs.csv': b'key\\nx\\n'}\n"
        "write_report(made, Path(sys.argv[1]), with_runs=True, provenance={'torch': '2'}, data=data)\n"
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", script, there, root], check=True, cwd=tmp_path, env=environment)
    files, again = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (here, there))
    assert files == again
    names = {path.as_posix() for path in files}
    wanted = {"report.md", "report.html", "runs.csv", "figures/overview.svg", "figures/scaling.png"}
    assert wanted | {"figures/best-lr.svg"} <= names


def test_what_an_earlier_report_drew_is_removed_and_nothing_else(tmp_path: Path) -> None:
    base = small.analysis()
    (tmp_path / "figures").mkdir()
    for name in ("figures/scaling-7.png", "figures/mine.png", "report.html", "notes.md"):
        (tmp_path / name).write_text("old")
    write_report(replace(base, fits=(), optima=(), cells=CellTable((), {})), tmp_path, provenance={})
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"report.md", "report.html", "figures/mine.png", "notes.md"}
    assert (tmp_path / "report.html").read_text() != "old"


@pytest.mark.slow
def test_the_page_holds_contents_folds_and_the_data(tmp_path: Path) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    write_report(small.analysis(title=nasty, label=nasty), tmp_path, provenance={}, data={"runs.csv": b"key\nx\n"})
    page = (tmp_path / "report.html").read_text()
    assert "<img" not in page
    assert "<script" not in page
    assert '<a download="runs.csv" href="data:application/octet-stream;base64,a2V5CngK">runs.csv</a>' in page
    links = re.findall(r'<li><a href="#(part-\d+)">', page)
    assert links
    assert links == re.findall(r'<div id="(part-\d+)">', page)
    assert page.count("<details>") == page.count("</details>") == len(links)
    for tag in ("div", "nav", "table"):
        assert len(re.findall(rf"<{tag}[ >]", page)) == page.count(f"</{tag}>"), tag
