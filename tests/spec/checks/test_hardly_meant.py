"""What is valid and hardly meant is warned of, and what is meant is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ..support import checked

DATA = "data walk(er(n=512, p=.02))\n"
STUDY = f"{DATA}models width in [16..256]\ntrain tokens in [125k..2M]\n"
PANELS = f"{DATA}models transformer  panel layers in {{1, 2}}  width in [16..256]\ntrain tokens in [125k..2M]\n"
JOINT = "let joint = chinchilla(share=(E, alpha, beta))\nfit joint\n"


def codes(text: str) -> list[str]:
    return [d.code for d in checked(text).diagnostics]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("fit power(N), power(D) where tokens >= 250k", "SCL446"),
        ("let ours = E + A*(N_c/N)^alpha + B*D^-beta\nfit ours", "SCL442"),
        ("fit E + exp(a + b)*N^-alpha", "SCL442"),
        ("fit E + A*N^alpha", "SCL441"),
        ("fit A*N^-alpha + B*D^-beta", "SCL439"),
        ("fit chinchilla(E=0), power(D)", "SCL439"),
        ("fit E + A*width^a", "SCL441"),
        ("fit chinchilla\nexpect spread(alpha) < .1", "SCL443"),
        ("fit chinchilla\nexpect alpha > .2\nexpect alpha > .2", "SCL444"),
        ("fit chinchilla\nexpect alpha in [.5..0.6]\nexpect alpha within 10% of .4", "SCL444"),
        ("fit chinchilla\nexpect not (alpha < .3) and not alpha > .3", "SCL444"),
        ("fit power(C)", "SCL448"),
        ("fit chinchilla\noptimum envelope\nexpect a(envelope) + b(envelope) within 5% of 1", "SCL430"),
        ("fit chinchilla\nexpect alpha within 120% of .4", "SCL435"),
        ("fit chinchilla\nexpect E within entropy_rate of 2%", "SCL435"),
        ("fit chinchilla\nexpect alpha - beta within 10% of 0", "SCL435"),
        ("fit tied\noptimum surface(tied)\nexpect a(surface(tied)) within .05 of .5", "SCL430"),
        ("fit power(D, loss=excess)\nexpect E(power(D, loss=excess)) within 3% of entropy_rate", "SCL439"),
        ("fit chinchilla\nexpect excess(width=64, tokens=2M) within .1 of entropy_rate", "SCL439"),
        ("fit chinchilla\nexpect E(chinchilla) within 2% of entropy_rate/log(2)", "SCL435"),
        ("fit chinchilla\nexpect mean(loss)/0.693 < 2*entropy_rate", "SCL435"),
        ("fit chinchilla\nexpect loss(width=64, tokens=1M) - loss(width=16, tokens=1M) < -5%", "SCL435"),
        ("fit chinchilla where rank(loss) > 5", "SCL440"),
        ("fit chinchilla where width > 16 and rank(excess) >= 3", "SCL440"),
        ("fit chinchilla where width != 16 or width != 32", "SCL440"),
        ("fit chinchilla where N > 20k and (not width == 16 or not (width == 32))", "SCL440"),
        ("fit chinchilla where width > 16 or width < 128", "SCL440"),
        ("fit power(D, loss=accuracy)", "SCL441"),
        ("fit law(E + B*D^-beta, loss=accuracy)", "SCL441"),
    ],
)
def test_warned_of(typed: str, code: str) -> None:
    assert codes(STUDY + typed) == [code]


@pytest.mark.parametrize(
    "typed",
    [
        "fit power({N, D}) where tokens >= 250k",
        "fit power(D) where tokens >= 250k, power(N)",
        "fit chinchilla, power(D) where width == 64",
        "fit chinchilla, power(D) where width > 100",
        "fit chinchilla, power(D) where N > 50k",
        "fit power(D), power(N) where tokens > 500k",
        "fit E + (N_c/N)^alpha + (D_c/D)^beta",
        "fit E + A*exp(-k*log(N)) + B*D^-beta",
        "fit law(A*N^-alpha + B*D^-beta, loss=excess)",
        "fit entropy_rate + A*N^-alpha",
        "fit E - A*log(N)",
        "fit E + q*(log(N) - m)^2 + B*D^-beta",
        "fit A*N^-alpha + B*D^-beta, chinchilla",
        "fit power(D, E=0), power(D)",
        "fit power(D, E=0), power(D, E=entropy_rate)",
        "fit chinchilla, power(N)\nexpect spread(alpha(power(N))) < .1",
        "fit chinchilla\nexpect alpha > .2\nexpect alpha < .6",
        "fit chinchilla\nexpect not (alpha < .3) and not (alpha > .5)",
        "fit chinchilla\nexpect not (alpha < .3) or not (beta > .3)",
        "fit chinchilla\nexpect not (alpha < .3 and alpha > .2)",
        "fit law(E + A*N^alpha + B*D^beta, alpha=-0.34, beta=-0.28)",
        "fit law(E + A*N^-alpha + B*D^beta, beta=-0.28)",
        "fit law(E + A*N^k + B*D^k, k=-0.3, E=entropy_rate) where N > 20k",
        "fit chinchilla\noptimum envelope\nexpect a(envelope) in [.4..0.6]",
        "fit chinchilla, tied\noptimum surface({tied, chinchilla})\n"
        "expect a(surface(chinchilla)) within .1 of a(surface(tied))",
        "fit tied\noptimum surface(tied)\nexpect gamma(surface(tied)) > .05",
        "fit tied\noptimum surface(tied), envelope\nexpect abs(a(envelope) - a(surface(tied))) < .1",
        "fit power(D, loss=excess)\nexpect E(power(D, loss=excess)) < 3%*entropy_rate",
        "fit power(D)\nexpect E(power(D)) within 3% of entropy_rate",
        "fit power(D, loss=excess)\nexpect E(power(D, loss=excess)) + entropy_rate within 3% of entropy_rate",
        "fit chinchilla\nexpect E(chinchilla)/log(2) within 2% of entropy_rate/log(2)",
        "fit chinchilla\nexpect mean(loss)/log(2) < 3.5",
        "fit chinchilla\nexpect loss(width=64, tokens=1M) < 1.1*entropy_rate",
        "fit chinchilla\nexpect loss(width=64, tokens=1M) - loss(width=16, tokens=1M) < -.05",
        "fit chinchilla where rank(-loss) > 5",
        "fit chinchilla where width != 16 and width != 32",
        "fit chinchilla where width != 16 or tokens != 125k",
        "fit chinchilla where width == 16 or width == 32 or width == 128",
        "fit chinchilla where width != 16 or width != 16",
        "fit chinchilla where not (width == 16 or width == 32)",
        "fit chinchilla where rank(loss) <= 20",
        "fit chinchilla where rank(N) > 6",
        "fit chinchilla where rank(loss) > 5\nexpect holdout(chinchilla) < 5%",
        "fit a + b*log(N)",
        "fit law(a + b*log(N) + c*log(D), objective=mse)",
        "fit law(1 - (E + B*D^-beta), loss=accuracy)",
        "fit law(1 - (E + B*exp(-rate*D)), E=0, loss=accuracy)",
        "fit sigmoid(D, loss=accuracy), network(loss=accuracy)",
        "fit law(a + b*log(D), loss=accuracy), power(D, loss=tvd)",
    ],
)
def test_not_warned_of(typed: str) -> None:
    assert codes(STUDY + typed) == []


@pytest.mark.parametrize(
    ("models", "warned"),
    [
        ("transformer(param=muP, base_width=width)  width in [16..64]", True),
        ("transformer(base_width=width/2)  width in [16..64]", True),
        ("transformer(base_width=width, width=64, layers in {1, 2})", False),
        ("transformer(base_width=32)  width in [16..64]", False),
        ("transformer(layers=2, width=4*base_width, base_width in {16, 32})", False),
        ("{muP: transformer(param=SP), SP: transformer(param=muP)}  width in [16..64]", True),
        ("{muP: transformer(param=muP), SP: transformer(param=SP)}  width in [16..64]", False),
        ("{shallow: transformer(layers=1), deep: transformer(layers=4)}  width in [16..64]", False),
        ("{SP: transformer(param=SP), deep: transformer(param=SP, layers=4)}  width in [16..64]", False),
    ],
)
def test_bases_and_labels(models: str, warned: bool) -> None:
    text = f"{DATA}models {models}\ntrain tokens in [125k..1M]\nfit power(D)"
    assert [c for c in codes(text) if c == "SCL218"] == ["SCL218"] * warned


@pytest.mark.parametrize(
    ("graph", "train", "warned"),
    [
        ("seed={0, 1, 2}", "seed in {0, 1, 2}", 1),
        ("seed=graph_seed), graph_seed in {0, 1, 2}", "seed in {0, 1, 2}", 0),
        ("seed={0, 1, 2}", "", 0),
        ("seed=3", "seed in {0, 1, 2}", 0),
        ("seed={0, 1, 2}", "seed = 0", 0),
    ],
)
def test_seeds_of_graphs_and_of_training(graph: str, train: str, warned: int) -> None:
    graph = graph if ")" in graph else f"{graph})"
    text = f"data walk(er(n=512, p=.02, {graph})\nmodels width in [16..64]\ntrain tokens in [125k..1M]  {train}\n"
    assert codes(f"{text}fit power(D)").count("SCL217") == warned


@pytest.mark.parametrize(
    ("rate", "param", "way"),
    [
        ("peak*64/width", "muP", "write `lr = peak`, one rate for all widths"),
        ("peak*64/width", "SP", ""),
        ("peak*sqrt(batch/8)", "muP", ""),
        ("peak", "muP", ""),
    ],
)
def test_rates_that_fall_with_the_width_twice(rate: str, param: str, way: str) -> None:
    models = f"models transformer(param={param})  width in [16..64]\n"
    train = f"train adamw(batch=8)  lr = {rate}  tune peak in {{.01, .02, .04}}  tokens in [125k..1M]\nfit chinchilla"
    found = checked(DATA + models + train).diagnostics
    assert [d.helps[0] for d in found if d.code == "SCL218"] == [way] * bool(way)


def test_conditions_of_components_that_all_satisfy() -> None:
    models = "models width in {{16, 32, 64, 128}}  where width != 16 {} width != 32\ntrain tokens in [125k..1M]\n"
    assert codes(f"{DATA}{models.format('or')}fit power(D)") == ["SCL440"]
    assert codes(f"{DATA}{models.format('and')}fit power(D)") == []


@pytest.mark.parametrize(
    ("train", "left_out"),
    [
        ("tokens in [125k..2M]", True),
        ("tokens in [125k..2M]  seed in {0, 1}", True),
        ("compute in [8GFLOP..512GFLOP times 4]", False),
        ("compute = 8GFLOP*k  k in {1, 4, 16}", False),
        ("tokens = 1G*k/N  k in {1, 4, 16}", False),
    ],
)
def test_profiles_of_compute_that_cells_form_by_chance(train: str, left_out: bool) -> None:
    models = "models transformer(layers=2)  width in {12, 16, 24, 32, 48}"
    assert ("SCL418" in codes(f"{DATA}{models}\ntrain {train}\noptimum isoflop")) == left_out


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ('command="torchrun train.py --fast"', True),
        ('script="train.py"', False),
        ('command="fast"', False),
        ('optimiser="adam w"', False),
    ],
)
def test_commands_in_studies(given: str, warned: bool) -> None:
    models = f"models external(N=12*layers*width^2, {given}, layers=2)  width in [64..512]"
    text = f'data dataset("owt", vocab=256)\n{models}\ntrain tokens in [1M..8M]\nfit chinchilla'
    assert codes(text) == ["SCL218"] * warned


@pytest.mark.parametrize(
    ("beside", "given", "meant"),
    [
        ({"tokens_per_step": 16384}, "steps", "steps * tokens_per_step"),
        ({"batch_size": 32, "seq_len": 512}, "steps", "steps * batch_size * seq_len"),
        ({"batch_size": 32}, "steps", "steps * 4096"),
        ({"tokens_per_step": 16384}, "steps * tokens_per_step", ""),
        ({"batch_size": 32, "seq_len": 512}, "steps*batch_size*seq_len", ""),
        ({"batch_size": 32}, "steps * 16384", ""),
    ],
)
def test_steps_are_no_tokens(beside: dict[str, int], given: str, meant: str, tmp_path: Path) -> None:
    rows = [(n, s, *beside.values(), 2 + 9 / n**0.3 + 9 / s**0.3) for n in (1e6, 1e7, 1e8) for s in (1e3, 4e3, 2e4)]
    lines = [",".join(["params", "steps", *beside, "loss"]), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "logs.csv").write_text("\n".join(lines))
    text = f'data table("logs.csv", N="params", D="{given}", loss="loss")\nfit chinchilla\n'
    helps = [h for d in checked(text, tmp_path).diagnostics for h in d.helps]
    told = ", with the tokens of a step in place of 4096" if "4096" in meant else ""
    assert helps == ([f'write `D="{meant}"`{told}'] if meant else [])


def test_alternatives_over_other_values_are_no_copies() -> None:
    two = DATA + "models {{a: transformer(width in {{16, 32}}), b: transformer(width in {})}}\ntrain tokens=1M"
    assert "SCL308" in codes(two.format("{16, 32}"))
    assert "SCL308" in codes(two.format("[16..32]"))
    assert "SCL308" not in codes(two.format("{48, 64}"))


def test_sizes_that_grow_together_or_hardly() -> None:
    line = f"{DATA}models width in [16..256]\ntrain tokens = 20*N\n"
    assert codes(f"{line}fit power(N)") == ["SCL448"]
    assert codes(f"{line}fit power(C)") == []
    assert codes(f"{DATA}models width in [16..256]\ntrain tokens in {{1M, 1.2M, 1.5M}}\nfit chinchilla") == ["SCL447"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (f"{JOINT}expect beta(joint, layers=1) < beta(joint, layers=2)", "SCL451"),
        (f"{JOINT}expect beta(joint)/(beta(joint) + alpha(joint)) within .2 of .5", ""),
        ("fit power(D)\nexpect min(mse(power(D), layers=1)) > max(mse(power(D), layers=2))", ""),
        ("fit power(D, E=0), power(D)\nexpect min(mse(power(D, E=0))) > max(mse(power(D)))", ""),
        ("fit power(D, E=0), power(D)\nexpect min(mse(power(D, E=0))) > min(mse(power(D)))", "SCL451"),
        ("fit tied, chinchilla\nexpect mse(tied, layers=1) < mse(chinchilla, layers=2)", ""),
        ("fit tied, chinchilla\nexpect mse(tied, layers=1) < mse(chinchilla, layers=1)", "SCL451"),
        (
            "fit tied(objective=mse), chinchilla(objective=lad)\n"
            "expect mse(tied(objective=mse)) < mse(chinchilla(objective=lad))",
            "",
        ),
        (
            "fit chinchilla(objective=huber(1e-3)), chinchilla(objective=mse)\n"
            "expect mean(rmse(chinchilla(objective=huber(1e-3)))) > mean(rmse(chinchilla(objective=mse)))",
            "SCL451",
        ),
        (
            "fit tied(objective=huber-raw), chinchilla(objective=mse)\n"
            "expect mean(mse(chinchilla(objective=mse))) < mean(mse(tied(objective=huber-raw)))",
            "SCL451",
        ),
        *(
            (
                f"fit chinchilla(objective={one}), chinchilla(objective={other})\nexpect mean({number}(chinchilla("
                f"objective={one}))) > mean({number}(chinchilla(objective={other})))",
                "",
            )
            for one, other, number in (
                ("huber", "lad", "rmse"),
                ("huber", "mse", "rmse_log"),
                ("lad", "mse", "validation"),
            )
        ),
        ("fit power(D), exponential(D)\nexpect mean(mse(power(D))) < 3*mean(mse(exponential(D)))", "SCL451"),
        ("fit power(D), exponential(D)\nexpect 2*rmse(exponential(D), layers=1) > rmse(power(D), layers=1)", "SCL451"),
        ("fit power(D), exponential(D)\nexpect 3*mean(mse(power(D))) < mean(mse(exponential(D)))", ""),
        ("fit power(D), exponential(D)\nexpect mean(mse(power(D))) < 1.2*mean(mse(exponential(D)))", ""),
        (
            "fit power(D), exponential(D)\nexpect mean(mse(power(D))) < 2*mean(mse(exponential(D)))\n"
            "expect mean(mse(exponential(D))) < 2*mean(mse(power(D)))",
            "",
        ),
        (
            "fit power(D), exponential(D)\nexpect mean(mse(power(D))) > mean(mse(exponential(D)))\n"
            "expect mean(mse(power(D))) < 2*mean(mse(exponential(D)))",
            "",
        ),
        (
            "fit chinchilla(objective=huber), chinchilla(objective=mse)\n"
            "expect mean(rmse(chinchilla(objective=huber))) < 2*mean(rmse(chinchilla(objective=mse)))",
            "",
        ),
        ("fit tied, kaplan\nexpect mean(validation(tied)) < 3*mean(validation(kaplan))", "SCL451"),
        ("fit tied, interaction\nexpect mean(validation(tied)) < 3*mean(validation(interaction))", ""),
        ("fit power(D, E=0), power(D)\nexpect mean(mse(power(D, E=0))) < 3*mean(mse(power(D)))", ""),
        (
            "let early = chinchilla where D <= 1M\nlet late = chinchilla where D > 250k\nfit early, late\n"
            "expect mean(rmse_log(late)) < mean(rmse_log(early))",
            "",
        ),
        (
            "let above = tied(loss=excess)\nfit chinchilla, above\nexpect mean(r2(chinchilla)) > mean(r2(above))",
            "",
        ),
        (
            "let above = tied(loss=excess)\nfit chinchilla, above\nexpect mean(mse(chinchilla)) > mean(mse(above))",
            "SCL451",
        ),
    ],
)
def test_fits_that_are_compared(typed: str, code: str) -> None:
    assert [c for c in codes(PANELS + typed) if c == "SCL451"] == [code] * bool(code)


SIGNED = "let task = w*log(N) + v*log(D) + E + B*D^-beta\nfit task\nexpect "


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (f"{SIGNED}w(task) < 2*v(task) and v(task) < .4*w(task)", ""),
        (f"{SIGNED}w(task) > 2*v(task) or w(task) < 3*v(task)", ""),
        ("fit chinchilla\nexpect alpha < 2*beta and beta < .4*alpha", "SCL444"),
        ("fit chinchilla\nexpect alpha > 2*beta or alpha < 3*beta", "SCL430"),
    ],
)
def test_ratios_to_what_may_lie_below_0(typed: str, code: str) -> None:
    assert [c for c in codes(STUDY + typed) if c in ("SCL430", "SCL444")] == [code] * bool(code)


@pytest.mark.parametrize(
    "claim",
    [
        "D(surface(chinchilla), C=1TFLOP) within 100k of D(envelope, C=1TFLOP)",
        "max(loss/entropy_rate) - 1 < 50%",
        "abs(log(A(chinchilla)) - log(B(chinchilla))) < 5%",
    ],
)
def test_sizes_and_shares_that_are_near(claim: str) -> None:
    assert "SCL435" not in codes(f"{STUDY}fit chinchilla\noptimum surface(chinchilla), envelope\nexpect {claim}")


@pytest.mark.parametrize(
    ("column", "law", "warned"),
    [
        ("accuracy", "power(N)", True),
        ("accuracy", "sigmoid(N)", False),
        ("accuracy", "low + top/(1 + exp(-k*(log(N) - m)))", False),
        ("accuracy", "E + A*N^-alpha", True),
        *((name, "power(N)", False) for name in ("top1_error", "brier_score", "acc_loss", "score_loss")),
        *((name, "power(N)", False) for name in ("log_ppl", "post_training_loss", "mean_train_val_loss")),
        ("train_loss", "power(N)", True),
    ],
)
def test_columns_called_as_what_they_are(column: str, law: str, warned: bool, tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(f"N,{column},eval_loss\n" + "".join(f"{i}e6,.{i},.{i}\n" for i in range(1, 8)))
    found = checked(f'data table("runs.csv", N="N", loss="{column}")\nfit {law}', tmp_path).diagnostics
    assert [d.code for d in found if d.code == "SCL455"] == ["SCL455"] * warned


@pytest.mark.parametrize(
    ("head", "sizes", "more", "warned"),
    [
        ("run", (1, 1, 1, 1, 1, 2, 2, 2, 2, 2), "", True),
        ("run", (1, 2, 3, 4, 5, 1, 2, 3, 4, 5), "", False),
        ("run", (1, 1, 1, 1, 1, 2, 2, 2, 2, 2), ', run="run"', False),
        ("model", (1, 1, 1, 1, 1, 2, 2, 2, 2, 2), "", False),
    ],
)
def test_points_along_runs(head: str, sizes: tuple[int, ...], more: str, warned: bool, tmp_path: Path) -> None:
    rows = [f"{'gpt' if i < 5 else 'llama'},{n}e6,{i % 5 + 1}e7,{i % 5 + 1}00,{3 - i / 9}" for i, n in enumerate(sizes)]
    for order in (rows, [*rows[::2], *rows[1::2]]):
        (tmp_path / "runs.csv").write_text("\n".join([f"{head},N,D,step,loss", *order]))
        found = checked(f'data table("runs.csv"{more})\nfit power(D)', tmp_path).diagnostics
        assert [d.code for d in found if d.code == "SCL455"] == ["SCL455"] * warned


REGULAR = STUDY.replace("er(n=512, p=.02)", "regular(n=128, degree=8)") + "fit chinchilla, power(D)\n"


@pytest.mark.parametrize(
    ("claim", "warned"),
    [
        ("E(chinchilla) within 2% of 3", True),
        ("E(chinchilla) in [1..1.5]", True),
        ("E(chinchilla) within 2% of 2.08", False),
        ("E(chinchilla) within .5 of 2.4", False),
        ("E(chinchilla) in [2.4..2.6]", False),
        ("E(chinchilla) > 3", False),
        ("mean(E(power(D))) within 2% of 3", False),
        ("loss(width=256, tokens=2M) within 2% of 3", False),
        ("E(chinchilla) within 2% of 3/log(2)*log(2) or alpha > .2", False),
    ],
)
def test_floors_far_from_the_entropy_rate(claim: str, warned: bool) -> None:
    assert ("SCL439" in codes(f"{REGULAR}expect {claim}")) == warned


@pytest.mark.parametrize(
    ("fit", "code"),
    [
        ("power(D, loss=excess, E=entropy_rate)", "SCL439"),
        ("power(D, loss=excess, E=0)", ""),
        ("power(D, loss=excess)", ""),
        ("power(D, E=entropy_rate)", ""),
        ("law(entropy_rate + A*D^-b)", ""),
    ],
)
def test_a_floor_that_is_taken_off_twice(fit: str, code: str) -> None:
    assert codes(f"{STUDY}fit {fit}") == [code] * bool(code)


ROWS = [(n, d) for n in (1e6, 4e6, 1.6e7) for d in (1e8, 4e8, 1.6e9)]


@pytest.mark.parametrize(
    ("column", "labels", "typed", "warned"),
    [
        ("eval_set", ("c4", "code"), "\nfit chinchilla", True),
        ("optimizer", ("adamw", "muon", "sgd"), "\nfit chinchilla", True),
        ("eval_set", ("c4", "code"), "\nfit chinchilla where eval_set == c4", False),
        ("eval_set", ("c4",), "\nfit chinchilla", False),
        ("eval_set", ("c4", "code"), "  panel eval_set in {{c4, code}}\nfit chinchilla", False),
        ("opt", ("adam", "muon"), "  tune opt\nfit chinchilla", False),
    ],
)
def test_rows_of_several_kinds(column: str, labels: tuple[str, ...], typed: str, warned: bool, tmp_path: Path) -> None:
    rows = [
        f"{n},{d},{label},{1.7 + i + 400 * n**-0.34 + 410 * d**-0.28}"
        for i, label in enumerate(labels)
        for n, d in ROWS
    ]
    (tmp_path / "runs.csv").write_text("\n".join((f"params,tokens,{column},loss", *rows)))
    study = f'data table("runs.csv", N="params", D="tokens"{{}}){typed}'
    named = f', {column}="{column}"'
    assert ("SCL455" in [d.code for d in checked(study.format(""), tmp_path).diagnostics]) == warned
    assert "SCL455" not in [d.code for d in checked(study.format(named), tmp_path).diagnostics]


def test_rows_of_which_some_are_of_one_kind(tmp_path: Path) -> None:
    """A column that parts the rows unevenly says when, where or by whom they were measured."""
    rows = [f"{n},{d},{'a' if n > 2e6 else 'b'},{1.7 + 400 * n**-0.34}" for n, d in ROWS]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,cluster,loss", *rows, "1e6,1e8,a,5")))
    study = 'data table("runs.csv", N="params", D="tokens")\nfit chinchilla'
    assert [d.code for d in checked(study, tmp_path).diagnostics] == []


OPTIMISERS = "params,tokens,loss,opt,kept\n" + "".join(
    f"{n},{d},{2 + 400 * n**-0.34 + 410 * d**-0.28},{opt},{kept}\n"
    for opt, kept in (("adam", 1), ("sgd", 0))
    for n, d in ROWS
)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("adam", "SCL421"),
        ("kept == 1 and not sgd", "SCL421"),
        ('"kept" > 0', "SCL421"),
        ('"opt" == adam', "SCL421"),
        ("kept", ""),
        ("not kept", ""),
        ('opt == "adam"', ""),
        ('"adam" == opt', ""),
        ("opt in {adam, sgd} and params > 2e6", ""),
    ],
)
def test_conditions_that_hold_of_every_row(condition: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(OPTIMISERS)
    study = f'data table("runs.csv", opt="opt", kept="kept")\nfit power(N) where {condition}'
    assert [d.code for d in checked(study, tmp_path).diagnostics if d.severity == "error"] == [code] * bool(code)


@pytest.mark.parametrize(
    ("rates", "typed", "warned"),
    [
        ((1e-3, 3e-3), "\nfit chinchilla", True),
        ((1e-3, 3e-3, 1e-2), "\nfit power(D)", True),
        ((1e-3,), "\nfit chinchilla", False),
        ((1e-3, 3e-3), "  tune lr\nfit chinchilla", False),
        ((1e-3, 3e-3), "  panel lr in {{.001, .003}}\nfit chinchilla", False),
        ((1e-3, 3e-3), "  where lr == .001\nfit chinchilla", False),
        ((1e-3, 3e-3), "\nfit chinchilla where lr < .002", False),
        ((1e-3, 3e-3), "\nfit E + A*N^-alpha + B*D^-beta + c*log(lr)^2", False),
    ],
)
def test_rows_at_several_rates(rates: tuple[float, ...], typed: str, warned: bool, tmp_path: Path) -> None:
    rows = [f"{n},{d},{lr},{1.7 + lr + 400 * n**-0.34 + 410 * d**-0.28}" for lr in rates for n, d in ROWS]
    (tmp_path / "sweep.csv").write_text("\n".join(("params,tokens,lr,loss", *rows)))
    study = 'data table("sweep.csv")' + typed.replace("{{", "{").replace("}}", "}")
    assert ("SCL455" in [d.code for d in checked(study, tmp_path).diagnostics]) == warned


def test_rates_that_go_with_sizes_are_no_sweep(tmp_path: Path) -> None:
    rows = [f"{n},{d},{1e3 / n},{1.7 + 400 * n**-0.34 + 410 * d**-0.28}" for n, d in ROWS]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,lr,loss", *rows)))
    assert [d.code for d in checked('data table("runs.csv")\nfit chinchilla', tmp_path).diagnostics] == []


@pytest.mark.parametrize(
    ("named", "warned"),
    [
        ('N="d_model"', True),
        ('D="epoch"', True),
        ('D="iter_num"', True),
        ('D="iter_num * 4096"', False),
        ('C="gpu_hours"', True),
        ('loss="nll_neg"', True),
        ('loss="-nll_neg"', False),
        ('N="params"', False),
        ('D="tokens_seen"', False),
        ('D="batch_tokens"', False),
        ('C="flops"', False),
        ("", False),
    ],
)
def test_columns_of_other_sizes(named: str, warned: bool, tmp_path: Path) -> None:
    rows = "".join(
        f"{int(n**0.5)},{n},{d},{d},{d},1,{n * d},{n * d / 1e15},{2 + 400 * n**-0.34},{-2 - 400 * n**-0.34},{d / 8}\n"
        for n, d in ROWS
    )
    head = "d_model,params,tokens,tokens_seen,batch_tokens,epoch,flops,gpu_hours,loss,nll_neg,iter_num\n"
    (tmp_path / "runs.csv").write_text(head + rows)
    study = f'data table("runs.csv"{", " if named else ""}{named})\nfit chinchilla'
    assert ("SCL455" in [d.code for d in checked(study, tmp_path).diagnostics]) == warned


@pytest.mark.parametrize(
    ("named", "fit", "code"),
    [
        ('N="params", D="20*params"', "chinchilla", "SCL413"),
        ('N="params", D="twenty"', "chinchilla", "SCL413"),
        ('N="one", D="tokens"', "chinchilla", "SCL412"),
        ('N="one", D="tokens"', "power(N)", "SCL412"),
        ('N="one", D="tokens"', "power(D)", ""),
        ('N="one", D="tokens"', "chinchilla(A=0, alpha=.3)", ""),
        ('N="params", D="20*params"', "power(N)", ""),
        ('N="params", D="tokens"', "chinchilla", ""),
        ('N="params/1e6", D="20*tokens"', "chinchilla", ""),
        ('N="params", D="twenty"', "chinchilla where params > 2M", ""),
    ],
)
def test_sizes_of_rows_on_a_line(named: str, fit: str, code: str, tmp_path: Path) -> None:
    rows = [f"{n},{d},{20 * n},7e6,{1.7 + 400 * n**-0.34 + 410 * d**-0.28}" for n, d in ROWS]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,twenty,one,loss", *rows)))
    found = checked(f'data table("runs.csv", {named})\nfit {fit}', tmp_path).diagnostics
    assert [d.code for d in found if d.code in ("SCL412", "SCL413")] == [code] * bool(code)


def test_rates_of_several_optimisers_are_no_sweep(tmp_path: Path) -> None:
    rows = [
        f"{n},{d},{o},{lr},{1.7 + lr + 400 * n**-0.34}" for o, lr in (("adam", 1e-3), ("muon", 2e-2)) for n, d in ROWS
    ]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,optimizer,lr,loss", *rows)))
    study = 'data table("runs.csv")  panel optimizer in {adam, muon}\nfit chinchilla'
    assert checked(study, tmp_path).diagnostics == ()


def test_losses_of_seeds_are_of_no_size(tmp_path: Path) -> None:
    rows = [f"{n},{d},{2 + n**-0.3},{2.1 + n**-0.3},{1.9 + n**-0.3}" for n, d in ROWS]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,loss_seed0,loss_seed1,loss_seed2", *rows)))
    (found,) = checked('data table("runs.csv")\nfit chinchilla', tmp_path).diagnostics
    assert found.helps == ('name the column, such as `loss="loss_seed0"`',)


@pytest.mark.parametrize(
    "claim",
    [
        "excess(width=16, tokens=250k) within 50% of 0.1*entropy_rate",
        "loss(width=16, tokens=250k) < 1.44*entropy_rate",
        "loss(width=16, tokens=250k) < 1.5*entropy_rate",
    ],
)
def test_factors_of_the_entropy_rate(claim: str) -> None:
    assert not {"SCL435", "SCL439"} & {*codes(f"{STUDY}fit chinchilla\nexpect {claim}")}


@pytest.mark.parametrize(
    ("base", "warned"), [("width", True), ("width/2", True), ("min(width, 64)", False), ("32", False)]
)
def test_bases_that_stop_somewhere(base: str, warned: bool) -> None:
    models = f"models transformer(base_width={base})  width in [16..256]\n"
    assert ("SCL218" in codes(STUDY.replace("models width in [16..256]\n", models) + "fit power(N)")) == warned


def test_the_highest_left_out_for_a_prediction() -> None:
    text = f"{STUDY}fit chinchilla where rank(loss) > 3\n"
    assert "SCL440" in codes(text)
    assert "SCL440" not in codes(f"{text}expect L(chinchilla, N=700k, D=4M) within 2% of loss(width=256, tokens=4M)")


@pytest.mark.parametrize(
    ("column", "named", "fit", "warned"),
    [
        (lambda n, d: 0.9 - 9 * n**-0.3, 'loss="hellaswag"', "power(N)", True),
        (lambda n, d: 90 - 900 * d**-0.3, 'loss="hellaswag"', "chinchilla", True),
        (lambda n, d: 0.9 - 9 * n**-0.3, 'loss="1 - hellaswag"', "power(N)", False),
        (lambda n, d: 0.9 - 9 * n**-0.3, 'loss="hellaswag"', "sigmoid(N)", False),
        (lambda n, d: 9 * n**-0.3, 'loss="hellaswag"', "power(N)", False),
        (lambda n, d: 0.5 - 9 * n**-0.3 + 9 * d**-0.2, 'loss="hellaswag"', "chinchilla", False),
        (lambda n, d: 900 - 900 * n**-0.3, 'loss="hellaswag"', "power(N)", False),
    ],
)
def test_scores_that_rise_with_the_sizes(
    column: Callable[[float, float], float], named: str, fit: str, warned: bool, tmp_path: Path
) -> None:
    rows = [f"{n},{d},{column(n, d)}" for n, d in ROWS]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,hellaswag", *rows)))
    found = checked(f'data table("runs.csv", {named})\nfit {fit}', tmp_path).diagnostics
    assert ("SCL455" in [d.code for d in found]) == warned


@pytest.mark.parametrize(
    ("fit", "warned"),
    [
        ("E + A*N^-alpha + C*D^-beta", True),
        ("E + A/N^alpha + C/D^beta", True),
        ("E + A*N^-alpha + B*D^-beta", False),
        ("E + A*N^-alpha + G*C^-gamma", False),
        ("E + A*N^-alpha + B*(C/N)^-beta", False),
        ("E + A*(C*N^-2)^-alpha + B*D^-beta", False),
    ],
)
def test_compute_for_a_coefficient(fit: str, warned: bool, tmp_path: Path) -> None:
    rows = [f"{n},{d},{1.7 + 400 * n**-0.34 + 410 * d**-0.28}" for n, d in ROWS]
    (tmp_path / "runs.csv").write_text("\n".join(("params,tokens,loss", *rows)))
    found = checked(f'data table("runs.csv")\nfit {fit}', tmp_path).diagnostics
    assert ("SCL441" in [d.code for d in found]) == warned


@pytest.mark.parametrize(
    ("train", "written"),
    [
        ("adamw(tune batch in {4, 8, 16})  steps = 1000", "write `steps = 8k/batch`"),
        ("adamw  steps in [200..1600]  tune batch in {4, 8, 16}", "say how much a run sees"),
        ("adamw  steps = 8k/batch  tune batch in {4, 8, 16}", ""),
        ("adamw  tokens = 200k  tune batch in {4, 8, 16}", ""),
        ("adamw  steps = 1000  batch in {4, 8, 16}", ""),
        ("adamw  tune batch & steps in {(4, 2000), (8, 1000), (16, 500)}", ""),
        ("adamw  steps = 1000  tune lr in {.01, .02, .04}", ""),
    ],
)
def test_batches_tuned_at_so_many_steps(train: str, written: str) -> None:
    found = checked(f"{DATA}models width in [16..128]\ntrain {train}\nfit power(N)").diagnostics
    assert [d.code for d in found] == ["SCL218"] * bool(written)
    assert all(d.helps[0].startswith(written) for d in found)


@pytest.mark.parametrize(
    ("data", "models"),
    [
        ("manifold(dim=4)", "mlp(layers=2, samples=4000)  width in [16..128]"),
        ("manifold(dim=4)", "mlp(layers=2, width=64)  samples in [500..4000]"),
        ("sample(lm(walk(er(n=64, p=.1)), width=64, tokens=1M), unique=100k)", "width in [16..128]"),
    ],
)
def test_a_batch_of_data_that_are_seen_again_may_be_tuned(data: str, models: str) -> None:
    text = f"data {data}\nmodels {models}\ntrain adamw(tune batch in {{32, 64, 128}})  steps = 1000\nfit power(N)"
    assert "SCL218" not in codes(text)


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ("model != gpt2-xl", ('write `"gpt2-xl"`',)),
        ('model != "gpt2-xl"', ()),
        ("model == small", ()),
        ("params - 1 > 5e6", ()),
    ],
)
def test_labels_with_a_sign(where: str, written: tuple[str, ...], tmp_path: Path) -> None:
    rows = [
        f"{name},{n},{d},{1.7 + 400 * n**-0.34 + 410 * d**-0.28}" for n, d in ROWS for name in ("gpt2-xl", "small", "l")
    ]
    (tmp_path / "runs.csv").write_text("\n".join(("model,size,tokens,loss", *rows)))
    study = f'data table("runs.csv", N="size", model="model", params="size")\nfit chinchilla where {where}'
    assert tuple(h for d in checked(study, tmp_path).errors for h in d.helps) == written


def test_the_claim_on_what_nothing_tells_goes_with_it() -> None:
    """A scale of the size goes, the coefficient stays; a claim on what stays is left alone."""
    law = "let own = E + A*(k*N)^-alpha + B*D^-beta\nfit own\n"
    (told,) = [
        d for d in checked(f"{STUDY}{law}expect k(own) < .5\nexpect beta(own) > .1").diagnostics if d.code == "SCL442"
    ]
    assert told.helps[0] == "write `let own = E + A*N^-alpha + B*D^-beta`"
    assert len(told.helps) == 2
    assert "leave `expect k(own) < 0.5` out" in told.helps[1]
    (told,) = [d for d in checked(f"{STUDY}{law}expect A(own) > 1").diagnostics if d.code == "SCL442"]
    assert len(told.helps) == 1


@pytest.mark.parametrize(
    ("fit", "refused"),
    [
        ("law(theta*log(flops) + nu, loss=S_1)", False),
        ("law(E + A*flops^-alpha, loss=arc)", False),
        ("law(E + A*flops^-alpha)", True),
        ("law(theta*log(flops) + nu, loss=S_1), law(E + A*flops^-alpha)", True),
    ],
)
def test_laws_of_a_table_without_a_loss(fit: str, refused: bool, tmp_path: Path) -> None:
    rows = [
        f"{c:.3g},{0.3 + 0.02 * i + 0.01 * (i % 3)},{0.9 - 0.03 * i}"
        for i, c in enumerate((1e17, 1e18, 1e19, 1e20, 1e21))
    ]
    (tmp_path / "runs.csv").write_text("\n".join(("flops,mmlu,arc", *rows)))
    study = f'data table("runs.csv", flops="flops", arc="arc", S=pca("mmlu", "arc", parts=2))\nfit {fit}'
    assert ("SCL416" in [d.code for d in checked(study, tmp_path).errors]) == refused


@pytest.mark.parametrize(
    ("betas", "meant"),
    [
        ("beta1=.95, beta2=.9", "write `beta1=0.9, beta2=0.95`"),
        ("beta2=.095", "write `beta2=0.95`, or another number above `beta1`"),
        ("beta1=.9, beta2=.95", ""),
        ("beta1=.95, beta2=.999", ""),
        ("beta1=.8", ""),
    ],
)
def test_moments_are_told_once(betas: str, meant: str) -> None:
    said = checked(f"{DATA}models width in [16..64]\ntrain adamw({betas})  tokens in [250k..1M]").diagnostics
    assert [d.helps[0] for d in said] == [meant] * bool(meant)
