"""Parser tables written anew: `python -m tests.spec.syntax.make_tables`, after a change of the grammar or of lark."""

from __future__ import annotations

import json
import pickle
from io import BytesIO
from pathlib import Path

from scalingdsl.spec.syntax.parse_tables import build, made_from


def tables() -> str:
    """The content of `grammar.json`."""
    written = BytesIO()
    build().save(written)
    saved = pickle.loads(written.getvalue())  # noqa: S301 - of the line above
    return json.dumps({"made_from": made_from(), "saved": saved}, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    root = Path(__file__).parents[3]
    (root / "spec" / "syntax" / "grammar.json").write_text(tables(), encoding="utf-8")
