"""Claims: every form a study may write, judged on records of a known law."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis, Verdict
from scalingdsl.engine.analysis.claims.truths import Truth, alone
from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.plan.study_plan import OptimumRequest

from ...make import ENTROPY, Law, axis, fit_request, product, record_of, run_at, study

#: Two sources: bigrams are easier, and their law in N is steeper.
LAWS = {"bigram": Law(E=1.5, A=100.0, alpha=0.7, beta=0.6), "text": Law(E=2.3, A=40.0, alpha=0.5, beta=0.6)}
AXES = [
    axis("data", ["bigram", "text"]),
    axis("width", [32, 48, 64, 96, 128, 192, 256]),
    axis("tokens", [2**18, 2**19, 2**20, 2**21, 2**22, 2**23, 2**24]),
    axis("lr", [0.003, 0.01, 0.03], "tune"),
    axis("seed", [0, 1], "replicate"),
]
FITS = [
    fit_request("chinchilla", bootstrap=200),
    fit_request("power(N)"),
    fit_request("power(D)"),
    fit_request("exponential(D)"),
    fit_request("chinchilla(share=(E, beta))", shared=("beta",)),
    fit_request("small", where="width < 256").model_copy(update={"law": "chinchilla"}),
    fit_request("tail", where="width >= 64", fixed=(("E", "entropy_rate"),)).model_copy(
        update={"law": "power", "variables": (("x", "D"),)}
    ),
]
OPTIMA = [OptimumRequest(name="surface(chinchilla)", method="surface", fit="chinchilla")]


def study_of(axes: list[PlanAxis], expect: list[str], late: frozenset[str] = frozenset()) -> Analysis:
    plan = study(axes, fits=FITS, optima=OPTIMA, expect=expect)
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]

    def loss(run: Run, tokens: float) -> float:
        return LAWS[str(run.value("data") or "text")](run, tokens)

    def penalty(run: Run) -> float:
        return 0.0 if run.value("lr") == 0.01 else 0.05

    records = {
        r.key: record_of(r, loss, noise=1e-4, penalty=penalty, entropy=LAWS[str(r.value("data") or "text")].E)
        for r in runs
    }
    return analyse(plan, records, runs=runs, late_claims=late)


FORMS = [
    # a parameter of a fit, one panel selected by a label, by a name, or all of them
    ("alpha(chinchilla, bigram) in [0.6..0.8]", "held", 1),
    ("alpha(chinchilla, data=text) in [0.4..0.6]", "held", 1),
    ("beta(chinchilla) in [0.5..0.7]", "held", 2),
    ("alpha(chinchilla) > 0.6", "failed", 2),
    ("alpha(power(N), bigram, tokens=262144) > 0.5", "held", 1),
    ("alpha(power(N), D=262144) > 0.2", "held", 2),
    ("beta(power(D), width=64) in [0.4..0.8]", "held", 2),
    # bare names: the one fit, or the one law in N and D, that has them; properties of the source
    ("rate > 0", "held", 14),
    ("rate(bigram) > 0", "held", 7),
    ("entropy_rate > 1", "held", 2),
    ("E(chinchilla) within 2% of entropy_rate", "held", 2),
    ("E(chinchilla, bigram) within 2% of entropy_rate(bigram)", "held", 1),
    ("E(tail) within 1e-9 of entropy_rate", "held", 10),
    # arithmetic, functions, percentages
    ("alpha(chinchilla, bigram) > 1.2*alpha(chinchilla, text)", "held", 1),
    ("alpha(chinchilla)*beta(chinchilla)/(alpha(chinchilla) + beta(chinchilla)) in [0.2..0.4]", "held", 2),
    ("-alpha(chinchilla)^2 < 0 < exp(alpha(chinchilla)) - 1", "held", 2),
    ("max(alpha(chinchilla, bigram), alpha(chinchilla, text)) > 0.6", "held", 1),
    ("abs(beta(chinchilla, bigram) - beta(chinchilla, text)) < 10%", "held", 1),
    ("sqrt(beta(chinchilla)) > 1", "failed", 2),
    # reductions over panels, with selectors inside or outside
    ("mean(alpha(power(N)), bigram) > mean(alpha(power(N), text))", "held", 1),
    ("min(E(power(N)), text) > min(E(power(N)), data=bigram)", "held", 1),
    ("median(beta(power(D))) in [0.5..0.7]", "held", 1),
    ("max(mse(chinchilla)) < 0.01", "held", 1),
    ("spread(beta(chinchilla(share=(E, beta)))) < 1e-9", "held", 1),
    ("spread(alpha(chinchilla)) > 0.1", "held", 1),
    # statistics
    ("mse(power(D)) < mse(exponential(D))/3", "held", 14),
    ("rmse(chinchilla) < 0.01 and rmse_log(chinchilla) < 1%", "held", 2),
    ("n(chinchilla) == 49", "held", 2),
    ("0.9 < r2(chinchilla) < 1", "held", 2),
    ("rmse(chinchilla) > 0", "held", 2),
    ("holdout(small) < 1%", "held", 2),
    ("holdout(small) > 0.5", "failed", 2),
    ("slope(tail, text) in [0.001..1]", "held", 5),
    # optima, and what they say at a compute; predictions of laws
    ("a(surface(chinchilla), text) within 0.06 of 0.545", "held", 1),
    ("a within 0.1 of beta(chinchilla)/(alpha(chinchilla) + beta(chinchilla))", "held", 2),
    ("gamma(surface(chinchilla)) < gamma(surface(chinchilla)) + 1e-9", "held", 2),
    ("L(surface(chinchilla), C=1PFLOP) < 2.6", "held", 2),
    ("N(surface(chinchilla), C=1PFLOP)*D(surface(chinchilla), C=1PFLOP)*6 within 0.1% of 1PFLOP", "held", 2),
    ("loss(chinchilla, text, N=1M, D=20M) within 1% of 2.3525", "held", 1),
    ("L(power(D), D=20M, width=64) < 3", "held", 2),
    # what was measured
    ("loss(text, width=64, tokens=1048576) > loss(text, width=128, tokens=1048576)", "held", 1),
    ("loss(N=104704, D=262144) > loss(N=406016, D=2097152)", "held", 2),
    ("loss(bigram) < loss(text)", "held", 49),
    ("loss(bigram) < 1.6 where width >= 128", "failed", 21),
    ("max(loss(text)) within 50% of 3", "held", 1),
    ("excess > 0 and loss > entropy_rate", "held", 98),
    ("loss(width=32) >= loss(width=64)", "held", 14),
    # axis names are their own values; conditions keep cells and panels
    ("width*tokens > 0", "held", 49),
    ("alpha(power(N)) < tokens", "held", 14),
    ("N > 10*width", "held", 7),
    ("beta(power(D)) in [0.3..0.9] where width >= 64 and data == text", "held", 5),
    ("loss > 1 where rank(loss) <= 3", "held", 3),
    # and, or, not, in a set, chains, near with plain and relative tolerances
    ("not alpha(chinchilla) > 2", "held", 2),
    ("alpha(chinchilla) > 2 or beta(chinchilla) > 0", "held", 2),
    ("(alpha(chinchilla) > 0 and beta(chinchilla) > 0)", "held", 2),
    ("n(chinchilla) in {48, 49}", "held", 2),
    ("0 < alpha(chinchilla, text) < alpha(chinchilla, bigram) <= 1", "held", 1),
    ("alpha(chinchilla, text) within 20% of alpha(chinchilla, bigram)", "failed", 1),
    ("beta(chinchilla, text) within 20% of beta(chinchilla, bigram)", "held", 1),
    # parts about different axes are judged in their own panels
    ("alpha(power(N)) > 0 and beta(power(D)) > 0", "held", 28),
]


@pytest.fixture(scope="module")
def judged() -> dict[str, Verdict]:
    """All forms in one study."""
    analysis = study_of(AXES, [text for text, _, _ in FORMS])
    return {v.claim: v for v in analysis.verdicts}


@pytest.mark.parametrize(("text", "status", "panels"), FORMS)
def test_forms(judged: dict[str, Verdict], text: str, status: str, panels: int) -> None:
    found = judged[text]
    assert (found.status, len(found.panels)) == (status, panels), (found.skipped, [p.detail for p in found.panels][:3])
    assert found.skipped == ()
    assert not found.stated_after_results
    for panel in found.panels:
        assert panel.share is not None
        assert 0 <= panel.share <= 1
        assert panel.detail


def test_the_two_sides_are_told(judged: dict[str, Verdict]) -> None:
    detail = judged["alpha(chinchilla, bigram) > 1.2*alpha(chinchilla, text)"].panels[0].detail
    left, right = detail.split(" > ")
    assert left.startswith("alpha(chinchilla, bigram) = 0.")
    assert right.startswith("1.2*alpha(chinchilla, text) = 0.")
    assert "[" in left
    assert judged["n(chinchilla) in {48, 49}"].panels[0].detail == "n(chinchilla) = 49 in {48, 49}"
    assert judged["holdout(small) < 1%"].panels[0].panel == (("data", "bigram"),)
    near = judged["beta(chinchilla, text) within 20% of beta(chinchilla, bigram)"].panels[0].detail
    assert " within 20% of beta(chinchilla, bigram) = " in near


def test_the_sides_of_a_claim_are_numbers_where_relations_are_all_it_is(judged: dict[str, Verdict]) -> None:
    panel = judged["E(chinchilla) within 2% of entropy_rate"].panels[0]
    (relation,) = panel.relations
    assert str(relation) == panel.detail
    assert relation.words == "within 2% of"
    assert relation.left.interval is not None
    assert relation.left.interval.low <= relation.left.value <= relation.left.interval.high
    assert relation.right is not None
    assert (relation.right.text, relation.right.interval) == ("entropy_rate", None)
    assert [r.words for r in judged["rmse(chinchilla) < 0.01 and rmse_log(chinchilla) < 1%"].panels[0].relations] == [
        "<",
        "<",
    ]
    assert not judged["-alpha(chinchilla)^2 < 0 < exp(alpha(chinchilla)) - 1"].panels[0].relations


ALPHAS = [f"`alpha({name})`" for name in ("chinchilla", "power(N)", "chinchilla(share=(E, beta))", "small")]
UNANSWERABLE = [
    ("alpha > 0", f"several fits have `alpha`: write {', '.join(ALPHAS[:-1])} or {ALPHAS[-1]}"),
    ("accuracy(bigram) > 0.5", "these results hold no `accuracy`"),
    ("loss(N=7M) > 1", "no cell has N within 2% of 7e+06; the nearest has 1.59846e+06"),
    ("beta(power(D), width=77) > 0", "no cell or fit lies at width=77"),
    ("alpha(chinchilla, trigram) > 0", "nothing here is labelled `trigram`"),
    ("holdout(chinchilla) < 1%", "`chinchilla` holds no cells out: its `where` keeps all of them"),
    ("R_D(chinchilla) > 0", "`chinchilla` has no `R_D`; it has E, A, alpha, B, beta"),
    ("L(surface(chinchilla)) > 0", "`L` of an optimum needs a compute: L(..., C=1PFLOP)"),
    (
        "hill(data) > 0",
        "nothing in this study gives `hill`: leave the claim out: `hill(data)` is a number of what `percolation` or "
        "`coalescent` draws",
    ),
    ("loss(chinchilla, N=1M) > 0", "`chinchilla` predicts a loss only once D is given too"),
    ("loss > 1 where widht >= 32", "`widht >= 32` cannot be read off these cells"),
    ("loss > 1 where D > 1/0", "`D > 1/0` cannot be read off these cells"),
    ("loss > 1/0", "`1/0` has no value: it divides by zero"),
    ('loss + "x" > 1', "`x` is no number, and nothing can be reckoned with it"),
    ("(loss, loss) > 1", "`(loss, loss)` has no value: its sides are not all numbers"),
]


def test_what_cannot_be_answered_is_undecided() -> None:
    """Never an error: the reason stands beside the claim."""
    analysis = study_of(AXES[1:], [text.replace("(bigram)", "") for text, _ in UNANSWERABLE])
    for found, (text, reason) in zip(analysis.verdicts, UNANSWERABLE):
        assert found.status == "undecided", text
        assert found.panels == (), text
        assert found.skipped == (reason,), text


def test_a_claim_holds_in_each_panel_that_could_be_fitted() -> None:
    """Panels without a fit are listed; where none has one the claim is undecided."""
    axes = [axis("width", [32, 64]), *AXES[2:]]
    some = study_of(axes, ["beta(power(D)) > 0", "alpha(power(N)) > 0", "beta(power(D)) > 0 and alpha(power(N)) > 0"])
    both, none, mixed = some.verdicts
    assert (both.status, len(both.panels)) == ("held", 2)
    assert (none.status, none.panels) == ("undecided", ())
    assert none.skipped[0] == "power(N) at tokens = 262144: 2 cells for 3 free parameters: measure at least 3"
    assert len(none.skipped) == 7
    assert (mixed.status, len(mixed.panels)) == ("undecided", 2)


def test_cells_without_a_loss_are_listed() -> None:
    axes = AXES[1:3]
    others = "mean(loss, width=64) > 1 and max(loss, width=64) > 1"
    plan = study(axes, expect=["loss > 1", others, "mean(loss, width=64) < 2*mean(loss, width=32)"])
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    analysis = analyse(plan, {r.key: record_of(r, Law()) for r in runs[1:]}, runs=runs)
    found, apart, both = analysis.verdicts
    assert (found.status, len(found.panels)) == ("held", 48)
    assert found.skipped == ("loss at width = 32, tokens = 262144: no run of this cell has a loss",) == both.skipped
    assert apart.skipped == (), "of cells that a reduction leaves out nothing is missing"


def test_losses_are_as_uncertain_as_their_cells() -> None:
    """Equal within noise: undecided. The same cell against itself: exact. Replicates of all cells are pooled."""
    axes = [axis("width", [32]), axis("tokens", [2**18, 2**19]), axis("seed", [0, 1, 2, 3], "replicate")]
    plan = study(axes, expect=["loss(tokens=262144) < loss(tokens=524288)", "loss <= loss", "loss(width=32) < 2.0005"])
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    way = {0: -1.0, 1: 1.0, 2: -1.0, 3: 1.0}
    records = {r.key: record_of(r, lambda run, t: 2.0 + 1e-3 * way[run.seed], standard_error=1e-5) for r in runs}
    undecided, same, tight = analyse(plan, records, runs=runs).verdicts
    assert undecided.status == "undecided"
    assert undecided.panels[0].share == pytest.approx(0.5, abs=0.06)
    assert same.status == "held"
    # .0005 is .87 of the standard error .00116 / 2 of a mean of four, with six degrees of freedom.
    assert tight.panels[0].share == pytest.approx(0.79, abs=0.05)


def test_one_seed_is_judged_by_residuals_about_a_smooth_law_and_else_not_at_all() -> None:
    """The evaluation's error, .001, is far below what runs differ by."""
    claim = "loss(width=32, tokens=262144) > loss(width=48, tokens=262144)"
    few = [axis("width", [32, 48]), axis("tokens", [2**18])]
    many = [axis("width", [32, 48, 64, 96]), axis("tokens", [2**18, 2**19, 2**20, 2**21])]
    found = []
    for axes, noise in ((few, 0.0), (many, 1e-4), (many, 0.5)):
        runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
        records = {r.key: record_of(r, Law(), noise=noise, entropy=None, standard_error=1e-6) for r in runs}
        analysis = analyse(study(axes, expect=[claim]), records, runs=runs)
        found.append((analysis.verdicts[0].status, [n.code for n in analysis.notes if n.code == "RUN209"]))
    assert found == [("undecided", ["RUN209"]), ("held", []), ("undecided", [])]


