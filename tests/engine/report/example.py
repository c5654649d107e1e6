"""Analyses made by hand: a known law, a little noise, and everything a report can be asked to show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scalingdsl.engine.analysis.analysis_result import (
    Analysis,
    CellTable,
    Note,
    PanelFit,
    PanelOptimum,
    PanelVerdict,
    RunTable,
    StoredFacts,
    Verdict,
)
from scalingdsl.engine.fits import Points, fit_law, optimum
from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.plan.study_plan import FitRequest, OptimumRequest, StudyPlan

from ..make import axis, columns, study

RATE = 2.3884
RATES = (0.003, 0.01, 0.03, 0.1)


CLAIMS = (
    "E(chinchilla) within 2% of entropy_rate",
    "beta(chinchilla) in [0.5..0.8]",
    "mse(power(D)) < mse(exponential(D))/3",
    "mean(alpha(power(N))) within 0.1 of 0.75",
)


def params(width: int) -> int:
    """N of a two-layer model on 512 nodes."""
    return 24 * width**2 + 517 * width


def excess(n: float, d: float, kappa: float) -> float:
    """What the example's cells follow: a chinchilla law above the entropy rate, a little harder for kappa = 1."""
    return float((1 + 0.3 * kappa) * (260 * n**-0.75 + 9000 * d**-0.85))


def plan(
    widths: Sequence[int], tokens: Sequence[int], kappas: Sequence[float], *, title: str, fits: tuple[FitRequest, ...]
) -> StudyPlan:
    """A study of walks whose grid is given."""
    several = len(kappas) > 1
    surface = OptimumRequest(name="surface(chinchilla)", method="surface", fit="chinchilla")
    return study(
        [
            *([axis("kappa", kappas)] if several else []),
            axis("width", widths),
            axis("tokens", tokens),
            axis("lr", RATES, "tune"),
            axis("seed", (0, 1, 2), "replicate"),
        ],
        title=title,
        data=f"walk(er(n=512, p=0.02, seed=0), kappa={'kappa' if several else f'{kappas[0]:g}'}, length=32)",
        model="transformer(layers=2, param=muP, width=width)",
        train="adamw(lr=lr, schedule=cosine, warmup=2%)",
        fits=fits,
        optima=[surface for request in fits if request.law == "chinchilla"],
        expect=CLAIMS,
    )


CHINCHILLA = FitRequest(name="chinchilla", law="chinchilla", variables=(("N", "N"), ("D", "D")))
POWER_N = FitRequest(name="power(N)", law="power", variables=(("x", "N"),))
POWER_D = FitRequest(name="power(D)", law="power", variables=(("x", "D"),))
EXPONENTIAL_D = FitRequest(name="exponential(D)", law="exponential", variables=(("x", "D"),))
ALL = (CHINCHILLA, POWER_N, POWER_D, EXPONENTIAL_D)


