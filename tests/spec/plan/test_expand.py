"""From plan to runs: points, amounts, counts, keys."""

from __future__ import annotations

import time
from pathlib import Path
from typing import ClassVar

import pytest
from scalingdsl.spec.plan.expand import expand, product
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.families import Family

from ..support import DATA, ONE_LINE, PROSE, STUDY, messages, plan_of


def test_a_run_knows_its_numbers_in_closed_form() -> None:
    run = next(plan_of(ONE_LINE).runs())
    assert run.point == (("width", 32), ("tokens", run.asked_tokens))
    d, layers, vocab = 32, 2, 512
    body = layers * (12 * d * d + 2 * d) + d
    assert (run.n_body, run.n_total) == (body, body + vocab * d)
    assert run.n_tokens == run.steps * 8 * 32
    assert run.flops_6nd == 6 * run.n_total * run.n_tokens
    assert run.flops == run.model.flops_per_token(vocab, 32) * run.n_tokens  # type: ignore[attr-defined]
    assert abs(run.n_tokens - run.asked_tokens) <= 8 * 32 / 2


def test_runs_come_in_the_order_of_the_axes_and_the_same_each_time() -> None:
    plan = plan_of(STUDY + "train adamw()  tokens in {1M, 2M}  tune lr in {.01, .03}")
    points = [dict(r.point) for r in plan.runs()]
    assert [p["width"] for p in points[:5]] == [32, 32, 32, 32, 64]
    assert [(p["tokens"], p["lr"]) for p in points[:4]] == [(1e6, 0.01), (1e6, 0.03), (2e6, 0.01), (2e6, 0.03)]
    assert [r.key for r in plan.runs()] == [r.key for r in plan.runs()]


@pytest.mark.parametrize(
    ("data", "train", "unique"),
    [
        ('text("book.txt", length=32, unique={2k, 4k})', "epochs in {1, 2, 4}", [2000] * 3 + [4000] * 3),
        ('text("book.txt", length=32)', "unique in {2k, 4k}  epochs in {1, 2, 4}", [2000] * 3 + [4000] * 3),
        ('text("book.txt", length=32)', "unique in {2k, 4k}  tokens = 8k", [2000, 4000]),
        ('text("book.txt", length=32)', "epochs in {2, 4}  tokens = 8k", [4000, 2000]),
    ],
)
def test_runs_draw_from_as_many_distinct_tokens_as_the_study_gives(
    data: str, train: str, unique: list[int], tmp_path: Path
) -> None:
    """Wherever they are given, runs of one D on unequal tokens are unequal runs."""
    (tmp_path / "book.txt").write_text(PROSE)
    models = "transformer(layers=1, width={8, 16, 32})"
    study = f"data {data}\nmodels {models}\ntrain adamw(batch=8)  {train}\nfit power(N)\n"
    runs = list(plan_of(study, tmp_path).runs())
    assert sorted(run.source.unique for run in runs) == sorted(unique * 3)  # type: ignore[attr-defined]
    assert len({run.key for run in runs}) == len(unique) * 3


def test_expansion_is_lazy() -> None:
    plan = plan_of(
        STUDY + "train adamw()  tokens in [1M..64M]  tune lr in [1e-4..1e-1 count 100]  seed in [0..29 step 1]",
    )
    assert product(plan) == (84_000, "4 width x 7 tokens x 100 lr x 30 seed = 84,000")
    assert next(expand(plan)).seed == 0


@pytest.mark.parametrize(
    ("amount", "steps", "asked"),
    [
        ("tokens = 1M", 3906, 1_000_000),
        ("steps = 100", 100, 25_600),
        ("tokens = 20*N", 3212, 822_400),
        ("compute = 6GFLOP", 95, 24_319),
    ],
)
def test_amounts_follow_from_the_identities(amount: str, steps: int, asked: int) -> None:
    plan = plan_of(DATA + f"models transformer(width=32)\ntrain adamw()  {amount}")
    (run,) = plan.runs()
    assert run.n_total == 41_120
    assert (run.steps, run.asked_tokens) == (steps, asked)


