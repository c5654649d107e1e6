"""Diagnostics as people and machines read them."""

from __future__ import annotations

import json
import unicodedata

import jsonschema
import pytest
from scalingdsl.spec.diagnostics.collect import in_order
from scalingdsl.spec.diagnostics.render import render, summary
from scalingdsl.spec.errors import Diagnostic, Edit, Fix, Label
from scalingdsl.spec.source import Source, Span
from scalingdsl.spec.syntax.parser import parse_study

TEXT = "data walk(er(n=512, p=.02))\nmodels widht in [32..512]\n"
SOURCES = {"a.scl": Source(TEXT, "a.scl")}
WRONG = Diagnostic(
    "SCL109",
    "nothing uses the axis `widht`",
    Span(35, 40, "a.scl"),
    labels=(Label(Span(5, 9, "a.scl"), "the source\u2029"),),
    notes=("50% of all mistakes",),
    helps=("a parameter with a similar name exists: `width`",),
    fixes=(Fix((Edit(Span(35, 40, "a.scl"), "width"),)),),
)
DOUBT = Diagnostic("SCL307", "the range stops, early: 100%", Span(44, 53, "a.scl"), severity="warning")


def one(text: str, start: int, end: int, **more: object) -> str:
    """The full message for a place in a text of one file."""
    d = Diagnostic("SCL001", "here", Span(start, end, "x"), **more)  # type: ignore[arg-type]
    return render([d], {"x": Source(text, "x")})


def test_full() -> None:
    assert render([DOUBT, WRONG], SOURCES) == (
        "error[SCL109]: nothing uses the axis `widht`\n"
        " --> a.scl:2:8\n"
        "  |\n"
        "1 | data walk(er(n=512, p=.02))\n"
        "  |      ---- the source\ufffd\n"
        "2 | models widht in [32..512]\n"
        "  |        ^^^^^\n"
        "  |\n"
        "  = note: 50% of all mistakes\n"
        "  = help: a parameter with a similar name exists: `width`\n"
        "\n"
        "warning[SCL307]: the range stops, early: 100%\n"
        " --> a.scl:2:17\n"
        "  |\n"
        "2 | models widht in [32..512]\n"
        "  |                 ^^^^^^^^^\n"
    )


def test_concise() -> None:
    assert render([DOUBT, WRONG], SOURCES, "concise") == (
        "a.scl:2:8: error[SCL109]: [*] nothing uses the axis `widht`\n"
        "a.scl:2:17: warning[SCL307]: the range stops, early: 100%\n"
    )


def test_colour_only_when_asked_and_only_colour() -> None:
    import re

    plain, coloured = render([WRONG], SOURCES), render([WRONG], SOURCES, color=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert coloured.startswith("\x1b[1;31merror[SCL109]\x1b[0m\x1b[1m: nothing")


def test_nothing_to_say_is_nothing() -> None:
    assert render([], {}) == ""
    assert render([], {}, "concise") == ""
    assert render([], {}, "github") == ""


@pytest.mark.parametrize(
    ("text", "start", "end", "marked"),
    [
        # tabs stay tabs, above and below
        ("a\tb c", 2, 3, "1 | a\tb c\n  |  \t^\n"),
        ("\tab", 1, 3, "1 | \tab\n  | \t^^\n"),
        # wide characters take two columns, combining ones none
        ('title "日本" x', 11, 12, '1 | title "日本" x\n  |              ^\n'),
        ("日本x", 0, 2, "1 | 日本x\n  | ^^^^\n"),
        ("e\u0301x y", 4, 5, "1 | e\u0301x y\n  |    ^\n"),
        # the end of a line, of the text, and of nothing
        ("fit", 3, 3, "1 | fit\n  |    ^\n"),
        ("fit\n", 3, 4, "1 | fit\n  |    ^\n"),
        ("fit\n", 4, 4, "2 |\n  | ^\n"),
        ("", 0, 0, "1 |\n  | ^\n"),
        # a place of several lines is marked on its first
        ("fit a,\n  b", 4, 10, "1 | fit a,\n  |     ^^\n"),
        ("fit a\r\nfit b", 4, 5, "1 | fit a\n  |     ^\n"),
        # what would move the cursor or turn the text around is made visible
        ("a\x1b[31mb", 2, 3, "1 | a\ufffd[31mb\n  |   ^\n"),
        ("a\u202eb", 2, 3, "1 | a\ufffdb\n  |   ^\n"),
    ],
)
def test_places(text: str, start: int, end: int, marked: str) -> None:
    assert one(text, start, end).split("  |\n", 1)[1] == marked


def test_a_very_long_line_is_shown_in_part() -> None:
    shown = one("let x = " + "1 + " * 300 + "@ + " + "2 + " * 300, 1208, 1209)
    line, under = shown.splitlines()[3:5]
    assert len(line) == len("1 | ") + 160
    assert line[under.index("^")] == "@"
    assert line.startswith("1 | ...")
    assert line.endswith("...")


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
@pytest.mark.parametrize("at", [0, 8, 40, 77, 150, 199])
@pytest.mark.parametrize("letter", ["a", "日"])
def test_a_mark_stays_under_its_text_in_a_narrow_terminal(width: int, at: int, letter: str) -> None:
    text = letter * at + "@" + letter * (200 - at)
    found = Diagnostic("SCL002", "`@` means nothing here", Span(at, at + 1, "x"))
    line, under = render([found], {"x": Source(text, "x")}, width=width).splitlines()[3:5]

    def columns(part: str) -> int:
        return sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in part)

    assert columns(line) <= width
    assert columns(line[: line.index("@")]) == under.index("^")