def test_late_claims_and_conditions_in_the_text() -> None:
    found = study_of(
        AXES[1:], ["entropy_rate > 1", "loss > 1 where width >= 64"], frozenset({"entropy_rate > 1"})
    ).verdicts
    assert [v.stated_after_results for v in found] == [True, False]
    assert found[1].claim == "loss > 1 where width >= 64"


@pytest.mark.parametrize(
    ("estimate", "share", "status"),
    [
        (1.0, 1.0, "held"),
        (1.0, 0.975, "held"),
        (1.0, 0.974, "undecided"),
        (1.0, 0.5, "undecided"),
        (0.0, 0.026, "undecided"),
        (0.0, 0.025, "failed"),
        (0.0, 0.0, "failed"),
        # Draws that contradict their estimate decide nothing.
        (0.0, 1.0, "undecided"),
        (1.0, 0.0, "undecided"),
    ],
)
def test_thresholds(estimate: float, share: float, status: str) -> None:
    draws = np.zeros(1000)
    draws[: round(share * 1000)] = 1.0
    assert verdict(estimate, draws) == (status, share)


def verdict(value: float, draws: np.ndarray) -> tuple[str, float | None]:
    """The status of one comparison, and the share of draws that satisfy it."""
    found: Truth = alone(((),), np.array([value]), draws[:, None])
    share = float(found.shares[0])
    status = "held" if found.held[0, 0] else "failed" if found.failed[1, 0] else "undecided"
    return status, share if np.isfinite(share) else None


