"""Names in messages: near misses, lists of names, and what kinds of words are called."""

from __future__ import annotations

from collections.abc import Container, Iterable

#: What other tools call a parameter or a setting, in small letters, to its name here.
ELSEWHERE = {
    **dict.fromkeys(("learning_rate", "lr_max", "max_lr", "peak_lr", "base_lr", "eta", "learningrate"), "lr"),
    **dict.fromkeys(
        ("lr_schedule", "lr_scheduler", "scheduler", "learning_rate_schedule", "decay_schedule"), "schedule"
    ),
    **dict.fromkeys(("weight_decay", "wd", "l2"), "decay"),
    **dict.fromkeys(("grad_clip", "gradient_clipping", "max_grad_norm", "clip_norm", "clip_grad", "clipping"), "clip"),
    **dict.fromkeys(("dtype", "amp", "mixed_precision"), "precision"),
    **dict.fromkeys(("batch_size", "bs", "batchsize", "minibatch"), "batch"),
    "epsilon": "eps",
    **dict.fromkeys(("d_model", "n_embd", "hidden_size", "hidden_dim", "embed_dim", "embedding_dim", "dim"), "width"),
    **dict.fromkeys(("n_layer", "n_layers", "num_layers", "depth", "n_blocks", "num_hidden_layers"), "layers"),
    **dict.fromkeys(("n_head", "n_heads", "num_heads", "num_attention_heads"), "heads"),
    **dict.fromkeys(("parametrization", "parametrisation", "parameterization", "parameterisation"), "param"),
    **dict.fromkeys(("tie_weights", "tied_embeddings", "weight_tying", "tie_word_embeddings"), "tied"),
    **dict.fromkeys(("seq_len", "sequence_length", "context", "context_length", "block_size", "n_ctx"), "length"),
    **dict.fromkeys(("max_steps", "num_steps", "n_steps", "train_steps", "iterations", "iters", "max_iters"), "steps"),
    **dict.fromkeys(("num_epochs", "n_epochs", "max_epochs"), "epochs"),
    **dict.fromkeys(("n_tokens", "num_tokens", "total_tokens", "train_tokens", "max_tokens"), "tokens"),
    **dict.fromkeys(("c", "flops", "flop"), "compute"),
    **dict.fromkeys(("seeds", "random_seed", "rng_seed"), "seed"),
    **dict.fromkeys(("file", "filename", "filepath", "file_name"), "path"),
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


def sure(name: str, near: str, known: Iterable[str]) -> bool:
    """True for a slip of the keyboard that is one of no other name: a letter lost, doubled, exchanged or moved."""
    if called_elsewhere(name, [near]) or near in name.lower().split("_"):
        return True
    rivals = [k for k in known if k != near and edits(name.lower(), k.lower()) <= edits(name.lower(), near.lower())]
    return not rivals and edits(name.lower(), near.lower()) <= (2 if len(near) > 6 else 1)


def edits(one: str, two: str) -> int:
    """Letters to insert, drop, exchange or swap with the next, to make one word of another."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, b in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]


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