def tables(
    widths: Sequence[int], tokens: Sequence[int], kappas: Sequence[float], seed: int
) -> tuple[RunTable, CellTable]:
    """Every run and every cell of a grid; the rate .01 is best, .03 in the largest models, and .1 diverges there."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    cells: list[dict[str, object]] = []
    several = len(kappas) > 1
    for kappa in kappas:
        rate_known = RATE - 0.1 * kappa
        for w in widths:
            for t in tokens:
                n, d = params(w), 256 * round(t / 256)
                base = excess(n, d, kappa)
                best = 0.03 if w == max(widths) else 0.1 if w == min(widths) and t == max(tokens) else 0.01
                kept: list[float] = []
                for lr in RATES:
                    for s in range(3):
                        loss = rate_known + base * (1 + 0.25 * np.log(lr / best) ** 2) * np.exp(0.02 * rng.normal())
                        diverged = lr == 0.1 and w == max(widths)
                        rows.append(
                            {"kappa": kappa} | {
                                "width": float(w), "tokens": float(t), "lr": lr,
                                "key": f"{len(rows):016x}", "status": "diverged" if diverged else "done",
                                "seed": float(s), "N": float(n), "N_body": float(24 * w * w + 5 * w), "D": float(d),
                                "D_asked": float(t), "C": 6.0 * n * d, "flops": 6.3 * n * d,
                                "loss": np.nan if diverged else loss,
                                "excess": np.nan if diverged else loss - rate_known, "entropy_rate": rate_known,
                                "standard_error": 0.002, "seconds": 3e-12 * 6 * n * d,
                            }
                        )  # fmt: skip
                        if lr == best and not diverged:
                            kept.append(loss)
                cells.append(
                    {"kappa": kappa} | {
                        "width": float(w), "tokens": float(t), "N": float(n), "N_body": float(24 * w * w + 5 * w),
                        "D": float(d), "D_asked": float(t), "C": 6.0 * n * d, "flops": 6.3 * n * d,
                        "loss": float(np.mean(kept)), "excess": float(np.mean(kept)) - rate_known,
                        "entropy_rate": rate_known, "standard_error": float(np.std(kept, ddof=1) / np.sqrt(3)),
                        "n_seeds": 3, "n_diverged": 0, "cluster": len(cells), "best_lr": best,
                        "edge_lr": best in (min(RATES), max(RATES)), "rises_N": False,
                        "rises_D": w == widths[-1] and t == tokens[0] and len(cells) > 0,
                    }
                )  # fmt: skip

    if not several:
        rows, cells = ([{k: v for k, v in row.items() if k != "kappa"} for row in table] for table in (rows, cells))
    axes = (*(("kappa",) if several else ()), "width", "tokens")
    return RunTable(columns(rows)), CellTable(axes, columns(cells))


def fits_of(plan: StudyPlan, cells: CellTable, *, draws: int) -> tuple[PanelFit, ...]:
    """Every fit of a plan, made by the real solver, panel by panel."""
    found = []
    kappas = np.unique(cells.columns["kappa"]) if "kappa" in cells.axes else [None]
    for request in plan.fits:
        quantities = [q for _, q in request.variables]
        held = {"N": "tokens", "D": "width"}.get(quantities[0]) if len(quantities) == 1 else None
        for kappa in kappas:
            mine = np.ones(cells.n, dtype=bool) if kappa is None else cells.columns["kappa"] == kappa
            for value in [None] if held is None else np.unique(cells.columns[held]):
                rows = np.flatnonzero(mine if value is None else mine & (cells.columns[str(held)] == value))
                panel = () if kappa is None else (("kappa", float(kappa)),)
                panel = panel if value is None else (*panel, (str(held), int(value)))
                points = Points({q: cells.columns[q][rows] for q in quantities}, cells.columns["loss"][rows])
                fit = fit_law(request.law, points, bootstrap=draws)
                found.append(PanelFit(request, panel, fit, "", rows, np.array([], dtype=np.int64)))
    return tuple(found)


def analysis(
    widths: Sequence[int] = (16, 32, 64, 128),
    tokens: Sequence[int] = (250_000, 500_000, 1_000_000, 2_000_000),
    kappas: Sequence[float] = (0.0,),
    *,
    fits: tuple[FitRequest, ...] = ALL,
    title: str = "Random walks on an Erdos-Renyi graph",
    draws: int = 200,
    seed: int = 0,
) -> Analysis:
    """A whole analysis of a known law."""
    study = plan(widths, tokens, kappas, title=title, fits=fits)
    runs, cells = tables(widths, tokens, kappas, seed)
    made = fits_of(study, cells, draws=draws)
    optima = []
    for request in study.optima:
        for one in made:
            if one.request.name == request.fit and one.fit is not None and one.fit.status != "too few points":
                points = Points({q: cells.columns[q][one.cells] for q in ("N", "D")}, cells.columns["loss"][one.cells])
                optima.append(PanelOptimum(request, one.panel, optimum("surface", fit=one.fit, points=points), ""))
    return Analysis(
        plan=study, runs=runs, cells=cells, fits=made, optima=tuple(optima), verdicts=verdicts(kappas), notes=NOTES,
        facts=StoredFacts(predicted_seconds=500.0), claims=claim_references(study),
    )  # fmt: skip


NOTES = (
    Note("RUN201", "the best lr of 1 cell is the largest tried"),
    Note("RUN204", "1 of 512 nodes lies outside the largest component and is never visited"),
)


def verdicts(kappas: Sequence[float]) -> tuple[Verdict, ...]:
    """Three claims: held, failed in one panel, undecided."""
    panels = [(("kappa", k),) for k in kappas] if len(kappas) > 1 else [()]
    held = tuple(PanelVerdict(p, "held", 0.998, "E = 2.392, entropy_rate = 2.388") for p in panels)
    failed = (PanelVerdict(panels[0], "failed", 0.004, "beta = 0.84 is not in [0.5, 0.8]"), *held[1:])
    unsure = tuple(PanelVerdict(p, "undecided", 0.61, "mse ratio = 2.1, wanted more than 3") for p in panels)
    return (
        Verdict("E(chinchilla) within 2% of entropy_rate", "held", held),
        Verdict("beta(chinchilla) in [0.5..0.8]", "failed", failed, stated_after_results=True),
        Verdict("mse(power(D)) < mse(exponential(D))/3", "undecided", unsure, ("width = 16: too few points",)),
    )


PROVENANCE = {
    "command": "scalingdsl run er.scl",
    "scalingdsl": "0.1.0",
    "torch": "2.13.0",
    "machine": "x86_64, 2 cores",
    "gemm": "mkl fp32",
}
