"""Teachers: trained once, read a token at a time, and judged by their own law."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.executors.events import Teaching
from scalingdsl.engine.planning.costs import predict
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.store.cache import cache_folder
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.store.sealed_json import read_json
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.engine.study.train_teachers import lessons
from scalingdsl.engine.teachers.decode import Decoder, named_tensors
from scalingdsl.engine.teachers.teacher import key_of, teacher
from scalingdsl.engine.teachers.teacher_samples import BLOCK, SampleStream
from scalingdsl.engine.train.evaluate_loss import evaluate
from scalingdsl.engine.train.families import family
from scalingdsl.engine.train.families.transformer import transformer_layout
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec import load
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import WattsStrogatz
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.teachers import LanguageModel, Sample
from scalingdsl.spec.vocabulary.words.text import Bpe, Text
from torch.utils.flop_counter import FlopCounterMode

from ..sources.passages import passage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts")
    (path / "corpus.txt").write_text(passage(300))
    return path


def lm(**parameters: object) -> LanguageModel:
    given = {"width": 16, "layers": 1, "tokens": 30_000, "lr": 0.03, "batch": 8, **parameters}
    return LanguageModel(text=Text(path="corpus.txt", length=12, tokenizer=Bpe(size=300)), **given).settled()


def opened(folder: Path, **parameters: object) -> SampleStream:
    stream = open_source(Sample(**{"teacher": lm(), "eval_walks": 40, **parameters}).settled(), folder)
    assert isinstance(stream, SampleStream)
    return stream


def stack_of(model: Transformer, vocab: int) -> torch.Tensor:
    """A row of random parameters, gains too."""
    layout = transformer_layout(model, vocab)
    row = torch.zeros(1, layout.stride)
    layout.init_(row[0], init_generator(3))
    return row.add_(0.05 * torch.randn(row.shape, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize(
    "model",
    [
        Transformer(width=32, heads=2),
        Transformer(width=24, layers=3, param="SP", tied=False),
        Transformer(width=16, base_width=1),
    ],
)
def test_reading_a_token_at_a_time_is_reading_the_whole(model: Transformer) -> None:
    model = model.settled()
    row = stack_of(model, 50)
    tokens = torch.randint(0, 50, (4, 20), generator=torch.Generator().manual_seed(2))
    whole = family(model).forward(model, 50, 20, 4, row, "fp32").logits(tokens).view(4, 20, 50)
    decoder = Decoder(model, named_tensors(model, 50, row[0]), 20, 4)
    for _ in range(2):
        decoder.restart()
        parts = torch.stack([decoder.read(tokens[:, t]) for t in range(20)], dim=1)
        torch.testing.assert_close(parts, whole, atol=1e-5, rtol=1e-5)


def test_reading_a_token_at_a_time_saves_all_but_one_position_a_token() -> None:
    """FLOPs of matrix products, against the context, as long as it is by then, read again for every token."""
    model, vocab, length, batch = Transformer(width=32).settled(), 64, 64, 2
    row = stack_of(model, vocab)
    decoder = Decoder(model, named_tensors(model, vocab, row[0]), length, batch)
    tokens = torch.zeros(batch, length, dtype=torch.int64)
    with FlopCounterMode(display=False) as kept:
        for t in range(length):
            decoder.read(tokens[:, t])
    again = sum(batch * t * model.flops_per_token(vocab, t) / 3 for t in range(1, length + 1))
    assert again / kept.get_total_flops() > (length + 1) / 2


def test_a_teacher_is_trained_once(folder: Path, tmp_path: Path) -> None:
    first = teacher(lm(), folder)
    made = (first.folder / "teacher.safetensors").stat().st_mtime_ns
    (tmp_path / "copy.txt").write_text(passage(300))
    copy = LanguageModel(
        text=Text(path="copy.txt", length=12, tokenizer=Bpe(size=300), eval_walks=9),
        width=16, layers=1, tokens=30_000, lr=0.03, batch=8,
    ).settled()  # fmt: skip
    assert teacher(copy, tmp_path).folder == first.folder
    assert (first.folder / "teacher.safetensors").stat().st_mtime_ns == made
    other = teacher(lm(seed=1), folder)
    assert other.sha256 != first.sha256
    assert set(first.tensors) == {s.name for s in transformer_layout(lm().model, 300).slots}
    assert not list((cache_folder() / "teachers").glob("*.checkpoints"))


def test_a_teacher_is_trained_on_the_device_of_the_study(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on whatever torch finds: `--device cpu` is heeded where there is a GPU, too."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    asked: list[str] = []

    def trained(runs: object, stream: object, device: str, *rest: object) -> None:
        asked.append(device)
        raise EngineError("enough is known")

    monkeypatch.setattr("scalingdsl.engine.teachers.teacher.trained", trained)
    for device in ("cpu", "cuda"):
        with pytest.raises(EngineError, match="enough"):
            opened(folder, teacher=lm(lr=0.011)).teach(lambda made: None, device)
    assert asked == ["cpu", "cuda"]


def test_of_tuned_rates_the_best_is_kept(folder: Path) -> None:
    found = teacher(lm(rates="0.0001 0.03 900"), folder)
    facts = read_json(found.folder / "facts.json")
    assert facts["lr"] == 0.03
    (low, _), (best, loss), (high, diverged) = ((rate, value) for rate, value in facts["tried"])
    assert (low, best, high, diverged) == (0.0001, 0.03, 900.0, None)
    assert loss == found.loss
    alone = teacher(lm(), folder)
    assert found.sha256 == alone.sha256  # trained beside others, to the same bits
    assert found.key != alone.key


def test_a_teacher_learns_its_text(folder: Path) -> None:
    found = teacher(lm(), folder)
    tokens = np.load(next(cache_folder().glob("text/*/test.npy")))
    share = np.bincount(tokens, minlength=300) / len(tokens)
    unigram = -(share[share > 0] * np.log(share[share > 0])).sum()
    assert found.loss + 4 * found.standard_error < unigram - 0.5


def test_a_plan_does_not_train_the_teacher(folder: Path) -> None:
    before = sorted((cache_folder() / "teachers").glob("[!.]*"))
    stream = open_source(Sample(teacher=lm(seed=7)).settled(), folder)
    assert (stream.vocab, stream.length) == (300, 12)
    assert stream.notes[-1].startswith(
        "The teacher has 7,920 parameters; it is trained on 30,000 tokens before its first"
    )
    assert sorted((cache_folder() / "teachers").glob("[!.]*")) == before


def test_a_teacher_that_diverges_says_so(folder: Path) -> None:
    with pytest.raises(EngineError, match=r"the teacher of width 16 diverged \(.*\): give it another `lr` than 900"):
        teacher(lm(lr=900.0), folder)


def test_a_sequence_is_a_function_of_seed_and_number(folder: Path) -> None:
    stream = opened(folder)
    wide = stream.batch(torch.tensor([0, 1]), torch.arange(2 * BLOCK).expand(2, -1))
    assert wide.shape == (2, 2 * BLOCK, 13)
    some = stream.batch(torch.tensor([1, 0]), torch.tensor([[BLOCK + 3, 7], [0, BLOCK - 1]]))
    assert torch.equal(some[0], wide[1, [BLOCK + 3, 7]])
    assert torch.equal(some[1], wide[0, [0, BLOCK - 1]])
    assert len(torch.unique(wide.flatten(0, 1), dim=0)) > 3 * BLOCK
    again = SampleStream(stream.term, folder).batch(torch.tensor([1]), torch.arange(9)[None])
    assert torch.equal(again[0], wide[1, :9])


def test_what_is_written_follows_the_law(folder: Path) -> None:
    """First tokens are as frequent as in the text, second ones as the teacher's law given the first says."""
    stream = opened(folder)
    tokens = stream.batch(torch.tensor([5]), torch.arange(40 * BLOCK)[None])[0]
    count = len(tokens)
    train = torch.from_numpy(stream.writer.beginnings.astype(np.int64))
    want = torch.bincount(train, minlength=300) / len(train)
    seen = torch.bincount(tokens[:, 0], minlength=300) / count
    assert float(((seen - want).abs() / (want * (1 - want) / count).clamp_min(1e-9).sqrt()).max()) < 5
    common = int(want.argmax())
    after = tokens[tokens[:, 0] == common, 1]
    decoder = Decoder(lm().model, stream.teacher.tensors, 12, 1)
    law = torch.softmax(decoder.read(torch.tensor([common]))[0], 0)
    share = torch.bincount(after, minlength=300) / len(after)
    assert float(((share - law).abs() / (law * (1 - law) / len(after)).clamp_min(1e-6).sqrt()).max()) < 5


