"""`sample(lm(...), temperature=1)`: sequences that a teacher writes, judged by the teacher's own law at every context.

Sequences are written in blocks of fixed size and kept in the user's cache. A block is always written whole, so that a
sequence has the same bits whatever was asked for beside it, and students of other sizes and rates read what the first
one had written.

Axes: B sequence of a block, W evaluation sequence, T time, V vocabulary.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.teachers import Sample
from torch import Tensor

from ..sources import rng
from ..sources.edges import Floats, Ints
from ..sources.permutation import permuted
from ..sources.protocol import Evaluation, Opened
from ..sources.registry import implements, open_source
from ..sources.text.text_windows import TextStream
from ..sources.text.tokens import Tokens
from ..store.atomic import write_bytes
from ..store.cache import cache_folder, file_sha256, made_once
from ..store.kept_array import read_array
from ..store.sealed_json import read_json, write_json
from ..train.pack_progress import PackProgress
from .decode import Decoder
from .teacher import Teacher, key_of, teacher

#: Sequences of a block.
BLOCK = 256
#: Blocks held in memory.
HELD = 512
#: Of what is kept; raised when the same teacher would write other sequences.
VERSION = 1
KIND = "samples"
#: Files of an evaluation.
JUDGED = ("tokens.npy", "log_p.npy")
#: Data seed and number of the sequences whose first tokens are taken, where nothing else says which there are.
BEGUN_SEED, BEGUN = 0, 4096
#: Bytes of a SHA-256.
DIGEST_BYTES = 32


@implements(Sample)
def sample(term: Sample, base: Path) -> SampleStream:
    """The teacher is trained when its first sequence is asked for, not before."""
    return SampleStream(term, base)


@dataclass(frozen=True, eq=False)
class TeacherLaw:
    """A teacher's law at every context of an evaluation; a row is a context, numbered sequence by sequence."""

    #: [W * T, V] float32 log-probabilities, mapped from the cache.
    log_p: NDArray[np.float32]
    device: torch.device | str = "cpu"
    #: The table on another device than the CPU, where every evaluation reads it again.
    there: Tensor | None = None

    def rows(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """See `Law.rows`: every token may follow."""
        if self.there is None:
            log_p = torch.from_numpy(np.array(self.log_p[states.cpu().numpy()])).to(self.device)
        else:
            log_p = self.there[states]
        targets = torch.arange(log_p.shape[1], device=self.device).expand(len(states), -1)
        return targets, torch.softmax(log_p.double(), 1)

    def to(self, device: torch.device | str) -> TeacherLaw:
        """The same law on another device, and the table with it."""
        away = torch.device(device).type != "cpu"
        return TeacherLaw(self.log_p, device, torch.from_numpy(np.array(self.log_p)).to(device) if away else None)


class SampleStream(Opened):
    """A `Stream` of a teacher's sequences."""

    def __init__(self, term: Sample, base: Path) -> None:
        self.term, self.base = term, base
        self.vocab, self.length = term.vocab, term.length
        #: Where the teacher is trained and read: the CPU unless `teach` names another.
        self.device = "cpu"

    @cached_property
    def teacher(self) -> Teacher:
        return teacher(self.term.teacher, self.base, device=self.device)

    @cached_property
    def writer(self) -> Writer:
        return Writer(self.teacher, self.beginnings, self.length, self.term.temperature, self.device)

    @cached_property
    def beginnings(self) -> Tokens:
        """First tokens as in what the teacher was taught: all of a text, or those that sequences begin with."""
        taught = open_source(self.term.teacher.text, self.base)
        there: Tokens | None = taught.beginnings
        if there is not None:
            return there
        drawn = taught.batch(torch.tensor([BEGUN_SEED]), torch.arange(BEGUN)[None])[0, :, 0]
        return drawn.numpy().astype(np.uint16)

    def teach(self, progress: Callable[[PackProgress], None], device: str = "cpu") -> None:
        """Train the teacher now if it never was, on the device of the study, telling how that goes."""
        self.device = device
        self.__dict__.setdefault("teacher", teacher(self.term.teacher, self.base, progress, device))

    @property
    def entropy_rate(self) -> float:
        """Mean entropy of the law at the contexts of the evaluation, nats a token: known of these, not of all."""
        return float(self._judged[1]["entropy"])

    @property
    def entropy_standard_error(self) -> float:
        """Of `entropy_rate` over the sequences of the evaluation."""
        return float(self._judged[1]["standard_error"])

    @property
    def digest(self) -> str:
        unique = self.term.unique
        return self.writer.key if unique is None else digest([self.writer.key, unique])

    @property
    def planned(self) -> str:
        """Of the teacher as it is declared, so that none is trained to know it."""
        term = self.term
        return digest([key_of(term.teacher, self.base), term.temperature, term.length, term.unique])

    @property
    def notes(self) -> tuple[str, ...]:
        """Facts known before the teacher is trained, so that a plan need not train it."""
        term = self.term.teacher
        n = term.model.n_total(self.vocab)
        text = open_source(term.text, self.base)
        taught = text.tokens.notes if isinstance(text, TextStream) else text.notes
        rates = f" at each of {len(term.tried)} rates" if len(term.tried) > 1 else ""
        return (
            *taught,
            *self._passes(),
            f"The teacher has {n:,} parameters; it is trained on {term.tokens:,} tokens{rates} before its first "
            "student, once for all studies.",
        )

    def _passes(self) -> tuple[str, ...]:
        if not self.written:
            return ()
        return (f"A run of more than {self.written * self.length:,} tokens reads them again.",)

    @property
    def written(self) -> int:
        """Sequences of a pass; 0 where there is no end of them."""
        return 0 if self.term.unique is None else max(1, round(self.term.unique / self.length))

    @property
    def artefacts(self) -> dict[str, Path]:
        """Files to keep with a study's results, those of teachers' teachers too."""
        own = {f"teachers/{self.teacher.key}/{path.name}": path for path in sorted(self.teacher.folder.iterdir())}
        return {**open_source(self.term.teacher.text, self.base).artefacts, **own}

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`."""
        index = index.cpu()
        if self.written:
            order = rng.keys(seeds.cpu()[:, None], "data", 1 + index // self.written)
            index = permuted(order, index % self.written, self.written)
        rows = [self._of_seed(int(seed), row.numpy()) for seed, row in zip(seeds, index)]
        return torch.from_numpy(np.stack(rows)).to(device)

    def _of_seed(self, seed: int, index: Ints) -> Ints:
        out = np.empty((len(index), self.length + 1), dtype=np.int64)
        block = index // BLOCK
        for number in np.unique(block).tolist():
            here = block == number
            out[here] = self.writer.block("data", seed, number)[index[here] % BLOCK]
        return out

    def evaluation(self) -> Evaluation:
        """Sequences of the evaluation seed, with the teacher's law at each of their contexts."""
        folder, _ = self._judged
        tokens = torch.from_numpy(np.load(folder / "tokens.npy").astype(np.int64))
        law = TeacherLaw(np.load(folder / "log_p.npy", mmap_mode="r"))
        states = torch.arange(len(tokens) * self.length).view(len(tokens), self.length)
        return Evaluation(tokens, law, states=states)

    @cached_property
    def _judged(self) -> tuple[Path, dict[str, float]]:
        """Folder of the evaluation, and the entropy of the law there with its standard error over sequences."""
        count, seed = self.term.eval_walks, self.term.eval_seed

        def make(folder: Path) -> None:
            blocks = [self.writer.block("eval", seed, number) for number in range(-(-count // BLOCK))]
            tokens: Tokens = np.concatenate(blocks)[:count].astype(np.uint16)
            np.save(folder / "tokens.npy", tokens)
            entropy = self.writer.judge(tokens, folder / "log_p.npy").mean(axis=1)
            error = entropy.std(ddof=1) / count**0.5
            sums = {name: file_sha256(folder / name) for name in JUDGED}
            facts = {"entropy": float(entropy.mean()), "standard_error": float(error), "sha256": sums}
            write_json(folder / "facts.json", facts)

        folder = made_once(KIND, f"{self.writer.key}-eval-{seed}-{count}", make, _damage)
        return folder, read_json(folder / "facts.json")


def write_block(path: Path, tokens: Tokens) -> None:
    """A block in a file of numpy's format, with the SHA-256 of its bytes behind them."""
    into = io.BytesIO()
    np.save(into, tokens)
    content = into.getvalue()
    write_bytes(path, content + hashlib.sha256(content).digest())


def read_block(path: Path, shape: tuple[int, int]) -> Tokens | None:
    """A block; None where there is none, or it is not the one that was written. Earlier versions wrote no checksum."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    content, said = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
    whole = hashlib.sha256(content).digest() == said
    opened = io.BytesIO(content if whole else data)
    try:
        tokens: Tokens = read_array(opened)
    except ValueError:
        return None
    # A block with a damaged checksum has its bytes left over.
    return tokens if tokens.shape == shape and not opened.read() else None


def _damage(folder: Path) -> str:
    """What is wrong with an evaluation that was kept; earlier versions wrote no checksums."""
    try:
        sums = read_json(folder / "facts.json").get("sha256", {})
        wrong = [name for name, said in sums.items() if file_sha256(folder / name) != said]
    except (OSError, AttributeError, StoreError) as error:
        return f"it cannot be read, {error}"
    return f"{wrong[0]} is not what was written" if wrong else ""


class Writer:
    """Writes and reads blocks of one teacher's sequences."""

    def __init__(
        self, teacher: Teacher, beginnings: Tokens, length: int, temperature: float, device: str = "cpu"
    ) -> None:
        self.length, self.temperature, self.beginnings = length, temperature, beginnings
        self.vocab = teacher.term.text.vocab
        self.key = digest([VERSION, teacher.sha256, temperature, length, BLOCK])
        self._model = teacher.term.model
        self._tensors = {name: t.to(device) for name, t in teacher.tensors.items()}
        self.block = lru_cache(maxsize=HELD)(self._block)

    @cached_property
    def decoder(self) -> Decoder:
        return Decoder(self._model, self._tensors, self.length, BLOCK)

    def _block(self, role: rng.Role, seed: int, number: int) -> Tokens:
        """Sequences number * BLOCK on [B, T+1] of a seed, from the cache if they were ever written."""
        path = cache_folder() / KIND / self.key / f"{role}-{seed}" / f"{number}.npy"
        kept = read_block(path, (BLOCK, self.length + 1))
        if kept is not None:
            return kept
        written = self.write(rng.keys(seed, role, torch.arange(number * BLOCK, (number + 1) * BLOCK)))
        write_block(path, written)
        return written

    @torch.no_grad()
    def write(self, keys: Tensor) -> Tokens:
        """Sequences [B, T+1], one for each key: the first token as in the text, the others by inverting their law."""
        words = rng.bits(keys[:, None], rng.positions(self.length + 1))
        place = scaled(rng.shift_right(words[:, 0], 32), len(self.beginnings))
        out = torch.empty((len(keys), self.length + 1), dtype=torch.int64)
        out[:, 0] = torch.from_numpy(self.beginnings[place.numpy()].astype(np.int64))
        # 24 bits are what a float32 below 1 holds.
        coins = rng.shift_right(words, 40).float().mul_(2.0**-24).to(self.decoder.device)
        tokens = out.to(self.decoder.device)
        self.decoder.restart()
        for t in range(self.length):
            law = torch.softmax(self.decoder.read(tokens[:, t]).div_(self.temperature), 1).cumsum(1)
            coin = coins[:, t + 1 : t + 2] * law[:, -1:]
            tokens[:, t + 1] = torch.searchsorted(law, coin, right=True)[:, 0].clamp_max(self.vocab - 1)
        return tokens.cpu().numpy().astype(np.uint16)

    @torch.no_grad()
    def judge(self, tokens: Tokens, path: Path) -> Floats:
        """Entropy of the law at every context of `tokens` [W, T+1], in nats; log-probabilities [W T, V] into a file."""
        count, length = len(tokens), self.length
        shape = (count * length, self.vocab)
        table = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
        by_sequence = table.reshape(count, length, self.vocab)
        entropy = np.empty((count, length))
        for first in range(0, count, BLOCK):
            part = tokens[first : first + BLOCK].astype(np.int64)
            padded = torch.from_numpy(np.resize(part, (BLOCK, length + 1))).to(self.decoder.device)
            self.decoder.restart()
            for t in range(length):
                logits = self.decoder.read(padded[:, t]).double() / self.temperature
                log_p = torch.log_softmax(logits[: len(part)], 1)
                by_sequence[first : first + len(part), t] = log_p.float().cpu().numpy()
                entropy[first : first + len(part), t] = -(log_p.exp() * log_p).sum(1).cpu().numpy()
        table.flush()
        return entropy


def scaled(words: Tensor, count: int) -> Tensor:
    """floor(words * count / 2^32) of words below 2^32, in two halves: from 2^31 on the product leaves 64 bits."""
    high, low = words >> 16, words & 0xFFFF
    return (high * count + ((low * count) >> 16)) >> 16
