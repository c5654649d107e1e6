"""Laws as other tools fit them: `curve_fit(f, N, loss, p0=...)`, `via` of gnuplot, priors, held parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import listing
from ..syntax.tree_builder import with_leading_zero
from ..vocabulary.base import REGISTRY
from ..vocabulary.quantities import run_quantities
from ..vocabulary.words.laws import Law
from .constructs import NUMBER, Construct, Statement, closing, parts
from .formulas_elsewhere import formula_of, law_named

#: Options of fitting functions that say how a fit is found.
CONTROLS = (
    *("p0", "x0", "start", "starts", "init", "initial", "initial_guess", "guess", "inits", "bounds", "lower", "upper"),
    *("maxfev", "max_nfev", "maxiter", "max_iter", "niter", "method", "algorithm", "solver", "optimizer", "optimiser"),
    *(
        "ftol",
        "xtol",
        "gtol",
        "tol",
        "jac",
        "args",
        "options",
        "control",
        "trace",
        "absolute_sigma",
        "sigma",
        "callback",
    ),
    *(
        "full_output",
        "nan_policy",
        "check_finite",
        "loss_fn",
        "n_starts",
        "restarts",
        "n_restarts",
        "lr",
        "steps",
        "data",
    ),
    *("family", "na_action", "fit_intercept", "verbose", "disp", "priors", "prior", "seed", "random_state", "weights"),
)
_CONTROL = re.compile(rf"(?P<comma>\s*,\s*|\s+with\s+|\s+using\s+|(?<=\())(?P<name>{'|'.join(CONTROLS)})\s*=(?!=)\s*")
_LET_OF_LAW = re.compile(rf"let\s+\w+\s*=\s*(?:law|{'|'.join(w for w, t in REGISTRY.items() if t.kind == 'law')})\s*\(")
_VIA = re.compile(
    r"\s*,?\s*\b(?:via|starting (?:at|from|with)|initiali[sz]ed? (?:at|with|by)|subject to|s\.t\.|"
    r"with bounds|bounded by)"
    r"\b\s*[^\n]*$"
)
_WRAPPERS = re.compile(
    r"\b(?:[A-Za-z_]\w*\.)*(?:curve_fit|minimize|least_squares|leastsq|nls|nlsLM|lm|ols|OLS|WLS|glm|optimize|regress|"
    r"polyfit|basinhopping|differential_evolution|Model|fmin|fminsearch|lsqcurvefit|nlinfit|fitnlm|NonlinearModelFit|"
    r"FindFit|LsqFit|fit|LinearRegression|gls|scipy|brms?|nlme)\s*(?=\()"
)


def controls(statement: Statement) -> Iterator[Construct]:
    """`fit chinchilla(p0=[...], maxfev=10000)`, `fit E + A/N^a, start = list(E = 1.7)`, `fit f(x) via E, A`."""
    text = statement.text
    if statement.keyword != "fit" and not (statement.keyword == "let" and _LET_OF_LAW.match(text)):
        return
    places: list[tuple[int, int, str]] = []
    for found in _CONTROL.finditer(text):
        if places and found.end() <= places[-1][1]:
            continue
        end = _value_end(text, found.end())
        start = max(found.start(), places[-1][1] if places else 0)
        inside = text[start - 1 : start] == "("
        if inside and (comma := re.compile(r"\s*,\s*").match(text, end)):
            end = comma.end()
        places.append((start, end, found["name"]))
    if via := _VIA.search(text):
        word = via[0].strip(" ,").split()[0]
        if not any(a <= via.start() < b for a, b, _ in places):
            places = [p for p in places if p[0] < via.start()] + [(via.start(), len(text.rstrip()), word)]
    places = [p for p in places if p[2] not in ("lr", "steps", "seed") or len(places) > 1]
    if not places:
        return
    names = list(dict.fromkeys(name for _, _, name in places))
    (start, end, _), *others = places
    more = tuple((a, b, "") for a, b, _ in others)
    left = text
    for a, b, _ in reversed(places):
        left = left[:a] + left[b:]
    left = re.sub(
        r"\(\s*,?\s*\)", "", re.sub(r"^fit\s+(?:log\()?\w+(?:\([^()]*\))?\)?\s*[~=]\s*", "fit ", left)
    ).strip()
    left = re.sub(r",\s*\)", ")", re.sub(r"\b(\w+)\(x\)$", r"\1", left))
    if re.search(r"\(\s*$", text[:start]) and re.match(r"\s*\)", text[end:]) and not others:
        call = re.compile(r"\s*\)").match(text, end)
        start, end = text.rindex("(", 0, start + 1), call.end() if call else end
    elif (opener := re.search(r"\(\s*$", text[:start])) and (closer := re.match(r"\s*\)", text[places[-1][1] :])):
        start, end, more = opener.start(), places[-1][1] + closer.end(), ()
    said = f"how a fit is found is its own affair, so it takes no {listing(names, last='or')}"
    why = "it begins at many places, within the bounds of its law, and weighs cells by their scatter"
    drawn = {*names} <= {"seed", "random_state"}
    why = "its beginnings and draws are the same every time" if drawn else why
    last = places[-1][1]
    alone = (
        "via" not in names
        and text.count("(", 0, start) > text.count(")", 0, start)
        and sum(b - a for a, b, _ in places) == last - start
    )
    helps = (f"leave `{text[start:last].strip(' ,')}` out: {why}" if alone else f"write `{left}`: {why}",)
    held = "" if "via" in names or drawn else "; a parameter is held at a number as `E=1.7` in the law's parentheses"
    yield Construct(start, end, said, "", (helps[0] + held,), more)


def _value_end(text: str, at: int) -> int:
    depth = 0
    for i in range(at, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            if depth == 0:
                return i
            depth -= 1
        elif depth == 0 and (text[i] == "," or text.startswith(" where ", i)):
            return i
    return len(text.rstrip())


def wrappers(statement: Statement) -> Iterator[Construct]:
    """`fit curve_fit(lambda N, a, b: a*N**-b, N, loss)`, `fit nls(loss ~ E + A*N^-alpha)`."""
    text = statement.text
    first = re.match(r"(?:fit\b[\s:=]*)?", text)
    named_so = re.match(r"(?P<let>let\s+)?(?!fit\b)\w+\s*(?:=|<-)\s*", text)
    first = named_so or first
    asked = named_so is not None or statement.keyword == "fit"
    for found in _WRAPPERS.finditer(text, first.end() if first else 0) if asked else ():
        if found[0].strip() in REGISTRY and REGISTRY[found[0].strip()].kind == "law":
            continue
        end = closing(text, found.end())
        if end is None or (named_so and (found.start() != named_so.end() or "~" not in text[found.end() : end])):
            continue
        law = ""
        inside = text[found.end() + 1 : end - 1]
        if function := re.match(r"\s*(?:lambda\s+([^:]*):|function\s*\([^()]*\)|\([^()]*\)\s*->)\s*", inside):
            law = parts(inside[function.end() :])[0]
        for given in () if law else parts(inside):
            given = given.strip("\"'")
            if "~" in given:
                law = formula_of(given)
            elif (given.split("(")[0] in REGISTRY and REGISTRY[given.split("(")[0]].kind == "law") or (
                given.isidentifier()
                and re.search(rf"(?m)^(?:def\s+{given}\s*\(|{given}\s*=\s*lambda\b)", statement.study)
            ):
                law = given
            elif re.search(r"\b[NDC]\b.*[-*/^]|[*^].*\b[NDC]\b", given):
                law = formula_of(given)
            if law:
                break
        written = law.replace("**", "^") if law else None
        name = found[0].strip()
        said = f"`{name}` is no law: `fit` names the law, and finds its parameters by itself"
        named = law_named(written) if written else ""
        helps: tuple[str, ...] = (
            (f"write `fit {written}`",)
            if written
            else ("write the law itself: `fit chinchilla`, `fit power(N)`, or a formula such as `fit E + A*N^-alpha`",)
        )
        if named:
            helps = (f"write `fit {written}`, or by its name, `fit {named}`",)
        keyword = "" if text.startswith("fit") and found.start() else "fit "
        if named_so:
            own = re.sub(r"\s*(?:=|<-)\s*", " = ", named_so[0])
            own = own if named_so["let"] else f"let {own}"
            yield Construct(0, end, said, f"{own}{written}", (f"write `{own}{written}`",), code="SCL101")
            return
        yield Construct(found.start(), end, said, f"{keyword}{written}" if written else None, helps, code="SCL101")
        return


_ON = re.compile(
    r"\s+(?:on|trained on|using|over|with)\s+(?P<train>[^,\n]*?[<>=][^,\n]*?)\s*[,;]?\s*(?:and\s+)?"
    r"(?:test|tested|evaluated?|validated?|held out|holdout|predict(?:ing)?)\s*"
    r"(?:on|for|at|=|with)?\s*(?P<test>[^\n]*?[<>=][^\n]*)$"
)


def tested_apart(statement: Statement) -> Iterator[Construct]:
    """`fit chinchilla on tokens <= 1M, test on tokens > 1M`: what a condition leaves out is held out."""
    found = _ON.search(statement.text) if statement.keyword == "fit" else None
    if found is not None:
        law = re.sub(r"^fit\s+", "", statement.text[: found.start()]).strip()
        written = f" where {found['train'].strip()}"
        said = "what a condition leaves out of a fit is its hold-out, by itself"
        helps = (f"write `fit {law}{written}`, and claim `holdout({law}) < 5%`",)
        yield Construct(found.start(), found.end(), said, written, helps, code="SCL024")


_AT = re.compile(
    r"\s*,?\s*\b(?:at|for|with|given|when|where)\s+(?:(?:C|compute|budget|flops)\s*(?:=+|of|in)?\s*)?"
    r"(?P<at>\{[^{}]*\}|\[[^\[\]]*\]|[\d.]+(?:e[+-]?\d+)?\w*)(?:\s*FLOPs?)?\s*$",
    re.IGNORECASE,
)


def optima_at(statement: Statement) -> Iterator[Construct]:
    """`optimum surface(chinchilla, inference=1T) at C = 1e21`: what is found at a compute is asked in a claim."""
    text = statement.text
    if statement.keyword != "optimum":
        return
    end = len(text.rstrip())
    if found := _AT.search(text):
        method = re.sub(r"^optimum\s+", "", text[: found.start()]).strip()
        method = re.sub(r"(\w+)\((\w+(?:\([^()]*\))?)[^()]*\)$", r"\1(\2)", method)
        at = re.split(r"[,.]{1,2}", found["at"].strip("{}[]"))[0].strip()
        if re.split(r"\W", method)[0] not in REGISTRY:
            return
        said = "an optimum is one for all computes, and what it has at one is asked in a claim"
        helps = (f"leave it out, and ask `N({method}, C={at})` or `D({method}, C={at})`",)
        yield Construct(found.start(), found.end(), said, "", helps)
        end = found.start()
    if inner := re.search(r"(\w+)\(\s*(?:C|compute|budget)\s*=\s*([\d.][\w.+-]*)\s*\)", text[:end]):
        fits = re.findall(r"(?m)^fit\s+(chinchilla|tied|interaction|kaplan|overtraining)", statement.study)
        known = inner[1] in REGISTRY and REGISTRY[inner[1]].kind == "optimum" and inner[1] != "surface"
        method = inner[1] if known else f"surface({fits[0] if fits else 'chinchilla'})"
        said = "an optimum is one for all computes, and what it has at one is asked in a claim"
        helps = (f"write `optimum {method}`, and ask `N({method}, C={inner[2]})` or `D({method}, C={inner[2]})`",)
        yield Construct(inner.start(), inner.end(), said, method, helps)
    for option in re.finditer(r"\s*,\s*(?P<name>[A-Za-z_]\w*)\s*=\s*[^,()]+", text[:end]):
        if text.count("(", 0, option.start()) > text.count(")", 0, option.start()):
            why = missing(option["name"]) or "a surface is read off its fit alone, and takes no options"
            of = re.search(r"(\w+\(\w+)[^()]*$", text[: option.start()])
            if option["name"] in ("C", "compute", "flops", "budget", "at") and of:
                at = option[0].partition("=")[2].strip()
                asked = [f"`{size}({of[1]}), C={at})`" for size in "ND"]
                why = f"what it has at one compute is asked in a claim, {asked[0]} or {asked[1]}"
            said = f"a way to an optimum takes no `{option['name']}`"
            yield Construct(option.start(), option.end(), said, "", (f"leave `{option[0].strip(', ')}` out: {why}",))


_HELD = re.compile(
    r"(?P<given>\b[A-Za-z_]\w*\s*=\s*[-\d.]+\w*)\s+(?:fixed|held|constant|const|frozen|known)\b|\b(?:fixed?|fixing|hold|holding|freeze|const)\b\s*(?:=\s*)?[\[({]?\s*(?P<also>[A-Za-z_]\w*\s*=\s*[-\d.]+\w*)\s*[\])}]?"
)


def held_parameters(statement: Statement) -> Iterator[Construct]:
    """`fit chinchilla(alpha=0.34 fixed)`, `fit chinchilla fix alpha=0.34`: a parameter that has a number is held."""
    text = statement.text
    for found in _HELD.finditer(text) if statement.keyword == "fit" else ():
        given = re.sub(r"\s*=\s*", "=", found["given"] or found["also"])
        said = "a parameter that is given a number in its law's parentheses is held at it"
        start, written = found.start(), given
        law = re.search(r"(?P<law>\b[A-Za-z_]\w*)\s*(?P<inner>\([^()]*\))?\s*,?\s*(?:with|and)?\s*$", text[:start])
        if found["also"] and law and text.count("(", 0, start) == text.count(")", 0, start):
            inside = (law["inner"] or "()")[1:-1]
            start, written = law.start(), f"{law['law']}({', '.join(x for x in (inside, given) if x)})"
        yield Construct(start, found.end(), said, written, (f"write `{written}`",), code="SCL015")


_HELD_AT = re.compile(
    r"\s*,?\s*\b(?:with\s+|and\s+|where\s+|having\s+|given\s+)?(?P<name>[A-Za-z_]\w*)\s+(?:is\s+)?"
    r"(?:fixed|held|set|kept|pinned|clamped|constrained|equal)\s+(?:constant\s+)?(?:at|to)\s+(?:the\s+)?"
    r"(?P<value>entropy[ _]rate|[\d.]+\w*)(?P<rest>\s+where\s[^\n]*)?\s*$"
)


def held_behind(statement: Statement) -> Iterator[Construct]:
    """`fit E + A/N^alpha with E fixed at entropy_rate`, `fit chinchilla with alpha held at 0.34`, of the last law."""
    text = statement.text.rstrip()
    found = _HELD_AT.search(text) if statement.keyword == "fit" else None
    first = re.match(r"fit\s+", text)
    laws = parts(text[first.end() : found.start()]) if found and first else []
    if found is None or not laws:
        return
    *others, law = laws
    start = text.rindex(law, 0, found.start())
    name, value, rest = found["name"], found["value"].replace(" ", "_"), found["rest"] or ""
    call = re.fullmatch(r"(?P<law>[A-Za-z_]\w*)\s*(?:\((?P<inner>.*)\))?", law)
    said = "a parameter is held by its value, in the law's parentheses or in its place in a formula"
    if name in run_quantities() or re.search(rf"\b{name}\s+in\b", statement.study):
        said = f"`{name}` is of the cells, and which of them a law is fitted to is its condition"
        # Where a size is the same, its term is part of the floor.
        left = " + ".join(term for term in parts(law, "+") if call or not re.search(rf"\b{name}\b", term))
        written = f"{left} {'and' if ' where ' in law else 'where'} {name} == {value}"
        rest = rest.replace("where", "and", 1)
    elif call and call["law"] in REGISTRY:
        inside = ", ".join(x for x in ((call["inner"] or "").strip(), f"{name}={value}") if x)
        written = f"{call['law']}({inside})"
    elif re.search(rf"\b{name}\b", law):
        written = re.sub(rf"\b{name}\b", value, law)
    else:
        return
    helps = (f"write `fit {', '.join((*others, written))}{rest}`",)
    yield Construct(start, len(text), said, f"{written}{rest}", helps, code="SCL015")


_LAW = "|".join(sorted((w for w, t in REGISTRY.items() if t.kind == "law"), key=len, reverse=True))
_BETWEEN = re.compile(
    rf"\b(?:{_LAW})(?:\([^()]*\))?(?P<mark>\s*(?:\|\|?|\bor\b|\bvs\.?|\bversus\b|\bagainst\b|\bthen\b)\s*)(?=(?:{_LAW})\b)"
)


def laws_apart(statement: Statement) -> Iterator[Construct]:
    """`fit chinchilla | kaplan`, `fit chinchilla vs kaplan`: laws are listed."""
    for found in _BETWEEN.finditer(statement.text) if statement.keyword == "fit" else ():
        written = f"{statement.text[: found.start('mark')]}, {statement.text[found.end('mark') :]}".strip()
        said = "laws are listed, separated by commas, and all of them fitted"
        yield Construct(found.start("mark"), found.end("mark"), said, ", ", (f"write `{written}`",), code="SCL008")


_PRIOR = re.compile(
    r"(?:let\s+)?(?P<name>[A-Za-z_]\w*)\s*(?P<sign>~|=|<-)\s*(?:[A-Za-z_]\w*\.)*(?P<kind>[A-Za-z_]\w*)\s*"
    rf"\(\s*(?:\w+\s*=\s*)?(?P<one>-?{NUMBER})\s*(?:,\s*(?:\w+\s*=\s*)?(?P<two>-?{NUMBER})\s*)?[^()]*\)\s*$"
)
#: Distributions given by where their middle lies and how wide they are.
_AROUND = re.compile(
    r"(?:trunc(?:ated)?_?|d|r)?(?:n|norm|normal|gauss|gaussian|laplace|cauchy|logistic)", re.IGNORECASE
)


def priors(statement: Statement) -> Iterator[Construct]:
    """`let alpha ~ Normal(0.34, 0.05)`: a law's parameters have no priors."""
    found = _PRIOR.match(statement.text.rstrip()) if statement.keyword == "let" else None
    if found is None:
        if statement.keyword == "fit":
            yield from _priors_inside(statement)
        return
    if found["sign"] != "~":
        held = re.search(rf"(?m)^fit\b.*?(?P<parameter>\w+)\s*=\s*{found['name']}\b", statement.study)
        if held and _AROUND.fullmatch(found["kind"]):
            yield _known(held["parameter"], found, 0, found.end(), f"let {found['name']} = ", statement)
        return
    name, (one, two) = found["name"], (end and with_leading_zero(end) for end in found.group("one", "two"))
    law = next((own for own in _laws_of(statement.study) if name in _parameters(own)), None)
    helps: tuple[str, ...] = ("leave it out; what is expected of a parameter is a claim, such as `expect alpha > 0.3`",)
    claimed = "leave it out; what is expected of a parameter is a claim: write `expect "
    if law and two and found["kind"].lower().startswith("unif"):
        helps = (f"{claimed}{name}({law}) in [{one}..{two}]`",)
    elif law and two and _AROUND.fullmatch(found["kind"]):
        known = f"{law[:-1]}, {name}={one})" if law.endswith(")") else f"{law}({name}={one})"
        helps = (f"{claimed}{name}({law}) within {two} of {one}`", f"and what is known of it holds it, `fit {known}`")
    yield Construct(0, found.end(), "a fit has no priors, and is the best of many beginnings", "", helps, code="SCL023")


