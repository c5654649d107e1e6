"""Parameters of words as their declarations give them: type, unit, bounds, choices and default."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from .base import Frozen, Term, Unit, Word
from .words.training import Warmup

Shape = Literal["int", "float", "bool", "str", "choice", "term", "warmup", "rest", "others", "scalar"]


@dataclass(frozen=True)
class Field:
    """One parameter of a word."""

    name: str
    shape: Shape
    required: bool
    default: Any
    unit: str = ""
    choices: tuple[str, ...] = ()
    term: type[Term] | None = None
    low: float | None = None
    high: float | None = None
    #: Whether the bounds themselves are left out.
    above: bool = False
    below: bool = False
    description: str = ""
    #: Filled in by the tool, never typed.
    derived: bool = False
    #: Names a file.
    file: bool = False
    #: May name a folder, or a pattern of several files.
    many: bool = False
    #: May name a folder of runs.
    folder: bool = False
    #: For a file that may not be there when a study is checked: what to do then.
    late: str = ""
    #: For a number that is filled in: what the word's file lists, `edges` for its nodes, `transitions` for its states.
    counts: str = ""

    @property
    def off(self) -> str:
        """The number with which it does nothing, of a limit and of a decay of weights; empty for every other."""
        said = self.description if self.shape == "float" and self.default else ""
        return "1000" if said.startswith("largest") else "0" if said.startswith("weight decay") else ""

    @property
    def wanted(self) -> str:
        """The values that may be typed here, for messages."""
        from ..diagnostics.suggest import article, listing

        return {
            "int": f"a whole number{self.bounds}",
            "float": f"a number{self.bounds}",
            "bool": "`true` or `false`",
            "str": 'a text in quotes, such as `"file.txt"`',
            "choice": listing(self.choices, last="or"),
            "term": article(self.term.kind) if self.term is not None else "a value",
            "warmup": "steps or a percentage, such as `200steps` or `2%`",
            "rest": 'a column name in quotes, such as `"params"`',
            "others": "a number or a text",
            "scalar": "a number or a text",
        }[self.shape]

    @property
    def bounds(self) -> str:
        """The bounds in words, with a leading space; empty where there are none."""
        low = None if self.low is None else f"{'above' if self.above else 'of at least'} {self.low:,}"
        high = None if self.high is None else f"{'below' if self.below else 'at most'} {self.high:,}"
        both = [part for part in (low, high) if part]
        return f" {' and '.join(both)}" if both else ""

    def holds(self, value: float) -> bool:
        """True where a number lies within the bounds."""
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return not (self.high is not None and (value > self.high or (self.below and value == self.high)))


_FIELDS: dict[type[Word], dict[str, Field]] = {}
_TYPED: dict[type[Word], tuple[str, ...]] = {}


def fields_of(word: type[Word]) -> dict[str, Field]:
    """Every parameter of a word, by name, in order of declaration; read once."""
    if word not in _FIELDS:
        _FIELDS[word] = {name: _read(name, info) for name, info in word.declared().items()}
    return _FIELDS[word]


def typed(word: type[Word]) -> tuple[str, ...]:
    """Parameters that may be typed in a study: all but those that the tool fills in."""
    if word not in _TYPED:
        own = (n for n, f in fields_of(word).items() if not f.derived and f.shape not in ("rest", "others"))
        _TYPED[word] = tuple(own)
    return _TYPED[word]


def rest_of(word: type[Word]) -> str | None:
    """The parameter that takes every name not declared otherwise, where the word has one."""
    return next((name for name, f in fields_of(word).items() if f.shape == "rest"), None)


def others_of(word: type[Word]) -> str | None:
    """The parameter that keeps numbers and texts of any other name, where the word takes such."""
    return next((name for name, f in fields_of(word).items() if f.shape == "others"), None)


def _read(name: str, info: FieldInfo) -> Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    metadata = list(info.metadata)
    shape, choices, term = _shape(_unwrap(info.annotation, metadata))
    if extra.get("rest"):
        shape = "others" if extra["rest"] == "values" else "rest"
    bounds: dict[str, Any] = {}
    for m in metadata:
        if isinstance(m, annotated_types.Ge):
            bounds["low"] = m.ge
        elif isinstance(m, annotated_types.Gt):
            bounds.update(low=m.gt, above=True)
        elif isinstance(m, annotated_types.Le):
            bounds["high"] = m.le
        elif isinstance(m, annotated_types.Lt):
            bounds.update(high=m.lt, below=True)
    unit = next((m.name for m in metadata if isinstance(m, Unit)), "")
    return Field(
        name,
        shape,
        required=info.is_required(),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        unit=unit,
        choices=choices,
        term=term,
        description=info.description or "",
        derived=bool(extra.get("derived")),
        file=bool(extra.get("file")),
        many=bool(extra.get("many")),
        folder=bool(extra.get("folder")),
        late=str(extra.get("late", "")),
        counts=str(extra.get("counts", "")),
        **bounds,
    )


def _unwrap(kind: Any, metadata: list[Any]) -> Any:
    """The plain type behind `Annotated` and `| None`; metadata met on the way are kept."""
    while True:
        origin = get_origin(kind)
        if origin is Annotated:
            kind, *more = get_args(kind)
            metadata.extend(more)
        elif origin in (Union, types.UnionType):
            inner = [a for a in get_args(kind) if a is not type(None)]
            if len(inner) != 1:
                return kind
            kind = inner[0]
        else:
            return kind


def _shape(kind: Any) -> tuple[Shape, tuple[str, ...], type[Term] | None]:
    if get_origin(kind) is Literal:
        return "choice", tuple(str(a) for a in get_args(kind)), None
    if isinstance(kind, type):
        if issubclass(kind, Term):
            return "term", (), kind
        if issubclass(kind, Warmup):
            return "warmup", (), None
        if issubclass(kind, Frozen):
            raise TypeError(f"no way to type a {kind.__name__} in a study")
        for plain, shape in ((bool, "bool"), (int, "int"), (float, "float"), (str, "str")):
            if issubclass(kind, plain):
                return shape, (), None  # type: ignore[return-value]
    return "rest", (), None