def test_failed_refits_are_no_evidence() -> None:
    draws = np.full(1000, np.nan)
    assert verdict(1.0, draws) == ("undecided", None)
    draws[:499] = 1.0
    assert verdict(1.0, draws) == ("undecided", None)
    draws[:600] = 1.0
    assert verdict(1.0, draws) == ("held", 1.0)
    assert verdict(np.nan, np.ones(10)) == ("undecided", None)


def test_exchanged_sizes() -> None:
    """`asymmetry(loss, N, D)`: each pair of cells with the two exchanged, worst first."""
    axes = [axis("width", [2, 4, 8]), axis("samples", [2, 4, 8])]
    plan = study(axes, expect=["asymmetry(loss, N, D) < 15%", "max(asymmetry(loss, N, D)) > 15%"])
    runs = [run_at(p, tokens=256 * float(p["samples"]), n=256 * int(p["width"])) for p in product(axes)]
    records = {r.key: record_of(r, lambda run, t: 1 / run.n_total + 1.1 / t + 1, entropy=None) for r in runs}
    even, uneven = analyse(plan, records, runs=runs).verdicts
    assert even.status == "held"
    assert [p.panel for p in even.panels] == [
        (("N", 512.0), ("D", 1024.0)), (("N", 512.0), ("D", 2048.0)), (("N", 1024.0), ("D", 2048.0)),
    ]  # fmt: skip
    assert uneven.status == "failed"


