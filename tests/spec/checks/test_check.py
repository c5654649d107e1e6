"""What is said about studies that mean nothing, or less than they seem to."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import pytest
from scalingdsl.spec import SpecError, UsageError, check, load
from scalingdsl.spec.checks.of_claims.claim_bounds import _combined
from scalingdsl.spec.diagnostics.catalogue.semantic_codes import CODES

from ..support import DATA, ONE_LINE, STUDIES, STUDY, checked, messages, plan_of

FIVE = """\
data walk(er(n=512, p=.02), lenght=50)
models transformer(layers=2, param=mup)  width in [256..32]
train adamw(batch=30min)  tokens in [1M..4M]
fit chinchila
"""


def test_the_one_line_study_is_clean() -> None:
    assert messages(ONE_LINE) == []


def test_five_independent_mistakes_are_five_findings() -> None:
    assert messages(FIVE) == [
        "1:29 SCL104 `walk` has no parameter `lenght`",
        "2:36 SCL206 `param` of `transformer` is `SP` or `muP`, not `mup`",
        "2:51 SCL305 the range falls from 256 to 32, and a range rises",
        "3:19 SCL202 `batch` of `adamw` wants a plain number, and `30min` is a time",
        "4:5 SCL101 `chinchila` is no law that this version knows",
    ]


def test_a_broken_statement_brings_no_findings_about_what_it_would_have_said() -> None:
    found = messages("data walk(er(n=512 p=.02))\nmodels width in [32..256]\nfit chinchilla\nexpect beta > .1\n")
    assert [re.sub(r".* (SCL\d)\d\d .*", r"\1", line) for line in found] == ["SCL0"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("train adamw(lr=-1)", "SCL208 `lr` of `adamw` wants a number above 0 and at most 1,000, and this is -1"),
        ("train adamw(lr=1h)", "SCL202 `lr` of `adamw` wants a plain number, and `1h` is a time"),
        ("train adamw(batch=2.5)", "SCL207 `batch` of `adamw` is a whole number, and this gives 2.5"),
        ("train adamw(batch=200%)", "SCL202 `batch` of `adamw` wants a plain number, and `200%` is a percentage"),
        (
            'train adamw(lr="1")',
            'SCL203 `lr` of `adamw` wants a number above 0 and at most 1,000, not the name or text "1"',
        ),
        ("train adamw(schedule=adamw)", "SCL102 `adamw` is an optimiser, and a schedule is wanted here"),
        ("train adamw(schedule=cosin)", "SCL101 `cosin` is no schedule that this version knows"),
        ("train adamw(schedule=3)", "SCL203 `schedule` of `adamw` wants a schedule, not `3`"),
        (
            "train adamw(warmup=200)",
            "SCL202 `warmup` of `adamw` wants steps or a percentage below 100%, such as `200steps` or `2%`",
        ),
        (
            "train adamw(warmup=1M)",
            "SCL202 `warmup` of `adamw` wants steps or a percentage below 100%, such as `200steps` or `2%`",
        ),
        ("train adamw(lr=widht)", "SCL103 `widht` has no value here"),
        ("train adamw(lr=mean(width))", "SCL105 `mean` is no function of numbers"),
        (
            "train adamw(lr in {.1, -.1})",
            "SCL208 `lr` of `adamw` wants a number above 0 and at most 1,000, and this is -0.1",
        ),
        (
            "train adamw()  tokens = 30min",
            "SCL202 `tokens` of `train` wants tokens such as `2M`, and `30min` is a time",
        ),
        (
            "train adamw()  tokens in [0..4 step 1]",
            "SCL208 `tokens` of `train` wants a number of at least 1, and this is 0",
        ),
        ("train adamw()  seed in {0, 1.5}", "SCL207 `seed` of `train` is a whole number, and this gives 1.5"),
        ("train adamw()  steps = 2.5", "SCL207 `steps` of `train` is a whole number, and this gives 2.5"),
        ("train adamw()  widht in {1, 2}", "SCL109 nothing uses the axis `widht`"),
        ("train adamw()  layers in {1, 2}", "SCL109 nothing uses the axis `layers`"),
        ("train adamw()  aspect = 3", "SCL109 nothing uses `aspect`"),
        ("train adamw()  tune lr in {.1}  lr = .1", "SCL113 `lr` is given twice"),
        ("train adamw()  tokens = 2M  steps = 10", "SCL310 `tokens` and `steps` both say how long a run trains"),
        (
            "train adamw()  epochs = 2",
            "SCL310 `walk` draws fresh data for as long as a run trains, so nothing is seen twice",
        ),
        ("train adamw()  a = b  b = a  tokens = a*1M", "SCL116 `a` is defined by itself: `a` -> `b` -> `a`"),
        ("train adamw()  tokens = D", "SCL116 `tokens` is defined by itself: `tokens` -> `D` -> `tokens`"),
        ("train adamw()  where widht > 3", "SCL103 `widht` has no value here"),
        (
            "train adamw()  where width > 3k",
            "SCL314 no point of the grid satisfies the conditions, so there is nothing to train",
        ),
        ("budget 30", "SCL202 a budget is a time such as `30min` or compute such as `5PFLOP`, not `30`"),
        ("budget 30min, 2h", "SCL112 the budget names two times"),
        ("report word", "SCL101 `word` is no form of report that this version knows"),
        ("fit power", "SCL107 `power` needs the quantity it is a law in"),
        ("fit power(widht)", "SCL401 `widht` is no quantity of a run"),
        ("fit power(N) where widht > 16", "SCL103 `widht` has no value here"),
        ("fit power(N) where schedule > 1", "SCL204 `schedule > 1` cannot be computed: the arithmetic has no result"),
        ("train adamw()  where schedule > 1", "SCL204 `schedule > 1` cannot be computed: the arithmetic has no result"),
        (
            "train adamw(batch in {8, batch})",
            "SCL301 `batch` is not a number; the values of a sweep are known before any run",
        ),
        ("fit power(N) where rank(los) > 1", "SCL103 `los` has no value here"),
        ("fit power(N) where avg(loss) > 1", "SCL105 `avg` is no function of numbers"),
        ("optimum surface(chinchilla) where c > 1", "SCL103 `c` has no value here"),
        ("fit power(N, F=1)", "SCL402 `power` has no argument `F`"),
        ("fit power(layers)", "SCL412 `power(layers)` is a law in layers, and layers is the same in all its cells"),
        ("fit chinchilla(share=(E, gamma))", "SCL403 `gamma` is no parameter of this law"),
        ("fit chinchilla(objective=l2)", "SCL405 `l2` is no objective"),
        ("fit chinchilla(objective=mse(2))", "SCL405 `mse` has no threshold"),
        ("optimum surface(power(N))", "SCL406 `power(N)` is a law in one quantity, and a surface needs one in N and D"),
        ("optimum surface", "SCL107 `surface` needs one fit"),
        ("optimum chinchilla", "SCL102 `chinchilla` is a law, and a way to an optimum is wanted here"),
    ],
)
def test_one_mistake_is_one_finding(line: str, found: str) -> None:
    assert [m.split(" ", 1)[1] for m in messages(STUDY + line)] == [found]


SWEPT = "schedule in {cosine(final=width/4), constant}"
WIDTHS = "models width in {8, 16}\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (DATA + WIDTHS + f"train {{a: adamw({SWEPT}), b: adamw(beta1=.8, {SWEPT})}}", "width/4"),
        (DATA + WIDTHS + "train {a: adamw(clip=width-8), b: adamw(clip=width-8)}", "width-8"),
        ("data {a: walk(er(n=512, p=x/4)), b: walk(er(n=512, p=x/4))} x in {1, 8}\nmodels width=16", "x/4"),
    ],
)
def test_equal_mistakes_are_findings_at_all_their_places(text: str, wrong: str) -> None:
    places = [text[d.span.start : d.span.end] for d in checked(text).diagnostics]
    assert places == [wrong, wrong]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("models width in [32..64]", ["SCL121 this study has no data"]),
        (DATA, ["SCL121 this study has no models"]),
        ("", ["SCL121 this study has no data"]),
        ("data length=50\nmodels width=64", ["SCL121 `data` names no source"]),
        (DATA + "models transformer()", ["SCL107 `transformer` needs `width`"]),
        (
            DATA + "models transformer(width=64, heads=3)",
            ["SCL209 `transformer`: a width of 64 does not divide into 3 heads"],
        ),
        (
            DATA + "models transformer(heads=4)  width in {12, 64}",
            [
                "SCL209 `transformer`: a width of 12 in 4 heads gives an odd head dimension of 3, "
                "and rotary positions turn pairs"
            ],
        ),
        ("data walk(er(n=512))\nmodels width=64", ["SCL107 `er` needs `p` or `edges`"]),
        (
            "data walk(er(n=512, p=.1, edges=9))\nmodels width=64",
            ["SCL209 `er` takes `p` or `edges`, and here are `p` and `edges`"],
        ),
        (
            "data walk(er(n=8, edges=99))\nmodels width=64",
            ["SCL209 `er`: 8 nodes have 28 pairs, and 99 edges are asked for"],
        ),
        (
            "data walk(regular(n=9, degree=3))\nmodels width=64",
            ["SCL209 `regular`: 9 nodes of degree 3 leave an edge with one end"],
        ),
        (
            "data walk(er(n=512, p=.005))\nmodels width=64",
            ["~SCL211 about 40 of 512 nodes have no edge at a mean degree of 2.56"],
        ),
    ],
)
def test_data_and_models(text: str, found: list[str]) -> None:
    assert [m.split(" ", 1)[1] for m in messages(text)] == found


def test_a_fraction_names_the_point_and_the_ways_to_round() -> None:
    result = checked(DATA + "models transformer(heads=width/64)  width in {64, 96, 160}")
    (d,) = result.diagnostics
    assert (d.code, d.message) == ("SCL207", "`heads` of `transformer` is a whole number, and this gives 1.5")
    assert d.notes == ("at width = 96, and at 5 more points",)
    assert "`heads=round(width/64)`" in d.helps[0]
    assert "`floor`" in d.helps[0]


def test_a_misspelt_parameter_has_a_certain_fix() -> None:
    text = "data walk(er(n=512, p=.02), lenght=50)\nmodels width=64"
    (d,) = checked(text).diagnostics
    assert d.helps == ("a parameter with a similar name exists: `length`",)
    (edit,) = d.fixes[0].edits
    mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert messages(mended) == []


def test_a_parameter_in_the_wrong_component_says_where_it_belongs() -> None:
    (d,) = checked(STUDY + "train adamw()  layers in {1, 2}").diagnostics
    assert d.helps == ("write `models width in [32..256]  layers in {1, 2}`", "and `train adamw()`")


def test_warnings_alone_leave_a_plan() -> None:
    result = checked(STUDY + "let x = 3\ntrain adamw(batch=1024)  tokens in [100k..300k]")
    assert [(d.code, d.severity) for d in result.diagnostics] == [
        ("SCL117", "warning"), ("SCL212", "warning"), ("SCL307", "warning"),
    ]  # fmt: skip
    assert result.plan is not None


def test_a_flop_budget_is_judged_on_exact_flops() -> None:
    plan = plan_of(STUDY)
    total = sum(r.flops for r in plan.runs())
    over = messages(STUDY + f"budget {int(total) - 10**9}FLOP")
    assert [m.split(" ")[:2] for m in over] == [["3:8", "SCL510"]]
    assert messages(STUDY + f"budget {int(total) + 10**9}FLOP") == []


def test_load_raises_with_every_finding() -> None:
    with pytest.raises(SpecError) as caught:
        load("study.scl", text=FIVE)
    assert len(caught.value.diagnostics) == 5


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*missing\.scl: No such file"):
        check(tmp_path / "missing.scl")
    (tmp_path / "binary.scl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        check(tmp_path / "binary.scl")


def test_findings_come_in_order_and_inside_the_text() -> None:
    result = checked(FIVE)
    places = [(d.span.start, d.code) for d in result.diagnostics]
    assert places == sorted(places)
    assert all(0 <= d.span.start < d.span.end <= len(FIVE) for d in result.diagnostics)


# --- any text gives a study or findings -------------------------------------------------------------------------------

GOOD = [ONE_LINE, *(p.read_text() for p in sorted(STUDIES.glob("*.scl"))), *(c.right for c in CODES)]
TOKEN = re.compile(r'"[^"\n]*"|[A-Za-z_]\w*|[\d.]+[A-Za-z%]*|\s+|\S')
ODD = [
    "0",
    "-1",
    "1e300",
    "1M",
    "2%",
    "x",
    "{",
    ")",
    "{1, 2}",
    "[1..4]",
    '"a"',
    "N",
    "D",
    "tokens",
    "30min",
    "where",
    "()",
]


def mutated(rng: random.Random) -> str:
    """A good study with a token or three deleted, doubled, misspelt, swapped or replaced."""
    tokens = TOKEN.findall(rng.choice(GOOD))
    for _ in range(rng.randint(1, 3)):
        i, j = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        match rng.randrange(5):
            case 0:
                tokens[i] = ""
            case 1:
                tokens.insert(i, tokens[j])
            case 2:
                tokens[i] = tokens[i][1:] + tokens[i][:1]
            case 3:
                tokens[i], tokens[j] = tokens[j], tokens[i]
            case _:
                tokens[i] = rng.choice(ODD)
    return "".join(tokens)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_mutation_of_a_good_study_gives_a_plan_or_findings(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        text = mutated(rng)
        result = checked(text)
        assert (result.plan is None) == bool(result.errors)
        for d in result.diagnostics:
            size = len(result.sources[d.span.file].text)
            assert 0 <= d.span.start <= d.span.end <= size, text
            for fix in d.fixes:
                assert all(0 <= e.span.start <= e.span.end <= size for e in fix.edits), text


def test_the_help_of_a_settled_claim_names_the_bounds_as_declared() -> None:
    text = "data walk(er(n=512,p=.02)); models width in [32..512]; fit interaction; expect mix(interaction) > .04"
    (found,) = (d for d in check("settled.scl", text=text).diagnostics if d.code == "SCL430")
    assert "between 0.05 and 8" in found.helps[0]


def test_cells_that_a_law_could_see_are_held_out_whatever_one_value_of_an_axis_keeps() -> None:
    study = (
        "data walk(er(n=64, p=.2), length=16)\nmodels width in [16..64]\n"
        "train adamw(batch=8)  unique in {8k, 16k, 32k}  epochs in {1, 2, 4}\n"
    )
    found = checked(study + "fit chinchilla where epochs == 1\nexpect holdout(chinchilla) < 5%")
    assert "SCL426" not in {d.code for d in found.diagnostics}


def test_ranges_of_quotients_are_known_where_denormal_numbers_are_flushed() -> None:
    torch = pytest.importorskip("torch")
    torch.set_flush_denormal(True)
    try:
        assert _combined("/", (1.0, 2.0), (0.0, math.inf)) == (0.0, math.inf)
    finally:
        torch.set_flush_denormal(False)


@pytest.mark.parametrize("amounts", ["few: 10k, many: 40k", "10k, 40k"])
def test_distinct_tokens_that_are_seen_again_are_no_idle_axis(tmp_path: Path, amounts: str) -> None:
    (tmp_path / "book.txt").write_text("It was the best of times. " * 4000)
    text = f"""data text("book.txt", length=32)