def test_tokens_that_follow_a_size_and_a_ratio() -> None:
    plan = plan_of(DATA + "models width in {32, 64}\ntrain adamw()  ratio in {20, 50}  tokens = ratio*N")
    for run in plan.runs():
        ratio = run.value("ratio")
        assert isinstance(ratio, int)
        assert run.asked_tokens == ratio * run.n_total


def test_expressions_read_axes_parameters_and_quantities() -> None:
    plan = plan_of(
        "data walk(er(n=512, p=.02), length=64)\n"
        "models transformer(heads=width/32, layers=max(2, round(width/48)))  width in {64, 96}\n"
        "train adamw(batch=length/4, lr=.003*(width/64)^-.5*sqrt(layers/2))  tokens = 100k"
    )
    small, large = plan.runs()
    assert (small.model.heads, small.model.layers, small.optimiser.batch) == (2, 2, 16)  # type: ignore[attr-defined]
    assert (large.model.heads, large.model.layers) == (3, 2)  # type: ignore[attr-defined]
    assert large.optimiser.lr == pytest.approx(0.003 * 1.5**-0.5)  # type: ignore[attr-defined]


def test_joint_axes_move_together() -> None:
    plan = plan_of(DATA + "models transformer()  width & layers in {(32, 1), (64, 4)}\ntrain adamw()  tokens = 1M")
    assert [r.point for r in plan.runs()] == [(("width", 32), ("layers", 1)), (("width", 64), ("layers", 4))]


def test_conditions_keep_part_of_the_grid() -> None:
    text = STUDY + "train adamw()  tokens in [1M..4M]  tune lr in {.01, .1}  where lr < .05 or width <= 64"
    assert len(list(plan_of(text).runs())) == 2 * 3 * 2 + 2 * 3


def test_alternatives_have_axes_of_their_own() -> None:
    plan = plan_of(
        STUDY
        + "train {slow: adamw(tune lr in {.001, .003}), fast: adamw(clip=2, tune lr in {.01, .03, .1})}  tokens = 1M"
    )
    axis = next(a for a in plan.axes if a.name == "lr")
    assert [p[0] for p in axis.points] == [0.001, 0.003, 0.01, 0.03, 0.1]
    found = {(r.value("train"), r.value("lr")) for r in plan.runs()}
    assert found == {("slow", 0.001), ("slow", 0.003), ("fast", 0.01), ("fast", 0.03), ("fast", 0.1)}


def test_a_binding_behind_alternatives_is_for_those_that_lack_it() -> None:
    plan = plan_of(STUDY + "train {a: adamw(tune lr in {.001}), b: adamw(clip=2)}  tune lr in {.01, .03}  tokens = 1M")
    found = {(r.value("train"), r.value("lr")) for r in plan.runs()}
    assert found == {("a", 0.001), ("b", 0.01), ("b", 0.03)}


def test_an_axis_of_one_alternative_does_not_multiply_another() -> None:
    plan = plan_of(
        "data walk(er(n=64, p=.2))\n"
        "models {one: transformer(width=64), grid: transformer(width in {32, 64})}\n"
        "train adamw() tokens = 1M"
    )
    points = [dict(r.point) for r in plan.runs()]
    # `one` and the grid's 64 are the same run: it is trained once.
    assert points == [{"models": "one"}, {"models": "grid", "width": 32}]


def test_graphs_as_an_axis() -> None:
    plan = plan_of(
        "data walk(graph={er(64, p=.2), ring: lattice(8)})\nmodels transformer(width=32)\ntrain adamw()  tokens = 1M"
    )
    assert [(r.value("graph"), r.source.graph.word) for r in plan.runs()] == [  # type: ignore[attr-defined]
        ("er(n=64, p=0.2)", "er"), ("ring", "lattice"),
    ]  # fmt: skip


def test_swept_arguments_deep_inside_become_axes() -> None:
    plan = plan_of("data walk(er(n={64, 128}, p=.2))\nmodels transformer(width=n/4)\ntrain adamw()  tokens = 1M")
    assert [(r.value("n"), r.source.vocab, r.model.width) for r in plan.runs()] == [(64, 64, 16), (128, 128, 32)]  # type: ignore[attr-defined]


