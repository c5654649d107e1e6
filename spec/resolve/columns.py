"""The columns of a table that a study reads: their names, and of each whether it holds numbers or text."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..files.tables.cells import MISSING, Cells
from ..files.tables.table_file import NoTableError, read_table_file
from ..syntax.scanner import RESERVED
from ..vocabulary.quantities import QUANTITIES


@dataclass(frozen=True)
class Column:
    """The content of one column."""

    #: Least and greatest number; None where it holds text or nothing.
    low: float | None = None
    high: float | None = None
    #: Its distinct texts in order of appearance; empty for a column of numbers.
    labels: tuple[str, ...] = ()
    #: Whether it holds neither texts nor any finite number.
    empty: bool = False
    #: A bit for each row with a finite number, and with a positive one; -1, all bits, where nothing is known of rows.
    finite: int = field(default=-1, repr=False, compare=False)
    positive: int = field(default=-1, repr=False, compare=False)

    @property
    def is_text(self) -> bool:
        """True where it holds something that is no number."""
        return bool(self.labels)


Found = tuple[dict[str, Column], tuple[str, ...]]
#: Tables whose columns are remembered, for a study with a mistake is looked at again with each of its mends.
REMEMBERED = 4


def columns_of(path: Path) -> Found | None:
    """The columns of a table by name, with what its reader guessed; None where the file cannot be opened.

    Raises:
        NoTableError: The file is no table.
    """
    try:
        found = read_table_file(path)
    except OSError:
        return None
    return {name: _column(cells) for name, cells in found.columns.items()}, found.told


def columns_once(path: Path, content: str) -> Found | None:
    """`columns_of` a file with this content, given by its digest, which is read the first time alone.

    Raises:
        NoTableError: As there.
    """
    found = _remembered(path, content)
    if isinstance(found, NoTableError):
        raise NoTableError(*found.args)
    return found


@lru_cache(maxsize=REMEMBERED)
def _remembered(path: Path, content: str) -> Found | NoTableError | None:
    try:
        return columns_of(path)
    except NoTableError as error:
        return error


def _column(cells: Cells) -> Column:
    """The content of one column from its cells."""
    if isinstance(cells, array):
        finite = [number for number in cells if math.isfinite(number)]
        if not finite:
            return Column(empty=True, finite=0, positive=0)
        rows = (_bits(map(math.isfinite, cells)), _bits(0 < x < math.inf for x in cells))
        return Column(min(finite), max(finite), finite=rows[0], positive=rows[1])
    labels = dict.fromkeys(cell for cell in cells if cell.strip().lower() not in MISSING)
    return Column(labels=tuple(labels))


def _bits(rows: Iterable[bool]) -> int:
    """A number with a bit for each row."""
    return int("".join("01"[row] for row in rows), 2)


#: Words of the language that stand between values, and are no names of columns where a value is written.
_OPERATORS = frozenset({"and", "or", "not", "in", "within", "of"})
_AFTER_VALUE = re.compile(r"[\w)\].]\s*$")
_AFTER_WORD = re.compile(r"\b(?:and|or|not|in)\s*$")


def in_names(text: str, columns: Iterable[str]) -> tuple[str, dict[str, str]]:
    """An expression over columns as the language reads it, and the columns that its new names stand for.

    A column in quotes is a name there, and so is one that is called by a word of the language: `step*1024`.
    """
    plain, meant = text, {}
    for i, column in enumerate(columns):
        name = f"column_{i}_"
        # A text that something is compared with may be called as a column is.
        place = r"(?<![=!]=)(?<![=!]=\s)" if column.isidentifier() else ""
        written = re.sub(f'{place}"{re.escape(column)}"', name, plain)
        if column in RESERVED - _OPERATORS:
            written = _renamed(column, name, written)
        if written != plain:
            plain, meant[name] = written, column
    return plain, meant


def _renamed(word: str, name: str, text: str) -> str:
    """A text with a name for a word wherever a value may begin; in `[1..9 step 2]` one stands before it."""

    def renamed(found: re.Match[str]) -> str:
        before = text[: found.start()]
        return name if _AFTER_WORD.search(before) or not _AFTER_VALUE.search(before) else word

    return re.sub(rf'(?<![\w"]){word}(?![\w"])', renamed, text)


#: How other languages write a column of a table, a function of one, and a power: what stands for it here.
_ELSEWHERE = (
    (re.compile(r"\b(?:np|numpy|math|torch|jnp|pd|pl|F|scipy)\.(?=\w+\()"), ""),
    (re.compile(r"\b[A-Za-z_]\w*(?:\.loc)?\[(?:\s*:\s*,)?\s*[\"']([^\"'\]]+)[\"']\s*\]"), r"\1"),
    (re.compile(r"\bcol(?:umn)?\(\s*[\"']?([^\"'()]+?)[\"']?\s*\)"), r"\1"),
    (re.compile(r"\b(?:(?:df|data|table|frame|row|runs|results?|self|d|x)\.|[A-Za-z_]\w*\$)(?=[A-Za-z_])"), ""),
    (re.compile(r"\b([A-Za-z_]\w*)\.(?:apply\(\s*(?:np\.|math\.)?)?(log2|log10|log|exp|sqrt|abs)\(?\)"), r"\2(\1)"),
    (re.compile(r"\*\*"), "^"),
)


def written_elsewhere(typed: str) -> str:
    """An expression over columns as other languages write it, `np.log(df["ppl"])`, as it is written here."""
    for pattern, here in _ELSEWHERE:
        typed = pattern.sub(here, typed)
    return typed


def rewritten(typed: str, columns: Sequence[str]) -> str:
    """An expression with the columns that are there in place of those that are meant; empty where none is told."""
    plain = re.sub(r"\$(\d+)", lambda m: columns[int(m[1]) - 1] if 0 < int(m[1]) <= len(columns) else m[0], typed)
    plain = written_elsewhere(plain)
    names = {n for n in re.findall(r"(?<![\w.])[A-Za-z_]\w*(?!\w*\s*\()", plain) if n not in columns}
    for name in names:
        if not (meant := _abbreviated(name, columns)):
            return ""
        plain = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", meant, plain)
    return "" if plain == typed else plain


def _abbreviated(name: str, columns: Iterable[str]) -> str:
    """The one column whose name is a fuller or a shorter form of this one; empty where there is none."""
    found = [c for c in columns if c.isidentifier() and (_short_for(name, c) or _short_for(c, name))]
    return found[0] if len(found) == 1 else ""


def _short_for(short: str, long: str) -> bool:
    """True for `acc` and `accuracy`, `val_loss` and `validation_loss`, each part of which begins one of the other; and
    for `ppl` and `perplexity`, whose consonants stand in the other in their order.
    """
    one, two = _plain(short), _plain(long)
    if len(one) < 3 or one[0] != two[:1]:
        return False
    if not {*one} & {*"aeiou"}:
        rest = iter(two)
        return all(letter in rest for letter in one)
    parts, whole = (re.findall(r"[a-z]+|\d+", name.lower()) for name in (short, long))
    return two.startswith(one) or (
        len(parts) == len(whole) and all(b.startswith(a) for a, b in zip(parts, whole, strict=True))
    )


def headed(name: str, columns: Iterable[str]) -> list[str]:
    """Columns that may be taken for a quantity: the one of exactly its name, else all that its usual names fit.

    What trackers put before a name, as in `metrics.loss` and `params.N`, is none of it.
    """
    there = list(columns)
    if name in there:
        return [name]
    headers = QUANTITIES[name].headers if name in QUANTITIES else ()
    found = [c for c in there if _plain(c) in headers]
    return found or [c for c in there if _TRACKED.match(c) and _plain(_TRACKED.sub("", c)) in headers]


#: Quantities that laws of tables read, and the names of two axes of a figure.
USUAL, AXES = ("N", "D", "C", "loss"), ("x", "y", "X", "Y", "xs", "ys", "x_data", "y_data", "xdata", "ydata")


def quantity_meant(name: str, column: str) -> str:
    """The quantity that an argument of a table is for: by its name or, of an axis of a figure, by that of its column;
    empty where neither tells.
    """
    meant = next((q for q in USUAL if headed(q, [name])), "")
    if not meant and name in AXES:
        meant = next((q for q in USUAL if headed(q, [column])), "loss" if name[0] in "yY" else "")
    return meant


def in_other_units(name: str, columns: Iterable[str], given: bool = False) -> tuple[str, str, str] | None:
    """A column that holds a quantity in thousands or more by its name: the column, the factor, and it in a word.

    `given` tells that it is named for the quantity, so that `size_millions` is enough.
    """
    headers = QUANTITIES[name].headers if name in QUANTITIES else ()
    for column in columns:
        plain = column.strip().lower()
        found, named = _IN_UNITS.fullmatch(plain), _UNITS_FIRST.fullmatch(plain)
        what = _plain(found["what"]) if found else ""
        enough = found is not None and given and (len(found["unit"]) > UNIT_LETTERS or what in _SIZES)
        if (found and what in headers) or (named and _NOUNS[named["what"]] in headers) or enough:
            return (column, *unit_of(column))
    return None


def unit_of(column: str) -> tuple[str, str] | tuple[()]:
    """The factor of the unit that a column has by its name, and it in a word; nothing where it tells none."""
    plain = column.strip().lower()
    if (found := _IN_UNITS.fullmatch(plain) or _UNITS_FIRST.fullmatch(plain)) is None:
        return ()
    unit = found["unit"]
    return _UNITS["k" if unit.startswith("thousand") else unit[0]]


def flop_of(column: str) -> str:
    """FLOP of one of the units that a column of compute is in by its name, `pf_days` or `exaflops`; empty of others."""
    found = _COMPUTE.fullmatch(column.strip().lower())
    if found is None:
        return ""
    size = 1e3 ** ("kmgtpez".index(found["size"][0]) + 1)
    return re.sub(r"e\+0?", "e", f"{size * _SECONDS[(found['time'] or ' ')[0]]:g}")


def question(name: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The question whether such a column is meant, for a message about a quantity that is not there."""
    found = in_other_units(name, columns)
    if found is None:
        return ()
    column, factor, word = found
    return (f'{name} from "{column}", in {word}? then write {name}="{column}"*{factor}',)


