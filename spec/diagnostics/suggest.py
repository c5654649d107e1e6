"""Names in messages: near misses, lists of names, and what kinds of words are called."""

from __future__ import annotations

from collections.abc import Container, Iterable

#: What other tools call a parameter, to its name here.
ELSEWHERE = {
    **dict.fromkeys(("learning_rate", "lr_max", "max_lr"), "lr"),
    "d_model": "width",
    **dict.fromkeys(("n_layer", "n_layers"), "layers"),
    **dict.fromkeys(("n_head", "n_heads"), "heads"),
    "batch_size": "batch",
}


def called_elsewhere(name: str, known: Container[str]) -> str | None:
    """The known name of what other tools call `name`."""
    meant = ELSEWHERE.get(name.lower())
    return meant if meant in known else None


def similar(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to `name`, or None where none is near enough to be meant."""
    from difflib import SequenceMatcher

    known = set(known)
    if (meant := called_elsewhere(name, known)) is not None:
        return meant
    best, best_score = None, 0.0
    for candidate in sorted(known):
        score = SequenceMatcher(None, name.lower(), candidate.lower()).ratio()
        if score > best_score:
            best, best_score = candidate, score
    parts = [part for part in name.lower().split("_") if len(part) > 3 and part in known]
    if best_score < 0.75 and "_" in name and len(parts) == 1:
        return parts[0]  # `weight_decay` is `decay`
    # Short names need a closer likeness: `m` is not `mu`, but `widht` is `width`.
    needed = 0.75 if min(len(name), len(best or "")) <= 3 else 0.65
    return best if best is not None and best != name and best_score >= needed else None


def nearest(what: str, name: str, known: Iterable[str], mark: str = "`") -> tuple[str, ...]:
    """The help that names what may have been meant; `what` with its article. Empty where nothing is near enough."""
    near = similar(name, known)
    return (f"{what} with a similar name exists: {mark}{near}{mark}",) if near else ()


def near_miss(name: str, known: Iterable[str]) -> str:
    """The end of a one-line message: the known name that may have been meant; empty where none is near enough."""
    near = similar(name, known)
    return f"; a similar name exists: {near}" if near else ""


def listing(names: Iterable[str], last: str = "and") -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{n}`" for n in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


#: What a kind of word is called where its own name would not be understood.
SAID = {"family": "model", "block": "form of report", "optimum": "way to an optimum"}


def article(kind: str) -> str:
    """`a graph`, `an optimiser`."""
    said = SAID.get(kind, kind)
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"