def test_axis_values_meet_the_panels_that_lie_at_them() -> None:
    """A theory's exponent that is the value of an axis, as the tail of a source's spectrum."""
    axes = [axis("tail", [0.5, 1.0], "panel"), *AXES[1:3]]
    plan = study(
        axes,
        fits=[fit_request("power(N)", bootstrap=50), fit_request("power(D)", bootstrap=50)],
        expect=["alpha(power(N)) within 0.12 of tail and beta(power(D)) within 0.12 of tail", "entropy_rate > 1"],
    )
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    records = {
        r.key: record_of(r, lambda run, t: Law(alpha=float(run.value("tail")), beta=float(run.value("tail")))(run, t))
        for r in runs
    }
    (found, _) = analyse(plan, records, runs=runs).verdicts
    assert found.status == "held", [p.detail for p in found.panels]
    assert len(found.panels) == 28
    assert ENTROPY > 1


def test_parameters_that_are_not_identified_decide_nothing() -> None:
    """On a line N and D cannot be told apart: exponents are one of many answers, predictions are as good as any."""
    axes = [axis("width", [32, 48, 64, 96, 128, 192, 256, 384])]
    request = fit_request("chinchilla", bootstrap=50)
    plan = study(axes, fits=[request], expect=["A(chinchilla) > 0", "rmse(chinchilla) < 0.01"])
    runs = [run_at(p, tokens=20 * float(n), n=n) for p in product(axes) for n in [100 * int(p["width"]) ** 2]]
    records = {r.key: record_of(r, lambda run, t: 2.0 + 40 * run.n_total**-0.5) for r in runs}
    analysis = analyse(plan, records, runs=runs)
    (fit,) = analysis.fits
    assert fit.fit is not None
    assert fit.fit.status == "unidentified"
    unknown, small = analysis.verdicts
    assert (unknown.status, unknown.skipped) == ("undecided", ("chinchilla: A is not identified",))
    assert small.status == "held"


