"""Every diagnostic code, documented. Those of the syntax are here; those of the meaning in `codes_meaning.py`."""

from __future__ import annotations

from .errors import Code

SYNTAX: tuple[Code, ...] = ()

CODES: dict[str, Code] = {code.code: code for code in SYNTAX}
