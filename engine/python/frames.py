"""Columns as a DataFrame of pandas, which is an optional guest here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scalingdsl.spec.errors import UsageError


def frame(columns: Mapping[str, Any]) -> Any:
    """The columns as a `pandas.DataFrame`.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError:
        raise UsageError(
            "a DataFrame needs pandas, which is not installed: pip install pandas; the value's fields hold the same"
        ) from None
    return pandas.DataFrame(dict(columns))
