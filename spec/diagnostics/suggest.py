"""Names in messages: near misses, lists of names, and what kinds of words are called."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from string import ascii_lowercase
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})

#: What other tools call a parameter or a setting, in small letters, to its name here.
ELSEWHERE = {
    other: here
    for here, others in {
        "lr": "learning_rate learningrate lr_max max_lr peak_lr base_lr init_lr initial_lr eta step_size alpha0 lrs "
        "rate",
        "schedule": "lr_schedule lr_scheduler scheduler learning_rate_schedule decay_schedule lr_scheduler_type "
        "lr_decay_style lr_policy lr_decay",
        "warmup": "warm_up lr_warmup",
        "decay": "weight_decay wd l2 weightdecay reg",
        "clip": "grad_clip gradient_clipping max_grad_norm clip_norm clip_grad clipping gradient_clip_val "
        "grad_norm_clip grad_clip_norm clip_grad_norm gradient_clip",
        "precision": "dtype amp mixed_precision torch_dtype param_dtype",
        "batch": "batch_size bs batchsize minibatch micro_batch micro_batch_size global_batch_size train_batch_size "
        "per_device_train_batch_size per_device_batch_size batch_sequences",
        "eps": "epsilon adam_epsilon adam_eps",
        "beta1": "b1 adam_beta1 beta_1",
        "beta2": "b2 adam_beta2 beta_2",
        "width": "d_model dmodel n_embd n_embed hidden_size hidden_dim hidden embed_dim embedding_dim emb_dim dim "
        "model_dim hidden_features widths model_size hidden_units n_hidden units d_embed",
        "layers": "n_layer n_layers num_layers depth n_blocks num_blocks num_hidden_layers blocks nlayers layer "
        "n_hidden_layers depths",
        "heads": "n_head n_heads num_heads num_attention_heads nhead nheads attention_heads",
        "param": "parametrization parametrisation parameterization parameterisation",
        "tied": "tie_weights tied_embeddings weight_tying tie_word_embeddings tie_embeddings share_embeddings tying "
        "tied_weights",
        "base_width": "mup_base_width base_d_model mup_width_base",
        "length": "seq_len seq_length sequence_length seqlen context context_length block_size n_ctx max_seq_len "
        "max_length max_len maxlen len max_position_embeddings ctx_len context_size n_positions ctx walk_length "
        "walk_len t",
        "steps": "max_steps num_steps n_steps train_steps iterations iters max_iters num_train_steps train_iters "
        "num_iterations n_iter total_steps updates nsteps training_steps",
        "epochs": "num_epochs n_epochs max_epochs num_train_epochs epoch passes",
        "tokens": "d n_tokens num_tokens total_tokens train_tokens max_tokens ntokens training_tokens tok",
        "compute": "c flops flop budget_flops compute_budget",
        "seed": "seeds n_seeds num_seeds nseeds repetitions n_repeats reps n_replicates num_repeats random_seed "
        "rng_seed manual_seed random_state replicates repeats",
        "path": "file filename filepath file_name fname data_path",
        "edges": "n_edges num_edges m_edges",
        "n": "nodes n_nodes num_nodes num_vertices vertices n_vertices nv size",
        "tokenizer": "tokeniser",
        "temperature": "temp",
        "eval_walks": "eval_iters eval_batches eval_samples eval_size eval_sequences n_eval num_eval n_eval_samples "
        "max_eval_samples eval_examples val_samples n_val val_size",
        "unique": "unique_tokens n_unique",
    }.items()
    for other in others.split()
}
#: Those of them that mean other things too, so that what is written for them is never certain.
UNSURE = frozenset(
    (
        *("eval_iters", "eval_batches", "val_size", "model_size", "micro_batch", "micro_batch_size", "l2", "reg"),
        *("n_seeds", "num_seeds", "nseeds"),
    )
)
#: Words for "nothing in particular" elsewhere.
UNSET = ("none", "null", "auto", "default", "nan", "inf", "na", "undefined", "pc", "p_c", "critical")


def filled(written: str, value: str, beside: Mapping[str, str] = NOTHING) -> str:
    """What is written for a setting of another tool, with the value that it is given there.

    `{}` stands for the value, `{%}` for it as a percentage, `{1-}` for what it leaves of the whole, `{0}` and `{1}` for
    the first and last of several, `{sum}` and `{len}` for what they add up to and how many they are, `{/lr}` for its
    share of the rate, `{<lr}` for that of one below the rate and else for itself, `{*batch}` for so many batches in
    one, and `{root}` for the side of so many places in as many directions as `beside`, the other arguments, say.
    """
    items = [item.strip() for item in value.strip("()[]{} ").replace("/", "," if "{1}" in written else "/").split(",")]
    if "{*batch}" in written:
        one = next((beside[n] for n in beside if n == "batch" or ELSEWHERE.get(n.lower()) == "batch"), "8")
        both = value.isdigit() and one.isdigit()
        written = written.replace("{*batch}", f"{int(value) * int(one)}" if both else f"{value}*{one}")
    if "{1}" in written and len(items) > 2:
        return ""
    if "{1-}" in written or "{/lr}" in written or "{<lr}" in written:
        rate = next(
            (beside[n] for n in ("lr", *(n for n in beside if ELSEWHERE.get(n.lower()) == "lr")) if n in beside), "lr"
        )
        try:
            amount = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
            written = written.replace("{1-}", f"{(1 - amount) * 100:.6g}%")
            share = f"{amount / float(rate):.6g}"
            written = written.replace("{/lr}", share).replace("{<lr}", share if 0 < amount < float(rate) else value)
        except (ValueError, ZeroDivisionError):
            share = f"{value}/lr" if re.fullmatch(r"[\d.]+(?:e-?\d+)?", value) else "0.1"
            written = written.replace("{1-}", f"1 - {value}").replace("{/lr}", share).replace("{<lr}", value)
    if "{%}" in written or "{root}" in written:
        try:
            amount = float(value)
            side = amount ** (1 / int(beside.get("dim", "2")))
            written = written.replace("{%}", f"{amount * 100:.6g}%").replace("{root}", f"{round(side)}")
        except ValueError:
            written = written.replace("{%}", value).replace("{root}", "32")
    if "{sum}" in written:
        try:
            written = written.replace("{sum}", f"{sum(float(item) for item in items):.15g}")
        except ValueError:
            return ""
    written = written.replace("{len}", str(len(items)))
    written = re.sub(r"(?<![\w*/])([\w.]+)\*(\w+)/\2$", r"\1", written.replace("{}", value))
    return written.replace("{}", value).replace("{0}", items[0]).replace("{1}", items[-1])


#: Parts of a name that say no more than that it is a number, a name or a setting of something.
_LEADS = frozenset(
    re.findall(
        r"\w+",
        "n num nb nr number no of the my our total use using with enable is has set target train training model "
        "graph network net data dataset transformer optimizer optimiser optim opt walk walks sequence input "
        "global default args config cfg edge node text corpus source base",
    )
)
_TAILS = frozenset(
    re.findall(
        r"\w+",
        "size count num number n value val param type kind name prob p rate ratio frac fraction pct percent "
        "factor coef coeff coefficient file path nodes mode fn function list values arg args choice setting",
    )
)
_COUNTED = frozenset(("size", "count", "num", "number", "n", "value", "val", "param"))
#: What begins a name that denies what follows.
_DENIES = ("without_", "disable_", "is_not_", "not_", "non_", "non", "no_", "un", "a")


def forms(name: str) -> tuple[str, ...]:
    """A name as a list of names may have it: in small letters, its parts joined and apart, and then without parts that
    say no more than that it is a number or a name, `numberOfNodes` as `nodes` and `node`.
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-.]", "_", name).lower().strip("_")
    found = [name.lower(), snake, snake.replace("_", "")]
    parts = [part for part in snake.split("_") if part]
    while len(parts) > 1 and (parts[0] in _LEADS or parts[-1] in _TAILS):
        parts = parts[1:] if parts[0] in _LEADS else parts[:-1]
        found += ["_".join(parts), "".join(parts)]
    if len(parts) == 1 and (joined := re.match(r"(?:num|number|numberof|total)([a-z]{3,})$", parts[0])):
        found.append(joined[1])
    found += [one[:-1] for one in found if len(one) > 3 and one.endswith("s")]
    return tuple(dict.fromkeys(found))


