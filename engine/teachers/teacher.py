"""A teacher: trained once with the engine's own training loop, kept in the user's cache by content."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scalingdsl.spec.errors import EngineError, StoreError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.identity import NUMERICS_VERSION, canonical_term, digest
from scalingdsl.spec.vocabulary.words.teachers import LanguageModel
from scalingdsl.spec.vocabulary.words.training import AdamW
from torch import Tensor

from ..sources.registry import open_source
from ..store.cache import cache_folder, file_sha256, made_once
from ..store.sealed_json import read_json, write_json
from ..train.keep_weights import trained
from ..train.pack_progress import PackProgress
from .decode import named_tensors

#: Of what is kept; raised when the same teacher would come to other parameters.
VERSION = 1
KIND = "teachers"
FILE = "teacher.safetensors"


@dataclass(frozen=True, eq=False)
class Teacher:
    """A trained teacher."""

    term: LanguageModel
    #: Names what it was trained on and how.
    key: str
    folder: Path
    #: SHA-256 of its parameters.
    sha256: str
    #: Loss on the held-out text, in nats a token, and its standard error.
    loss: float
    standard_error: float

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Parameters by name, on the CPU."""
        return load_file(self.folder / FILE)


def ignore_progress(made: PackProgress) -> None:
    """The callback where nobody watches."""


def teacher(
    term: LanguageModel,
    base: Path,
    progress: Callable[[PackProgress], None] = ignore_progress,
    device: str = "cpu",
) -> Teacher:
    """The teacher of a declaration, trained now on `device` if the cache has none; `progress` is called as that goes.

    Raises:
        EngineError: its text cannot be read, or it diverges.
    """
    key = key_of(term, base)
    folder = made_once(KIND, key, lambda aside: _make(term, base, key, aside, progress, device), _damage)
    facts = read_json(folder / "facts.json")
    return Teacher(term, key, folder, facts["sha256"], facts["loss"], facts["standard_error"])


def key_of(term: LanguageModel, base: Path) -> str:
    """The key of a teacher: its declaration and what it is trained on, wherever that lies.

    Raises:
        EngineError: its text cannot be read.
    """
    known = canonical_term(term)
    _forget_files(known)  # the tokens say as much, whoever asks
    return digest([VERSION, NUMERICS_VERSION, known, open_source(term.text, base).planned])


def _forget_files(known: dict[str, Any]) -> None:
    """Leave out of a canonical term what it says of files' content."""
    known.pop("sha256", None)
    for value in known.values():
        if isinstance(value, dict):
            _forget_files(value)


def made(key: str) -> bool:
    """True if the user's cache holds a teacher."""
    return (cache_folder() / KIND / key).is_dir()


def _damage(folder: Path) -> str:
    """What is wrong with a teacher that was kept; empty where it is the one that was trained."""
    try:
        facts = read_json(folder / "facts.json")
        same = facts["sha256"] == file_sha256(folder / FILE)
    except (OSError, LookupError, StoreError) as error:
        return f"it cannot be read, {error}"
    return "" if same else "its parameters are not those that were trained"


def _make(
    term: LanguageModel, base: Path, key: str, folder: Path, progress: Callable[[PackProgress], None], device: str
) -> None:
    stream, runs = open_source(term.text, base), [teacher_run(term, key, lr) for lr in term.tried]
    stream.teach(progress, device)  # by a teacher of its own
    checkpoints = cache_folder() / KIND / f".{key}.checkpoints"
    found = trained(runs, stream, device, checkpoints, progress)
    shutil.rmtree(checkpoints, ignore_errors=True)
    losses = {run.key: found[run.key][0].measurements[-1].loss for run in runs if found[run.key][0].status == "done"}
    if not losses:
        rates = ", ".join(f"{lr:g}" for lr in term.tried)
        raise EngineError(
            f"the teacher of width {term.width} diverged ({found[runs[0].key][0].message}): "
            f"give it another `lr` than {rates}"
        )
    lr, run = min((pair for pair in zip(term.tried, runs) if pair[1].key in losses), key=lambda p: losses[p[1].key])
    record, row = found[run.key]
    tensors = {name: t.cpu() for name, t in named_tensors(term.model, term.text.vocab, row).items()}
    save_file(tensors, folder / FILE)
    last = record.measurements[-1]
    facts = {
        "teacher": canonical_term(term),
        "sha256": file_sha256(folder / FILE),
        "lr": lr,
        "tried": [[rate, losses.get(other.key)] for rate, other in zip(term.tried, runs)],
        "loss": last.loss,
        "standard_error": last.standard_error,
        "n_params": run.n_total,
        "n_tokens": run.n_tokens,
        "flops": run.flops,
        "seconds": record.seconds,
        "provenance": record.provenance,
    }
    write_json(folder / "facts.json", facts)


def teacher_run(term: LanguageModel, key: str, lr: float) -> Run:
    """The run that trains a teacher at one rate."""
    model, text = term.model, term.text
    n_tokens = term.steps * term.batch * text.length
    n_total = model.n_total(text.vocab)
    return Run(
        key=digest([key, lr]),
        point=(),
        source=text,
        model=model,
        optimiser=AdamW(lr=lr, batch=term.batch),
        seed=term.seed,
        steps=term.steps,
        n_tokens=n_tokens,
        asked_tokens=term.tokens,
        n_total=n_total,
        n_body=model.n_body,
        flops=float(model.flops_per_token(text.vocab, text.length) * n_tokens),
        flops_6nd=float(FLOPS_PER_PARAMETER_TOKEN * n_total * n_tokens),
    )
