"""From a word of the language to what implements it.

A new source, family, optimiser, solver or report block is one declaration in the vocabulary and one file in the folder
of its kind, whose function or class is marked `@implements(Declaration)`; files are found by name, none is listed. A
word of another package is implemented in the module that the package's entry point names.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.abc import InspectLoader
from typing import Generic, TypeVar, cast

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.base import Term, Word
from scalingdsl.spec.vocabulary.plugins import implementation

T = TypeVar("T")
F = TypeVar("F")


class Registry(Generic[T]):
    """Implementations of one kind of word.

    Args:
        packages: The folders whose modules, at any depth, register themselves when they are imported.
        missing: What to say of a word without an implementation, which stands at `{}`.
    """

    def __init__(self, *packages: str, missing: str) -> None:
        self._packages, self._missing = packages, missing
        self._found: dict[type[Word], T] = {}
        self._loaded = False

    def implements(self, word: type[Word]) -> Callable[[F], F]:
        """Registers what is decorated as the implementation of a declaration."""

        def register(implementation: F) -> F:
            known: object = self._found.setdefault(word, cast(T, implementation))
            assert known is implementation, f"two implementations of {word.__name__}"
            return implementation

        return register

    def all(self) -> Mapping[type[Word], T]:
        """Every implementation by its declaration."""
        if not self._loaded:
            for module in self._modules():
                importlib.import_module(module.name)
            self._loaded = True
        return self._found

    def _modules(self) -> Iterator[pkgutil.ModuleInfo]:
        for name in self._packages:
            yield from pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}.")

    def _import_implementing(self, word: type[Word]) -> None:
        """Import the modules whose text says `implements(Word)`, and so none that is heavy for other words' sake."""
        says = re.compile(rf"\bimplements\((\w+\.)*{word.__name__}\b")
        for module in self._modules():
            if says.search(_source(module.name)):
                importlib.import_module(module.name)

    def of(self, term: Term | type[Word]) -> T:
        """The implementation of a word, or of a value's word, by this project or by the package that adds it.

        Raises:
            EngineError: There is none, or it cannot be loaded.
        """
        word = term if isinstance(term, type) else type(term)
        if word not in self._found:
            self._import_implementing(word)
        if word not in self._found and word not in self.all():
            implementation(word.word)
        if word not in self._found:
            raise EngineError(self._missing.format(f"{word.word}(...)"))
        return self._found[word]


class ByQuantity(Generic[T]):
    """What computes a declared quantity, by the quantity's name: one file each in the folder of its kind.

    Args:
        package: The folder whose modules register themselves when they are imported.
        missing: What to say of a quantity that nothing computes, which stands at `{}`.
    """

    def __init__(self, package: str, missing: str) -> None:
        self._package, self._missing = package, missing
        self._found: dict[str, T] = {}

    def computes(self, name: str) -> Callable[[T], T]:
        """Registers what is decorated as the computation of a quantity."""

        def register(computation: T) -> T:
            assert self._found.setdefault(name, computation) is computation, f"two computations of {name}"
            return computation

        return register

    def of(self, name: str) -> T:
        """The computation of a quantity, by this project or by the package that adds it.

        Raises:
            EngineError: There is none, or it cannot be loaded.
        """
        if name not in self._found:
            for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__, f"{self._package}."):
                importlib.import_module(module.name)
        if name not in self._found:
            implementation(name)
        if name not in self._found:
            raise EngineError(self._missing.format(f"`{name}`"))
        return self._found[name]


def _source(module: str) -> str:
    """The text of a module; empty where there is none, as in a package without its sources."""
    found = importlib.util.find_spec(module)
    loader = found.loader if found is not None else None
    return (loader.get_source(module) or "") if isinstance(loader, InspectLoader) else ""
