"""What a statement says of data, models and training, however it is written: YAML, JSON, prose, assignments.

Known words, names of parameters and values are picked out, and written again as the language writes them. Where
anything is left that is not understood, nothing is offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import ELSEWHERE, forms
from ...errors import SpecError
from ...files.tables import ENDINGS
from ...resolve.components import DEFAULTS
from ...syntax.parser import parse_value
from ...syntax.scanner import Lexeme, lexemes
from ...vocabulary.base import KINDS, PARTS, REGISTRY, Part
from ...vocabulary.parameters import fields_of, typed
from ...vocabulary.settings import SETTINGS
from .loose_values import UNITS, Value, numerals, tidy, value_at, with_unit
from .loose_writing import ON_GRAPHS, Given, Said, kinds_in, written
from .phrases import known

#: Words and marks that say nothing beside what they stand with.
_FILLERS = (
    "with at of for the a an using and to on in from by is are as be use set let it its over between values value "
    "grid choices type name kind class target _target_ _name_ parameter parameters params hyperparameters "
    "distribution log_uniform_values log_uniform loguniform uniform method search space config cfg args kwargs "
    "options all each every that which so then we i want train training data models model dataset datasets source "
    "optimizer optimiser optim trainer architecture arch network run study experiment sweep vary swept range "
    "ranges axis axes list tune tuned tuning panel where along both across random bayes peak total goes go going "
    "runs dict object json yaml graph schedule scheduler lr_scheduler lr_schedule tokenizer tokenizers teacher "
    "graphs dictconfig namespace sets lists def return self new make create build please should would must can "
    "different several has have having linspace logspace geomspace suggest_float "
    "suggest_loguniform quniform log interval np numpy torch"
)
FILLERS = frozenset(_FILLERS.split())
_NOUNS = "tokens steps layers blocks seqs sequences nodes features seeds epochs passes heads wide deep"
#: What is counted, behind its number.
NOUNS = frozenset(_NOUNS.split())
#: Words before the ends of a range that are given apart.
LOW = ("min", "low", "lower", "start", "lo", "minimum")
HIGH = ("max", "high", "upper", "stop", "end", "hi", "maximum")
#: What values are drawn from between two ends.
DISTRIBUTIONS = (
    *("loguniform", "uniform", "linspace", "logspace", "geomspace", "range", "quniform", "suggestfloat", "interval"),
    *("loguniformvalues", "suggestloguniform", "logscale", "log"),
)
#: Words that ask for the best value of an axis.
TUNED = ("best", "tune", "tuned", "tuning", "optimise", "optimize")
#: Names of a number of seeds.
COUNTED = (
    "seeds",
    "replicates",
    "repeats",
    "repetitions",
    "n_seeds",
    "num_seeds",
    "nseeds",
    "n_repeats",
    "reps",
    "repeat",
    "times",
)
#: The axis that is tuned unless something else is said.
RATE = "lr"
#: Names of files that data are read from.
_FILE = re.compile(r"[\w./*-]+\.(?:txt|csv|tsv|jsonl?|parquet|gml|graphml|mtx|edges|edgelist|gz|zst|text|md)")
MARKS = frozenset(
    (":", "=", ",", ";", "{", "}", "[", "]", "(", ")", "-", "|", ".", "&", "<", ">", "==", "$", "@", "#", "+", "*", "~")
)
_TRUTH = {"true": "true", "false": "false", "yes": "true", "no": "false", "on": "true", "off": "false"}


def reworded(text: str, keyword: str, lets: Mapping[str, str], whole: bool = True) -> list[str] | None:
    """The statements that a text comes to; None where it is not understood. Calls stay `whole`, or are taken apart.

    `keyword` is the part that it is about, if that is known; `lets` are names that stand for words, with their kinds.
    """
    reader = _Reader(text, keyword, lets)
    reader.whole = whole
    if not reader.read():
        return None
    found = [statement for part in PARTS if (statement := written(part, reader.said, lets))]
    return found or None


def understood(text: str, keyword: str) -> bool:
    """True for a text of which nothing is unknown, though it may come to no statement."""
    return _Reader(text, keyword, {}).read()


class _Reader:
    def __init__(self, text: str, keyword: str, lets: Mapping[str, str]) -> None:
        called = {name: name for term in REGISTRY.values() for name in term.called}
        ranges = re.sub(r"\bbetween\s+([\d.]+\w*)\s+and\s+(?=[\d.])", r"\1 to ", tidy(text))
        self.text = numerals(known(ranges, called))
        self.pieces = [x for x in lexemes(self.text) if x.kind != "comment"]
        self.part: Part | None = keyword if keyword in PARTS else None
        self.lets = lets
        self.said = Said()
        self.names = [self._named(i) is not None for i in range(len(self.pieces))]
        self.pending: tuple[Part, str, str] | None = None
        self.shared: list[tuple[Part, str, str]] = []
        self.counted = False
        self.unbound: Value | None = None
        self.ends: dict[str, str] = {}
        self.role = ""
        self.spread = False
        self.failed = False
        self.along = False
        self.whole = True

    def _word(self, i: int) -> str:
        """A lexeme without its quotes."""
        return self.pieces[i].text.strip("\"'`") if i < len(self.pieces) else ""

    def _named(self, i: int) -> tuple[Part, str, str] | None:
        """The parameter or setting that a lexeme names: its part, its word and its name."""
        if self.pieces[i].kind not in ("name", "string", "quoted"):
            return None
        return self._place(self._two_words(i) or self._word(i))

    def _two_words(self, i: int) -> str:
        """The name here of two words, such as `batch size`; empty where they are none."""
        if i + 1 >= len(self.pieces) or self.pieces[i].kind != "name" or self.pieces[i + 1].kind != "name":
            return ""
        return ELSEWHERE.get(f"{self._word(i)}_{self._word(i + 1)}".lower(), "")

    def _place(self, name: str) -> tuple[Part, str, str] | None:
        low = name.lower()
        if low in COUNTED:
            return ("train", "", "seed")
        more = (form for form in forms(name) if name != low or "_" in name)
        ways = (
            name,
            low,
            ELSEWHERE.get(low, ""),
            *(w for form in more if len(form) > 1 for w in (ELSEWHERE.get(form, ""), form)),
        )
        for meant in dict.fromkeys(ways):
            if not meant:
                continue
            if meant in SETTINGS and (self.part in (None, "train") or meant == "seed"):
                return ("train", "", meant)
            for part in (self.part, *PARTS) if self.part else PARTS:
                for word in self._words(part):
                    renamed = REGISTRY[word].also.get(meant, "").removesuffix("steps").removesuffix("={}")
                    if renamed in typed(REGISTRY[word]) and fields_of(REGISTRY[word])[renamed].shape != "term":
                        return (part, word, renamed)
                    if meant in typed(REGISTRY[word]) and fields_of(REGISTRY[word])[meant].shape != "term":
                        return (part, word, meant)
            if meant in SETTINGS:
                return ("train", "", meant)
        return None

    def _words(self, part: Part | None) -> Iterator[str]:
        """Words of a part: those named already, then its default, then all that may be."""
        if part is None:
            return
        kinds = kinds_in(part)
        named = [call.split("(")[0] for call in self.said.words.values()] if hasattr(self, "said") else []
        yield from (word for word in reversed(named) if word in REGISTRY and REGISTRY[word].kind in kinds)
        if part == "data" and "graph" in getattr(self, "said", Said()).words:
            yield from (w for w, s in REGISTRY.items() if s.kind == "source" and w == ON_GRAPHS)
        if part != "data":
            yield from (w for w, t in REGISTRY.items() if t.kind == KINDS[part] and w == DEFAULTS[part])

    def read(self) -> bool:
        i = 0
        self._find_words()
        while i < len(self.pieces):
            taken = self._take(i)
            if not taken:
                return False
            i += taken
        if self.ends:
            self._bind_ends()
        return not self.failed and self.pending is None and self.unbound is None and not self.ends

    def _find_words(self) -> None:
        """The words that are named anywhere, so that parameters are known to be theirs."""
        for i, piece in enumerate(self.pieces):
            word = self._word(i)
            kind = self._kind(word)
            if piece.kind in ("name", "string", "quoted") and kind and kind not in self.said.words:
                self.said.words[kind] = self._here(word)

    def _here(self, word: str) -> str:
        """A word as it is written here."""
        return word if word in REGISTRY or word in self.lets else _called(word)

    def _kind(self, word: str) -> str:
        """The kind of a word of the vocabulary, or of what others call so."""
        if word in self.lets:
            return self.lets[word]
        if word.lower() in FILLERS:
            return ""
        term = REGISTRY.get(word)
        if term is None and (meant := _called(word)):
            term = REGISTRY.get(meant.split("(")[0])
            term = term if term is not None and term.kind in HEADS else None
        return term.kind if term is not None and term.kind in _ALL_KINDS else ""

    def _take(self, i: int) -> int:
        """Lexemes that are taken from a place; 0 where it is not understood."""
        piece, word = self.pieces[i], self._word(i)
        low = word.lower()
        following = self.pieces[i + 1].text if i + 1 < len(self.pieces) else ""
        if (kind := self._kind(word)) and piece.kind != "number" and not self._is_value_of_pending(word):
            return self._take_word(i, kind, word)
        if (value := value_at(self.pieces, i, self.names)) is not None:
            return self._take_value(i, value)
        if (length := self._file(i)) and self._take_file("".join(p.text for p in self.pieces[i : i + length])):
            return length
        if piece.kind == "string" and "." in word and "source" in self.said.words:
            return 1
        if low in ("none", "null", "nan") and self.pending is not None:
            _, owner, name = self.pending
            field_ = fields_of(REGISTRY[owner]).get(name) if owner in REGISTRY else None
            if field_ is not None and field_.off:
                self._bind(Value(field_.off, "single", 1))
                return 1
            self.pending = None
            return 1
        if self.pending is not None and self._is_value_of_pending(word):
            self._bind(Value(_TRUTH.get(low, word), "single", 1))
            return 1
        if low in LOW or low in HIGH:
            j = i + 1
            while j < len(self.pieces) and self.pieces[j].text in (":", "="):
                j += 1
            end = value_at(self.pieces, j, self.names) if j < len(self.pieces) else None
            if end is not None and end.kind == "single" and self.pending is not None:
                self.ends["low" if low in LOW else "high"] = end.text
                return j + end.length - i
        if (choice := self._choice(word)) is not None and self.pending is None:
            part, owner, name = choice
            self.said.given.append(Given(part, owner, name, Value(word, "single", 1)))
            return 1
        if piece.kind in ("name", "string", "quoted") and (place := self._named(i)) is not None:
            return self._take_name(i, place, low)
        if low in TUNED:
            self.role = "tune"
            return 1
        if low == "along":
            self.along = True
            return 1
        if low == "panel":
            self.role = "panel"
            return 1
        called = ELSEWHERE.get(low) in FILLERS and following in ("=", ":")
        if low in FILLERS or called or piece.text in MARKS:
            self.spread |= low.replace("_", "") in DISTRIBUTIONS
            return 1
        if missing(low) and following in ("=", ":"):
            return 0
        if (
            word in UNITS
            and self.said.given
            and (more := with_unit(self.said.given[-1].value, UNITS[word])) is not None
        ):
            self.said.given[-1].value = more
            return 1
        return 0

    def _file(self, i: int) -> int:
        """Lexemes that a file's name takes, in quotes or without; 0 where there is none."""
        if self.pieces[i].kind in ("string", "quoted"):
            return int(_FILE.fullmatch(self._word(i)) is not None)
        joined = "".join(p.text for p in self.pieces[i : i + 3])
        return 3 if self.pieces[i].kind == "name" and _FILE.fullmatch(joined) and joined in self.text else 0

    def _take_file(self, typed_so: str) -> bool:
        """A file, which is that of the graph or the source that is named, or else of what reads such a file."""
        name = typed_so.strip("\"'`")
        if self.pending is not None and self.pending[2] != "path":
            return False
        reading = {w: t for w, t in REGISTRY.items() if t.order[:1] == ("path",)}
        for kind in ("graph", "source"):
            head, _, given = self.said.words.get(kind, "").partition("(")
            if head in reading and (not given or any(f"{head}({given}" in t.called.values() for t in reading.values())):
                self.said.words[kind] = f'{head}("{name}")'
                self.pending = None
                return True
        graph = "graph" in self.said.words or re.search(r"\b(?:graph|network|edges?)\b", self.text)
        kind = "graph" if graph else "source"
        if kind in self.said.words or self.part not in (None, "data"):
            return False
        tables = name.rsplit(".", 1)[-1] in ENDINGS
        shapes = [
            w
            for w, t in reading.items()
            if t.kind == kind and (graph or (getattr(t, "shape", "") == "table") is tables)
        ]
        if not shapes:
            return False
        word = next((w for w in shapes if REGISTRY[w].instead), shapes[0])
        self.said.words[kind], self.pending = f'{word}("{name}")', None
        return True

    def _take_word(self, i: int, kind: str, word: str) -> int:
        """A word that stands for a value, with the parentheses behind it where they can be read as they are."""
        self.pending = None if self.pending is not None and self.pending[2] not in ("seed",) else self.pending
        if self.said.words.setdefault(kind, self._here(word)).split("(")[0] != self._here(word).split("(")[0]:
            return 0
        if (
            i + 1 < len(self.pieces)
            and self.pieces[i + 1].text == "("
            and self.pieces[i + 1].start == self.pieces[i].end
        ):
            closer = _closing(self.pieces, i + 1)
            if closer is not None:
                typed_so = self.text[self.pieces[i].start : self.pieces[closer].end]
                if _reads(typed_so) and word in REGISTRY and self.whole:
                    self.said.words[kind] = typed_so
                    return closer + 1 - i
        return 1

    def _take_name(self, i: int, place: tuple[Part, str, str], low: str) -> int:
        """The name of a parameter: what was said just before may be its value."""
        length = 2 if self._two_words(i) else 1
        if self.ends:
            self._bind_ends()
        if self.pending is not None:
            if self.pieces[i - 1].text not in (",", "and"):
                return 0
            self.shared.append(self.pending)
        self.pending, self.counted = place, low in COUNTED
        after = i + length
        if self.unbound is not None:
            if after < len(self.pieces) and (self.pieces[after].text in ("=", ":", "in")):
                return 0
            value, self.unbound = self.unbound, None
            self._bind(value)
        return length

    def _take_value(self, i: int, value: Value) -> int:
        after = i + value.length
        if self.spread and value.kind == "set" and value.text.count(",") in (1, 2):
            low, high, *count = value.text.strip("{}").split(", ")
            value = value._replace(text=f"[{low}..{high} count {count[0] if count else 5}]", kind="range")
        self.spread = False
        unit = self._word(after) if after < len(self.pieces) else ""
        if after + 1 < len(self.pieces) and self.pieces[after + 1].text in (":", "=", "in", "along"):
            unit = ""  # the name of the next value
        if self.pending is not None:
            field_ = self._field()
            if field_ is not None and field_.shape == "warmup" and unit in ("steps", "step", "iterations"):
                self._bind(value._replace(text=f"{value.text}steps"))
                return value.length + 1
            self._bind(value)
            if unit.lower() in NOUNS:
                return value.length + 1
            return value.length
        if self.unbound is not None:
            return 0
        self.unbound = value
        return value.length

    def _field(self) -> Any:
        assert self.pending is not None
        _, word, name = self.pending
        return fields_of(REGISTRY[word])[name] if word else SETTINGS[name]

    def _is_value_of_pending(self, word: str) -> bool:
        """True for a name that is a value of the parameter that was named: a choice or a truth value."""
        if self.pending is None:
            return False
        field_ = self._field()
        return word in field_.choices or (field_.shape == "bool" and word.lower() in _TRUTH)

    def _choice(self, word: str) -> tuple[Part, str, str] | None:
        """The parameter that a name is a value of, such as `muP`."""
        for part in PARTS if self.part is None else (self.part,):
            for owner in self._words(part):
                for name, one in fields_of(REGISTRY[owner]).items():
                    if word in one.choices and len(word) > 1:
                        return (part, owner, name)
        return None

    def _bind_ends(self) -> None:
        if {*self.ends} == {"low", "high"} and self.pending is not None:
            ends = f"[{self.ends['low']}..{self.ends['high']} count 5]"
            self._bind(Value(ends, "range", 0))
            self.ends = {}

    def _bind(self, value: Value) -> None:
        assert self.pending is not None
        part, word, name = self.pending
        number = value.text
        if self.counted and value.kind == "single" and number.isdigit() and 0 < int(number) <= 100:
            n = int(number)
            value = Value(f"{{{', '.join(map(str, range(n)))}}}" if n <= 8 else f"[0..{n - 1} step 1]", "set", 0)
        field = fields_of(REGISTRY[word]).get(name) if word in REGISTRY else None
        if field is not None and field.shape == "warmup" and re.fullmatch(r"0?\.\d+", number):
            value = Value(f"{float(number) * 100:.6g}%", "single", value.length)
        elif field is not None and field.shape == "warmup" and re.fullmatch(r"[1-9]\d+", number):
            value = Value(f"{number}steps", "single", value.length)
        role = self.role if value.kind != "single" else ""
        if name == RATE and value.kind != "single" and not role:
            role = "tune"
        self.failed |= bool(self.role) and value.kind == "single"
        for place in (*self.shared, (part, word, name)):
            self.said.given.append(Given(*place, value, role, self.along))
        self.pending, self.counted, self.role, self.shared, self.along = None, False, "", [], False


#: Kinds of words that are known by other names too, where they stand.
HEADS = ("source", "graph", "family", "optimiser")
_ALL_KINDS = ("source", "graph", "family", "optimiser", "schedule", "tokenizer", "teacher")


def _called(word: str) -> str:
    """What others call a word, as it is written here."""
    low = word.lower()
    if low.removesuffix("s") in REGISTRY:
        return low.removesuffix("s")
    if any(low in typed(t) for t in REGISTRY.values()):
        return ""  # the name of a parameter
    return next((t.called[low] for t in REGISTRY.values() if low in t.called and _reads(t.called[low])), "")


def _reads(text: str) -> bool:
    try:
        parse_value(text)
    except SpecError:
        return False
    return True


def _closing(pieces: list[Lexeme], at: int) -> int | None:
    depth = 0
    for i in range(at, len(pieces)):
        depth += {"open": 1, "close": -1}.get(pieces[i].kind, 0)
        if depth == 0:
            return i
    return None