models width in {{16, 32, 64}}
train adamw(batch=8) unique in {{{amounts}}} epochs in {{1, 4}}
fit power(N)
"""
    assert check(tmp_path / "a.scl", text=text).diagnostics == ()


def test_distinct_tokens_that_a_teacher_reads_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("It was the best of times. " * 40000)
    text = """let first = lm(text("book.txt", length=32), layers=1, width=16, batch=4, tokens=100k, lr=.01)
let second = lm(sample(first, unique in {100k, 150k}), layers=1, width=16, batch=4, tokens=600k, lr=.01)
data sample(second)
models width in {16, 32, 64}
train adamw(batch=8) tokens in {50k, 100k}
fit power(N)
"""
    assert check(tmp_path / "a.scl", text=text).diagnostics == ()


@pytest.mark.parametrize("claim", ["tokens_to_reach(1.5) > 3", "crossing(a, b) > 3"])
def test_joint_axes_of_words_and_numbers_are_no_end_of_a_check(claim: str) -> None:
    text = f"""data walk(er(n=512, p=.02))
models param & width in {{(SP, 16), (muP, 32)}}
train adamw(lr=.02) tokens in [100k..800k]
fit power(D)
expect {claim}
"""
    assert checked(text).errors
    assert checked(
        text.replace("param & width in {(SP, 16), (muP, 32)}", "width & param in {(16, SP), (32, muP)}")
    ).errors