def test_labels_far_apart_and_in_other_files() -> None:
    text = "let a = 1\n\n\n\nlet a = 2\n"
    other = Label(Span(0, 3, "y"), "used here")
    shown = render(
        [Diagnostic("SCL111", "twice", Span(17, 18, "x"), labels=(Label(Span(4, 5, "x"), "first"), other))],
        {"x": Source(text, "x"), "y": Source("use", "y")},
    )
    assert shown == (
        "error[SCL111]: twice\n --> x:5:5\n  |\n1 | let a = 1\n  |     - first\n...\n5 | let a = 2\n  |     ^\n"
        " ::: y:1:1\n  |\n1 | use\n  | --- used here\n"
    )


def test_order_is_that_of_place_and_repeats_are_left_out() -> None:
    late = Diagnostic("SCL001", "z", Span(9, 9, "a"))
    early = Diagnostic("SCL900", "a", Span(1, 1, "a"))
    other = Diagnostic("SCL001", "a", Span(0, 0, "b"))
    assert in_order([other, late, early, late]) == (early, late, other)
    assert summary([late, early]) == "2 errors"
    assert summary([late, DOUBT]) == "1 error, 1 warning"
    assert summary([]) == "no mistakes"


def test_json() -> None:
    shown = json.loads(render([WRONG, DOUBT], SOURCES, "json"))
    assert {k: v for k, v in shown.items() if k != "diagnostics"} == {
        "format_version": 1,
        "command": "validate",
        "valid": False,
        "error_count": 1,
        "warning_count": 1,
    }
    place = {"file": "a.scl", "line": 2, "column": 8, "end_line": 2, "end_column": 13}
    assert shown["diagnostics"][0] == {
        "code": "SCL109",
        "severity": "error",
        "message": "nothing uses the axis `widht`",
        **place,
        "snippet": "models widht in [32..512]",
        "labels": [
            {"file": "a.scl", "line": 1, "column": 6, "end_line": 1, "end_column": 10, "text": "the source\u2029"}
        ],
        "notes": ["50% of all mistakes"],
        "helps": ["a parameter with a similar name exists: `width`"],
        "fixes": [{"applicability": "machine-applicable", "edits": [{**place, "text": "width"}]}],
    }


def test_github() -> None:
    assert render([DOUBT, WRONG], SOURCES, "github") == (
        "::error title=scalingdsl (SCL109),file=a.scl,line=2,col=8,endLine=2,endColumn=13::"
        "nothing uses the axis `widht`%0Aa parameter with a similar name exists: `width`\n"
        "::warning title=scalingdsl (SCL307),file=a.scl,line=2,col=17,endLine=2,endColumn=26::"
        "the range stops, early: 100%25\n"
    )


