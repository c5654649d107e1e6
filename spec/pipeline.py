"""A study on its way to a plan: stages, each of which goes on only with what the one before left whole.

files and `use`  ->  lets put in  ->  components taken apart  ->  words, values, names judged where they stand
->  axes, fits, claims read  ->  the size of the product  ->  one walk over the grid  ->  fits on their cells
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from .checks import (
    axis_rules,
    component_rules,
    fit_rules,
    let_rules,
    pooled_fits,
    run_rules,
    told_apart,
    unlikely_axes,
    unlikely_runs,
)
from .checks.call_rules import check_words
from .checks.condition_rules import cell_conditions, labels, run_conditions
from .checks.of_claims import (
    claimed_errors,
    claimed_floors,
    claims_on_cells,
    claims_together,
    compared_cells,
    compared_fits,
    settled_claims,
)
from .checks.of_runs import labels_of_values, tested_sources
from .checks.of_words.labels_said import labels_out_of_order
from .checks.of_words.said_otherwise import said_otherwise
from .claims.claim_conditions import Claim, read_claim
from .claims.references import references
from .claims.resolve_names import Owners
from .claims.selectors import labels_of
from .diagnostics.collect import Report
from .errors import Diagnostic
from .expressions.canonical_tree import text
from .plan.study_plan import StudyPlan
from .plan.survey import survey
from .requests.budget_and_report import blocks_of_nothing, read_blocks, read_budget
from .requests.custom_law import lets_of_own_laws, where_written
from .requests.law_call import of_what_is_asked
from .requests.read_requests import read_requests
from .requests.request_types import Requests
from .resolve.components import Component, desugar
from .resolve.data_files import Reader
from .resolve.lets import Lets
from .resolve.lower import Lowered, all_elsewhere, all_sweeps, all_tables, lower_grid, none_trained
from .resolve.scope import (
    facts_of,
    known_names,
    letters_of,
    measures_of,
    parameter_names,
    reduced_names,
    tuned_columns,
)
from .resolve.study_files import Files
from .resolve.use_statements import Merged
from .source import Span
from .syntax import ast
from .syntax.visit import calls_in, free_names, identifiers_in
from .vocabulary.base import PARTS, Part
from .vocabulary.quantities import curve_variables, curves, measured, names, run_quantities
from .vocabulary.settings import SETTINGS
from .vocabulary.words.external import Recipe
from .vocabulary.words.percolation import Solved

if TYPE_CHECKING:
    from .resolve.table_quantities import TableColumns


class Stages:
    """One study on its way to a plan."""

    def __init__(self, merged: Merged, files: Files, max_runs: int, whole: Span) -> None:
        self.merged = merged
        self.files = files
        self.max_runs = max_runs
        self.whole = whole
        #: All that claims may ask of, once fits and optima are read.
        self.owners: Owners | None = None
        own_laws = lets_of_own_laws((*merged.fits, *merged.optima), merged.lets)
        self.lets = Lets(merged.lets, files.report, own_laws)

    def _add(self, diagnostics: Iterable[Diagnostic]) -> None:
        for d in diagnostics:
            self.files.report(d)

    def _add_of_laws(self, diagnostics: Iterable[Diagnostic]) -> None:
        """What is said of laws written out, where they are written."""
        merged = self.merged
        items = (*merged.fits, *merged.optima)
        self._add(dict.fromkeys(replace(d, span=where_written(d.span, items, merged.lets)) for d in diagnostics))

    @property
    def _errors(self) -> int:
        return self.files.errors

    def plan(self) -> StudyPlan | None:
        """Every stage in turn; None where there is nothing to plan."""
        broken = self.files.broken
        components = self._components()
        self._add(let_rules.misplaced_lets(self.lets, parameter_names() | {*SETTINGS}, self.merged.statements))
        check_words(components, self.lets.spoken(self.files.report), broken, self.lets.lets)
        components = Reader(self.files).fill(components)
        self.measures = measures_of(components)
        self.facts = facts_of(b.call for b in components["data"].alternatives) if "data" in components else frozenset()
        self.kept = tuned_columns(b.call for b in components["data"].alternatives) if "data" in components else ()
        lowered = lower_grid(components)
        self.named = known_names(components, lowered)
        table = self._table(components["data"]) if all_tables(components) else None
        if not broken & {"let", *PARTS}:
            self._names(components, lowered)
        sound = not self._errors
        requests, complete = self._requests(components, lowered, table)
        if table is not None:
            from .checks.of_tables.columns_meant import measured_otherwise

            self._add(measured_otherwise(components["data"], table, requests, self.files.base))
        budget = read_budget(self.merged.budget, self.lets, self.files.report)
        blocks = read_blocks(self.merged.report, self.lets, self.files.report)
        claims = self._claims(components, requests, lowered, table, complete and not broken & {"fit", "optimum", "let"})
        if not broken and not self.lets.too_large:
            names = parameter_names() | {*SETTINGS}
            self._add(let_rules.unused_lets(self.lets, names, self.whole.file, _given(components)))
        self._add(settled_claims.settled_claims(claims, requests, lowered.axes))
        self._add(claims_together.repeated_claims(claims, settled_claims.bounds_of(requests, lowered.axes)))
        self._add(compared_fits.compared_fits(claims))
        if sound and not broken:
            axes = (*lowered.axes, *(table.axes if table is not None else ()))
            roles = {axis.role for axis in axes} | ({"tune"} if self.kept else set())
            self._add(blocks_of_nothing(self.merged.report, self.lets, roles, table is not None))
        if not self._errors:
            self._add_of_laws(told_apart.told_apart(requests, claims))
            self._add(told_apart.laws_of_rising(requests))
            self._add(pooled_fits.conditions_of_one(self.merged.fits, requests, self.files.sources))
            data = components["data"].where if "data" in components else None
            self._add(pooled_fits.best_left_out(requests, data, [n for c in claims for n in _held_out(c)]))
        variables = {q for fit in requests.fits.values() for q in fit.request.quantities}
        plan = StudyPlan(
            title=self.merged.title.text if self.merged.title else "",
            axes=tuple(lowered.panelled(variables)),
            data=lowered.alternatives["data"],
            models=lowered.alternatives["models"],
            train=lowered.alternatives["train"],
            definitions=lowered.definitions,
            where=lowered.where,
            fits=tuple(fit.request for fit in requests.fits.values()),
            optima=tuple(optimum.request for optimum in requests.optima.values()),
            claims=tuple(claim.text for claim in claims),
            budget=budget,
            report=blocks,
        )
        if sound and not broken and table is not None:
            from .checks.of_tables.conditions_of_rows import conditions_of_rows
            from .checks.of_tables.fits_of_tables import check_tables
            from .checks.of_tables.levels_of_rows import levels_of_rows
            from .checks.of_tables.numbers_of_rows import numbers_of_rows
            from .checks.of_tables.sizes_of_rows import sizes_of_rows

            self._add(check_tables(requests, table))
            self._add(sizes_of_rows(requests, components["data"], table, self.files.base))
            self._add(numbers_of_rows(requests, components["data"], table, self.files.base))
            if not self._errors:
                self._add(conditions_of_rows(requests, components["data"], table, self.files.base))
                self._add(levels_of_rows(requests, claims, components["data"], table, self.files.base))
            self._add_of_laws(told_apart.growing_losses(requests))
            if not any(axis.role == "panel" or axis.named for axis in (*lowered.axes, *table.axes)):
                self._add(pooled_fits.shared_in_table(requests))
            self._add(claims_on_cells.claims_on_table(requests, claims, table))
            if not any(axis.role == "panel" for axis in table.axes):
                self._add(claims_together.reductions_of_one(claims, claims_together.of_table))
        elif sound and not broken:
            self._runs(plan, components, lowered, requests, claims)
        return plan

    # --- stages -------------------------------------------------------------------------------------------------------

    def _components(self) -> dict[Part, Component]:
        """The components, lets put in; a table needs none but its own."""
        components: dict[Part, Component] = {}
        for part in PARTS:
            body = self.merged.parts.get(part)
            if part != "data" and all_tables(components):
                if body is not None:
                    self._add(component_rules.table_trains(part, self.merged.spans[part], body))
                continue
            span = self.merged.spans.get(part, self.whole)
            if body is None and part in self.files.broken:
                continue
            if part == "data" and (body is None or body.head is None):
                if "data" not in self.files.broken:
                    self._add(component_rules.not_said(part, body is None, span))
                continue
            if part == "models" and body is None and not all_tables(components):
                if "data" in components and not component_rules.has_unknown_words(components):
                    self._add(component_rules.not_said(part, True, span))
                continue
            given = self.lets.inline(body) if body is not None else ast.Body(None, span=span)
            if part == "train" and given.head is None and none_trained(components):
                given = replace(given, head=ast.Name(Solved.word, span=span))
            if part == "train" and given.head is None and all_elsewhere(components):
                given = replace(given, head=ast.Name(Recipe.word, span=span))
            components[part] = desugar(part, given, span, self.lets.spoken(self.files.report))
        return components

    def _table(self, component: Component) -> TableColumns:
        """The columns of a study's tables; reading them is imported by the studies that have one."""
        from .checks.of_tables.columns_given import (
            columns_swept,
            exchanged_columns,
            missing_columns,
            named_otherwise,
            refused_tables,
            same_columns,
            swept_tables,
        )
        from .checks.of_tables.columns_meant import other_units
        from .checks.of_tables.kinds_of_rows import kinds_of_rows, points_along_runs, rates_of_rows, runs_of_sizes
        from .resolve.table_quantities import read_tables

        found = read_tables(component, self.files.base)
        self._add(refused_tables(found, component))
        self._add(missing_columns(found))
        laws = (*self.merged.fits, *(let.value for let in self.merged.lets.values()))
        self._add(named_otherwise(component, found, {name for law in laws for name in free_names(law)}))
        self._add(same_columns(component, found))
        self._add(exchanged_columns(component))
        self._add(swept_tables(component, found))
        self._add(columns_swept(component, found))
        self._add(other_units(component, found))
        self._add(runs_of_sizes(component, found, self.files.base))
        self._add(points_along_runs(component, found, self.files.base, self._asked()))
        self._add(kinds_of_rows(component, found, self.files.base, self._asked()))
        self._add(rates_of_rows(component, found, self.files.base, self._asked()))
        return found

    def _asked(self) -> set[str]:
        """Names in the fits, optima, lets and claims."""
        items = (*self.merged.fits, *self.merged.optima, *self.merged.lets.values(), *self.merged.claims)
        return {name for item in items for name in identifiers_in(item)}

    def _names(self, components: Mapping[Part, Component], lowered: Lowered) -> None:
        self._add(unlikely_axes.one_seed(components))
        kept = {n for c in components.values() if c.where is not None for n in identifiers_in(c.where)}
        self._add(unlikely_axes.labelled_ends(components, self._asked() | kept))
        self._add(axis_rules.two_roles(components))
        self._add(axis_rules.along_runs(components))
        self._add(axis_rules.shared_names(components))
        self._add(component_rules.hidden_words(components))
        self._add(component_rules.unlearnable(components))
        if not all_tables(components):
            self._add(axis_rules.unused_axes(components, lowered))
            self._add(axis_rules.unused_definitions(components))
            laws = () if any(item.where for item in self.merged.fits) else (text(i.value) for i in self.merged.fits)
            self._add(run_conditions(components, lowered, self.lets.lets, tuple(laws)))

    def _requests(
        self, components: Mapping[Part, Component], lowered: Lowered, table: TableColumns | None
    ) -> tuple[Requests, bool]:
        """Fits and optima, and whether all of them could be read."""
        before = self._errors
        known = known_names(components, lowered) | (table.names if table is not None else frozenset())
        known -= reduced_names(lowered)
        claims = self.merged.claims
        asked = {n for c in claims for n in (*free_names(c), *(call.name for call in calls_in(c)))}
        report = self._reporting(lambda said: of_what_is_asked(fit_rules.of_tuned(said, lowered.axes), asked))
        if table is not None:
            from .checks.of_tables.fits_of_tables import distinct_tokens

            report = self._reporting(lambda said: distinct_tokens(of_what_is_asked(said, asked), table))
        requests = read_requests(self.merged.fits, self.merged.optima, self.lets, known, report)
        complete = self._errors == before
        judged = (table is None or table.known) and not component_rules.has_unknown_words(components)
        if judged and not self.files.broken & {"let", *PARTS}:
            conditions = [a.where for a in requests.fits.values()] + [o.where for o in requests.optima.values()]
            conditions += [c.where for c in self.merged.claims]
            conditions += [o.where for o in components.values() if table is not None]
            names = {
                *self.lets.lets,
                *known,
                *reduced_names(lowered),
                *(() if table is not None else (*run_quantities(), *measured(), "seed", *curve_variables(), *curves())),
            }
            found = [self.lets.inline(c) for c in conditions if c is not None]
            listed = labels(components, lowered) | (table.labels if table is not None else frozenset())
            axes = (*lowered.axes, *(table.axes if table is not None else ()))
            wrong = cell_conditions(found, names, listed, axes)
            if table is None:
                self._add(wrong)
            else:
                from .checks.of_tables.columns_given import texts_of_no_row, unnamed_columns

                self._add((*unnamed_columns(wrong, table), *texts_of_no_row(found, table)))
        return requests, complete

    def _claims(
        self,
        components: Mapping[Part, Component],
        requests: Requests,
        lowered: Lowered,
        table: TableColumns | None,
        complete: bool,
    ) -> list[Claim]:
        axes = (*lowered.axes, *(table.axes if table is not None else ()))
        made = {text(b.call): b.label for component in components.values() for b in component.alternatives}
        named = labels_of(axes, table is not None and not table.known, made)
        by_name = {name: axis for axis in axes for name in axis.names}
        there = (*measured(), *self.measures)
        numbers = table.numbers if table is not None else ()
        known = parameter_names()
        if table is None or table.known:
            known &= self.named
        if table is not None and table.known:
            there = tuple(name for name in names(of="cell") if name in table.columns)
        called = letters_of(components)
        trained = components["train"].where if "train" in components else None
        owners = Owners(
            requests, by_name, named, known, complete, there, self.facts, self.kept, numbers, called, trained
        )
        self.owners = owners
        report: Report = self.files.report
        if table is not None:
            from .checks.of_tables.columns_given import asked_columns

            report = self._reporting(lambda said: asked_columns(said, table))
        used = self._reporting(self._of_used)
        read = (
            read_claim(expect, self.lets, owners, report if expect.span.file == self.whole.file else used)
            for expect in self.merged.claims
        )
        return [claim for claim in read if claim is not None]

    @staticmethod
    def _of_used(said: Diagnostic) -> Diagnostic:
        """The finding about a claim of a study that is used, which may be dropped here."""
        way = f'or leave the claims of "{said.span.file}" out: write `expect none` in this study'
        return replace(said, helps=(*said.helps, way)) if said.severity == "error" else said

    def _reporting(self, changed: Callable[[Diagnostic], Diagnostic]) -> Report:
        return lambda said: self.files.report(changed(said))

    def _runs(
        self,
        plan: StudyPlan,
        components: Mapping[Part, Component],
        lowered: Lowered,
        requests: Requests,
        claims: list[Claim],
    ) -> None:
        """Rules that need the grid: its size, its values, the cells of its fits."""
        spans = {part: o.span for part, o in components.items()}
        size = self._errors
        self._add(run_rules.too_many(plan, self.max_runs, all_sweeps(components), self.whole))
        if self._errors > size:
            return
        held = min((text.surely for text, _ in self.files.texts_read.values()), default=0)
        typed, file = _amounts_typed(components), self.whole.file
        self._add(run_rules.amounts(plan, lowered.templates, spans["train"], typed, file, held))
        if self._errors > size:
            return
        found = survey(plan, lowered.templates)
        self._add(let_rules.as_axes(found.diagnostics(self.whole), self.lets, self.merged.parts, components))
        if self._errors > size:
            return
        sweeps = {s.name: s.values.span for s in all_sweeps(components)}
        self._add(run_rules.nothing_left(plan, lowered.templates.where, found, self.whole))
        self._add(run_rules.paths(found, {s.name: s for s in all_sweeps(components)}))
        self._add(run_rules.few_tuned(plan, found, sweeps))
        self._add(run_rules.width_rules(found, spans))
        if not self._errors:
            self._add(run_rules.rounded_tokens(found, spans["train"], typed))
            for rule in (
                component_rules.same_alternatives,
                tested_sources.tested_as_well,
                unlikely_axes.doubled_seeds,
                unlikely_axes.shared_seeds,
                unlikely_axes.short_steps,
                unlikely_axes.outlying_rates,
                unlikely_axes.rates_out_of_line,
                unlikely_axes.luckiest_seed,
                labels_of_values.labels_of_alternatives,
                labels_of_values.labels_of_axes,
                labels_of_values.swapped_labels,
                unlikely_axes.bases_of_widths,
                unlikely_axes.rates_by_hand,
                unlikely_axes.tuned_amounts,
                unlikely_axes.tuned_batches,
                unlikely_axes.tokens_of_width,
                unlikely_axes.exchanged_sides,
                labels_out_of_order,
            ):
                self._add(rule(components))
            self._add(unlikely_axes.settings_in_sources(components, plan))
            compared = {name for claim in claims for name in identifiers_in(claim.test)}
            self._add(unlikely_axes.one_rate_of_several(components, compared))
        self._add(axis_rules.median_of_seeds(components))
        self._add(run_rules.unfit_models(found))
        self._add(run_rules.not_closed(found, spans))
        self._add(run_rules.long_warmup(found, spans["train"]))
        self._add(run_rules.isolated_nodes(found, spans))
        self._add(run_rules.hardly_trained(plan, found, spans))
        self._add(unlikely_runs.endless_runs(plan, found, spans, typed))
        self._add(unlikely_runs.still_weights(plan, found))
        amounts = {name: span for name, (span, _) in typed.items()}
        self._add(unlikely_runs.idle_amounts(found, amounts))
        if self.files.texts_read:
            self._add(unlikely_runs.more_than_texts_hold(found, self.files.texts_read, amounts))
        self._add(run_rules.batches_of_tokens(found, spans))
        self._add(run_rules.idle_passes(plan, found, sweeps))
        self._add(run_rules.doubtful(plan, found))
        self._add(unlikely_runs.idle_weights(found))
        self._add(unlikely_runs.idle_copies(found))
        budget = self.merged.budget[0].span if self.merged.budget else self.whole
        self._add(run_rules.compute_budget(plan, found, budget))
        if found.cells:
            for said in fit_rules.check_fits(plan, self._sound(requests), found, claims):
                (self._add_of_laws if said.code < "SCL41" else self._add)((said,))
            self._add(unlikely_runs.passes_over_texts(self._sound(requests), found, self.files.base))
            self._add(unlikely_runs.laws_of_other_runs(plan, self._sound(requests), found))
            cells = tuple(found.cells.values())
            self._add(claimed_floors.claimed_floors(claims, cells))
            self._add(claims_on_cells.budgets_without_sizes(plan, requests, cells))
            self._add(claims_on_cells.optima_without_cells(requests, cells))
            self._add(claims_on_cells.claims_on_cells(plan, requests, claims, cells))
            self._add(compared_cells.compared_cells(plan, claims, cells))
            self._add(claims_together.reductions_of_one(claims, claims_on_cells.numbers_of(plan, requests, cells)))
            self._add_of_laws(told_apart.floors_and_signs(requests, cells))
            self._add(pooled_fits.pooled(plan, requests, cells))
            self._add(claims_on_cells.untold_scatter(plan, claims, cells))
            self._add(claimed_errors.errors_of_one_seed(plan, claims, cells))
            self._add(said_otherwise(self.files.sources[self.whole.file], self.merged, plan, claims, cells))
            self._add(
                settled_claims.settled_claims(
                    claims, requests, plan.axes, claims_on_cells.known_bounds(requests, cells)
                )
            )
            self._add(fit_rules.separate_rates(plan, requests, claims, cells, sweeps))

    def _sound(self, requests: Requests) -> Requests:
        """The fits whose conditions nothing has been said against."""
        wrong = [d.span for d in self.files.found if d.severity == "error"]
        fits = {
            name: fit
            for name, fit in requests.fits.items()
            if fit.where is None or not any(span in fit.where.span for span in wrong)
        }
        return replace(requests, fits=fits)


def _given(components: Mapping[Part, Component]) -> dict[str, str]:
    """Axes, definitions and arguments by name, as they are written."""
    calls = (c for o in components.values() for b in o.alternatives for c in calls_in(b.call))
    arguments = {a.name: text(a).replace(" = ", "=") for call in calls for a in call.named}
    return {**arguments, **{name: written for name, (_, written) in _amounts_typed(components).items()}}


def _amounts_typed(components: Mapping[Part, Component]) -> dict[str, tuple[Span, str]]:
    """Where each axis and each definition stands, and how it is written."""
    swept = {
        s.name: (s.span, f"{s.name} {'along' if s.along else 'in'} {text(s.values)}") for s in all_sweeps(components)
    }
    defined = {d.name: (d.name_span, f"{d.name} = {text(d.value)}") for c in components.values() for d in c.defines}
    return {**defined, **swept}


def _held_out(claim: Claim) -> Iterator[str]:
    """Names of the fits whose errors on what they leave out, or whose predictions, a claim is about."""
    asked = [ref for ref in references(claim.tree) if ref.name in ("holdout", "L")]
    yield from (ref.request.name for ref in asked if ref.request is not None)
