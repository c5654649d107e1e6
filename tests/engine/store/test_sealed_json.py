"""Files and lines give back what was written, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scalingdsl.engine.store.sealed_json import (
    DamagedError,
    NewerError,
    body_of,
    json_text,
    line_of,
    opened,
    read_json,
    sealed,
    write_json,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1).map(lambda name: f"x{name}"), VALUES))
def test_whatever_is_written_comes_back(body: dict[str, Any]) -> None:
    found = opened(json.loads(json_text("trial", body)), "trial")
    assert opened(json.loads(json_text("trial", body, flat=True)), "trial") == found
    assert {name: found[name] for name in body} == body
    assert body_of(line_of(body)) == body


def test_numbers_as_names_come_back_as_texts(tmp_path: Path) -> None:
    write_json(tmp_path / "a", {"counts": {10: 1, 9: 2}}, "trial")
    assert read_json(tmp_path / "a", "trial")["counts"] == {"10": 1, "9": 2}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "not a JSON object"),
        ({"format_version": 2, "kind": "trial"}, "no checksum"),
        ({"format_version": True}, "no checksum"),
        ({"a": 1}, "no checksum"),
        (sealed({"kind": "trial"}), "no format version"),
        (sealed({"format_version": "2", "kind": "trial"}), "no format version"),
        (sealed({"format_version": 2, "kind": "other"}), "another kind, 'other'"),
        ({**sealed({"format_version": 2, "kind": "trial", "a": 1}), "a": 2}, "does not fit"),
        ({**sealed({"format_version": 99, "kind": "trial"}), "a": 2}, "does not fit"),
    ],
)
def test_anything_else_is_damaged(body: Any, said: str) -> None:
    with pytest.raises(DamagedError, match=said):
        opened(body, "trial")


def test_a_later_format_is_believed_once_its_checksum_fits() -> None:
    with pytest.raises(NewerError, match="has format 3, newer than 2"):
        opened(sealed({"format_version": 3, "kind": "trial"}), "trial")
    assert opened({"format_version": 1, "a": 1}, "trial")["a"] == 1


@pytest.mark.parametrize("line", [b"", b"[1]", b'{"a": 1', b"\xff", b"[" * 100_000])
def test_lines_that_are_none(line: bytes) -> None:
    assert body_of(line) is None


def test_every_flip_of_a_line_is_noticed() -> None:
    line = line_of({"event": "record", "key": "0123456789abcdef", "loss": 2.5})
    whole = body_of(line)
    for place in range(len(line)):
        for bit in range(8):
            found = body_of(line[:place] + bytes([line[place] ^ (1 << bit)]) + line[place + 1 :])
            assert found in (None, whole)
