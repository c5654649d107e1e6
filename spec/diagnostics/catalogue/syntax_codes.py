"""Every diagnostic code, documented: those of the syntax here, those of the meaning from `semantic_codes.py`.

Each has a study that provokes it and that study mended, which tests hold to; `explain` shows all of it.
"""

from __future__ import annotations

from ...errors import Code
from .semantic_codes import CODES as MEANING

_DATA = "data walk(er(n=512, p=.02))\n"
_MODELS = "models width in [32..256]\n"
_STUDY = _DATA + _MODELS

SYNTAX: tuple[Code, ...] = (
    Code(
        "SCL001",
        "text that does not fit the grammar",
        "Something stands where the grammar has no place for it. The message says what was expected there and what "
        "was found; the note, what was being read.",
        _STUDY + 'title "Walks" "on graphs"\n',
        _STUDY + 'title "Walks on graphs"\n',
    ),
    Code(
        "SCL002",
        "a character that means nothing",
        'The language is written in letters, digits and `( ) [ ] { } , ; : = & + - * / ^ < > ! . % "`; anything may '
        "stand in texts and comments. Typographic dashes, quotes and Greek letters come mostly from copied text.",
        _DATA + _MODELS + "train adamw(lr=1e–2)\n",
        _DATA + _MODELS + "train adamw(lr=1e-2)\n",
    ),
    Code(
        "SCL003",
        "a line that is no statement",
        "A statement begins with one of the words title, use, let, data, models, train, fit, optimum, budget, report "
        "and expect, in small letters.",
        _DATA + "model width in [32..256]\n",
        _STUDY,
    ),
    Code(
        "SCL004",
        "a bracket that is never closed",
        "A bracket is open where the statement ends, or where the next one begins in column 1. The message points to "
        "where the closing one is missing, and to the one that is open.",
        "data walk(er(n=512, p=.02)\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL005",
        "a bracket that closes nothing",
        "A closing bracket has no open one before it, or one of another kind.",
        "data walk(er(n=512, p=.02)))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL006",
        "a text that is not closed",
        "A text in double quotes ends on the line on which it begins.",
        'title "Walks\n' + _STUDY,
        'title "Walks"\n' + _STUDY,
    ),
    Code(
        "SCL007",
        "other than double quotes",
        "Texts stand in double quotes. There are no escapes: a text holds neither a double quote nor a newline.",
        "title 'Walks'\n" + _STUDY,
        'title "Walks"\n' + _STUDY,
    ),
    Code(
        "SCL008",
        "a missing comma",
        "Arguments, values in braces, and the items after fit, optimum, budget and report are separated by commas. "
        "Axes and definitions outside parentheses are not.",
        "data walk(er(n=512 p=.02))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL009",
        "an axis without `in`",
        "`width in [32..256]` makes an axis: a run for each value. `=` gives one value, and is not for tuned or "
        "panel axes.",
        _DATA + "models width [32..256]\n",
        _STUDY,
    ),
    Code(
        "SCL010",
        "arithmetic on a sweep",
        "A sweep is a whole axis, and calculations are about one run. Name the axis, and calculate with its name.",
        _STUDY + "train tokens = {20, 50}*N\n",
        _STUDY + "train ratio in {20, 50}  tokens = ratio*N\n",
    ),
    Code(
        "SCL011",
        "a range that is not well formed",
        "A range is `[a..b]`, which doubles from a to b, or `[a..b step s]`, which adds, `[a..b times r]`, which "
        "multiplies, or `[a..b count k]`, k points evenly in the logarithm. Lists of values stand in braces.",
        _DATA + "models width in [32, 64, 128]\n",
        _DATA + "models width in {32, 64, 128}\n",
    ),
    Code(
        "SCL012",
        "a `where` out of place",
        "A condition stands after the item whose cells, rows or points it keeps: once, and outside its brackets.",
        _STUDY + "fit power(N where D > 1M)\n",
        _STUDY + "fit power(N) where D > 1M\n",
    ),
    Code(
        "SCL013",
        "a number in pieces",
        "Digits follow the decimal point, no `_` divides them, and a magnitude or unit stands right after the last: "
        "`0.5`, `1000000`, `1M`, `30min`, `2%`.",
        _STUDY + "budget 30 min\n",
        _STUDY + "budget 30min\n",
    ),
    Code(
        "SCL014",
        "three dots in a row",
        "`[.1...9]` reads as .1 to .9, and `[5...9]` as 5 to .9, which is hardly ever meant. Write the zero, or two "
        "dots. Where the range so read rises this is a warning, else an error.",
        _STUDY + "fit chinchilla\nexpect alpha in [.1...9]\n",
        _STUDY + "fit chinchilla\nexpect alpha in [.1..0.9]\n",
    ),
    Code(
        "SCL015",
        "the wrong sign between a name and its value",
        "`=` gives a value, `==` compares two, `:` follows a label in braces.",
        "data walk(er(n: 512, p=.02))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL016",
        "a comparison that cannot stand there",
        "A comparison inside a call stands in parentheses of its own; `in` and `within` are not chained with other "
        "comparisons; only `in` takes a range or a set.",
        _STUDY + "fit chinchilla\nexpect 0.2 < alpha in [0.1..0.9]\n",
        _STUDY + "fit chinchilla\nexpect 0.2 < alpha and alpha in [0.1..0.9]\n",
    ),
    Code(
        "SCL017",
        "a word of the language as a name",
        "Statement words and the words where, tune, panel, in, along, step, times, count, and, or, not, within, of are "
        "no names, even where the grammar could tell. data, models and train may select: `loss(data=text)`.",
        _DATA + "models {in: transformer(width=32), out: transformer(width=64)}\n",
        _DATA + "models {inner: transformer(width=32), outer: transformer(width=64)}\n",
    ),
    Code(
        "SCL018",
        "nesting that is too deep",
        "Brackets, and expressions inside expressions, go 64 deep at most. Name a part with `let`.",
        _STUDY + f"train lr = {'(' * 70}.01{')' * 70}\n",
        _STUDY + "train lr = .01\n",
    ),
    Code(
        "SCL019",
        "a statement inside another",
        "A statement ends at `;`, or at a newline before text in column 1. An indented line goes on with the "
        "statement above it.",
        "data walk(er(n=512, p=.02)) models width in [32..256]\n",
        "data walk(er(n=512, p=.02)); models width in [32..256]\n",
    ),
    Code(
        "SCL020",
        "a line that should be indented",
        "A line in column 1 begins a statement; to go on with the one above, indent it.",
        _DATA + "models transformer(layers=2)\nwidth in [32..256]\n",
        _DATA + "models transformer(layers=2)\n  width in [32..256]\n",
    ),
    Code(
        "SCL021",
        "a comma after a component",
        "data, models and train take one value, or a set of labelled ones, and then axes and definitions without "
        "commas.",
        _STUDY + "train tokens in [1M..4M], seed in {0, 1}\n",
        _STUDY + "train tokens in [1M..4M]  seed in {0, 1}\n",
    ),
    Code(
        "SCL022",
        "a text without quotes",
        "Titles and file names are texts, in double quotes.",
        "title Walks on graphs\n" + _STUDY,
        'title "Walks on graphs"\n' + _STUDY,
    ),
    Code(
        "SCL023",
        "an operator of another language",
        "A power is `^`; conditions are joined by `and` and `or` and turned round by `not`; comments begin with `#`.",
        _STUDY + "train lr = .003*(width/256)**-.5\n",
        _STUDY + "train lr = .003*(width/256)^-.5\n",
    ),
    Code(
        "SCL024",
        "a misspelt word of the language",
        "The words of the language are in small letters, and there is one that resembles what was typed.",
        _STUDY + "train tokens in [1M..4M]  wehre tokens > N\n",
        _STUDY + "train tokens in [1M..4M]  where tokens > N\n",
    ),
    Code(
        "SCL025",
        "a silence for a code that does not exist",
        "`# scl: allow SCL307` silences that warning in the statement it stands in, beside or above; before the first "
        "statement, in the whole file. This one names a code that there is not.",
        _DATA + "models width in [32..300]  # scl: allow SCL307, SCL999\n",
        _DATA + "models width in [32..300]  # scl: allow SCL307\n",
    ),
    Code(
        "SCL026",
        "a silence that silences nothing",
        "No warning of that code is found where the comment applies, so it can go.",
        _DATA + "models width in [32..256]  # scl: allow SCL307\n",
        _STUDY,
    ),
    Code(
        "SCL027",
        "a silence for an error",
        "Only warnings can be silenced: a study with an error means nothing that could be run.",
        _DATA + "models width in [256..32]  # scl: allow SCL305\n",
        _STUDY,
    ),
)

CODES: dict[str, Code] = {code.code: code for code in (*SYNTAX, *MEANING)}
assert len(CODES) == len(SYNTAX) + len(MEANING), "a code is declared twice"
