"""An analysis as `fits.json` and `fits.npz`, and the two read again."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from scalingdsl.spec.claims.references import QuantityRef, references
from scalingdsl.spec.claims.selection import Entry, UnansweredError, select
from scalingdsl.spec.errors import FitError, StoreError
from scalingdsl.spec.files.raw_file import FileError, allowed, read_packed, too_large
from scalingdsl.spec.requests.request_types import method_of

from ..analysis.analysis_result import Analysis, CellTable, Note, PanelFit, PanelOptimum, Relation, Side, Verdict
from ..analysis.preferred_forms import FormComparison, compare_forms
from ..codes.fit_codes import CODES as FIT_CODES
from ..codes.run_codes import CODES as RUN_CODES
from ..fits import predict
from ..fits.core.fit_result import Fit, FitWarning, Interval, Misfit
from ..fits.forms import form
from ..fits.formula import formula, python_formula
from ..fits.predict import curve_interval, forecast
from ..store.atomic import write_bytes, write_text
from ..store.sealed_json import MOST_JSON, DamagedError, NewerError, checksum, sealed
from . import fits_file as found

JSON, ARRAYS = "fits.json", "fits.npz"
#: Bytes that the arrays may have, on disk and unpacked.
MOST_ARRAYS = 4_000_000_000

Named = Mapping[str, NDArray[Any]]


def write_findings(analysis: Analysis, folder: Path) -> Path:
    """Write both files into a folder, the arrays first; the path of `fits.json`. The same analysis, the same bytes."""
    content = _packed(arrays_of(analysis))
    write_bytes(folder / ARRAYS, content)
    body = findings(analysis, hashlib.sha256(content).hexdigest()).model_dump(mode="json", exclude={"checksum"})
    write_text(folder / JSON, json.dumps(sealed(body), indent=1, allow_nan=False) + "\n")
    return folder / JSON


def read_findings(path: Path) -> tuple[found.FitsFile, dict[str, NDArray[Any]]]:
    """`fits.json`, or that of a folder, and the arrays that it names.

    Raises:
        NewerError: It is newer than this version.
        DamagedError: A file does not hold what was written, or the two are not of one analysis.
        StoreError: A file is missing or cannot be read.
    """
    path = path / JSON if path.is_dir() else path
    try:
        body = json.loads(read_packed(path, MOST_JSON))
        if not isinstance(body, dict):
            raise DamagedError(f"{path} is damaged: it is not a JSON object")
        if "checksum" in body and body["checksum"] != checksum({n: v for n, v in body.items() if n != "checksum"}):
            raise DamagedError(f"{path} is damaged: its checksum does not fit its content")
        known = body.get("format_version", 0)
        if isinstance(known, int) and known > found.FORMAT_VERSION:
            raise NewerError(
                f"{path} has format {known}, newer than {found.FORMAT_VERSION}: read it with a newer scalingdsl"
            )
        whole = found.FitsFile.model_validate_json(json.dumps(body))
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    except (FileError, ValueError, ValidationError, RecursionError) as error:
        raise DamagedError(f"{path} is damaged: {error}") from error
    try:
        content = read_packed(path.parent / Path(whole.arrays.file).name, MOST_ARRAYS)
    except (OSError, FileError) as error:
        raise StoreError(f"{path.parent / whole.arrays.file} cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != whole.arrays.sha256:
        raise DamagedError(
            f"{path} and {whole.arrays.file} are not of one analysis; `scalingdsl report` writes both again"
        )
    try:
        return whole, _unpacked(content)
    except _NO_ARRAYS as error:
        raise DamagedError(f"{path.parent / whole.arrays.file} is damaged: {error}") from error


#: What numpy and its reader of archives let through of files that are none; MemoryError is of a size that is not there.
_NO_ARRAYS = (
    *(ValueError, TypeError, LookupError, OSError, EOFError, RuntimeError, NotImplementedError, SyntaxError),
    *(MemoryError, OverflowError, zipfile.BadZipFile, zlib.error),
)


def _unpacked(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(file.file_size for file in archive.infolist()) > allowed(MOST_ARRAYS):
            raise too_large(allowed(MOST_ARRAYS), "unpacks to", "`scalingdsl report` writes it again")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _packed(arrays: Named) -> bytes:
    into = io.BytesIO()
    np.savez_compressed(into, **arrays)  # type: ignore[arg-type]
    return into.getvalue()


# --- the file ---------------------------------------------------------------------------------------------------------


def findings(analysis: Analysis, sha256: str = "") -> found.FitsFile:
    """An analysis as the value of `fits.json`."""
    plan, cells, curve = analysis.plan, analysis.cells, _curve(analysis)
    return found.FitsFile(
        written_by=f"scalingdsl {version('scalingdsl')}",
        title=plan.title,
        plan_digest=plan.digest,
        plan=plan.model_dump(mode="json"),
        axes=analysis.axes,
        fits=tuple(fit_found(analysis, f) for f in analysis.fits),
        optima=tuple(_optimum(analysis, o) for o in analysis.optima),
        comparisons=tuple(map(_comparison, compare_forms(analysis.fits))),
        predictions=tuple(_predictions(analysis)),
        claims=tuple(map(claim_found, analysis.verdicts)),
        notes=tuple(_warned(note) for note in analysis.notes),
        arrays=found.Arrays(
            file=ARRAYS,
            sha256=sha256,
            columns=tuple(cells.columns),
            axes=cells.axes,
            sizes=cells.sizes,
            curves=None
            if curve is None
            else found.CurveArrays(columns=tuple(curve.columns), axes=curve.axes, sizes=curve.sizes),
        ),
    )


def as_json(analysis: Analysis) -> dict[str, Any]:
    """What commands say in JSON of an analysis: that of `fits.json`, less the plan and what lies beside it."""
    whole = findings(analysis).model_dump(mode="json")
    return {name: whole[name] for name in ("fits", "optima", "comparisons", "predictions", "claims", "notes")}


def arrays_of(analysis: Analysis) -> dict[str, NDArray[Any]]:
    """Cells, and what is long of every fit and optimum, by the names that `fits_file.py` lists."""
    arrays: dict[str, NDArray[Any]] = {f"cells.{name}": v for name, v in analysis.cells.columns.items()}
    if (curve := _curve(analysis)) is not None:
        arrays |= {f"curves.{name}": v for name, v in curve.columns.items()}
    for i, panel in enumerate(analysis.fits):
        arrays |= {f"fit.{i}.cells": panel.cells, f"fit.{i}.held_out": panel.held_out}
        if panel.fit is not None:
            arrays |= {f"fit.{i}.residuals": panel.fit.residuals, f"fit.{i}.draws": _columns(panel.fit.draws)}
            if without := panel.fit.details.without_level:
                arrays[f"fit.{i}.without_level"] = _columns({name: without[name] for name in panel.fit.draws})
    for i, entry in enumerate(analysis.optima):
        if entry.optimum is not None:
            arrays[f"optimum.{i}.draws"] = _columns(entry.optimum.draws)
    return arrays


def _curve(analysis: Analysis) -> CellTable | None:
    """The points of the sources' curves, which all laws of curves share."""
    return next((fit.curve for fit in analysis.fits if fit.curve is not None), None)