def test_a_teacher_judged_by_its_own_law_has_no_excess(folder: Path) -> None:
    stream = opened(folder)
    found = stream.evaluation()
    assert found.tokens.shape == (40, 13)
    model = lm().model
    layout = transformer_layout(model, 300)
    row = torch.zeros(1, layout.stride)
    for name, tensor in stream.teacher.tensors.items():
        layout.view(row, name)[0].copy_(tensor)
    itself = family(model).forward(model, 300, 12, 10, row, "fp32")
    (loss,) = evaluate(itself, found, stream.entropy_rate, 10)
    assert loss.excess is not None
    assert abs(loss.excess) < 1e-6
    assert loss.loss == pytest.approx(stream.entropy_rate, abs=1e-6)
    row[0, : layout.n_params] += 0.05
    (other,) = evaluate(itself, found, stream.entropy_rate, 10)
    assert other.excess is not None
    assert other.excess > 1e-3


def test_students_train_on_a_teacher_and_its_files_are_kept(folder: Path, tmp_path: Path) -> None:
    """A whole study through the store: exact losses above the teacher's entropy, the teacher beside the results."""
    text = """
let corpus = text("corpus.txt", length=12, tokenizer=bpe(300))
data {taught: sample(lm(corpus, width=16, layers=1, tokens=30k, lr=.03, batch=8), eval_walks=40), text: corpus}
models transformer(layers=1)  width=8
train adamw(lr=.03)  steps = 30
"""
    study = tmp_path / "study.scl"
    study.write_text(text)
    (tmp_path / "corpus.txt").write_text(passage(300))
    outcome = run_study(load(study), base=tmp_path, out=tmp_path / "out", executor="inline")
    by_word = {record.run["source"]["word"]: record.measurements[-1] for record in outcome.records.values()}
    stream = opened(folder)
    assert by_word["sample"].entropy_rate == pytest.approx(stream.entropy_rate)
    assert by_word["sample"].excess_loss > 0.1
    assert (by_word["text"].excess_loss, by_word["text"].entropy_rate) == (None, None)
    kept = tmp_path / "out" / "artefacts" / "teachers" / stream.teacher.key / "teacher.safetensors"
    assert kept.read_bytes() == (stream.teacher.folder / "teacher.safetensors").read_bytes()


