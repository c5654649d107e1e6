"""Claims as statistics states them: tests, intervals, probabilities, counts, information criteria."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...claims.names_elsewhere import CRITERIA, CRITERION
from ...vocabulary.base import REGISTRY
from ..constructs import NUMBER, Construct, Statement, closing, parts

#: A law by its name.
LAW = rf"(?:{'|'.join(sorted((w for w, t in REGISTRY.items() if t.kind == 'law'), key=len, reverse=True))})"
_MODULES = r"(?:[A-Za-z_]\w*\.)*"
TESTS = (
    *("ttest", "t_test", "ttest_ind", "ttest_rel", "ttest_1samp", "welch", "welch_ttest", "mannwhitneyu", "wilcoxon"),
    *("anova", "f_oneway", "ks_test", "ks_2samp", "pvalue", "p_value", "pval", "p", "permutation_test", "z_test"),
    *("cohens_d", "cohen_d", "effect_size", "significance", "significant", "significantly_different", "bootstrap_test"),
    *("kruskal", "chi2_contingency", "ztest", "paired_ttest", "sign_test", "likelihood_ratio", "lrt", "f_test"),
)
_TEST = re.compile(rf"{_MODULES}\b(?:{'|'.join(TESTS)}|t\.test|wilcox\.test)\s*(?=\()", re.IGNORECASE)
_INTERVAL = re.compile(
    rf"{_MODULES}\b(?:ci|conf(?:idence)?_?int(?:erval)?|interval|ci_?\d+|credible_interval|hdi|bootstrap_ci|"
    r"confidence|(?:ci|interval)_?(?:width|length|size|range)|half_?width|lower|upper|ci_low|ci_high|lower_bound|upper_bound)\s*(?=\()",
    re.IGNORECASE,
)
_JUDGED = "every claim is judged with the scatter of what it compares, by its 95% interval"


def statistical_tests(statement: Statement) -> Iterator[Construct]:
    """`ttest(a, b).pvalue < 0.05`, `ci95(beta) excludes 0`, `ci(alpha).lower > 0.2`."""
    text = statement.text
    for found in _TEST.finditer(text) if statement.keyword == "expect" else ():
        end = closing(text, found.end())
        args = parts(text[found.end() + 1 : end - 1]) if end else []
        compared = (p for p in args if "==" in p or "=" not in p.split("(")[0])  # and no options
        given = [side for p in compared for side in parts(p, "=")]
        given += [found_at[1] for p in args if (found_at := re.fullmatch(rf"(?:mu|popmean|null)\s*=\s*({NUMBER})", p))]
        if len(given) == 1:
            given = re.split(r"(?<=\))\s*-\s*(?=[A-Za-z])", given[0])
        if end is None or not given:
            continue
        tail = re.compile(rf"(?:[.$]\w+|\[\w+\])*\s*(?:[<>]=?|==)?\s*(?:{NUMBER})?").match(text, end)
        stop = tail.end() if tail else end
        stop = len(text[:stop].rstrip())
        said = f"no claim is a statistical test: {_JUDGED}"
        start, prefix = found.start(), "" if text.startswith("expect") else "expect "
        if len(given) > 1 and not re.fullmatch(NUMBER, given[1].strip("\"'")):
            one, two = _sides(given[0], given[1], statement.study)
            written = f"{one} < {two}"
            helps: tuple[str, ...] = (f"write `expect {written}`, or `{one} > {two}`: the one that is expected",)
        elif re.search("[<>]|\\b(?:in|within)\\b", given[0]):
            written = given[0]
            helps = (f"write `expect {written}`",)
        else:
            written = f"{given[0]} > {given[1] if len(given) > 1 else _some(given[0])}"
            helps = (f"write `expect {written}`, with the least that is expected",)
        yield Construct(start, stop, said, (prefix if start == 0 else "") + written, helps, code="SCL024")
    for found in _INTERVAL.finditer(text) if statement.keyword == "expect" else ():
        end = closing(text, found.end())
        given = parts(text[found.end() + 1 : end - 1]) if end else []
        if end is None or not given:
            continue
        tail = re.compile(
            rf"(?:\.\w+|\[[-\w]+\])*\s*(?P<how>[<>]=?|==|\b(?:excludes?|contains?|includes?|covers?|"
            rf"does not (?:contain|include)|doesn't (?:contain|include)|not (?:contains?|includes?)|"
            r"is (?:above|below|within)|in)\b)"
            rf"\s*(?P<at>\[[^\]]*\]|{NUMBER}|[A-Za-z_]\w*)?"
        ).match(text, end)
        if tail is None:
            continue
        how, at = tail["how"], tail["at"] or ""
        whole = re.match(rf"\s*(?:\.(?:width|length|size)\s*)?<=?\s*{NUMBER}", text[end:])
        if whole and not re.search("low|upper|high", found[0], re.IGNORECASE):
            said = "no claim is about how wide an interval is: the report has the interval of every number"
            why = "how wide it will be is said by `scalingdsl plan STUDY --design 1%`, and more seeds make it narrower"
            yield Construct(found.start(), tail.end(), said, None, (f"leave the claim out: {why}",), code="SCL024")
            continue
        said = f"no claim is about an interval: {_JUDGED}"
        quantity = given[0]
        before = re.search(rf"({NUMBER})\s+not\s+in\s*$", text[: found.start()])
        if how in (">", ">=", "<", "<="):
            written = f"{quantity} {how} {at}"
        elif re.match(r"contain|include|cover|in\b|is within", how):
            written = f"{quantity} in {at}" if at.startswith("[") else f"{quantity} within 10% of {at}"
        else:
            written = f"{quantity} > {at if at and at != '0' else _some(quantity)}"
        helps = (f"write `expect {written}`",)
        if "exclude" in how or "not" in how or before:
            helps = (f"write `expect {written}`, or `<`: the side that is expected",)
        yield Construct(found.start(), tail.end(), said, written, helps, code="SCL024")
    outside = re.compile(rf"\b({NUMBER})\s+not\s+in\s+({_INTERVAL.pattern})", re.IGNORECASE).search(text)
    if outside and statement.keyword == "expect" and (end := closing(text, outside.end())):
        quantity = parts(text[outside.end() + 1 : end - 1])[0]
        written = f"{quantity} > {outside[1] if outside[1] != '0' else _some(quantity)}"
        said = f"no claim is about an interval: {_JUDGED}"
        helps = (f"write `expect {written}`, or `<`: the side that is expected",)
        yield Construct(outside.start(), end, said, written, helps, code="SCL024")


_SHARE_OF_DRAWS = re.compile(
    r"\b(?:prob(?:ability)?|pr|p|bootstrap|share|fraction|frac|posterior|chance|confidence|credence|draws|mean)\s*(?=\()",
    re.IGNORECASE,
)


def probabilities(statement: Statement) -> Iterator[Construct]:
    """`prob(alpha > beta) > 0.95`, `bootstrap(alpha > 0.3) > 95%`: a claim is judged so anyway."""
    text = statement.text
    for found in _SHARE_OF_DRAWS.finditer(text) if statement.keyword == "expect" else ():
        end = closing(text, found.end())
        inner = text[found.end() + 1 : end - 1].strip() if end is not None else ""
        tail = re.compile(rf"\s*>=?\s*(?:{NUMBER})%?").match(text, end) if end is not None else None
        if tail is None or not re.fullmatch(r"[^<>=|]+(?:<=?|>=?)[^<>=|]+", inner):
            continue
        said = "a claim holds where 97.5% of its draws satisfy it: how many have to is no part of it"
        yield Construct(found.start(), tail.end(), said, inner, (f"write `expect {inner}`",), code="SCL024")


_COUNTED = re.compile(r"\b(?:count|sum|number|len|nnz|n_true|any)\s*(?=\()", re.IGNORECASE)


def counts(statement: Statement) -> Iterator[Construct]:
    """`count(beta(power(D)) > 0.2) >= 3`: a claim holds of each cell and fit, or of one number of all."""
    text = statement.text
    for found in _COUNTED.finditer(text) if statement.keyword == "expect" else ():
        end = closing(text, found.end())
        inner = text[found.end() + 1 : end - 1].strip() if end is not None else ""
        compared = re.fullmatch(r"([^<>=|]+?)\s*(<=?|>=?)\s*([^<>=|]+)", inner)
        tail = re.compile(rf"\s*(?:[<>]=?|==)\s*(?:{NUMBER})%?").match(text, end) if end is not None else None
        if compared is None or (tail is None and found[0].lower().strip() != "any"):
            continue
        said = "nothing is counted: a claim is about each cell and fit, or about one number of all of them"
        half = f"median({compared[1]}) {compared[2]} {compared[3]}"
        stop = tail.end() if tail else end
        helps = (f"write `expect {inner}`, which is of each", f"or `expect {half}`, of half of them")
        yield Construct(found.start(), stop or len(text), said, inner, helps, code="SCL024")


def _sides(one: str, two: str, study: str) -> tuple[str, str]:
    """Both sides of a comparison; of laws their errors on cells left out, of measured cells their means."""
    fitted = " ".join(re.findall(r"(?m)^(?:fit|let)\b(.*)$", study))
    if all(
        re.fullmatch(rf"{LAW}(?:\(.*\))?", s) or re.search(rf"[\s,]{re.escape(s)}(?=[\s,]|$)", fitted)
        for s in (one, two)
    ):
        return f"validation({one})", f"validation({two})"
    measured = all(re.match(r"(?:loss|excess|accuracy|tvd)\b", side) for side in (one, two))
    return (f"mean({one})", f"mean({two})") if measured else (one, two)


def _some(quantity: str) -> str:
    """A least value that is worth a claim."""
    return "0.1" if re.match(r"(?:alpha|beta|gamma|a|b|slope|eta)\b", quantity) else "0"


_CRITERION = re.compile(rf"\b(?P<word>{'|'.join(CRITERIA)})\s*(?=\()", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?P<sign><=?|>=?|-|/)\s*")
_MARGIN = re.compile(rf"\s*[-+]\s*{NUMBER}(?!\s*[*/(])")
_BOUND = re.compile(rf"\s*(?P<sign><=?|>=?)\s*(?P<minus>-?)\s*(?P<at>{NUMBER})")


def criteria(statement: Statement) -> Iterator[Construct]:
    """`aic(chinchilla) < aic(tied) - 2`, `bic(tied) - bic(chinchilla) > 10`: laws are compared by errors, in whose
    units none of these numbers is.
    """
    text, at = statement.text, 0
    while statement.keyword == "expect" and (first := _CRITERION.search(text, at)) is not None:
        at = first.end()
        end = closing(text, first.end())
        sign = _BETWEEN.match(text, _past(_MARGIN, text, end)) if end else None
        second = _CRITERION.match(text, sign.end()) if sign else None
        stop = closing(text, second.end()) if second else None
        if end is None or sign is None or second is None or stop is None:
            continue
        at, how = stop, sign["sign"]
        if how in "-/":
            bound = _BOUND.match(text, stop)
            if bound is None:
                continue
            falls = bound["sign"][0] == "<"
            if how == "-" and falls != bool(bound["minus"]) and bound["at"] != "0":
                continue  # how much worse it may be is said in units that no error has
            at, how = bound.end(), bound["sign"]
        else:
            at = _past(_MARGIN, text, stop)
        more = CRITERIA[first["word"].lower()]
        how = {"<": ">", ">": "<"}[how[0]] if more else how[0]
        one, two = (f"validation{text[m.end() : e]}" for m, e in ((first, end), (second, stop)))
        written = f"{one} {how} {two}"
        yield Construct(first.start(), at, CRITERION, written, (f"write `expect {written}`",), code="SCL024")


def _past(pattern: re.Pattern[str], text: str, at: int | None) -> int:
    """The place behind a pattern, where it stands."""
    found = pattern.match(text, at or 0)
    return found.end() if found else at or 0


FINDERS = (criteria, probabilities, counts, statistical_tests)