def denied(name: str, known: Container[str]) -> str | None:
    """The known name that a name denies: `directed` of `undirected`, `tied` of `no_tied`."""
    low = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    rests = (low.removeprefix(prefix) for prefix in _DENIES if low.startswith(prefix))
    return next((rest for rest in rests if rest in known), None)


def meant_by(name: str, known: Container[str], also: Mapping[str, str] = NOTHING) -> str | None:
    """What is written for a name of other tools: a known name, or what `also` gives for its; None where nothing is.

    The name itself, and then its forms, so that `numNodes` and `number_of_nodes` are found where `nodes` is listed.
    """
    for form in forms(name):
        if form in also:
            return also[form]
        if form in known and form != name:
            return form
        if (meant := ELSEWHERE.get(form)) is not None and meant in known:
            return meant
    snake = next((form for form in forms(name) if "_" in form), "")
    parts = [part for part in snake.split("_") if len(part) > 2]
    ways = {also.get(part) or (part if part in known else None) for part in parts if len(parts) < 4} - {None}
    return ways.pop() if len(ways) == 1 else None


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
    begun = [k for k in known if len(name) > 2 and len(k) > 4 and k.lower().startswith(name.lower())]
    if best_score < 0.75 and len(begun) == 1:
        return begun[0]  # `temp` is `temperature`
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
    parts = {*name.lower().split("_")}
    if called_elsewhere(name, [near]) or (near in parts and parts - {near} <= _LEADS | _COUNTED):
        return name.lower() not in UNSURE
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


#: What begins a list of the values that the names of a condition take.
ASK, CHOOSE = "ask for what there is: ", "choose a value among those there are: "


def listing(names: Iterable[str], last: str = "and", mark: str = "`") -> str:
    """`a`, `b` and `c`."""
    quoted = [f"{mark}{n}{mark}" for n in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def letter(index: int) -> str:
    """A label for one of several, from `a` to `z`, `a2` and on."""
    turn, at = divmod(index, len(ascii_lowercase))
    return f"{ascii_lowercase[at]}{turn + 1 if turn else ''}"


#: What a kind of word is called where its own name would not be understood.
SAID = {"family": "model", "block": "form of report", "optimum": "way to an optimum"}


def article(kind: str) -> str:
    """`a graph`, `an optimiser`."""
    said = SAID.get(kind, kind)
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"