def test_a_lower_temperature_lowers_the_entropy(folder: Path) -> None:
    cold, warm = (opened(folder, temperature=t) for t in (0.5, 1.0))
    assert cold.entropy_rate < warm.entropy_rate - 0.2
    assert cold.digest != warm.digest
    assert {name.split("/")[-1] for name in warm.artefacts} == {"facts.json", "teacher.safetensors"}


TAUGHT = """
let corpus = text("corpus.txt", length=12, tokenizer=bpe(300))
data sample(lm(corpus, width=16, layers=1, tokens=30k, tune lr in {.01, .03}, batch=8, seed=9), eval_walks=40)
models transformer(layers=1)  width=8
train adamw(lr=.03)  steps = 30
"""


def test_a_teacher_shared_by_two_studies_is_planned_told_of_and_trained_once(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(passage(300))
    (tmp_path / "first.scl").write_text(TAUGHT)
    (tmp_path / "second.scl").write_text(TAUGHT.replace("width=8", "width=12"))
    first, second = (load(tmp_path / f"{name}.scl") for name in ("first", "second"))
    (taught,) = lessons(tuple(first.runs()), tmp_path)
    assert [run.optimiser.lr for run in taught] == [0.01, 0.03]
    assert lessons(tuple(second.runs()), tmp_path) == (taught,)
    cost = predict(tuple(first.runs()), device="cpu", workers=2, lessons=(taught,))
    alone = predict(tuple(first.runs()), device="cpu", workers=2)
    assert cost.wall_seconds == pytest.approx(alone.wall_seconds + cost.teacher_seconds[0])
    heard: list[object] = []
    for name, plan in (("first", first), ("second", second)):
        heard.append(name)
        run_study(plan, base=tmp_path, out=tmp_path / name, executor="inline", progress=heard.append)
    later = heard.index("second")
    first_heard, second_heard = heard[:later], heard[later:]
    assert any(isinstance(event, Teaching) for event in first_heard)
    assert not any(isinstance(event, Teaching) for event in second_heard)
    assert lessons(tuple(second.runs()), tmp_path) == ()
    assert len(list((cache_folder() / "teachers").glob(f"{key_of(first_teacher(first), tmp_path)}*"))) == 1
    facts = Store(tmp_path / "first").statistics(next(iter(first.runs())).source)
    assert facts is not None
    assert facts["known"] == "contexts"
    assert 0 < facts["standard_error"] < 0.2


def first_teacher(plan: StudyPlan) -> LanguageModel:
    source = next(iter(plan.runs())).source
    assert isinstance(source, Sample)
    return source.teacher


def test_a_teacher_reads_its_text_as_the_text_does() -> None:
    text = Text(path="corpus.jsonl", field="story", separator="<end>", eval_walks=9)
    taught = LanguageModel(text=text, width=8, tokens=100).settled()
    assert taught.text == text.changed(eval_walks=256)


def test_sequences_of_a_bounded_sample_come_again(folder: Path) -> None:
    """Pass after pass, each in an order of its own: the first so many that there would be without end."""
    stream, endless = opened(folder, unique=120), opened(folder)
    passes = stream.batch(torch.tensor([3]), torch.arange(30)[None])[0].view(3, 10, 13)
    written = endless.batch(torch.tensor([3]), torch.arange(10)[None])[0]
    for one in passes:
        assert sorted(one.tolist()) == sorted(written.tolist())
    assert not torch.equal(passes[0], passes[1])
    assert stream.digest != endless.digest
    assert stream.planned != endless.planned
    assert "more than 120 tokens reads them again" in " ".join(stream.notes)


def test_a_teacher_of_walks(folder: Path) -> None:
    """First tokens are as those of its sequences, and what it writes is of edges it has seen."""
    walk = Walk(graph=WattsStrogatz(n=12, k=2), length=8)
    taught = LanguageModel(text=walk, width=16, layers=1, tokens=60_000, lr=0.03, batch=8).settled()
    stream = open_source(Sample(teacher=taught, eval_walks=40).settled(), folder)
    tokens = stream.batch(torch.tensor([1]), torch.arange(200)[None])[0]
    steps = (tokens[:, 1:] - tokens[:, :-1]).abs()
    assert float(((steps == 1) | (steps == 11)).double().mean()) > 0.9
    assert len(torch.unique(tokens[:, 0])) == 12
    rate = stream.entropy_rate
    assert rate is not None
    assert 0.6 < rate < 1.2
    assert stream.planned == open_source(Sample(teacher=taught).settled(), folder).planned
