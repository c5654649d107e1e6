"""Words of other packages, which they add by entry points; `pip install` of such a package is all that it takes.

    [project.entry-points."scalingdsl.words"]    any name = a module of declarations, loaded with the vocabulary
    mixing = "scalingdsl_mixing.words"
    [project.entry-points."scalingdsl.engine"]   a word = the module that implements it, loaded when it is first used
    mixer = "scalingdsl_mixing.mixer"

A package that cannot be loaded, or declares a word that there is already, is left out whole, and a problem is kept for
whoever asks: studies that need nothing of it are what they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from ..errors import EngineError
from .base import OWN, REGISTRY, WordClashError, declared_by
from .quantities import PACKAGES, QUANTITIES, names

WORDS, ENGINE = "scalingdsl.words", "scalingdsl.engine"


@dataclass(frozen=True)
class Problem:
    """A package that was left out, why, and a word that it shares with another package, if that is why."""

    package: str
    message: str
    clash: str = ""

    def __str__(self) -> str:
        return f"the package `{self.package}` was left out: {self.message}"


#: What declarations add to.
_TABLES: tuple[dict[str, Any], ...] = (REGISTRY, QUANTITIES, PACKAGES)
#: Packages that were left out.
PROBLEMS: list[Problem] = []


@cache
def _entries(group: str) -> tuple[tuple[str, str, Any], ...]:
    """Package, name and entry point of a group, in an order that does not depend on where packages lie."""
    from importlib.metadata import entry_points

    found = {(e.dist.name if e.dist is not None else "?", e.name, e.value): e for e in entry_points(group=group)}
    return tuple((package, name, found[package, name, value]) for package, name, value in sorted(found))


def load_words() -> None:
    """Import the declarations of every installed package, each package wholly or not at all."""
    for package in dict.fromkeys(package for package, _, _ in _entries(WORDS)):
        before = [dict(table) for table in _TABLES]
        try:
            with declared_by(package):
                for owner, _, entry in _entries(WORDS):
                    if owner == package:
                        entry.load()
        except Exception as error:
            for table, contents in zip(_TABLES, before):
                table.clear()
                table.update(contents)
            names.cache_clear()
            message = str(error) if isinstance(error, WordClashError) else f"{type(error).__name__}: {error}"
            PROBLEMS.append(Problem(package, message, error.word if isinstance(error, WordClashError) else ""))


def implementation(word: str) -> Any:
    """The module in which another package implements a word, imported now; None where none says that it does.

    Raises:
        EngineError: It cannot be imported, or several packages say so.
    """
    entries = [(package, entry) for package, name, entry in _entries(ENGINE) if name == word]
    if len(entries) > 1:
        packages = " and ".join(f"`{package}`" for package, _ in entries)
        raise EngineError(f"`{word}` is implemented by {packages}; uninstall all but one")
    for package, entry in entries:
        try:
            return import_module(entry.module)
        except Exception as error:
            raise EngineError(
                f"`{word}` is implemented by the package `{package}`, which cannot be loaded: "
                f"{type(error).__name__}: {error}"
            ) from error
    return None


def package_of(name: str) -> str:
    """The package that declares a word or a quantity, with its version where it is another one than this."""
    package = REGISTRY[name].package if name in REGISTRY else PACKAGES[name]
    if package == OWN:
        return OWN
    from importlib.metadata import version

    return f"{package} {version(package)}"


def foreign(texts: Iterable[str]) -> dict[str, str]:
    """Words and quantities of other packages that stand in canonical texts, with their packages and versions."""
    known = {name for name, word in REGISTRY.items() if word.package != OWN}
    known |= {name for name, package in PACKAGES.items() if package != OWN}
    found = {name for text in texts for name in re.findall(r"\w+", text)} if known else set()
    return {name: package_of(name) for name in sorted(found & known)}


def clash(word: str) -> Problem | None:
    """The problem of a word that two packages declare."""
    return next((problem for problem in PROBLEMS if problem.clash == word), None)
