"""Formulas as papers and programs write them: LaTeX, R's terms, functions and lambdas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import FUNCTIONS_ELSEWHERE
from ..vocabulary.words.laws import Law
from .constructs import Construct, Statement, closing, parts

_FUNCTION = (
    re.compile(
        r"(?:def\s+|let\s+)?(?P<name>[A-Za-z_]\w*)\s*\((?P<args>[^()]*)\)\s*(?::\s*(?:return\b)?|:?=(?!=))\s*(?P<body>[^\n]+)$"
    ),
    re.compile(
        r"(?:let\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:=|<-)\s*(?:lambda\s+(?P<args>[^:]*):|function\s*\((?P<args2>[^()]*)\)|\((?P<args3>[^()]*)\)\s*(?:->|=>))\s*\{?(?P<body>[^\n{}]+)\}?$"
    ),
)
_TEX = re.compile(r"\\[A-Za-z]|\$|\^\s*\{|_\s*\{")
_SIZES = ("N", "D", "C")


def plain_formula(tex: str) -> str:
    """A formula in LaTeX as the language writes it."""
    text = re.sub(r"\\(?:left|right|big[lr]?|Big[lr]?|displaystyle|quad|[,;!:])\b|\\[,;!: ]|\$|~", " ", tex)
    text = re.sub(r"\\(?:hat|bar|tilde|mathrm|mathbf|mathit|mathcal|text|operatorname)\s*\{([^{}]*)\}", r"\1", text)
    for _ in range(8):
        text, n = re.subn(
            r"\\[dt]?frac\s*\{([^{}]*(?:\{[^{}]*\})?[^{}]*)\}\s*\{([^{}]*(?:\{[^{}]*\})?[^{}]*)\}", _fraction, text
        )
        text = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", text)
        text = re.sub(r"_\s*\{?\s*(?:N|D|C|\\infty|\\text)\s*\}?(?!\w)", _index, text)
        text = re.sub(r"\^\s*\{\s*([-+]?\s*[\\\w.]+)\s*\}", lambda m: "^" + m[1].replace(" ", ""), text)
        text = re.sub(r"\^\s*\{([^{}]*)\}", r"^(\1)", text)
        if not n:
            break
    for command, sign in _COMMANDS:
        text = re.sub(rf"\\(?:{command})(?![A-Za-z])", sign, text)
    text = re.sub(r"\\([A-Za-z]+)", r"\1", text).replace("{", "(").replace("}", ")")
    text = re.sub(
        r"(?<=[\w)])\s+(?=[A-Za-z(])(?!(?:in|and|or|not|within|of|where)\b)(?<!in )(?<!and )(?<!of )(?<!or )"
        r"(?<!not )(?<!expect )(?<!fit )(?<!within )(?<!where )",
        "*",
        text,
    )
    text = re.sub(r"\b([AB])\s*\*?\s*([NDC])\^", r"\1*\2^", text)
    return re.sub(r"\s+", " ", text).strip()


_COMMANDS = (
    ("times|cdot|ast", "*"),
    ("leq?(?:slant)?", "<="),
    ("geq?(?:slant)?", ">="),
    ("neq?", "!="),
    ("approx|sim|simeq", " within 5% of "),
    ("pm", "+-"),
    ("ln", "log"),
    ("land", "and"),
    ("lor", "or"),
    ("in", " in "),
    ("infty", ""),
)


def _fraction(match: re.Match[str]) -> str:
    def one(part: str) -> str:
        return part if re.fullmatch(r"\s*[\\\w.]+(?:\s*\^\s*(?:[\\\w]+|\{[^{}]*\}))?\s*", part) else f"({part.strip()})"

    return f"{one(match[1]).strip()}/{one(match[2]).strip()}"


def _index(match: re.Match[str]) -> str:
    return "" if "infty" in match[0] else "_" + re.sub(r"\W", "", match[0].replace("text", "")).strip("_")


def latex(statement: Statement) -> Iterator[Construct]:
    r"""`fit $L(N,D) = E + \\frac{A}{N^\\alpha}$`, `expect $\\alpha > 0.3$`: the whole formula at once."""
    text = statement.text
    if (
        statement.keyword not in ("fit", "expect", "let")
        or not _TEX.search(text)
        or not re.search(r"\\|\$[^$]+\$", text)
    ):
        return
    first = re.match(r"\w+\s*", text)
    start = first.end() if first else 0
    if statement.keyword == "let" and (sign := re.match(r"let\s+\w+\s*=\s*", text)):
        start = sign.end()
    formula = text[start:].strip()
    written = plain_formula(formula)
    if statement.keyword == "fit":
        written = re.sub(r"^\s*L?\s*\w*\s*(?:\([^()]*\))?\s*(?:=|within 5% of)\s*", "", written)
    written = re.sub(r"\b(alpha|beta)_[ND]\b", r"\1", written)
    named = law_named(written) if statement.keyword != "expect" else ""
    helps: tuple[str, ...] = (f"write `{text[:start]}{written}`",)
    if named:
        helps += (
            f"or by its name, `{statement.keyword} {named}`" if statement.keyword == "fit" else f"which is `{named}`",
        )
    said = "this is LaTeX, and a formula is written with `+ - * / ^` and the names of letters"
    end = start + len(text[start:].rstrip())
    yield Construct(start, end, said, written, helps, code="SCL002")


def law_named(formula: str) -> str:
    """The law that a formula is, as `fit` takes it; empty where it is none of ours."""

    def terms(text: str) -> frozenset[str]:
        plain = re.sub(r"\s", "", text).replace("**", "^")
        plain = re.sub(r"/(\w+)\^(\w+)", r"*\1^-\2", plain).replace("^(-", "^-(")
        plain = re.sub(r"\^-\((\w+)\)", r"^-\1", plain)
        return frozenset(parts(plain, "+"))

    typed = terms(formula)
    for word, law in REGISTRY.items():
        if not issubclass(law, Law) or not law.expression:
            continue
        if law.variables == ("x",):
            for size, own in (("N", {}), ("D", {"A": "B", "alpha": "beta"}), ("C", {"A": "K", "alpha": "gamma"})):
                text = re.sub(r"\bx\b", size, law.expression)
                for old, new in own.items():
                    text = re.sub(rf"\b{old}\b", new, text)
                if typed in (terms(text), terms(re.sub(r"\bx\b", size, law.expression))):
                    return f"{word}({size})"
        elif typed == terms(law.expression):
            return word
    return ""


def formula_of(typed: str) -> str:
    """The law of a formula of R, `log(loss) ~ log(N) + log(D)` or `loss ~ E + A*N^-alpha`."""
    left, _, right = typed.partition("~") if "~" in typed else ("", "", typed)
    no_intercept = _NO_INTERCEPT.search(right) is not None
    logs = re.findall(r"\b(?:log\w*|np\.log)\((\w+)\)", right)
    if logs and re.match(r"\s*(?:log\w*|np\.log)\(", left) and not re.search(r"[*^]", right):
        names = dict(zip(_SIZES, ("alpha", "beta", "gamma"), strict=True))
        powers = [f"{n}^-{names.get(n, f'a{i}')}" for i, n in enumerate(logs)]
        return "*".join(powers if no_intercept else ["A", *powers])
    right = re.sub(r"\bI\(([^()]*(?:\([^()]*\)[^()]*)*)\)", r"\1", right).strip()
    summed = _NO_INTERCEPT.sub("+ 0", right)
    if re.fullmatch(r"[\w\s+*:().,^]+", summed) and (linear := _linear(summed)):
        return f'law(exp({linear}), objective="log-mse")' if re.match(r"\s*(?:log\w*|np\.log)\(", left) else linear
    return right.replace("**", "^")


#: Terms of R that leave the intercept out.
_NO_INTERCEPT = re.compile(r"(?:(?:^|\+)\s*0|(?<![\^*])-\s*1)\s*(?=\+|$)")
#: Functions of a quantity that stand in a formula of R.
_IN_R = re.compile(r"(?:log(?:10|2|1p)?|sqrt|exp|poly)\(\s*\w+[^()]*\)|\w+")


def _linear(right: str) -> str:
    """The regression of R's terms, each with its coefficient, `a*b` being both and their product; empty where names
    other than of sizes, or signs of a written law, stand there.
    """
    products: dict[tuple[str, ...], None] = {}
    for term in parts(right, "+"):
        factors = [f.strip() for f in re.split(r"[*:]", term)]
        if not all(_IN_R.fullmatch(f) for f in factors) or any(
            re.fullmatch(r"[A-Za-z]\w*", f) and f not in _SIZES and f != "x" for f in factors
        ):
            return ""
        if "*" in term:
            products |= dict.fromkeys((f,) for f in factors)
        products[tuple(factors)] = None
    named = [p for p in products if p not in (("1",), ("0",))]
    letters = iter("abcdfghjkmq")
    intercept = [] if ("0",) in products else [next(letters)]
    return " + ".join([*intercept, *(f"{next(letters)}*{'*'.join(p)}" for p in named[:9])])


_LINES = re.compile(r"def\s+(?P<name>[A-Za-z_]\w*)\s*\((?P<args>[^()]*)\)[^\n:]*:[ \t]*\n(?P<body>.+)$", re.DOTALL)
_GIVEN = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*=(?!=)\s*(?P<value>[^\n]+)$")


def _in_one_line(text: str) -> str:
    """A function of several lines in one, values of its own put in; any other text as it is."""
    found = _LINES.match(text)
    if found is None:
        return text
    lines = [line.strip() for line in found["body"].split("\n") if line.strip()]
    lines = [line for line in lines if not line.startswith(("#", '"', "'"))]
    given: dict[str, str] = {}
    for line in lines[:-1]:
        if (one := _GIVEN.match(line)) is not None:
            given[one["name"]] = one["value"]
        elif not re.fullmatch(r"\w+(?:\s*,\s*\w+)+\s*=\s*\w+", line):
            return text
    if not lines or not lines[-1].startswith("return "):
        return text
    body = lines[-1].removeprefix("return ")
    for name, value in reversed(given.items()):
        body = re.sub(rf"\b{name}\b", f"({value})", body)
    return f"def {found['name']}({' '.join(found['args'].split())}): return {body}"


_MODULE = re.compile(r"\b(?:np|numpy|jnp|math|torch|tf|tf\.math|sp|scipy(?:\.special)?|Math)\.(?=[a-z]\w*\()")


def plain_calls(formula: str) -> str:
    """A formula of a program as it is written here: `A*np.power(N, -alpha)` is `A*N^-alpha`."""
    text = _MODULE.sub("", formula).replace("**", "^")
    at = 0
    while call := re.compile(r"\b([A-Za-z]\w*)\(").search(text, at):
        end, meant = closing(text, call.end() - 1), FUNCTIONS_ELSEWHERE.get(call[1].lower())
        at = call.end()
        given = parts(text[call.end() : end - 1]) if end else []
        if end and meant and len(given) == (2 if "{2}" in meant else 1):
            text = text[: call.start()] + meant.format(given[0], *given, *given) + text[end:]
            at = call.start()
    return re.sub(r"\((-?\w+)\)(?=\^)|(?<=\^)\((-?\w+)\)", lambda m: m[1] or m[2], text)


def functions(statement: Statement) -> Iterator[Construct]:
    """`L(x) = E + A*x**-alpha`, `def f(N, a): return a*N**-b`: a law has a name by `let`."""
    if statement.text.split("(")[0].split("=")[0].strip() in ("fit", "data", "models", "train", "expect", "let"):
        return
    for pattern in _FUNCTION:
        found = pattern.match(_in_one_line(statement.text.rstrip()))
        if found is None:
            continue
        name, body = found["name"], plain_calls(found["body"].strip().rstrip(";").removeprefix("return "))
        args = next(
            (found[k] for k in ("args", "args2", "args3") if k in found.groupdict() and found[k] is not None), ""
        )
        names = [a.strip().split("=")[0].split(":")[0].strip() for a in args.split(",") if a.strip()]
        if not any(re.search(rf"\b{s}\b", body) for s in _SIZES):
            fitted = re.search(rf"(?m)^fit\b.*?\b{name}\b(?:\((\w+)\))?", statement.study)
            if statement.keyword == "let" and not fitted:
                return
            size = (fitted and fitted[1]) or "N"
            free = [n for n in names if re.search(rf"\b{re.escape(n)}\b", body)]
            body = re.sub(rf"\b{re.escape(free[0])}\b", size, body) if free else body
        if name in ("if", "for", "while", "print", "plot", "return") or not re.search(r"[-+*/^]", body):
            return
        said = "a law of your own is a formula with a name, and no function: it reads N, D and C by their names"
        helps = (f"write `let {name} = {body}`, and `fit {name}`",)
        yield Construct(0, len(statement.text.rstrip()), said, f"let {name} = {body}", helps, code="SCL003")
        return


_NAMELESS = re.compile(
    r"fit\s+(?P<head>lambda\s+[\w, ]*:|(?:function|\\)\s*\([\w, ]*\)|\([\w, ]*\)\s*[-=]>)\s*(?P<body>.+)$"
)


def nameless_functions(statement: Statement) -> Iterator[Construct]:
    """`fit lambda N: E + A*N**-alpha`: the formula alone is fitted."""
    found = _NAMELESS.match(statement.text.rstrip())
    if found and re.search(r"\b[NDC]\b", found["body"]):
        written = plain_calls(found["body"])
        named = law_named(written)
        helps = (f"write `fit {written}`" + (f", or by its name, `fit {named}`" if named else ""),)
        said = "a law of your own is a formula, and no function: it reads N, D and C by their names"
        yield Construct(found.start("head"), found.end(), said, written, helps)


def fitted_functions(statement: Statement) -> Iterator[Construct]:
    """`fit f(x)` where the study has `f(x) = ...`."""
    for found in re.finditer(r"\b([A-Za-z_]\w*)\(([^()]*)\)", statement.text) if statement.keyword == "fit" else ():
        if found[1] in REGISTRY or found[1] == "fit":
            continue
        of_function = r"(?:\([^()]*\)\s*(?::|=)|(?:=|<-)\s*(?:lambda|function|\([^()]*\)\s*[-=]>))"
        named = rf"(?m)^(?:def\s+|let\s+)?{found[1]}\s*{of_function}"
        if re.search(named, statement.study):
            said = f"`{found[1]}` is a formula with a name, and is fitted by that alone"
            yield Construct(found.start(), found.end(), said, found[1], (f"write `fit {found[1]}`",))


_CALLED = re.compile(rf"(?:{_MODULE.pattern}|\bpow\()")


def _summed(law: str) -> str:
    """`logaddexp(a, b)` as the sum that it is the logarithm of."""
    found = re.fullmatch(r"log(?:add|sum)exp\((?:\[(?P<listed>.*)\]|(?P<terms>.*))\)(?P<where>\s+where\s.*)?", law)
    terms = parts(found["listed"] or found["terms"]) if found else ()
    return " + ".join(f"exp({term})" for term in terms) + (found["where"] or "") if found else law


def functions_called(statement: Statement) -> Iterator[Construct]:
    """`fit E + A*np.power(N, -alpha)`: a law written out with functions of a program."""
    first = re.match(r"fit\s+|let\s+\w+\s*=\s*", statement.text)
    if first is None or not _CALLED.search(statement.text) or not re.search(r"\b[NDC]\b", statement.text):
        return
    formula = statement.text[first.end() :].rstrip()
    written = ", ".join(_summed(plain_calls(law)) for law in parts(formula))
    said = "powers are written `^` in a law, and functions by their names alone"
    named = law_named(written)
    by_name = f", or by its name, `{'fit ' if statement.keyword == 'fit' else ''}{named}`" if named else ""
    helps = (f"write `{first[0]}{written}`{by_name}",)
    yield Construct(first.end(), first.end() + len(formula), said, written, helps)


FINDERS = (latex, functions, nameless_functions, fitted_functions, functions_called)
