"""How often verdicts are wrong, and how often they are any: `python -m tests.benchmarks.verdicts [studies] [draws]`.

Synthetic studies whose truth is known, each with a claim of every kind, as often true as false, nearly so and far from
it. A verdict is wrong where a false claim is held or a true one failed; an undecided one is not wrong. One row a kind.

The truth of a statistic of a fit, such as its mean squared residual, is its mean over the noise.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.predict import predict
from scalingdsl.spec import load

Rng = np.random.Generator
Table = Mapping[str, Array]
#: Distances of a claim's numbers from the truth, as shares of it.
APART = (0.01, 0.03, 0.1, 0.3)
#: Widths of regions, as shares of their middle.
WIDTHS = (0.003, 0.02, 0.08, 0.25)
#: Tables over which the mean of a statistic is taken.
MEANS = 100


class Claim(NamedTuple):
    """A claim of a kind, and whether it is true."""

    kind: str
    text: str
    true: bool


class Study(NamedTuple):
    """Rows of a table, what is fitted to them, and claims."""

    table: Table
    fits: str
    claims: tuple[Claim, ...]


def near(rng: Rng, value: float) -> float:
    """A number as far from a value as claims may be."""
    return float(value * (1 + rng.choice(APART) * rng.uniform(0.3, 1.5) * rng.choice([-1, 1])))


def region(rng: Rng, value: float) -> tuple[float, float]:
    """A closed interval that may hold a value or not, wide or narrow."""
    half = float(rng.choice(WIDTHS)) * abs(value)
    middle = value + half * rng.uniform(-0.9, 0.9) if rng.random() < 0.5 else near(rng, value)
    return float(middle - half), float(middle + half)


def _in(low: float, high: float) -> str:
    return f"[{low:.6g}..{high:.6g}]"


# --- laws in N and D --------------------------------------------------------------------------------------------------


def surfaces(rng: Rng) -> Study:
    """A grid of sizes and token counts, one law."""
    E, alpha, beta = rng.uniform(1.2, 2.5), rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.6)
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e6, 6.4e7, 6), np.geomspace(2e7, 1.28e9, 6), indexing="ij"))
    A, B = 0.6 * 8e6**alpha, 0.6 * 1.6e8**beta
    law = lambda n, d: E + A * n**-alpha + B * d**-beta  # noqa: E731
    noise = 10 ** rng.uniform(-3, -1.7)
    loss = law(n, d) * np.exp(noise * rng.normal(size=len(n)))
    c, b = near(rng, alpha), near(rng, beta)
    (low, high), (beta_low, beta_high), (e_low, e_high) = (region(rng, v) for v in (alpha, beta, E))
    target, share = near(rng, E), float(rng.choice(WIDTHS))
    within = f"E within {(e_high - e_low) / 2:.6g} of {(e_high + e_low) / 2:.6g}"
    gap = near(rng, abs(alpha - beta))
    times = near(rng, alpha / beta)
    a = beta / (alpha + beta)
    a_low, a_high = region(rng, a)
    beyond = float(law(2e8, 4e9))
    said = near(rng, beyond)
    most, least = near(rng, max(alpha, beta)), near(rng, min(alpha, beta))
    below, above, inside = alpha < c, beta > b, beta_low <= beta <= beta_high
    return Study(
        {"N": n, "D": d, "loss": loss},
        "chinchilla",
        (
            Claim("parameter > c", f"alpha > {c:.6g}", not below),
            Claim("parameter < c", f"E < {target:.6g}", target > E),
            Claim("x in [a..b]", f"alpha in {_in(low, high)}", low <= alpha <= high),
            Claim("a < x < b", f"{beta_low:.6g} < beta < {beta_high:.6g}", beta_low < beta < beta_high),
            Claim("x within d of c", within, e_low <= E <= e_high),
            Claim("x within p% of c", f"E within {100 * share:g}% of {target:.6g}", abs(E - target) <= share * target),
            Claim("abs(x - y) < d", f"abs(alpha - beta) < {gap:.6g}", abs(alpha - beta) < gap),
            Claim("abs(x - y) > d", f"abs(alpha - beta) > {gap:.6g}", abs(alpha - beta) > gap),
            Claim("not one-sided", f"not alpha < {c:.6g}", not below),
            Claim("not region", f"not alpha in {_in(low, high)}", not low <= alpha <= high),
            Claim("not within", f"not {within}", not e_low <= E <= e_high),
            Claim("and", f"alpha < {c:.6g} and beta > {b:.6g}", below and above),
            Claim("or", f"alpha < {c:.6g} or beta > {b:.6g}", below or above),
            Claim("and not", f"alpha < {c:.6g} and not beta > {b:.6g}", below and not above),
            Claim("not or", f"not (alpha < {c:.6g} or beta in {_in(beta_low, beta_high)})", not (below or inside)),
            Claim("x > c y", f"alpha > {times:.6g}*beta", alpha > times * beta),
            Claim("expression in [a..b]", f"beta/(alpha + beta) in {_in(a_low, a_high)}", a_low <= a <= a_high),
            Claim("prediction < c", f"loss(chinchilla, N=200M, D=4B) < {said:.6g}", beyond < said),
            Claim("max(x, y) > c", f"max(alpha, beta) > {most:.6g}", max(alpha, beta) > most),
            Claim("min(x, y) < c", f"min(alpha, beta) < {least:.6g}", min(alpha, beta) < least),
        ),
    )  # fmt: skip


# --- several slices ---------------------------------------------------------------------------------------------------


def slices(rng: Rng) -> Study:
    """Six token counts, a law in N at each, of one exponent or of several."""
    sizes, counts = np.geomspace(1e6, 2.56e8, 8), np.geomspace(2e7, 6.4e8, 6)
    alphas = np.full(6, rng.uniform(0.35, 0.7)) + (rng.uniform(-0.15, 0.15, 6) if rng.random() < 0.6 else 0.0)
    noise = 10 ** rng.uniform(-3.3, -2)
    level = 1.5 + 20.0 * counts**-0.2
    loss = level[:, None] + 0.8 * (sizes[None, :] / 1e6) ** -alphas[:, None]
    loss = loss * np.exp(noise * rng.normal(size=loss.shape))
    n, d = np.tile(sizes, 6), np.repeat(counts, 8)
    spread = float(np.ptp(alphas))
    wide = float(rng.choice([0.02, 0.05, 0.1, 0.3])) if spread == 0 or rng.random() < 0.3 else near(rng, spread)
    least, most = float(alphas.min()), float(alphas.max())
    c, top, bottom, middle = near(rng, least), near(rng, most), near(rng, least), near(rng, float(alphas.mean()))
    low, high = region(rng, float(alphas.mean()))
    low, high = low - rng.choice([0.0, spread]), high + rng.choice([0.0, spread])
    ratio = near(rng, spread / alphas.mean()) if spread else wide
    relative = "spread(alpha(power(N)))/mean(alpha(power(N)))"
    return Study(
        {"N": n, "D": d, "loss": loss.ravel()},
        "power(N)",
        (
            Claim("several panels: x > c", f"alpha > {c:.6g}", least > c),
            Claim("several panels: x in [a..b]", f"alpha in {_in(low, high)}", low <= least and most <= high),
            Claim("spread > c", f"spread(alpha(power(N))) > {wide:.6g}", spread > wide),
            Claim("spread < c", f"spread(alpha(power(N))) < {wide:.6g}", spread < wide),
            Claim("spread/mean < c", f"{relative} < {ratio:.6g}", bool(spread < ratio * alphas.mean())),
            Claim("max > c", f"max(alpha(power(N))) > {top:.6g}", most > top),
            Claim("max < c", f"max(alpha(power(N))) < {top:.6g}", most < top),
            Claim("min < c", f"min(alpha(power(N))) < {bottom:.6g}", least < bottom),
            Claim("mean > c", f"mean(alpha(power(N))) > {middle:.6g}", float(alphas.mean()) > middle),
        ),
    )  # fmt: skip


# --- statistics of fits -----------------------------------------------------------------------------------------------

TOKENS = np.geomspace(1e7, 1.28e9, 8)
KEPT = TOKENS < 5e8


def curve(form: str) -> Array:
    """The losses of a law in D."""
    x = TOKENS / TOKENS[0]
    return np.asarray(2.0 + (x**-0.4 if form == "power" else np.exp(-0.04 * (x - 1))))


def statistics_of(loss: Array) -> dict[str, float]:
    """Statistics of both laws through a table's losses."""
    power, other = (fit_law(law, Points({"D": TOKENS}, loss), bootstrap=0) for law in ("power", "exponential"))
    part = fit_law("power", Points({"D": TOKENS[KEPT]}, loss[KEPT]), bootstrap=0)
    out = np.log(predict(part, {"D": TOKENS[~KEPT]})) - np.log(loss[~KEPT])
    return {
        "mse": power.mse, "other": other.mse, "rmse": power.rmse, "rmse_log": power.rmse_log,
        "r2": 1 - power.mse / float(np.var(loss)), "holdout": float(np.sqrt(np.mean(out**2))),
    }  # fmt: skip