def test_github_escapes_names_and_counts_what_it_would_drop() -> None:
    many = [Diagnostic("SCL001", f"{i}", Span(i, i, "a,b:c%.scl")) for i in range(13)]
    lines = render([*many, DOUBT], SOURCES, "github").splitlines()
    assert lines[0].startswith("::error title=scalingdsl (SCL001),file=a%2Cb%3Ac%25.scl,line=1,col=1,")
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning", "::notice"]
    assert lines[-1] == "::notice title=scalingdsl::3 more, see the log of this step"


#: What matters of the published schema of SARIF 2.1.0: names, types and what is required.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "type": "object",
                            "required": ["name"],
                            "additionalProperties": False,
                            "properties": {
                                "name": {"type": "string"},
                                "version": {"type": "string"},
                                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
                            },
                        }
                    },
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "originalUriBaseIds": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {"description": {"$ref": "#/$defs/message"}},
                    },
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/message"},
                "fullDescription": {"$ref": "#/$defs/message"},
                "help": {"$ref": "#/$defs/message"},
            },
        },
        "message": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": False,
            "properties": {"text": {"type": "string", "minLength": 1}, "markdown": {"type": "string"}},
        },
        "result": {
            "type": "object",
            "required": ["message", "ruleId", "level", "locations", "partialFingerprints"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/message"},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "relatedLocations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "fixes": {"type": "array", "items": {"$ref": "#/$defs/fix"}},
            },
        },
        "location": {
            "type": "object",
            "required": ["physicalLocation"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "integer"},
                "message": {"$ref": "#/$defs/message"},
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {"$ref": "#/$defs/artifact"},
                        "region": {"$ref": "#/$defs/region"},
                    },
                },
            },
        },
        "artifact": {
            "type": "object",
            "required": ["uri"],
            "additionalProperties": False,
            "properties": {"uri": {"type": "string", "format": "uri-reference"}, "uriBaseId": {"type": "string"}},
        },
        "region": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                k: {"type": "integer", "minimum": 1} for k in ("startLine", "startColumn", "endLine", "endColumn")
            },
        },
        "fix": {
            "type": "object",
            "required": ["artifactChanges"],
            "additionalProperties": False,
            "properties": {
                "description": {"$ref": "#/$defs/message"},
                "artifactChanges": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["artifactLocation", "replacements"],
                        "properties": {
                            "artifactLocation": {"$ref": "#/$defs/artifact"},
                            "replacements": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["deletedRegion"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "deletedRegion": {"$ref": "#/$defs/region"},
                                        "insertedContent": {"$ref": "#/$defs/message"},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_sarif() -> None:
    text = TEXT + "fit chinchilla power(N)\n"
    source = Source(text, "some folder/a.scl")
    _, found = parse_study(source)
    log = json.loads(render([*found, DOUBT], {source.name: source, **SOURCES}, "sarif"))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["SCL008", "SCL307"]
    doubt, comma = run["results"]
    assert comma["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "some%20folder/a.scl", "uriBaseId": "ROOT"},
        "region": {"startLine": 3, "startColumn": 16, "endLine": 3, "endColumn": 21},
    }
    assert run["tool"]["driver"]["rules"][comma["ruleIndex"]]["id"] == comma["ruleId"]
    (change,) = comma["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": ","}
    assert doubt["level"] == "warning"


def test_fingerprints_survive_moved_lines_and_tell_twins_apart() -> None:
    def fingerprints(text: str) -> list[str]:
        source = Source(text, "a.scl")
        _, found = parse_study(source)
        results = json.loads(render(found, {"a.scl": source}, "sarif"))["runs"][0]["results"]
        return [r["partialFingerprints"]["scalingdsl/v1"] for r in results]

    before = fingerprints("fit a b\n")
    assert fingerprints('title "x"\n\nfit  a b\n') == before
    twice = fingerprints("fit a b\nfit a b\n")
    assert twice[0] == before[0] != twice[1]