_PRIOR_INSIDE = re.compile(
    r"(?<=[(,\s])(?P<parameter>[A-Za-z_]\w*)\s*[=~]\s*(?:[A-Za-z_]\w*\.)*(?P<kind>[A-Za-z_]\w*)\s*"
    rf"\(\s*(?:\w+\s*=\s*)?(?P<one>-?{NUMBER})\s*(?:,\s*(?:\w+\s*=\s*)?(?P<two>-?{NUMBER})\s*)?\)"
)


def _priors_inside(statement: Statement) -> Iterator[Construct]:
    """`fit chinchilla(alpha=normal(0.34, 0.05))`."""
    for found in _PRIOR_INSIDE.finditer(statement.text):
        if _AROUND.fullmatch(found["kind"]):
            yield _known(found["parameter"], found, found.start(), found.end(), f"{found['parameter']}=", statement)


def _known(parameter: str, found: re.Match[str], start: int, end: int, before: str, statement: Statement) -> Construct:
    """What stands for a distribution of a parameter around a value: that value, at which it is held, or a claim."""
    one = with_leading_zero(found["one"])
    written = f"{before}{one}"
    helps: tuple[str, ...] = (f"write `{written}`, which holds `{parameter}` at it",)
    law = next((own.split("(")[0] for own in _laws_of(statement.study) if parameter in _parameters(own)), "")
    if law and found["two"]:
        claim = f"expect {parameter}({law}) within {with_leading_zero(found['two'])} of {one}"
        helps = (*helps, f"or leave it out of the law, and claim `{claim}`")
    said = "a fit has no priors: a parameter is found from the data alone, or held at a number"
    return Construct(start, end, said, written, helps, code="SCL023")


