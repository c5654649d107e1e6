"""The explanation of a code, and many of them written as plain paragraphs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explained:
    """The code of a warning or of a note, its title, and what it means in a few sentences."""

    code: str
    title: str
    explanation: str


def explained(text: str) -> dict[str, Explained]:
    """Explanations by code, from paragraphs that begin with a line of code and title."""
    found = {}
    for paragraph in text.strip().split("\n\n"):
        heading, body = paragraph.split("\n", 1)
        code, title = heading.split(" ", 1)
        found[code] = Explained(code, title, body.replace("\n", " "))
    return found