def test_the_key_is_of_what_decides_the_numbers() -> None:
    base = DATA + "models transformer(width=64)\ntrain adamw()  tokens = 1M\n"
    (run,) = plan_of(base).runs()

    def key(text: str) -> str:
        (other,) = plan_of(text).runs()
        return other.key

    assert key(base + 'title "Another"\nfit power(N, E=0, A=1, alpha=1)\n') == run.key
    assert key(base.replace("width=64", "heads=1, width=64, layers=2")) == run.key
    assert key(base.replace("1M", "1000k")) == run.key
    assert key(base.replace("tokens = 1M", f"steps = {run.steps}")) == run.key
    for change in (
        ("width=64", "width=32"),
        ("p=.02", "p=.03"),
        ("adamw()", "adamw(lr=.0123)"),
        ("1M", "2M"),
        ("1M", "1M  seed = 1"),
    ):
        assert key(base.replace(*change)) != run.key


def test_paths_differ_from_runs_of_the_same_length() -> None:
    base = DATA + "models transformer(width=64)\ntrain adamw(schedule=constant, warmup=10steps)  tokens {} [1M..4M]"
    (path,) = plan_of(base.format("along")).runs()
    long = list(plan_of(base.format("in")).runs())[-1]
    assert path.steps == long.steps == path.marks[-1]
    assert path.key != long.key


def test_a_condition_leaves_out_marks_of_a_path() -> None:
    text = (
        DATA + "models width in {32, 64}\n"
        "train adamw(schedule=constant, warmup=10steps)  tokens along [1M..8M]  where D < 5M or width == 32"
    )
    assert [len(r.marks) for r in plan_of(text).runs()] == [4, 3]


@pytest.mark.slow
def test_an_explosion_is_refused_before_anything_is_expanded() -> None:
    text = STUDY + "train adamw()  tokens in [1M..64M]  tune lr in [1e-4..1e-1 count 100]  seed in [0..99 step 1]"
    assert messages(text) == ["3:48 SCL312 this study has 280,000 points, more than 100,000"]
    assert plan_of(text, max_runs=280_000).axes


def test_ten_thousand_runs_plan_in_well_under_a_second_of_cpu() -> None:
    text = STUDY + (
        "train adamw()  tokens in [1M..16M]  tune lr in [1e-3..1e-1 count 50]  seed in [0..9 step 1]\n"
        "fit chinchilla, power(N), power(D)\nexpect mean(alpha(power(N))) > .1"
    )
    start = time.process_time()
    plan = plan_of(text)
    assert sum(1 for _ in plan.runs()) == 10_000
    assert time.process_time() - start < 1.0


def test_a_family_that_ignores_its_training_is_not_multiplied_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counts(Family):
        """A table of counts, as an n-gram model is."""

        trained: ClassVar[bool] = False
        order_: int = 2

        @property
        def n_body(self) -> int:
            return 1

        def n_total(self, vocab: int) -> int:
            return vocab

        def flops_per_token(self, vocab: int, length: int) -> int:
            return 1

    Counts.word = "counts"
    monkeypatch.setitem(REGISTRY, "counts", Counts)
    plan = plan_of(
        DATA + "models {net: transformer(width=32), table: counts()}\n"
        "train adamw()  tokens in {1M, 2M}  tune lr in {.01, .03, .1}  seed in {0, 1}"
    )
    runs = list(plan.runs())
    assert product(plan)[0] == 24
    assert [sum(r.value("models") == m for r in runs) for m in ("net", "table")] == [12, 2]


@pytest.mark.parametrize(
    ("model", "runs"),
    [
        ("pick=first, width in {10, 20}", 2),
        ("pick=first, width in {10, 20}, samples=40", 6),
        ("width in {10, 20}", 6),
        ("samples=40", 3),
    ],
)
def test_replicates_of_what_draws_nothing_are_one_run(model: str, runs: int) -> None:
    """Of independent latents the first ones are learnt one by one; mixtures and samples are drawn."""
    train = "train sgd(lr=.1, batch=1, schedule=constant, warmup=0steps)  steps=16"
    plan = plan_of(f"data latents(M=400)  seed in {{0, 1, 2}}\nmodels features({model})\n{train}")
    assert sum(1 for _ in plan.runs()) == runs
