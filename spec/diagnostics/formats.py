"""Diagnostics for machines: one JSON object, GitHub's workflow commands, SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from ..errors import Diagnostic, Fix
from ..source import Source, Span, source_of

#: Of the JSON object; raised when a documented key changes its meaning or goes.
FORMAT_VERSION = 1
#: GitHub shows so many annotations of a kind from one step, and drops the others without a word.
GITHUB_SHOWS = 10

Sources = Mapping[str, Source]


def as_json(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """One flat object: `valid`, `error_count`, `warning_count` and `diagnostics`; lines and columns count from 1."""
    errors = sum(d.severity == "error" for d in diagnostics)
    return json.dumps(
        {
            "format_version": FORMAT_VERSION,
            "command": "validate",
            "valid": errors == 0,
            "error_count": errors,
            "warning_count": len(diagnostics) - errors,
            "diagnostics": [_plain(d, sources) for d in diagnostics],
        },
        indent=2,
    )


def _plain(diagnostic: Diagnostic, sources: Sources) -> dict[str, Any]:
    """A diagnostic as JSON data."""
    source = source_of(diagnostic.span, sources)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_region(diagnostic.span, sources),
        "snippet": source.line(source.position(diagnostic.span.start).line).rstrip("\r"),
        "labels": [{**_region(label.span, sources), "text": label.text} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
        "fixes": [
            {
                "applicability": fix.applicability,
                "edits": [{**_region(edit.span, sources), "text": edit.text} for edit in fix.edits],
            }
            for fix in diagnostic.fixes
        ],
    }


def _region(span: Span, sources: Sources) -> dict[str, Any]:
    """File, and the line and column of the first character and of the one after the last."""
    source = source_of(span, sources)
    (line, column), (end_line, end_column) = source.position(span.start), source.position(span.end)
    return {"file": span.file, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


# --- GitHub -----------------------------------------------------------------------------------------------------------


def as_github(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Workflow commands, errors first, as many of each kind as GitHub shows, and a notice that counts the others."""
    lines: list[str] = []
    left_out = 0
    for severity in ("error", "warning"):
        of_kind = [d for d in diagnostics if d.severity == severity]
        left_out += max(0, len(of_kind) - GITHUB_SHOWS)
        lines += [_annotation(d, sources) for d in of_kind[:GITHUB_SHOWS]]
    if left_out:
        lines.append(f"::notice title=scalingdsl::{left_out} more, see the log of this step")
    return "".join(f"{line}\n" for line in lines)


def _annotation(diagnostic: Diagnostic, sources: Sources) -> str:
    at = _region(diagnostic.span, sources)
    properties = {
        "title": f"scalingdsl ({diagnostic.code})",
        "file": PurePath(at["file"]).as_posix(),
        "line": at["line"],
        "col": at["column"],
        "endLine": at["end_line"],
        "endColumn": at["end_column"],
    }
    shown = ",".join(f"{key}={_data(str(value), ':,')}" for key, value in properties.items())
    return f"::{diagnostic.severity} {shown}::{_data(chr(10).join([diagnostic.message, *diagnostic.helps]))}"


def _data(text: str, more: str = "") -> str:
    """Escaped as the text of a workflow command; a property escapes `more`."""
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + more else char for char in text)


# --- SARIF ------------------------------------------------------------------------------------------------------------


def as_sarif(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """A SARIF 2.1.0 log: rules with help, relative addresses, fixes, and fingerprints that survive moved lines."""
    from importlib.metadata import version

    codes = sorted({d.code for d in diagnostics})
    driver = {
        "name": "scalingdsl",
        "version": version("scalingdsl"),
        "rules": [_rule(code) for code in codes],
    }
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The folder in which scalingdsl was started."}}},
        "results": [_result(d, codes, sources, seen) for d in diagnostics],
    }
    return json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}, indent=2
    )


def _rule(code: str) -> dict[str, Any]:
    """The documentation of a code."""
    from .catalogue.syntax_codes import CODES

    rule: dict[str, Any] = {"id": code}
    known = CODES.get(code)
    if known is not None:
        wrong, right = known.wrong.rstrip("\n"), known.right.rstrip("\n")
        rule |= {
            "shortDescription": {"text": known.title},
            "fullDescription": {"text": known.explanation},
            "help": {
                "text": f"{known.explanation}\n\nWrong:\n{wrong}\n\nRight:\n{right}",
                "markdown": f"{known.explanation}\n\nWrong:\n```scl\n{wrong}\n```\nRight:\n```scl\n{right}\n```",
            },
        }
    return rule


def _result(diagnostic: Diagnostic, codes: Sequence[str], sources: Sources, seen: Counter[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": "\n".join([diagnostic.message, *diagnostic.notes, *diagnostic.helps])},
        "locations": [_location(diagnostic.span, sources)],
        "partialFingerprints": {"scalingdsl/v1": _fingerprint(diagnostic, sources, seen)},
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"id": i, **_location(label.span, sources), "message": {"text": label.text}}
            for i, label in enumerate(diagnostic.labels)
        ]
    if diagnostic.fixes:
        result["fixes"] = [_sarif_fix(fix, sources) for fix in diagnostic.fixes]
    return result


def _location(span: Span, sources: Sources) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span.file), "region": _sarif_region(span, sources)}}


def _artifact(file: str) -> dict[str, str]:
    path = Path(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(PurePath(file).as_posix()), "uriBaseId": "ROOT"}


def _sarif_region(span: Span, sources: Sources) -> dict[str, int]:
    _, *places = _region(span, sources).values()
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), places, strict=True))


def _sarif_fix(fix: Fix, sources: Sources) -> dict[str, Any]:
    files = sorted({edit.span.file for edit in fix.edits})
    return {
        "description": {"text": f"{fix.applicability} change"},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file),
                "replacements": [
                    {"deletedRegion": _sarif_region(e.span, sources), "insertedContent": {"text": e.text}}
                    for e in fix.edits
                    if e.span.file == file
                ],
            }
            for file in files
        ],
    }


def _fingerprint(diagnostic: Diagnostic, sources: Sources, seen: Counter[str]) -> str:
    """Of code, file and the line's text, numbered where they repeat: the same after the line has moved."""
    source = source_of(diagnostic.span, sources)
    line = " ".join(source.line(source.position(diagnostic.span.start).line).split())
    what = f"{diagnostic.code}\n{PurePath(diagnostic.span.file).as_posix()}\n{line}"
    seen[what] += 1
    return hashlib.sha256(f"{what}\n{seen[what]}".encode()).hexdigest()[:32]