def _columns(draws: Named) -> NDArray[np.float64]:
    return np.stack(list(draws.values()), axis=1) if draws else np.empty((0, 0))


def fit_found(analysis: Analysis, panel: PanelFit) -> found.FoundFit:
    """One law in one panel."""
    request = panel.request
    about: dict[str, Any] = {
        "name": request.name,
        "law": request.law,
        "variables": dict(request.variables),
        "loss": request.loss,
        "panel": dict(panel.panel),
        "request": analysis.plan.fits.index(request),
        "n_cells": len(panel.cells),
        "n_held_out": len(panel.held_out),
        "holdout": _number(panel.holdout),
        "entropy_rate": _entropy_rate(analysis, panel),
    }
    fit = panel.fit
    if fit is None:
        return found.FoundFit(status="failed", reason=panel.reason, **about)
    free = tuple(name for name in fit.draws if name not in fit.fixed)
    return found.FoundFit(
        **about,
        status=fit.status,
        n_clusters=fit.n_clusters,
        objective=fit.objective,
        delta=_number(fit.delta),
        value=_number(fit.value),
        parameters=tuple(_parameter(fit, name) for name in fit.params),
        covariance_of=free,
        covariance=_covariance(fit, free),
        rmse=_number(fit.rmse),
        rmse_log=_number(fit.rmse_log),
        mse=_number(fit.mse),
        misfit=_misfit(fit.misfit),
        formula=f"L({', '.join(fit.variables)}) = {written}" if (written := formula(fit)) else "",
        python=python_formula(fit) or "",
        starts=fit.starts,
        starts_agreeing=fit.starts_agreeing,
        bootstrap=fit.bootstrap,
        n_draws=len(next(iter(fit.draws.values()), ())),
        drawn=tuple(fit.draws),
        n_free=fit.details.n_free,
        n_joint=fit.details.n_joint,
        warnings=tuple(map(_warned, fit.warnings)),
    )


def _parameter(fit: Fit, name: str) -> found.FoundParameter:
    declared = {fit.details.names.get(p.name, p.name): p for p in form(fit.law, fit.variables).parameters}.get(name)
    told = fit.told.get(name)
    return found.FoundParameter(
        name=name,
        value=_number(fit.params[name]),
        interval=_ends(fit.intervals.get(name)),
        status=told.status if told else "identified" if name in fit.intervals else "no interval",
        bound=_number(told.bound) if told else None,
        kind=declared.kind if declared else "",
        meaning=declared.meaning if declared else "",
    )


def _covariance(fit: Fit, free: Sequence[str]) -> tuple[tuple[float | None, ...], ...] | None:
    if not free or len(fit.draws[free[0]]) < 2:
        return None
    with np.errstate(all="ignore"):
        matrix = np.atleast_2d(np.cov(np.stack([fit.draws[name] for name in free]), ddof=1))
    return tuple(tuple(_number(value) for value in row) for row in matrix.tolist())