_GROUPED = re.compile(
    rf"(?:(?P<law>\b(?:{_LAW})\b(?:\([^()|]*\))?)\s*(?:\+|,)?|\+)\s*"
    r"(?:\(\s*(?P<what>[^()|]*(?:\([^()|]*\)[^()|]*)*)\|{1,2}\s*(?P<group>[A-Za-z_]\w*)\s*\)|"
    r"random\s*=\s*~\s*(?P<also>[^()|]*)\|\s*(?P<by>[A-Za-z_]\w*)|"
    r"\+\s*(?:factor|as\.factor|C|fe|re|i\.)\s*\(\s*(?P<factor>[A-Za-z_]\w*)\s*\))"
)


def random_effects(statement: Statement) -> Iterator[Construct]:
    """`fit chinchilla + (1|lab)`, `fit power(N) + factor(optimizer)`: panels, which may share parameters."""
    for found in _GROUPED.finditer(statement.text) if statement.keyword == "fit" else ():
        group = found["group"] or found["by"] or found["factor"]
        terms = (found["what"] or found["also"] or "1").strip()
        law, shared = found["law"] or "", ""
        own = _parameters(law)
        if terms == "1" and "E" in own:
            shared = ", ".join(name for name in own if name != "E")
            inside = law.partition("(")[2].removesuffix(")")
            law = f"{law.split('(')[0]}({', '.join(x for x in (inside, f'share=({shared})') if x)})"
        said = "there are no random effects: a column of labels makes panels, each with a law of its own"
        helps: tuple[str, ...] = (f"write `fit {law}`" + (": all but `E` is shared" if shared else ""),)
        if not law:
            helps = ("leave it out; parameters that panels share are listed, as in `law(..., share=(alpha, beta))`",)
        swept = re.search(rf"(?<!panel )\b{group}\s+in\s+(?:\[[^\]]*\]|\{{[^}}]*\}})", statement.study)
        if swept:
            helps = (*helps, f"and `panel {swept[0]}`, in place of `{swept[0]}`")
        elif "data table(" in statement.study and not re.search(rf"\b{group}\s*=", statement.study):
            helps = (*helps, f'and name the column in the table, `{group}="{group}"`')
        yield Construct(found.start(), found.end(), said, law, helps, code="SCL024")