@cache
def expected(form: str, noise: float) -> dict[str, float]:
    """Means of the statistics over the noise."""
    rng = np.random.default_rng(7)
    found = [statistics_of(curve(form) * np.exp(noise * rng.normal(size=len(TOKENS)))) for _ in range(MEANS)]
    return {name: float(np.mean([f[name] for f in found])) for name in found[0]}


def forms(rng: Rng) -> Study:
    """A power law or an exponential in D, both fitted."""
    form, noise = str(rng.choice(["power", "exponential"])), float(rng.choice([0.001, 0.005, 0.02]))
    loss = curve(form) * np.exp(noise * rng.normal(size=len(TOKENS)))
    mean = expected(form, noise)
    factor = float(rng.choice([1 / 3, 0.8, 1.3, 3]))
    times = {name: float(mean[name] * rng.choice([0.3, 0.7, 1.5, 4])) for name in ("rmse", "rmse_log", "holdout")}
    better, logs = mean["mse"] < factor * mean["other"], times["rmse_log"]
    r2 = 1 - (1 - mean["r2"]) * float(rng.choice([0.3, 0.7, 1.5, 4]))
    return Study(
        {"N": np.full(len(TOKENS), 1e6), "D": TOKENS, "loss": loss},
        "power(D), exponential(D), part; let part = power(D) where D < 500M",
        (
            Claim("mse < c mse", f"mse(power(D)) < {factor:.6g}*mse(exponential(D))", better),
            Claim("rmse < c", f"rmse(power(D)) < {times['rmse']:.6g}", mean["rmse"] < times["rmse"]),
            Claim("rmse_log < c", f"rmse_log(power(D)) < {logs:.6g}", mean["rmse_log"] < logs),
            Claim("holdout < c", f"holdout(part) < {times['holdout']:.6g}", mean["holdout"] < times["holdout"]),
            Claim("r2 > c", f"r2(power(D)) > {r2:.8g}", mean["r2"] > r2),
        ),
    )  # fmt: skip


