"""An analysis whose fits are written down, not computed: its report is the same to the letter everywhere."""

from __future__ import annotations

from collections.abc import Mapping

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
from scalingdsl.engine.fits import Curve, Fit, FitDetails, FitWarning, Interval, Optimum, Points
from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.plan.study_plan import Budget, FitRequest, OptimumRequest

from ..make import axis, columns, study
from .example import CHINCHILLA, POWER_D, POWER_N, RATE, params

WIDTHS, TOKENS = (16, 32, 64), (250_000, 1_000_000)


def fit(
    request: FitRequest,
    values: Mapping[str, tuple[float, float, float]],
    n: int,
    *,
    status: str = "converged",
    warnings: tuple[FitWarning, ...] = (),
) -> Fit:
    """A fit with these estimates and intervals; its draws are the three numbers of each."""
    return Fit(
        law=request.law,
        variables=tuple(quantity for _, quantity in request.variables),
        params={name: v[0] for name, v in values.items()},
        fixed=(),
        objective="huber",
        delta=1e-3,
        value=1e-4,
        status=status,  # type: ignore[arg-type]
        n=n,
        n_clusters=n,
        starts=12,
        starts_agreeing=9,
        intervals={name: Interval(v[1], v[2]) for name, v in values.items()},
        draws={name: np.array(v) for name, v in values.items()},
        rmse=0.0021,
        rmse_log=0.00083,
        mse=4.4e-6,
        residuals=np.zeros(n),
        warnings=warnings,
        details=FitDetails(Points({}, np.zeros(n)), names={"A": "B", "alpha": "beta"} if request is POWER_D else {}),
    )


def analysis(title: str = "A small study", label: str = "") -> Analysis:
    """Three sizes, two token counts, one claim held, fits that failed; `label` makes a panel of that name."""
    plan = study(
        [axis("width", WIDTHS), axis("tokens", TOKENS), axis("lr", (0.01, 0.03), "tune")],
        title=title,
        data="walk(er(n=512, p=0.02), length=32)",
        train="adamw(lr=lr)",
        fits=(CHINCHILLA, POWER_N, POWER_D),
        optima=(OptimumRequest(name="surface(chinchilla)", method="surface", fit="chinchilla"),),
        expect=("beta(chinchilla) in [0.7..1]", "mean(alpha(power(N))) > 0.5"),
        budget=Budget(seconds=1800.0),
    )
    runs, cells = _tables(label)
    panel = (("data", label),) if label else ()
    return Analysis(
        plan=plan,
        runs=runs,
        cells=cells,
        fits=_fits(panel),
        optima=(_optimum(panel),),
        verdicts=(
            Verdict("beta(chinchilla) in [0.7..1]", "held", (PanelVerdict(panel, "held", 0.9996, "beta = 0.85"),)),
            Verdict("mean(alpha(power(N))) > 0.5", "undecided", (), ("no fit of power(N) has an interval",), True),
        ),
        notes=(Note("RUN202", "1 of 12 runs diverged"),),
        facts=StoredFacts(predicted_seconds=70.0),
        claims=claim_references(plan),
    )


def _tables(label: str) -> tuple[RunTable, CellTable]:
    rng = np.random.default_rng(3)
    runs: list[dict[str, object]] = []
    cells: list[dict[str, object]] = []
    for w in WIDTHS:
        for t in TOKENS:
            n, d = params(w), 256 * round(t / 256)
            above = round(260 * n**-0.75 + 9000 * d**-0.85 + 0.001 * rng.normal(), 6)
            common = {
                "width": float(w), "tokens": float(t), "N": float(n), "N_body": float(24 * w * w), "D": float(d),
                "D_asked": float(t), "C": 6.0 * n * d, "flops": 6.2 * n * d, "entropy_rate": RATE,
            }  # fmt: skip
            common |= {"data": label} if label else {}
            for lr in (0.01, 0.03):
                gone = lr == 0.03 and w == 64 and t == TOKENS[0]
                loss = np.nan if gone else RATE + above * (1 if lr == 0.01 else 1.2)
                runs.append(
                    common | {
                        "lr": lr, "key": f"{len(runs):016x}", "status": "diverged" if gone else "done", "seed": 0.0,
                        "loss": loss, "excess": loss - RATE, "standard_error": 0.0012,
                        "seconds": round(1e-11 * n * d, 3),
                    }
                )  # fmt: skip
            cells.append(
                common | {
                    "loss": RATE + above, "excess": above, "standard_error": 0.0012, "n_seeds": 1,
                    "n_diverged": 0, "cluster": len(cells), "best_lr": 0.01, "edge_lr": w == 16,
                    "rises_N": False, "rises_D": w == 32 and t == TOKENS[1],
                }
            )  # fmt: skip
    return RunTable(columns(runs)), CellTable((*(("data",) if label else ()), "width", "tokens"), columns(cells))


def _fits(panel: tuple[tuple[str, str], ...]) -> tuple[PanelFit, ...]:
    none = np.array([], dtype=np.int64)
    joint = fit(
        CHINCHILLA,
        {
            "E": (2.389, 2.381, 2.401),
            "A": (260.0, 180.0, 410.0),
            "alpha": (0.75, 0.71, 0.80),
            "B": (9000.0, 6100.0, 16_300.0),
            "beta": (0.85, 0.81, 0.90),
        },
        6,
        warnings=(FitWarning("FIT121", "D spans a factor of 4 only"),),
    )
    alone = fit(
        POWER_N,
        {"E": (2.62, 2.60, 2.64), "A": (255.0, 120.0, 600.0), "alpha": (0.748, 0.61, 0.91)},
        3,
        status="at bound",
        warnings=(FitWarning("FIT112", "3 points for 3 parameters"), FitWarning("FIT101", "alpha lies at 8")),
    )
    return (
        PanelFit(CHINCHILLA, panel, joint, "", np.arange(4), np.array([4, 5]), 0.0123),
        PanelFit(POWER_N, (*panel, ("tokens", 250_000)), alone, "", np.array([0, 2, 4]), none),
        PanelFit(POWER_N, (*panel, ("tokens", 1_000_000)), None, "no cell of this panel has a loss", none, none),
        PanelFit(POWER_D, (*panel, ("width", 16)), None, "2 cells for 3 free parameters", np.array([0, 1]), none),
    )


def _optimum(panel: tuple[tuple[str, str], ...]) -> PanelOptimum:
    flops = np.geomspace(2e10, 8e11, 5)
    curve = Curve(flops, 0.3 * flops**0.53, 0.28 * flops**0.53, 0.33 * flops**0.53)
    loss = Curve(flops, 2.39 + 900 * flops**-0.35, 2.38 + 900 * flops**-0.35, 2.40 + 900 * flops**-0.35)
    found = Optimum(
        "surface", {"a": 0.531, "b": 0.469, "gamma": 0.398},
        {"a": Interval(0.51, 0.55), "b": Interval(0.45, 0.49), "gamma": Interval(0.38, 0.42)}, {},
        {"L": loss, "N": curve, "D": curve}, "converged",
    )  # fmt: skip
    return PanelOptimum(OptimumRequest(name="surface(chinchilla)", method="surface"), panel, found, "")