_TRACKED = re.compile(r"(?:metrics?|params?|config|summary|hparams|args|data|tags|_wandb|history)[./]", re.IGNORECASE)
_IN_UNITS = re.compile(
    r"(?P<what>.*?)[\s_\-(\[]+(?:in[\s_]+)?(?P<unit>k|m|mm|b|bn|t|thousands?|millions?|billions?|trillions?)[)\]]?"
)
#: `train_btok`, `mparams`, `billion_tokens`.
_UNITS_FIRST = re.compile(
    r"(?:.*[\s_\-(\[])?(?P<unit>[kmbgt]|bn|mm|(?:thousand|million|billion|trillion)s?[\s_\-]?(?:of[\s_\-])?)"
    r"(?P<what>tok|token|param|parameter)s?[)\]]?"
)
#: What sizes are called too where nothing else can be meant, and letters of a unit up to which it may be another word.
_SIZES = frozenset({"size", "model", "scale", "data", "dataset", "datasize", "datasetsize", "corpus", "traindata"})
UNIT_LETTERS = 2
_NOUNS = {"tok": "tokens", "token": "tokens", "param": "params", "parameter": "params"}
_UNITS = {
    "k": ("1e3", "thousands"),
    "m": ("1e6", "millions"),
    "b": ("1e9", "billions"),
    "g": ("1e9", "billions"),
    "t": ("1e12", "trillions"),
}
#: `pf_days`, `petaflop/s-days`, `train_exaflops`, `compute (PFLOP)`.
_COMPUTE = re.compile(
    r"(?:.*[\s_\-(\[])?(?P<size>k|m|g|t|p|e|z|kilo|mega|giga|tera|peta|exa|zetta)[\s_\-]?"
    r"(?:f(?=[\s_\-]?(?:day|hour))|fs|flops?)(?:[\s_\-/]*s(?:ec)?)?(?:[\s_\-]*(?P<time>day|d|hour|hr|h)s?)?[)\]]?"
)
_SECONDS = {"d": 86_400, "h": 3_600, " ": 1}


def _plain(name: str) -> str:
    return "".join(ch for ch in name.lower() if ch.isalnum())