def _misfit(misfit: Misfit | None) -> found.FoundMisfit | None:
    if misfit is None:
        return None
    return found.FoundMisfit(**{name: getattr(misfit, name) for name in found.FoundMisfit.model_fields})


def _entropy_rate(analysis: Analysis, panel: PanelFit) -> float | None:
    rates = np.asarray(panel.table(analysis.cells).columns["entropy_rate"], dtype=np.float64)[panel.cells]
    if not len(rates) or not np.all(np.isfinite(rates)) or np.ptp(rates) > 1e-9 * abs(rates[0]):
        return None
    return float(rates[0])


def _optimum(analysis: Analysis, entry: PanelOptimum) -> found.FoundOptimum:
    request, optimum = entry.request, entry.optimum
    about: dict[str, Any] = {
        "name": request.name,
        "method": request.method,
        "panel": dict(entry.panel),
        "request": analysis.plan.optima.index(request),
    }
    if optimum is None:
        return found.FoundOptimum(status="failed", reason=entry.reason, **about)
    declared = {p.name: p for p in method_of(request).params}

    def parameter(name: str) -> found.FoundParameter:
        known = declared.get(name)
        ends = _ends(optimum.intervals.get(name))
        loose = "unidentified" if name in optimum.unidentified else "identified" if ends else "no interval"
        return found.FoundParameter(
            name=name,
            value=_number(optimum.params[name]),
            interval=ends,
            status=loose,  # type: ignore[arg-type]
            kind=known.kind if known else "",
            meaning=known.meaning if known else "",
        )

    return found.FoundOptimum(
        **about,
        status=optimum.status,
        parameters=tuple(map(parameter, optimum.params)),
        flat=_ends(optimum.flat),
        drawn=tuple(optimum.draws),
        warnings=tuple(map(_warned, optimum.warnings)),
    )


def _comparison(compared: FormComparison) -> found.FoundComparison:
    return found.FoundComparison(
        first=compared.first.name,
        second=compared.second.name,
        loss=compared.first.loss,
        slices=tuple(
            found.FoundForm(
                panel=dict(one.panel),
                n_cells=one.n_cells,
                mse=(_number(one.mse[0]), _number(one.mse[1])),
                log_odds=_number(one.log_odds),
            )
            for one in compared.slices
        ),
        log_odds=_number(compared.log_odds),
        prefers=compared.prefers,
        sentence=compared.sentence,
    )


def _predictions(analysis: Analysis) -> Iterable[found.FoundPrediction]:
    """Losses at sizes that claims name, each once."""
    asked = dict.fromkeys(
        ref for claim in analysis.claims for ref in references(claim.tree) if ref.kind == "fit" and ref.at
    )
    for ref in asked:
        for panel, fit in _selected(analysis, ref):
            at = {s.name or "": float(s.value) for s in ref.at}
            one = len(panel.request.variables) == 1
            point = {
                quantity if one else own: np.array([at[own] if own in at else at[quantity]])
                for own, quantity in panel.request.variables
                if own in at or quantity in at
            }
            if len(point) < len(panel.request.variables):
                continue
            drawn = bool(fit.draws)
            yield found.FoundPrediction(
                fit=panel.request.name,
                panel=dict(panel.panel),
                at=at,
                loss=_number(float(predict(fit, point)[0])),
                law_interval=_ends(curve_interval(fit, point)[0]) if drawn else None,
                run_interval=_ends(forecast(fit, point)[0]) if drawn and len(fit.details.noise) else None,
            )


def _selected(analysis: Analysis, ref: QuantityRef) -> list[tuple[PanelFit, Fit]]:
    own = [f for f in analysis.fits if f.request == ref.request]
    try:
        chosen = select([Entry(f.panel, f.cells, i) for i, f in enumerate(own)], ref.selectors)
    except (UnansweredError, FitError):
        return []
    return [(own[e.place], fit) for e in chosen if (fit := own[e.place].fit) is not None]


def claim_found(verdict: Verdict) -> found.FoundClaim:
    """One claim with its numbers."""
    return found.FoundClaim(
        claim=verdict.claim,
        status=verdict.status,
        verdict=verdict.status,
        panels=tuple(
            found.FoundPanelVerdict(
                panel=dict(p.panel),
                verdict=p.status,
                share=_number(p.share),
                detail=p.detail,
                relations=tuple(map(_relation, p.relations)),
            )
            for p in verdict.panels
        ),
        skipped=verdict.skipped,
        stated_after_results=verdict.stated_after_results,
    )


def _relation(relation: Relation) -> found.FoundRelation:
    right = None if relation.right is None else _side(relation.right)
    return found.FoundRelation(left=_side(relation.left), words=relation.words, right=right)


def _side(side: Side) -> found.FoundSide:
    return found.FoundSide(text=side.text, value=_number(side.value), interval=_ends(side.interval))


def _warned(warning: FitWarning | Note) -> found.Warned:
    known = FIT_CODES.get(warning.code) or RUN_CODES.get(warning.code)
    return found.Warned(code=warning.code, title=known.title if known else "", message=warning.message)


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _ends(interval: Interval | None) -> found.Ends | None:
    return None if interval is None else (_number(interval.low), _number(interval.high))
