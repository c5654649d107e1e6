"""Columns that hold texts where numbers are wanted: what is offered is another quantity's column never."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import checked

HEAD = "params,toks,val_loss,train,opt\n"
ROWS = "".join(f"{i}e6,{i}e9,{3 - 0.1 * i:g}{{}},{3.1 - 0.1 * i:g},a\n" for i in range(1, 7))


@pytest.mark.parametrize(
    ("rows", "named", "offered"),
    [
        (
            ROWS.replace("{}", " ± 0.1"),
            'N="params", D="toks", loss="val_loss"',
            'name a column of numbers: `loss="train"`',
        ),
        (ROWS.replace("{}", ""), 'N="opt", D="toks", loss="val_loss"', 'name a column of numbers: `N="params"`'),
        (
            ROWS.replace("{}", " ± 0.1").replace(",2.", ",a2."),
            'N="params", D="toks", loss="val_loss"',
            "write a number alone into each cell, or name another column",
        ),
        (
            ROWS.replace("{}", "").replace(",2.8,", ",OOM,"),
            'N="params", D="toks", loss="val_loss"',
            "leave cells without a number empty, or their rows out",
        ),
    ],
)
def test_no_column_of_another_quantity_is_offered(rows: str, named: str, offered: str, tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(HEAD + rows)
    (found,) = checked(f'data table("runs.csv", {named})\nfit chinchilla\n', tmp_path).errors
    assert found.code == "SCL417"
    assert found.helps == (offered,)
