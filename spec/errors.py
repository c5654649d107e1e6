"""Mistakes as values, and exceptions.

ScalingDSLError          the one root: catch this to catch everything the package raises on purpose
├── SpecError            a study that is not valid; carries every `Diagnostic`
├── UsageError           a request that cannot be met as asked (exit status 2)
├── EngineError          training cannot go on
├── StoreError           a results folder that cannot be read or written
└── FitError             a table or request that no law can be fitted to
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .source import Span

Severity = Literal["error", "warning"]
Applicability = Literal["machine-applicable", "maybe-incorrect", "has-placeholders"]


class Edit(NamedTuple):
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


class Fix(NamedTuple):
    """A change that would mend a diagnostic, and how sure we are of it."""

    edits: tuple[Edit, ...]
    applicability: Applicability = "machine-applicable"


class Label(NamedTuple):
    """A second place that explains the first."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One mistake or warning, with its place.

    `message` says what is wrong and makes sense alone; `notes` give context; only `helps` say what to write instead.
    """

    code: str
    message: str
    span: Span
    severity: Severity = "error"
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


class ScalingDSLError(Exception):
    """Root of every error that this package raises on purpose."""


class SpecError(ScalingDSLError):
    """The study is not valid. `diagnostics` holds every finding, in order of place; `shown` is how they read, each in
    its line, where the text is at hand.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], shown: str = "") -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(shown or "\n".join(f"{d.code}: {d.message}" for d in self.diagnostics))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the mistakes are in the study, and not in the code."""
        return ["SpecError: the study is not valid", *str(self).split("\n")]


class UsageError(ScalingDSLError):
    """The command or call cannot be carried out as asked: a missing file, a wrong option, another study's folder."""


class EngineError(ScalingDSLError):
    """Training cannot go on."""


class StoreError(ScalingDSLError):
    """A results folder that cannot be read or written."""


class FitError(ScalingDSLError):
    """A table or a request that no law can be fitted to."""


class Code(NamedTuple):
    """One diagnostic code, documented: what it means, a study that provokes it, and that study mended."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str
