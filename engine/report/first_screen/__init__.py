"""What a reader of two minutes sees: the law, the verdicts, one figure, one table, what to know and what to do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...analysis.analysis_result import PanelFit
from ...fits.core.fit_result import Fit
from ...formatting import counted, duration, span
from ..report_model import Code, FirstScreen
from ..sections.best_law import best_law
from ..sections.cost_and_provenance import seconds
from ..sections.fit_standing import left_open
from ..sections.headline import exponents_in
from ..study_view import Page, View
from .caveats import caveats, notes_left
from .found_and_expected import found_and_expected
from .law_in_numbers import in_numbers
from .next_step import next_steps
from .overview import overview
from .strip import strip

#: Laws with numbers that are told: one a page, as long as these are few.
MOST_LAWS = 3


def first_screen(view: View, provenance: Mapping[str, str]) -> FirstScreen:
    """The first screen of an analysis; `provenance` says which file it came from and by which version."""
    found = found_and_expected(view)
    title = view.analysis.plan.title or "A scaling study"
    return FirstScreen(
        laws=laws_in_numbers(view),
        work=work(view),
        strip=strip(view),
        figure=overview(view),
        found=found.table,
        left_out=f"{counted(found.left_out, 'more claim')} under Claims." if found.left_out else "",
        caveats=caveats(view),
        notes_left=notes_left(view),
        next_steps=next_steps(view),
        command=Code(_command(provenance)),
        digest=Code(view.analysis.plan.digest),
        cite=f'scalingdsl contributors, {provenance.get("analysed_with", "scalingdsl")}; study "{title}", '
        f"plan {view.analysis.plan.digest}.",
    )


def laws_in_numbers(view: View) -> tuple[tuple[Code, str], ...]:
    """The best-supported law of each page with its numbers, and what is to be said of it."""
    if len(view.pages) > MOST_LAWS:
        return ()
    found = []
    for page in view.pages:
        law = best_law(view, page)
        if law is not None and (text := in_numbers(*law)):
            found.append((Code(text), _beside(view, page, *law)))
    return tuple(found)


def _beside(view: View, page: Page, panel_fit: PanelFit, fit: Fit) -> str:
    """`nats a token, at kappa = 1 (chinchilla); alpha unidentified`."""
    named = view.label(panel_fit.request.loss)
    unit = named.partition("(")[2].removesuffix(")") or named
    names = [name for name in exponents_in(panel_fit.request) if name in fit.params]
    open_ones = [f"{name} {left_open(fit, name)}" for name in names if left_open(fit, name)]
    said = f"{unit}{',' if page.title else ''}{page.at} ({panel_fit.request.name})"
    return "; ".join([said, *open_ones])


def work(view: View) -> str:
    """What was trained, on how much, and how long it took, in a sentence."""
    analysis = view.analysis
    columns = analysis.runs.columns
    done = np.isfinite(view.run("loss"))
    with_loss = np.isfinite(view.cell("loss"))
    sizes, tokens = view.cell("N")[with_loss], view.tokens[with_loss]
    sizes = sizes[np.isfinite(sizes)]
    cells = counted(int(with_loss.sum()), "cell")
    unit, amount = ("degrees of freedom", "points") if view.of_points else ("parameters", "tokens")
    spread = [f"N = {span(sizes)} {unit}"] if len(sizes) else []
    spread += [f"D = {span(tokens)} {amount}"] if np.any(np.isfinite(tokens)) else []
    grid = f" ({', '.join(spread)})" if spread else ""
    if not with_loss.any():
        return "No run of this study has a loss yet, so there is nothing to fit."
    if of_table(view):
        return f"{cells} of a table{grid}; nothing was trained here."
    n_runs = len({str(k) for k, ok in zip(columns["key"], done) if ok}) if "key" in columns else int(done.sum())
    in_sizes = f" in {counted(len(set(sizes.tolist())), 'size')}" if len(sizes) else ""
    spent = seconds(view)
    took = f"; {duration(spent)} of training, summed over workers" if spent > 0 else ""
    return f"{counted(n_runs, 'model')}{in_sizes}{grid}, {cells}{took}."


def of_table(view: View) -> bool:
    """True where the numbers come from a table, and nothing was trained."""
    data = view.analysis.plan.data
    return bool(data) and all(alternative.call.startswith("table(") for alternative in data)


def _command(provenance: Mapping[str, str]) -> str:
    """The command that repeats a study. That of its trainer is its owner's to say: a folder may be a stranger's."""
    return f"scalingdsl run {provenance.get('study', 'STUDY.scl')}{' --trainer ...' if 'trainer' in provenance else ''}"
