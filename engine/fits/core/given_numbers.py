"""Numbers that are given to a law which has no parameters to fit: those of a closed form, or of a regression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.vocabulary.words.laws import Law

from .fit_result import Array


def given_numbers(law: type[Law], fixed: Mapping[str, float | Array]) -> dict[str, float]:
    """Each of a law's numbers: as given, else its default.

    Raises:
        FitError: One of them is none that the law takes, or differs from cell to cell.
    """
    for name, value in fixed.items():
        if name not in law.settings:
            raise FitError(f"{law.word} takes no {name}; it takes {' and '.join(law.settings)}")
        if np.ndim(value):
            raise FitError(f"`{name}` of `{law.word}` is one number, the same for every cell")
        wrong = law.settings[name].misplaced(name, law.word, float(value))
        if wrong is not None:
            raise FitError(wrong)
    return {name: float(fixed.get(name, own.default)) for name, own in law.settings.items()}
