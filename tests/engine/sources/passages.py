"""Small texts made up for the tests: sentences from a short grammar, a function of the seed."""

from __future__ import annotations

import random

WORDS = """The A Every That No Another This Some
river stone lantern harbour winter orchard letter clock bridge sparrow garden mirror candle valley
carries follows remembers hides answers crosses leaves keeps finds watches
slowly again at dusk in silence without a word every morning past the mill under the snow"""
OPENINGS, NOUNS, VERBS, WAYS = (line.split() for line in WORDS.splitlines())


def sentence(draw: random.Random) -> str:
    """One sentence."""
    ending = " ".join(draw.choices(WAYS, k=draw.randint(1, 4)))
    return f"{draw.choice(OPENINGS)} {draw.choice(NOUNS)} {draw.choice(VERBS)} the {draw.choice(NOUNS)} {ending}."


def passage(paragraphs: int, seed: int = 0, sentences: int = 6) -> str:
    """Paragraphs between blank lines."""
    draw = random.Random(seed)
    return "\n\n".join(" ".join(sentence(draw) for _ in range(sentences)) for _ in range(paragraphs)) + "\n"