# --- measured losses --------------------------------------------------------------------------------------------------


def losses(seeds: int, few: bool = False) -> Callable[[Rng], Study]:
    """Cells with so many seeds each, whose noise is a share of what lies above the floor and grows with size."""

    def make(rng: Rng) -> Study:
        sizes, counts = np.geomspace(1e6, 2.7e7, 2 if few else 4), np.geomspace(2e7, 5.4e8, 1 if few else 4)
        n, d = (x.ravel() for x in np.meshgrid(sizes, counts, indexing="ij"))
        above = 0.5 * (n / 1e6) ** -rng.uniform(0.02, 0.4) + 0.5 * (d / 2e7) ** -0.3
        noise = 10 ** rng.uniform(-2.5, -1) * (n / 1e6) ** rng.uniform(0, 0.3)
        rows = np.repeat(np.arange(len(n)), seeds)
        true = 1.5 + above
        loss = true[rows] + (noise * above)[rows] * rng.normal(size=len(rows))
        seed = np.tile(np.arange(seeds), len(n))
        i, j = (int(k) for k in rng.choice(len(n), 2, replace=False))
        one, two = (f"loss(N={n[k]:.0f}, D={d[k]:.0f})" for k in (i, j))
        c, top, wide = near(rng, above[i]) + 1.5, near(rng, above.max()) + 1.5, near(rng, float(np.ptp(above)))
        gap = near(rng, abs(true[i] - true[j]))
        of = "two cells, one seed" if few else f"{seeds} seed{'s' * (seeds > 1)}"
        claims = [
            Claim(f"loss < loss, {of}", f"{one} < {two}", bool(true[i] < true[j])),
            Claim(f"loss < c, {of}", f"{one} < {c:.6g}", bool(true[i] < c)),
        ]
        alike = bool(abs(true[i] - true[j]) <= gap)
        if not few:
            claims += [
                Claim(f"loss within d of loss, {of}", f"{one} within {gap:.6g} of {two}", alike),
                Claim(f"loss < c in all cells, {of}", f"loss < {top:.6g}", bool(true.max() < top)),
                Claim(f"spread(loss) > c, {of}", f"spread(loss) > {wide:.6g}", bool(np.ptp(true) > wide)),
            ]  # fmt: skip
        table = {"N": n.round()[rows], "D": d.round()[rows], "seed": seed, "loss": loss}
        return Study(table, "", tuple(claims))

    return make