def test_two_sizes_tell_the_exponent_in_tokens_and_no_other() -> None:
    """E and A N^-alpha are one number a size: with two sizes, three parameters stand for two numbers."""
    axes = [axis("width", [64, 256]), axis("tokens", [1e8 * 2**k for k in range(8)])]
    claims = ["alpha(chinchilla) < 1", "beta(chinchilla) within 5% of 0.37", "a(surface(chinchilla)) < 1"]
    plan = study(axes, fits=[fit_request("chinchilla", bootstrap=60)], optima=OPTIMA, expect=claims)
    runs = [run_at(p, tokens=float(p["tokens"]), n=1000 * int(p["width"]) ** 2) for p in product(axes)]

    def loss(run: Run, tokens: float) -> float:
        return 1.8 + 480.0 * run.n_total**-0.35 + 2100.0 * tokens**-0.37

    found = analyse(plan, {r.key: record_of(r, loss) for r in runs}, runs=runs).verdicts
    assert [(v.status, v.skipped) for v in found] == [
        ("undecided", ("chinchilla: alpha is not identified",)),
        ("held", ()),
        ("undecided", ("surface(chinchilla): a is not identified",)),
    ]


def test_fits_without_draws_are_judged_by_their_estimates() -> None:
    axes = AXES[1:3]
    plan = study(axes, fits=[fit_request("chinchilla", bootstrap=0)], expect=["alpha in [0.4..0.6]", "loss < 9"])
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    found = analyse(plan, {r.key: record_of(r, Law()) for r in runs}, runs=runs).verdicts
    assert [(v.status, v.panels[0].share) for v in found] == [("held", 1.0), ("held", 1.0)]
