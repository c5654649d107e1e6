"""Titles and comments of a study, each with the statement that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...source import Source, Span
from ...syntax import ast
from ...syntax.scanner import scan

#: Words that make what is said one of something else, of another time, or of a part.
_ELSEWHERE = re.compile(
    r"\b(?:not|no|nor|never|than|instead|unlike|without|would|could|should|might|may|if|but|other|others|another|more"
    r"|less|fewer|later|next|todo|fixme|was|were|had|before|earlier|previous(?:ly)?|originally|paper|papers|cf|see|al"
    r"|arxiv|table|figure|up to|least|most|only|except|besides|twice|times|too|enough|already|their|its|first"
    r"|last|older|newer|old|new|until|from|between|rather|any|some|or)\b",
    re.IGNORECASE,
)


class Remark(NamedTuple):
    """The words of a title or a comment, where they stand, and the statement beside them."""

    text: str
    span: Span
    #: From its first character to its last; None for a title, and for a comment that stands apart.
    beside: Span | None
    noun: str
    #: The characters of its span.
    typed: str

    def place(self, words: str) -> Span:
        """Where some of its words stand."""
        at = self.typed.find(words)
        return self.span if at < 0 else Span(self.span.start + at, self.span.start + at + len(words), self.span.file)

    @property
    def plain(self) -> bool:
        """True for words that say what is here, as far as one can see."""
        return self.plain_without("")

    def plain_without(self, words: str) -> bool:
        """True where what it says besides some of its words is so."""
        return _ELSEWHERE.search(self.text.replace(words, "", 1)) is None


def remarks(source: Source, title: ast.Title | None) -> Iterator[Remark]:
    """Every title and comment; comments on lines that follow each other are one."""
    if title is not None and title.span.file == source.name:
        yield Remark(title.text, title.span, None, "title", source.text[title.span.start : title.span.end])
    if "#" not in source.text:
        return
    scanned = scan(source)
    lines: list[tuple[str, Span]] = []
    for comment in scanned.comments:
        words, at = comment.text.lstrip("#! \t"), source.position(comment.span.start).line
        if comment.place == "trailing":
            beside = next((c for c in scanned.chunks if source.position(c.end).line >= at), None)
            whole = Span(beside.start, beside.end, source.name) if beside is not None else None
            yield Remark(words, comment.span, whole, "comment", comment.text)
            continue
        lines.append((words, comment.span))
        after = source.line(at + 1).strip() if comment.span.end < len(source.text) - 1 else ""
        if after.startswith("#"):
            continue
        follows = next((c for c in scanned.chunks if c.end > comment.span.end), None) if after else None
        span = lines[0][1].to(comment.span)
        whole = Span(follows.start, follows.end, source.name) if follows is not None else None
        typed = source.text[span.start : span.end]
        yield Remark(" ".join(words for words, _ in lines), span, whole, "comment", typed)
        lines = []