def _laws_of(study: str) -> list[str]:
    """The laws that a study fits, as it calls them."""
    items = (item for line in re.findall(r"(?m)^fit\s+(.+)$", study) for item in parts(line))
    return [re.split(r"\s+where\b|\s*#", item)[0] for item in items]


def _parameters(law: str) -> tuple[str, ...]:
    """The parameters of a law by its name here; none of one written out."""
    word = REGISTRY.get(law.split("(")[0])
    if word is None or not issubclass(word, Law):
        return ()
    given = tuple(re.findall(r"\b[NDC]\b", law))
    return word.parameters(given[: len(word.variables)] or word.variables)


_FIRST = re.compile(
    r"(?:where|when|if|for|with|only|on)\s+(?P<test>[^\n]*?(?:[<>]=?|[!=]=|\bin\b|\bwithin\b)[^\n]*?)\s*[,:]?\s+"
    r"(?P<word>fit|optimum|expect)\s+(?P<rest>(?!.*\bwhere\b)[^\n]+)$"
)


def conditions_first(statement: Statement) -> Iterator[Construct]:
    """`where N > 1M fit tied`: a condition stands behind what it is of, of several laws behind each."""
    found = _FIRST.match(statement.text.rstrip())
    if found is None:
        return
    of = parts(found["rest"]) if found["word"] != "expect" else [found["rest"]]
    written = f"{found['word']} " + ", ".join(f"{one} where {found['test']}" for one in of)
    said = "a condition stands behind what it is of"
    yield Construct(0, found.end(), said, written, (f"write `{written}`",), code="SCL020")


FINDERS = (
    conditions_first,
    priors,
    random_effects,
    laws_apart,
    optima_at,
    held_behind,
    held_parameters,
    tested_apart,
    wrappers,
    controls,
)
