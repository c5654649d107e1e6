"""Claims, laws and ways to an optimum said in other words: what they may come to, the likeliest first.

Each is a guess, which is offered only where the study with it can be checked without an error there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...errors import SpecError
from ...syntax.numbers import number
from ...vocabulary.base import REGISTRY
from ...vocabulary.quantities import QUANTITIES
from ..loose.loose_values import tidy

#: Phrases of claims and the signs for them, the longer first.
_IS = (
    r"(?:(?:(?:to )?(?:is|are|be|lies?|stays?|goes?|go|falls?|drops?|rises?|remains?|ends? up|come|comes) )"
    r"(?:strictly )?)?"
)
COMPARED = (
    (_IS + r"(?:greater|larger|bigger|higher|more) (?:than )?or equal (?:to)?", ">="),
    (_IS + r"(?:less|smaller|lower|fewer) (?:than )?or equal (?:to)?", "<="),
    (_IS + r"(?:greater|larger|bigger|higher|more|steeper|worse) than", ">"),
    (_IS + r"(?:less|smaller|lower|fewer|better|shallower) than", "<"),
    (_IS + r"at least|no less than|not (?:below|under|less than)", ">="),
    (_IS + r"at most|no more than|not (?:above|over|more than|greater than)|up to", "<="),
    (_IS + r"(?:above|over|exceeds|exceed|exceeding|beyond)", ">"),
    (_IS + r"(?:below|under|beneath)", "<"),
)
NEAR = (
    r"(?:to )?(?:is |are |be |lie |come )?"
    r"(?:about|approximately|approx\.?|around|near|close to|roughly|nearly|≈|~|∼|≃|\\approx)"
)
EQUAL = r"(?:is equal to|equals|equal to|equal|is exactly|==|=|is|are|be|becomes)"
_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[%A-Za-z]*"
#: What is said around a claim.
_AROUND = re.compile(
    r"^(?:\"[^\"]*\"|'[^']*'|[A-Za-z]\w*)\s*:\s*|^(?:that|we|i|it|should|will|must|holds|the claim|hypothesis|claim|"
    r"assert|expect|check|test|verify|prove|require|and)\b[\s:,]*|^h[01]\s*[:=]\s*|^\(\s*(?=.*\)\s*$)",
    re.IGNORECASE,
)
_SMALL_WORDS = re.compile(
    r"\b(?:the|a|an|that|to be|should be|will be|must be|should|will|must|value of|parameter|exponents?|fitted|law's|"
    r"law|fit's|models?|of the|quantity|estimated|scaling)\s+(?=\S)",
    re.IGNORECASE,
)
_MOVES = {
    "<": r"(?:(?:is |be )?(?:monotonically |strictly )?(?:decreas|fall|dropp|shrink|improv|declin)(?:es?|s|ing)?|"
    r"drops?|goes down|gets? (?:smaller|better|lower))",
    ">": r"(?:(?:is |be )?(?:monotonically |strictly )?(?:increas|ris|grow|worsen)(?:es?|s|ing)?|goes up|"
    r"gets? (?:larger|worse|higher))",
}
_BETTER = (
    r"(?:(?:always |clearly |strictly )?(?:beats?|outperforms?|wins? (?:over|against)|is preferred (?:to|over)|"
    r"dominates?|improves? (?:on|over|upon))|(?:fits? |is |are |does |trains? |learns? |performs? |do |works? )?"
    r"(?:much |far |strictly |clearly )?(?:better|easier|superior|stronger|faster|lower|cheaper|best)(?: than| to))"
)
_WORSE = (
    r"(?:loses? (?:to|against)|(?:fits? |is |are |does |trains? |learns? |performs? |do |works? )?"
    r"(?:much |far |strictly |clearly )?(?:worse|harder|inferior|weaker|slower|higher)(?: than| to))"
)
#: One side of a comparison of runs: a label, or a value of an axis.
_SIDE = r"(?:the )?(?:models? (?:with |of )?|runs? (?:with |at )?)?(\w+(?:\s*=\s*[\w.%]+)?)"
#: At which of them they are compared.
_PLACE = r"(?:,?\s*(?:at|for|when|with|where|if|in|on)\s+(?:an? |the )?(\w+)\s*(?:=|==|of|is)?\s*([\d.][\w.%]*))?"


def claims(text: str, study: str) -> Iterator[str]:
    """What a claim in words may come to: statements that begin with `expect`."""
    said = " ".join(tidy(text).split())
    while (cut := _AROUND.sub("", said, count=1)) != said:
        said = cut
    said = said.rstrip(" .;")
    if said.endswith(")") and said.count(")") > said.count("("):
        said = said[:-1]
    axes = _axes(study)
    for ways in (said, _SMALL_WORDS.sub("", said)):
        yield from _compared(ways, axes)


def _compared(said: str, axes: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    said = re.sub(r",?\s*(?:give or take|plus or minus|\+ or -)\s*", " ± ", said)
    said = re.sub(rf"\bwithin ({_NUMBER}|entropy_rate)\s*(?:±|\+/?-)\s*({_NUMBER})", r"within \2 of \1", said)
    if both := re.fullmatch(rf"(?:\w+ )?(\S+) and (\S+) (?:agree|match|coincide)(?: to)? within ({_NUMBER})", said):
        yield f"expect {both[1]} within {both[3]} of {both[2]}"
    laws = "|".join(sorted((w for w, t in REGISTRY.items() if t.kind == "law"), key=len, reverse=True))
    law = rf"((?:{laws})(?:\([^()]*\))?)"
    if pair := re.fullmatch(rf"{law} {_BETTER} {law}", said):
        yield f"expect rmse_log({pair[1]}) < rmse_log({pair[2]})"
    yield from _runs_compared(said, axes)
    for sign, moves in _MOVES.items():
        moved = re.fullmatch(
            rf"(\w+) (?:monotonically |always |strictly )?{moves}(?: (?:with|in|as|when|for|by)\b(.*))?", said
        )
        if moved:
            along = next((n for n in re.findall(r"\w+", moved[2] or "") if n in axes), next(iter(axes), ""))
            if along and moved[1] in QUANTITIES:
                low, high = axes[along]
                yield f"expect {moved[1]}({along}={high}) {sign} {moved[1]}({along}={low})"
    said = re.sub(
        r"\b(?:is |are |lies |be |to be )?(?:in )?(?:between|within the range|in the range|ranges? from|from)\s+"
        rf"({_NUMBER})\s*(?:and|to|,|-|\.\.)\s*({_NUMBER})",
        r"in [\1..\2]",
        said,
    )
    said = re.sub(rf"\bin\s*[\[(\]]\s*({_NUMBER})\s*,\s*({_NUMBER})\s*[\])\[]", r"in [\1..\2]", said)
    said = re.sub(
        rf"(\S+)\s*{NEAR}\s*({_NUMBER}|entropy_rate)\s*(?:±|\+/?-|\\pm)\s*({_NUMBER})", r"\1 within \3 of \2", said
    )
    said = re.sub(
        rf"(\S+)\s+(?:{EQUAL})\s*({_NUMBER}|entropy_rate)\s*(?:±|\+/?-|\\pm|plus or minus)\s*({_NUMBER})",
        r"\1 within \3 of \2",
        said,
    )
    said = re.sub(
        rf"\b(?:is |are |be |to be )?within ({_NUMBER}) (?:from|to|around|near|about) ", r"within \1 of ", said
    )
    for phrase, sign in COMPARED:
        said = re.sub(rf"(?<=[\w)])\s+(?:{phrase})\s+(?=\S)", f" {sign} ", said)
    near = re.sub(rf"\s*{NEAR}\s*({_NUMBER}|entropy_rate)", r" within 10% of \1", said)
    for one in (said, near):
        one = _owned(one)
        yield f"expect {one}"
        equal = re.fullmatch(rf"(.+?)\s+{EQUAL}\s+({_NUMBER}|entropy_rate)", one)
        if equal:
            yield f"expect {equal[1]} within 5% of {equal[2]}"


def _runs_compared(said: str, axes: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """`muP beats SP at width 128`, `layers=2 is worse than layers=1`: the losses of both."""
    for pattern, sign in ((_BETTER, "<"), (_WORSE, ">")):
        if pair := re.fullmatch(rf"{_SIDE} {pattern} {_SIDE}{_PLACE}", said):
            sides = [re.sub(r"\s", "", side) for side in pair.group(1, 2)]
            place = f", {pair[3]}={pair[4]}" if pair[3] else ""
            far = "".join(f", {axis}={high}" for axis, (_, high) in axes.items() if f"{axis}=" not in "".join(sides))
            for at in (place, far) if not place else (place,):
                yield f"expect loss({sides[0]}{at}) {sign} loss({sides[1]}{at})"


def _owned(said: str) -> str:
    """`alpha of chinchilla`, `chinchilla's alpha`, `chinchilla.alpha`, `chinchilla alpha` as `alpha(chinchilla)`."""
    laws = "|".join(sorted((w for w, t in REGISTRY.items() if t.kind in ("law", "optimum")), key=len, reverse=True))
    call = rf"(?:{laws})(?:\((?:[^()]|\([^()]*\))*\))?"
    said = re.sub(rf"\b([A-Za-z]\w*) (?:of|in|from|for) ({call})", r"\1(\2)", said)
    said = re.sub(rf"\b({call})(?:'s |\.|->|::|\$)([A-Za-z]\w*)\b(?!\()", r"\2(\1)", said)
    return re.sub(rf"\b({call}) (alpha|beta|gamma|[EAB])\b", r"\2(\1)", said)


def _axes(study: str) -> dict[str, tuple[str, str]]:
    """Axes of a study with the least and the largest of their values, as they are typed."""
    found = {}
    for name, values in re.findall(r"(\w+)\s+(?:in|along)\s+([\[{][^\]}]*[\]}])", study):
        ends = re.findall(_NUMBER, values.replace("..", " ").split(" step")[0].split(" times")[0].split(" count")[0])
        if len(ends) > 1 and name not in ("seed", "lr"):
            try:
                ordered = sorted(ends, key=lambda x: number(x).value)
            except SpecError:
                continue  # a number that cannot be read has been told
            found[name] = (ordered[0], ordered[-1])
    return found


def laws(text: str) -> Iterator[str]:
    """What a `fit` in words may come to, where it says nothing that is not understood."""
    said = re.sub(r"^\s*fit\b[\s:=]*", "", " ".join(tidy(text).split()))
    said, _, kept = said.partition(" where ")
    found: list[str] = []
    for word, inside, mark in re.findall(r"([A-Za-z_]\w*)(\([^()]*\))?|([^\s\w])", said):
        name = "" if found and word.lower() in AROUND_LAWS else _law(word)
        if name and (not found or name != found[-1].split("(")[0]):
            found.append(f"{name}{inside}" if "(" not in name else name)
        elif found and word in QUANTITIES and "(" not in found[-1]:
            found[-1] = f"{found[-1]}({word})"
        elif (word and word.lower() not in AROUND_LAWS) or mark not in ("", *",-[]{}()\"':"):
            return
    if found:
        condition = re.sub(r"(?<![<>=!])=(?!=)", "==", kept)
        yield f"fit {', '.join(dict.fromkeys(found))}" + (f" where {condition}" if kept else "")


#: Words beside the names of laws.
_AROUND_LAWS = (
    "a an the and to on with using against loss losses data results runs all everything law laws fit in of for both as "
    "function model scaling curve curves form forms by then also versus vs from we i it each"
)
AROUND_LAWS = frozenset(_AROUND_LAWS.split())


def _law(word: str) -> str:
    """The law that a word means, as it is written here; empty where it means none."""
    term = REGISTRY.get(word)
    if term is not None:
        return word if term.kind == "law" else ""
    called = (t.called for t in REGISTRY.values() if t.kind == "law" and word.lower() in t.called)
    return next((names[word.lower()] for names in called), "")


def optima(text: str, study: str) -> Iterator[str]:
    """What an `optimum` in words may come to: the methods named, else those that the study has budgets or fits for."""
    known = [w for w, t in REGISTRY.items() if t.kind == "optimum"]
    named = [w for w in known if re.search(rf"\b{w}\b", text)]
    fits = re.findall(r"(?m)^fit\s+(\w+)", study)
    surface = f"surface({fits[0] if fits else 'chinchilla'})"
    budgets = re.search(r"compute\s+in\b", study)
    if claimed := re.match(
        r"optimum\s+(?:(?:that|is)\s+)?(?P<what>[abNDL]|gamma)\b\s*(?P<how>(?:in|within|[<>]=?|~)\s*.+)",
        text,
        re.DOTALL,
    ):
        method = next((m for m in named if m != "surface"), "isoflop" if budgets else surface)
        yield f"optimum {method}\nexpect {claimed['what']}({method}) {claimed['how'].strip()}"
    for method in named:
        yield f"optimum {surface if method == 'surface' else method}"
    if budgets:
        yield "optimum isoflop"
    yield f"optimum {surface}"
