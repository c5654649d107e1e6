"""Values of a run put into a trainer's command: argument by argument, never through a shell, so that they are inert."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from scalingdsl.spec.diagnostics.suggest import listing
from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.words.external import PLACES, Open

from .trainer import Trainer

_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")
#: What every run has beside the names that its study declares.
OWN = frozenset(PLACES) - {"data"}


def values_of(run: Run) -> dict[str, Scalar]:
    """Everything that a study declares of a run, by name."""
    found: dict[str, Scalar] = {}
    for term in (run.source, run.optimiser, run.model):
        if isinstance(term, Open):
            found |= term.handed()
    found["seed"] = run.seed
    if run.asked_tokens:
        found["tokens"] = run.asked_tokens
        if unique := found.get("unique"):
            assert not isinstance(unique, str)
            found["epochs"] = run.asked_tokens / unique
    if run.steps > 1:
        found["steps"] = run.steps
    return found


def names_in(command: Iterable[str]) -> set[str]:
    """Names that a command has places for."""
    return {found[1] for argument in command for found in _PLACE.finditer(argument) if found[1]}


def filled(command: Sequence[str], values: Mapping[str, Scalar]) -> list[str]:
    """The command with values in their places; `{{` and `}}` are braces."""

    def value(found: re.Match[str]) -> str:
        return shown(values[found[1]]) if found[1] else found[0][0]

    return [_PLACE.sub(value, argument) for argument in command]


def shown(value: Scalar) -> str:
    """A value as an argument: whole numbers without a point, others with all digits."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def check_names(trainer: Trainer, runs: Sequence[Run], accepted: frozenset[str] | None = None) -> list[str]:
    """What a command leaves out, in sentences.

    Args:
        trainer: The trainer.
        runs: Runs of the study.
        accepted: Names that a function takes; None where it takes any, and for commands.

    Raises:
        UsageError: It asks for what some run does not have, or does not tell runs apart that differ.
    """
    if not runs:
        return []
    everywhere = set.intersection(*(set(values_of(run)) for run in runs))
    somewhere = set.union(*(set(values_of(run)) for run in runs))
    if trainer.function is None:
        asked = names_in((*trainer.command, *trainer.environment.values()))
        missing = sorted(asked - everywhere - OWN)
        if missing:
            raise UsageError(_missing(missing, everywhere, somewhere))
        if "config" in asked:
            return []
    elif accepted is None:
        return []
    else:
        asked = set(accepted)
    _told_apart(runs, asked, trainer.function is not None)
    constant = sorted(somewhere - asked - {*SIZES, *AMOUNTS, "seed"})
    if constant:
        verb = "are" if len(constant) > 1 else "is"
        return [f"{listing(constant)} {verb} declared by the study, and the trainer is not told"]
    return []


#: Sizes follow from what else a trainer is told; amounts of training from one another.
SIZES = ("N", "N_body", "token_flops")
AMOUNTS = ("tokens", "steps", "epochs", "unique")


def _told_apart(runs: Sequence[Run], asked: set[str], function: bool) -> None:
    """`UsageError` where two runs would be one command."""
    seen: dict[tuple[tuple[str, Scalar], ...], Run] = {}
    for run in runs:
        values = values_of(run)
        told = tuple(sorted((name, value) for name, value in values.items() if name in asked))
        other = seen.setdefault(told, run)
        if other is not run:
            before = values_of(other)
            apart = sorted(n for n in {*values, *before} if values.get(n) != before.get(n))
            places = " ".join(f"--{n} {{{n}}}" for n in apart if n not in SIZES)
            mend = "let the function take it" if function else f"put {places or _places(apart)} into its command"
            raise UsageError(f"the trainer is not told {listing(apart)}, in which runs of the study differ; {mend}")


def _missing(missing: Sequence[str], everywhere: set[str], somewhere: set[str]) -> str:
    partly = [name for name in missing if name in somewhere]
    if partly:
        return f"the trainer asks for {_places(partly)}, which only some runs of the study have"
    there = listing(sorted(everywhere | OWN))
    return f"the trainer asks for {_places(missing)}, which the study does not declare; there are {there}"


def _places(names: Sequence[str]) -> str:
    return listing([f"{{{name}}}" for name in names])


def example(runs: Sequence[Run]) -> str:
    """A command that is told everything a study declares."""
    declared = values_of(runs[0]) if runs else {}
    followed = ("steps", "epochs") if "tokens" in declared else ()
    names = [name for name in declared if name not in (*SIZES, *followed)]
    return " ".join(("python train.py", *(f"--{name} {{{name}}}" for name in names), "--out {out}"))
