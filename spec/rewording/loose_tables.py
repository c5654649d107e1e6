"""A table that is asked for as in SQL, R or pandas, as a source."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FILE = r"[\"'`]?([\w./-]+\.(?:csv|tsv|jsonl?|parquet|ndjson))[\"'`]?"


def tables(text: str) -> Iterator[str]:
    """What a statement about a file of rows may come to, the fuller first."""
    file = re.search(_FILE, text)
    if file is None:
        return
    source = f'data table("{file[1]}"'
    columns = re.findall(r"\b(N|D|C|loss)\s*[=:~]\s*[\"']?(\w+)[\"']?", text)
    if columns:
        yield f"{source}, {', '.join(f'{name}={chr(34)}{column}{chr(34)}' for name, column in columns)})"
    aliases = re.findall(r"(\w+)\s+as\s+(N|D|C|loss)\b", text, re.IGNORECASE)
    if aliases:
        yield f"{source}, {', '.join(f'{name}={chr(34)}{column}{chr(34)}' for column, name in aliases)})"
    yield f"{source})"
