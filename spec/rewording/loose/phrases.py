"""Turns of phrase of a statement that are written otherwise here, each with what is written for it.

What they make of a statement is offered only where the study with it can be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ...diagnostics.collect import Fault
from ...errors import SpecError
from ...expressions.sweeps import constant
from ...syntax.numbers import short
from ...syntax.parser import parse_value
from ...vocabulary.base import REGISTRY
from .loose_values import tidy

_N = r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*"
_NOT = (
    r"(?:except|excepting|excluding|exclude|without|unless|ignoring|ignore|omit|omitting|skip|skipping|dropping|drop|"
    r"but not|leaving out|leave out|minus)"
)
_ONLY = (
    r"(?:only|just|keeping only|keeping|keep only|keep|restricted to|limited to|filter|filtered by|such that|s\.t\.)"
)
_TURNED = {"==": "!=", "=": "!=", "is": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<", "": "!="}
_NAME = r"[A-Za-z_]\w*"

Phrase = tuple[str, str | Callable[[re.Match[str]], str]]


def _without(match: re.Match[str]) -> str:
    """`except width == 64` as a condition; of a bare value the name is that of the axis before it."""
    axes = re.findall(rf"({_NAME}) in ", match["before"])
    name = match["name"] or (axes[-1] if axes else "")
    if not name:
        return match[0]
    return f"{match['before']}  where {name} {_TURNED[(match['sign'] or '').strip()]} {match['value']}"


#: Values that are written for a list made by a rule.
_MOST_LISTED = 40


def _comprehension(match: re.Match[str]) -> str:
    """`[100000 * 2**i for i in range(4)]`, `[16*k for k in (1, 2, 4)]` as their values; else as it is typed."""
    inner, name = match["inner"].replace("**", "^"), match["name"]
    if match["values"] is not None:
        given = [v for v in re.split(r"\s*,\s*", match["values"].strip("()[]{} ")) if v]
    else:
        ends = [int(v) for v in re.findall(r"-?\d+", match["ends"])]
        if not ends or (len(ends) > 2 and ends[2] == 0):
            return match[0]
        given = [str(v) for v in range(*ends[:3])[:_MOST_LISTED]]
    values = []
    for value in given:
        try:
            values.append(short(float(constant(parse_value(re.sub(rf"\b{name}\b", value, inner))))))
        except (Fault, SpecError, ArithmeticError, TypeError):
            return match[0]
    return f"{{{', '.join(dict.fromkeys(values))}}}" if values else match[0]


def _repeated(match: re.Match[str]) -> str:
    """`alpha > 0.3 and < 0.5` with what is compared said twice; `0.3 < alpha and < 0.5` as one chain."""
    if re.fullmatch(_N, match[1]):
        same = match[2][0] == match[5][0]
        return f"{match[1]} {match[2]} {match[3]} {match[5]} " if same else match[0].removeprefix("expect ")
    return f"{match[1]} {match[2]} {match[3]} {match[4]} {match[1]} {match[5]} "


#: Of every statement: what is typed, and what is written for it.
PHRASES: tuple[Phrase, ...] = (
    # ranges
    (rf"\bstep\s*[x×*]\s*({_N})\s*\]", r"times \1]"),
    (r"\b(?:by|step|every)\s+(\d+(?:\.\d+)?)\s*[x×]\s*\]", r"times \1]"),
    (rf"\]\s*[x×*]\s*({_N})(?=\s|$)", r" times \1]"),
    (rf",\s*[x×*]\s*({_N})\s*\]", r" times \1]"),
    (rf"\[\s*({_N})\s*\.\.\s*({_N})\s*\]\s*([kMBGT](?:FLOP)?|steps|tokens)\b", r"[\1\3..\2\3]"),
    (rf"\[\s*({_N})\s*,\s*{_N}\s*\.\.\.?\s*({_N})\s*\]", r"[\1..\2]"),
    (rf"(?<=[\s(])({_N})\s*<=?\s*({_NAME})\s*<=?\s*({_N})", r"\2 in [\1..\3]"),
    (
        r"[\[{(]\s*(?P<inner>[^\[\]{}\n]{1,60}?)\s+for\s+(?P<name>[a-z_]\w*)\s+in\s+(?:range\(\s*(?P<ends>[-\d,\s]+)\)|"
        r"(?P<values>[\[({][^\[\](){}\n]*[\])}]))\s*[\]})]",
        _comprehension,
    ),
    (rf"\b({_NAME}) is ({_N})", r"\1 = \2"),
    (
        r"\b(?:D|tokens)\s*(?:/|per|for (?:each|every))\s*(?:N|parameters?|params?)\s*(in|=|:)\s*",
        r"tokens = ratio*N  ratio \1 ",
    ),
    # conditions
    (
        rf"(?P<before>\S[^\n]*?)\s*[,;]?\s*\b{_NOT}\s+(?:for\s+|where\s+|if\s+)?"
        rf"(?:(?P<name>{_NAME})\s*(?P<sign>==|!=|<=|>=|<|>|=|is)?\s*)?(?P<value>{_N})\s*$",
        _without,
    ),
    (rf"\s*[,;]?\s*\b{_ONLY}\s+(?:for\s+|where\s+|if\s+)?(?={_NAME}\s*(?:==|!=|<|>|in\b))", "  where "),
    (
        r"\s*(?:%>%|\|>|\|)\s*(?:filter|subset|where|query)?\s*\(?\s*\"?([^()\"|]*[<>=][^()\"|]*?)\"?\s*\)?\s*$",
        r"  where \1",
    ),
    (r"\)\.(?:query|filter|loc|where)[(\[]+\"?([^()\"\]]*)\"?[)\]]+\s*$", r")  where \1"),
    # what is said around
    (r"\s+(?:by|on|for|wrt|w\.r\.t\.) (?:the )?(?:val(?:idation)? |test |final |best )?(?:loss|val_loss)\b", ""),
    (r"\s*\b(?:for|in|over|at|per) (?:each|every|all|any) \w+(?: values?| sizes?)?", ""),
    (r"\s+on (?:the )?(?:cuda|gpu|gpus|cpu|a gpu|mps)\b", ""),
    (rf"\b(?:fixed|fix|fixing|hold|holding|held|const|constant)\s+(?={_NAME}\s*=)", ""),
    (rf"\b(?:log|linear|logarithmic|geometric)(?:ally)?\s+(?={_NAME} in )", ""),
)
#: Of `fit` alone.
LAWS: tuple[Phrase, ...] = (
    (
        r"\b(\w+(?:\([^()]*\))?) (?:with|using|by) (?:an? |the )?(huber|lad|mse|log-mse)(?: loss| objective)?",
        r"\1(objective=\2)",
    ),
    (r"\b(\w+) (?:with|using|given|where|at|holding|for) ((?:\w+\s*=\s*[\w.%]+(?:\s*,\s*)?)+)$", r"\1(\2)"),
    (r"\s+(?:over|per|at|by|against|vs\.?|versus|across) (?:N|D|C|tokens|width|layers|steps|compute)\b", ""),
    (r"\)\s*(?:\+|and|&|vs\.?|versus)\s*(?=\w+\()", "), "),
    (r"^fit (\w+)\s+(?:as|named|called|->|=>|into) (\w+)$", r"let \2 = \1\nfit \2"),
)
#: Of `expect` alone.
CLAIMS: tuple[Phrase, ...] = (
    (r"\b(?:all|every|any|np\.all)\((.*)\)\s*$", r"\1"),
    (r"\((?:fit|law|of|model)\s*=\s*(?=\w)", "("),
    (r"\b(\w+(?:\([^()]*\))?)\.(\w+)\.(?:mean|median)\(\)", r"\2(\1)"),
    (r"\b(\d*\.?\d+) (?=[A-Za-z_]\w*\()", r"\1*"),
    (r"(.+) < (.+?) by (?:at least )?(\d+(?:\.\d+)?)\s*%$", lambda m: f"{m[1]} < {1 - float(m[3]) / 100:g}*{m[2]}"),
    (r"(.+) > (.+?) by (?:at least )?(\d+(?:\.\d+)?)\s*%$", lambda m: f"{m[1]} > {1 + float(m[3]) / 100:g}*{m[2]}"),
    (r"\s*\(?\b(?:with )?(?:at )?(?:9\d|99\.?\d*)\s*%(?: confidence| CI)?\s*\)?\s*$", ""),
    (r"\s+(?:significantly|with high probability|statistically|on average|always|everywhere|in general)\b", ""),
    (r"(?<=\d)\s+(?:nats?|bits|tokens|nats/token)\s*$", ""),
    (
        r"\b(mean|max|min|median|average|largest|smallest|minimum|maximum)(?: of)?(?: the)? (\w+(?:\([^()]*\))?)(?!\()",
        r"\1(\2)",
    ),
    (r"\b(?:average|avg)\(", "mean("),
    (r"\b(?:largest|maximum)\(", "max("),
    (r"\b(?:smallest|minimum)\(", "min("),
    (r"\b(?:the )?(?:best|optimal|optimum|tuned) (\w+)\b", r"\1"),
    (r"\b(?:the )?(?:exponents?|slope) (?:of|in|for) (power\(D\))", r"beta(\1)"),
    (r"\b(?:the )?(?:exponents?|slope) (?:of|in|for) (\w+(?:\([^()]*\))?)", r"alpha(\1)"),
    (r"\b(?:the )?(?:floor|irreducible loss|offset|asymptote) (?:of|in|for) (\w+(?:\([^()]*\))?)", r"E(\1)"),
    (r"\b(?:the )?(?:floor|irreducible loss|offset|asymptote)\b", "E"),
    (
        r"^expect (?:for ?all|for (?:each|every|all)|all|every|any) (?:of )?(?:the )?\w+(?: in [^:,]+)?\s*[:,]\s*",
        "expect ",
    ),
    (r"^expect (.+?) (<=?|>=?) (\S+) (and|or) (<=?|>=?) ", lambda m: f"expect {_repeated(m)}"),
    (r"\]\s*\[", ", "),
    (r"\b(\w+)\[(\w+\s*=\s*[^\[\],=]+(?:,\s*\w+\s*=\s*[^\[\],=]+)*)\]", r"\1(\2)"),
    (rf"\s(?:==?|is|~|≈)\s*({_N})\s*\((?:±|\+/?-|within)\s*([\d.]+\s*%?)\)", r" within \2 of \1"),
    (rf"\s(?:==?|is|~|≈)\s*({_N})\s*\((\d*\.\d+|\d+\s*%)\)", r" within \2 of \1"),
    (r"^expect (.+) (?:implies|=>|->|⇒|→) (.+)$", r"expect not (\1) or \2"),
    (r" (?:is |are )?negative$", " < 0"),
    (r" (?:is |are )?positive$", " > 0"),
    (rf"~\s*(?:N|normal|Normal|norm)\(\s*({_N})\s*,\s*({_N})\s*\)", r"within \2 of \1"),
    (rf"^expect (\w+)\((\w+\s*(?:<=?|>=?|!=)\s*{_N})\)(.*)$", r"expect \1\3 where \2"),
    (rf"\b(\w+)\s*±\s*({_N})\s*=\s*({_N})", r"\1 within \2 of \3"),
    (
        r"^expect (?:no(?:t)? (?:significant(?:ly)? )?differ\w*(?: between| in)?) (\S+?),? (?:and |vs )?(\S+)$",
        r"expect abs(\1 - \2) < 0.1",
    ),
)
#: Of `budget`, `report` and `let` alone.
OTHERS: tuple[Phrase, ...] = (
    (r"^budget\s*[<=:]+\s*", "budget "),
    (r"\b(?:time|walltime|compute|flops|max|limit|at most|up to|under|total)\s*[=:]?\s*(?=[\d.])", ""),
    (r"\s+(?:and|&|\+|or)\s+", ", "),
    (r"\s+(?:to|into|in|as|at) \"?[\w./-]+\"?\s*$", ""),
    (r"^let (\w+)\s*,\s*(\w+)\s*=\s*([^,]+),\s*(.+)$", r"let \1 = \3\nlet \2 = \4"),
    (r"^let (\d+)(\w+)\s*=", r"let \2\1 ="),
    (r"^(use \"[^\"]*\") as \w+$", r"\1"),
)


def phrased(text: str, keyword: str) -> Iterator[str]:
    """The statement with every turn of phrase written as here; nothing where it has none."""
    own = {"fit": LAWS, "expect": CLAIMS, "budget": OTHERS, "report": OTHERS, "let": OTHERS, "use": OTHERS}
    plain = " ".join(text.split()) if keyword not in ("data", "models", "train") else text
    changed = tidy(plain)
    for pattern, written in (*own.get(keyword, ()), *PHRASES):
        changed = re.sub(pattern, written, changed)
    if " ".join(changed.split()) != " ".join(text.split()):
        yield changed
    called = _chained(text)
    if called != text:
        yield called


def _chained(text: str) -> str:
    """`er(n=512).walk(length=32)` as `walk(er(n=512), length=32)`."""
    chain = re.search(r"(\w+)(\([^()]*\))\.(\w+)\(([^()]*)\)", text)
    if chain is None or chain[3] not in REGISTRY:
        return text
    more = f", {chain[4]}" if chain[4].strip() else ""
    return f"{text[: chain.start()]}{chain[3]}({chain[1]}{chain[2]}{more}){text[chain.end() :]}"


def known(text: str, called: Mapping[str, str]) -> str:
    """Names of two words, `erdos-renyi graph`, as the one word that they are `called` by."""
    for name in sorted((n for n in called if "_" in n), key=len, reverse=True):
        text = re.sub(rf"\b{name.replace('_', '[-_ ]')}\b", name, text, flags=re.IGNORECASE)
    return text
