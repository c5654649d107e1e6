"""A table in memory is fitted as its file is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scalingdsl.engine.fits.tables.fit_table import fit_table
from scalingdsl.engine.fits.tables.in_memory import columns_given
from scalingdsl.spec.errors import FitError

RNG = np.random.default_rng(3)
N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e6, 1e9, 5), np.geomspace(1e8, 1e11, 5)))
TABLE = {"params": N, "tokens": D, "loss": (1.7 + 400 * N**-0.34 + 410 * D**-0.28) * RNG.normal(1, 0.004, N.size)}


class Frame:
    """As pandas has it, for what is read of it: `columns`, and a column by its name."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]


def test_every_kind_of_table_gives_the_numbers_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    rows = zip(*(column.tolist() for column in TABLE.values()))
    path.write_text("params,tokens,loss\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows))
    expected = fit_table(path, bootstrap=20)
    arrow = SimpleNamespace(to_pydict=lambda: {name: column.tolist() for name, column in TABLE.items()})
    for table in (TABLE, {name: column.tolist() for name, column in TABLE.items()}, Frame(TABLE), arrow):
        found = fit_table(table, bootstrap=20)
        assert (found.fit.params, found.fit.intervals) == (expected.fit.params, expected.fit.intervals)
        assert found.source == expected.source == {"N": "params", "D": "tokens", "loss": "loss"}


def test_missing_cells_and_text_are_what_they_are_in_a_file() -> None:
    columns = columns_given({"a": [1.0, None, float("nan")], "b": ["x", None, "z"], "c": ["1", "", "3"]})
    assert np.isnan(columns["a"]).tolist() == [False, True, True]
    assert columns["b"].tolist() == ["x", "", "z"]
    assert columns["c"][0] == 1.0


def test_what_pandas_writes_for_a_missing_value_is_missing() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"N": pandas.array([1, None, 3], dtype="Int64"), "day": pandas.to_datetime(["1/2/26", None, None])}
    )
    columns = columns_given(frame)
    assert np.isnan(columns["N"]).tolist() == [False, True, False]
    assert columns["day"].tolist()[1:] == ["", ""]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (3, "a int is no table: give a path, a DataFrame, or a mapping of names to arrays"),
        ({}, "the table has no rows"),
        ({"N": [1, 2], "loss": [1]}, "columns differ in length: N has 2, loss has 1"),
        ({"N": np.ones((2, 2))}, "N is no column of the table: it has 2 dimensions, and a column has one"),
        ({"N": 3}, "N is no column of the table: it has 0 dimensions, and a column has one"),
    ],
)
def test_what_is_no_table_is_said(table: Any, message: str) -> None:
    with pytest.raises(FitError, match=message):
        columns_given(table)
