"""How much a run trains, as others say it: tokens a parameter, tokens a step, passes, shares of the data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import SpecError
from ...syntax.numbers import number
from ...vocabulary.base import PARTS
from ...vocabulary.settings import SETTINGS
from ..constructs import NUMBER, Construct, Statement, closing

_PARAMETERS = r"(?:params?|parameters?|N|weights?|model[ _]size|n_params|num_params)"


_RATIO = re.compile(
    rf"\b(?P<name>tokens|D|data|steps|compute)\s*(?:=|:|in|of)\s*(?P<n>{NUMBER})\s*(?:tokens?|toks?)?\s*"
    r"(?:(?:/|per\b|a\b|for each\b|for every\b|each\b|x\b|×|\*|times\b|tokens per)\s*(?:the\s+)?(?:number of\s+)?)?"
    rf"(?P<of>{_PARAMETERS})\b"
    r"(?!\s*(?:=|in\b|\(|[*^/+-]))"
)


_OPTIMAL = re.compile(
    r"\b(?:tokens?\s*(?:=|:)\s*)?(?:chinchilla|compute)[- _]optimal\b(?:[ \t]+(?:tokens|data|training|amount))?"
)


_RATIO_AXIS = re.compile(
    r"\b(?P<name>(?:n_?)?(?:tokens|data|D|tok)[_ ]?(?:per|to|over|by|/)[_ ]?(?:param(?:eter)?|N|weight)s?(?:_ratio)?|"
    r"tpp|D/N|tokens\s*/\s*N|(?:tokens?|data)[_ ](?:param(?:eter)?s?[_ ])?(?:ratio|multiplier|factor)|"
    r"chinchilla[_ ](?:ratio|multiplier|factor))"
    rf"\s*(?P<sign>=|in|:)\s*(?=(?P<value>[\[{{]|{NUMBER}))"
)


_RATIO_SWEEP = re.compile(
    r"\b(?P<name>tokens|D|steps|compute)\s*(?:in|along|=)\s*(?P<open>[\[{])(?P<items>[^\[\]{}]+)[\]}]"
)
_TIMES_N = re.compile(rf"\s*(?P<n>\d+(?:\.\d+)?|\.\d+)\s*(?P<sign>[*x×·]?)\s*{_PARAMETERS}\s*")


def ratios(statement: Statement) -> Iterator[Construct]:
    """`tokens = 20 tokens/param`, `tokens_per_param in {5, 20}`, `tpp = 20`: a factor times N."""
    text = statement.text
    if statement.keyword != "train":
        return
    for found in _RATIO.finditer(text):
        of = "N"
        written = f"{found['name'] if found['name'] in SETTINGS else 'tokens'} = {found['n'].rstrip('xX')}*{of}"
        if re.sub(r"\s", "", written) == re.sub(r"\s", "", found[0]) or found.end("n") == found.start("of"):
            continue
        said = "an amount that grows with the model is a formula of its parameters, `N`"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL013")
    for found in _RATIO_SWEEP.finditer(text):
        by = ".." if ".." in found["items"] else ","
        items = [_TIMES_N.fullmatch(item) for item in found["items"].split(by)]
        if all(items) and not all(item and item["sign"] == "*" for item in items):
            close = "}" if found["open"] == "{" else "]"
            factors = f"{found['open']}{(by + ' ' * (by == ',')).join(item['n'] for item in items if item)}{close}"
            written = f"ratio in {factors}  {found['name'] if found['name'] in SETTINGS else 'tokens'} = ratio*N"
            said = "the values of a sweep are known before any run: so many tokens for each parameter are a formula"
            yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL301")
    for found in _OPTIMAL.finditer(text):
        said = "Hoffmann's rule, 20 tokens for each parameter, is a formula"
        yield Construct(found.start(), found.end(), said, "tokens = 20*N", ("write `tokens = 20*N`",), code="SCL013")
    for found in _RATIO_AXIS.finditer(text):
        given = re.search(rf"\*\s*{re.escape(found['name'])}\b|\b{re.escape(found['name'])}\s*\*", text)
        if given or text.count("(", 0, found.start()) > text.count(")", 0, found.start()):
            continue
        end = closing(text, found.end()) if found["value"] in "[{" else found.end() + len(found["value"])
        if end is None:
            continue
        values = text[found.end() : end]
        name = "ratio" if not re.search(r"\bratio\b", text) else "factor"
        if found["value"] in "[{":
            inside = values[1:-1]
            values = values if ".." in inside or found["value"] == "{" else f"{{{inside}}}"
            written = f"{name} in {values}  tokens = {name}*N"
        else:
            written = f"tokens = {values}*N"
        said = f"`{found['name']}` is no setting: how many tokens a parameter has is a factor in a formula"
        yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL109")


_A_STEP = re.compile(
    rf"\b(?P<name>batch|batch_size|global_batch_size|bs|warmup)\s*(?:=|:)\s*(?P<n>{NUMBER})(?:\s*[*x×]\s*(?P<by>{NUMBER}))?"
    r"\s*(?P<unit>(?:toks?|tokens?)\b(?!\s*(?:in|along|=)))?"
)


_TOKENS = re.compile(r"(?P<digits>[\d.]+(?:[eE]\d+)?[kMB]?)(?:tokens?|toks?)?")


def tokens_a_step(statement: Statement) -> Iterator[Construct]:
    """`batch = 8k tokens`, `warmup=50k tokens`: sequences a step, and steps, as many as these tokens are."""
    text = statement.text
    for found in _A_STEP.finditer(text) if statement.keyword == "train" else ():
        given = _TOKENS.fullmatch(found["n"])
        if given is None or not (found["unit"] or re.search(r"tok", found["n"])):
            continue
        length = _given(statement.study, "length", 32)
        batch = _given(text, "batch", 8)
        try:
            tokens = number(given["digits"]).value * (number(found["by"]).value if found["by"] else 1)
        except SpecError:
            continue
        if found["name"] == "warmup":
            steps = max(1, round(tokens / (batch * length)))
            written = f"warmup={steps}steps"
            said = f"a warm-up is in steps, here of {batch} sequences of {length} tokens, or a share of them"
        else:
            written = f"batch={max(1, round(tokens / length))}"
            said = f"`batch` counts sequences, here of {length} tokens"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL202")


def _given(text: str, name: str, default: int) -> int:
    found = re.search(rf"\b{name}\s*=\s*(\d+)\b(?!\s*(?:tok|[kM]))", text)
    return int(found[1]) if found and int(found[1]) else default


_FOR_PASSES = re.compile(r"[ \t,]*\bfor[ \t]+(?P<n>\d+)[ \t]*(?P<unit>epochs?|passes|pass)\b(?:[ \t]+over[ \t]+\w+)?")


def passes_in_words(statement: Statement) -> Iterator[Construct]:
    """`train adamw for 3 epochs`: passes over so many distinct tokens, which have to be said."""
    for found in _FOR_PASSES.finditer(statement.text) if statement.keyword == "train" else ():
        known = re.search(r"\bunique\s*(?:=|in\b)", statement.study)
        written = f"epochs = {found['n']}" if known else f"unique = 20k  epochs = {found['n']}"
        said = "passes are a setting, `epochs`, over so many distinct tokens, `unique`"
        more = "" if known else ", with the number of tokens that a pass has"
        yield Construct(found.start(), found.end(), said, f"  {written}", (f"write `{written}`{more}",), code="SCL009")


_BOUNDS = re.compile(
    rf"\b(?P<name>[A-Za-z_]\w*)\s*(?P<one>>=?|≥)\s*(?P<low>{NUMBER})\s*(?:,|and|&&?)\s*(?:(?P=name)\s*)?"
    rf"(?:<=?|≤)\s*(?P<high>{NUMBER})"
)


_TUNED_BEHIND = re.compile(
    r"\b(?P<name>[A-Za-z_]\w*)\s+in\s+(?P<sweep>[\[{][^\[\]{}]*[\]}])[ \t]*,?[ \t]*"
    r"\(?(?P<word>tuned|tune(?![ \t]+[A-Za-z_{(])|best|optimi[sz]ed|tuning|median)\b\)?"
    r"(?![ \t]+[A-Za-z_]\w*[ \t]+in\b)"
)


_OVER = re.compile(rf"(?<=[\]}}\d])\s+(?:over|of|on)\s+(?P<n>{NUMBER})\s*(?:unique |distinct |different )?tokens\b")


def bounds_and_passes(statement: Statement) -> Iterator[Construct]:
    """`tokens >= 100k, tokens <= 800k`, `lr in {...} tuned`, `epochs in {1, 2} over 20k tokens`."""
    text = statement.text
    if statement.keyword != "train":
        return
    for found in _BOUNDS.finditer(text):
        if found["name"] in SETTINGS and not re.search(r"\bwhere\b", text[: found.start()]):
            written = f"{found['name']} in [{found['low']}..{found['high']}]"
            said = "an axis has both of its ends in one range"
            yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL009")
    for found in _TUNED_BEHIND.finditer(text):
        role = "median" if found["word"] == "median" else "tune"
        if (role == "median") != (found["name"] == "seed") or found["name"] in ("tokens", "steps", "compute"):
            continue
        sweep = found["sweep"] if ".." in found["sweep"] else found["sweep"].replace(":", "..")
        written = f"{role} {found['name']} in {sweep}"
        said = f"`{role}` stands before its axis"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL024")
    for found in _OVER.finditer(text) if re.search(r"\bepochs\b", text) else ():
        written = f"unique = {found['n']}"
        said = "passes are over so many distinct tokens, `unique`"
        yield Construct(found.start(), found.end(), said, f"  {written}", (f"write `{written}`",), code="SCL001")


_FRACTION = re.compile(
    r"\b(?:data|dataset|train|training|sample|corpus|subset|text)[ _]"
    r"(?:fraction|frac|share|percent|percentage|size|portion|subset)s?\s*(?:=|in|:)\s*(?=[\[{\d.])"
)


def shares_of_data(statement: Statement) -> Iterator[Construct]:
    """`data_fraction in {.25, .5, 1}`: how many distinct tokens there are is `unique`."""
    text = statement.text
    for found in _FRACTION.finditer(text) if statement.keyword in PARTS else ():
        end = closing(text, found.end()) if text[found.end()] in "[{" else None
        number_ = re.compile(NUMBER).match(text, found.end())
        end = end or (number_.end() if number_ else None)
        if end is None:
            continue
        said = "a part of a text is so many distinct tokens of it, `unique`, which runs pass over"
        helps = ("write the numbers of tokens, such as `unique in {10k, 20k, 40k}`, beside `tokens` or `epochs`",)
        yield Construct(found.start(), end, said, None, helps, code="SCL109")


_BY_LOSS = re.compile(
    r"[ \t,\n]+(?:and\s+|then\s+)?(?:(?:run|train|go\s+on|continue|tokens|steps|compute|epochs)\s+)?"
    r"(?:until|till|while|as\s+long\s+as|(?:stop|end|stopping|ending|halt|break)(?:s|ped)?(?:\s+(?:when|once|if|at|as\s+soon\s+as))?)\s+"
    r"(?:the\s+|a\s+|its\s+)?(?:(?:val|valid|validation|test|eval|train|training|target|held[- ]?out)[_ ])?loss\b\s*"
    rf"(?:is|of|to|at|has|falls|drops|gets|goes|reaches|reached|hits|below|under|above|over|[<>=≤≥\s])*\s*(?P<n>{NUMBER})"
    r"(?![\w.])"
)


def ends_by_loss(statement: Statement) -> Iterator[Construct]:
    """`train adamw  until loss < 2.5`: a run has its tokens, and how many a loss takes is read off those of several."""
    text = statement.text
    found = _BY_LOSS.search(text) if statement.keyword == "train" else None
    if found is None or text.count("(", 0, found.start()) > text.count(")", 0, found.start()):
        return
    rest = text[: found.start()] + text[found.end() :]
    swept = re.search(r"\b(?:tokens|steps|compute|epochs)\s*(?:in|along)\b", rest)
    one = re.search(rf"\b(?:tokens|steps|compute|epochs)\s*=\s*{NUMBER}", rest)
    told = f"how many tokens a loss of {found['n']} takes is read off the losses after several"
    several = "" if swept else ", `tokens in [125k..2M]`"
    helps: tuple[str, ...] = (f"leave `{' '.join(found[0].split()).lstrip(', ')}` out: {told}{several}",)
    if not swept and not one:
        helps = (
            f"write `tokens in [125k..2M]`: {told}",
            f"and claim one: `expect mean(loss(tokens=2M)) < {found['n']}`",
        )
    said = "no run ends by its loss: each is trained on so many tokens"
    start = found.end() - len(found[0].lstrip())
    written = "" if swept or one else "  tokens in [125k..2M]" if text[start] == "," else "tokens in [125k..2M]"
    yield Construct(start, found.end(), said, written, helps, code="SCL001")