FAMILIES: dict[str, Callable[[Rng], Study]] = {
    "surfaces": surfaces,
    "slices": slices,
    "forms": forms,
    "one seed": losses(1),
    "two seeds": losses(2),
    "three seeds": losses(3),
    "few cells": losses(1, few=True),
}


def judged(study: Study, folder: Path, draws: int) -> Iterator[tuple[Claim, str]]:
    """The claims of a study with their verdicts."""
    rows = zip(*study.table.values())
    text = "\n".join([",".join(study.table), *(",".join(f"{v:.12g}" for v in row) for row in rows)])
    (folder / "table.csv").write_text(text + "\n")
    lines = ['data table("table.csv")', *([f"fit {study.fits}"] if study.fits else [])]
    plan = load(folder / "s.scl", text="\n".join([*lines, *(f"expect {claim.text}" for claim in study.claims)]))
    plan = plan.changed(fits=tuple(request.changed(bootstrap=draws) for request in plan.fits))
    verdicts = analyse(plan, {}, table=study_table(plan, folder)).verdicts
    for claim, verdict in zip(study.claims, verdicts, strict=True):
        yield claim, verdict.status


def outcomes(family: str, studies: int, draws: int) -> dict[str, Counter[tuple[bool, str]]]:
    """Verdicts by kind of claim and truth."""
    found: dict[str, Counter[tuple[bool, str]]] = {}
    with TemporaryDirectory() as folder:
        for number in range(studies):
            rng = np.random.default_rng([number, *family.encode()])
            for claim, status in judged(FAMILIES[family](rng), Path(folder), draws):
                found.setdefault(claim.kind, Counter())[claim.true, status] += 1
    return found


def wrong(counts: Counter[tuple[bool, str]]) -> float:
    """Share of wrong verdicts."""
    return (counts[True, "failed"] + counts[False, "held"]) / counts.total()


def decided(counts: Counter[tuple[bool, str]]) -> float:
    """Share of verdicts that are held or failed."""
    return 1 - (counts[True, "undecided"] + counts[False, "undecided"]) / counts.total()


def main(studies: int = 200, draws: int = 200, *families: str) -> None:
    """Print a row for each kind of claim."""
    print("| kind of claim | true: held | undecided | failed | false: failed | undecided | held | decided | wrong |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for family in families or FAMILIES:
        for kind, counts in outcomes(family, studies, draws).items():
            cells = [counts[True, s] for s in ("held", "undecided", "failed")]
            cells += [counts[False, s] for s in ("failed", "undecided", "held")]
            shares = (f"{decided(counts):.0%}", f"{wrong(counts):.1%}")
            print(f"| `{kind}` |", " | ".join(map(str, (*cells, *shares))), "|", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
