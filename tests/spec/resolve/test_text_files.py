"""Texts in studies: the files they name, their vocabulary, and how `unique` ties how long a run trains."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from scalingdsl.spec import check, load
from scalingdsl.spec.files.text_files import content, iter_files
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.identity import canonical_term
from scalingdsl.spec.vocabulary.words.teachers import LanguageModel, Sample
from scalingdsl.spec.vocabulary.words.text import Bigram, Ngram, Text

from ..support import PROSE

MODELS = "\nmodels transformer(layers=1)  width in [16..32]\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("studies")
    (path / "corpus.txt").write_text(PROSE)
    (path / "books").mkdir()
    for name in ("b", "a"):
        (path / "books" / f"{name}.txt").write_text(f"Book {name}.\n{PROSE}")
    (path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    (path.parent / "outside.txt").write_text("not here")
    (path / "books" / "link.txt").symlink_to(path.parent / "outside.txt")
    return path


def plan(text: str, folder: Path) -> StudyPlan:
    return load(folder / "study.scl", text=text)


def runs(data: str, folder: Path, train: str = "train adamw()  tokens = 64k") -> list[Run]:
    return list(plan(f"data {data}{MODELS}{train}", folder).runs())


def test_the_vocabulary_is_known_without_reading(folder: Path) -> None:
    found = runs('text("corpus.txt", tokenizer={bytes, bpe(512)}, length=16)', folder)
    assert sorted({(run.source.vocab, run.n_total - run.n_body) for run in found if run.model.width == 16}) == [  # type: ignore[attr-defined]
        (256, 256 * 16),
        (512, 512 * 16),
    ]


def test_a_text_is_known_by_its_content(folder: Path) -> None:
    sha256 = hashlib.sha256((folder / "corpus.txt").read_bytes()).hexdigest()
    (run, _) = runs('text("corpus.txt")', folder)
    assert isinstance(run.source, Text)
    assert run.source.sha256 == sha256[:16]
    (folder / "copy.txt").write_bytes((folder / "corpus.txt").read_bytes())
    one, two = (plan(f'data text("{name}.txt"){MODELS}', folder) for name in ("corpus", "copy"))
    assert one.digest == two.digest
    assert [r.key for r in one.runs()] == [r.key for r in two.runs()]


def test_files_of_a_pattern_are_in_the_order_of_their_names(folder: Path) -> None:
    found = tuple(iter_files(folder / "books" / "[ab].txt"))
    assert [p.name for p in found] == ["a.txt", "b.txt"]
    (run, _) = runs('text("books/[ab].txt")', folder)
    assert run.source.sha256 == content(p.read_bytes() for p in found)[:16]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('text("corpus.tx")', "SCL503"),
        ('text("../outside.txt")', "SCL501"),
        ('text("books")', "SCL501"),
        ('text("binary.txt")', "SCL504"),
        ('text("corpus.txt", tokenizer=bpe(256))', "SCL208"),
        ('text("corpus.txt", tokenizer=er(10))', "SCL102"),
        ('bigram("corpus.txt")', "SCL203"),
        ('ngram(text("corpus.txt", length=2), 4)', "SCL209"),
    ],
)
def test_what_is_wrong_with_a_text_has_a_code(data: str, code: str, folder: Path) -> None:
    found = check(folder / "study.scl", text=f"data {data}{MODELS}")
    assert [d.code for d in found.diagnostics if d.severity == "error"] == [code]


def test_a_text_that_is_not_there_yet_is_planned_without_and_missed_by_a_run(folder: Path) -> None:
    study = f'let corpus = text("*.md", tokenizer=bpe(300))\ndata {{bigram(corpus), corpus}}{MODELS}'
    found = check(folder / "study.scl", text=study)
    assert {(d.code, d.severity, d.message) for d in found.diagnostics} == {
        ("SCL505", "warning", '"*.md" is not there yet')
    }
    assert found.plan is not None
    assert {run.source.vocab for run in found.plan.runs()} == {300}  # type: ignore[attr-defined]
    missed = check(folder / "study.scl", text=study, at_hand=True)
    assert [(d.code, d.severity) for d in missed.diagnostics] == [("SCL505", "error")]
    (folder / "late.md").write_text((folder / "corpus.txt").read_text())
    there = check(folder / "study.scl", text=study, at_hand=True)
    (folder / "late.md").unlink()
    assert there.diagnostics == ()
    assert there.plan is not None
    assert there.plan.digest != found.plan.digest


def test_epochs_and_unique_say_how_long_a_run_trains(folder: Path) -> None:
    found = runs('text("corpus.txt", unique={16k, 48k})', folder, "train adamw(batch=1)  epochs in [1..4]")
    assert sorted({(run.source.unique, run.asked_tokens) for run in found}) == [  # type: ignore[attr-defined]
        (u, u * e) for u in (16_000, 48_000) for e in (1, 2, 4)
    ]
    text = f'data text("corpus.txt", unique=16k){MODELS}train adamw()  epochs = 2  tokens = 1M'
    assert [d.code for d in check(folder / "study.scl", text=text).errors] == ["SCL310"]


@pytest.mark.parametrize(
    ("data", "train", "more"),
    [
        ('text("corpus.txt")', "unique = 60k  epochs in {1, 2}", True),
        ('text("corpus.txt", unique={20k, 60k})', "epochs = 1", True),
        ('bigram(text("corpus.txt", unique=60k))', "tokens = 64k", True),
        ('text("corpus.txt")', "tokens = 120k  epochs in {1, 2}", True),
        ('text("corpus.txt")', "tokens in {64k, 640k}", False),
        ('text("corpus.txt", split=2%)', "unique = 60k  epochs in {1, 2}", False),
        ('text("corpus.txt")', "tokens = 100k  epochs in {2, 4}", False),
        ('text("late.txt", unique=60M)', "epochs = 1", False),
    ],
)
def test_more_than_a_text_holds_is_refused(data: str, train: str, more: bool, folder: Path) -> None:
    found = check(folder / "study.scl", text=f"data {data}{MODELS}train adamw(batch=4)  {train}").errors
    assert [d.message for d in found] == [
        f'"corpus.txt": has 58,518 training tokens, and unique={"120" if "120k" in train else "60"},000 asks for more'
    ] * more


@pytest.mark.parametrize(
    ("unique", "more"),
    [("{50k, 400k}", "400,000"), ("800k", "800,000"), ("[100k..400k]", "400,000"), ("{50k, 150k}", ""), ("160k", "")],
)
def test_how_much_a_text_holds_is_told_before_how_it_is_divided(unique: str, more: str, tmp_path: Path) -> None:
    (tmp_path / "tale.txt").write_text("It was the best of times, it was the worst of times. " * 4000)
    sign = "=" if unique[0].isdigit() else "in"
    text = f'data text("tale.txt"){MODELS}train adamw(batch=4)  unique {sign} {unique}  epochs = 1'
    found = check(tmp_path / "study.scl", text=text).errors
    assert [d.message for d in found] == [
        f'"tale.txt": has 192,920 training tokens, and unique={more} asks for more'
    ] * bool(more)
    for said in found:
        assert "cannot be split" in said.notes[0]
        assert "160k" in said.helps[1]


def test_chains_take_the_length_and_tokenizer_of_their_text(folder: Path) -> None:
    text = f"""
let corpus = text("corpus.txt", tokenizer=bpe(300), length=24)
data {{two: bigram(corpus), three: ngram(corpus, 3, length=8), text: corpus}}{MODELS}
train adamw(batch=1)  steps = 10
"""
    found = {run.point[0][1]: run for run in plan(text, folder).runs()}
    assert {label: (run.n_tokens, run.source.vocab) for label, run in found.items()} == {  # type: ignore[attr-defined]
        "two": (240, 300),
        "three": (80, 300),
        "text": (240, 300),
    }
    assert isinstance(found["two"].source, Bigram)
    assert isinstance(found["three"].source, Ngram)


# --- teachers ---------------------------------------------------------------------------------------------------------

LM = 'lm(text("corpus.txt", length=16, tokenizer=bpe(300)), width=32, tokens=64k'


def test_students_have_the_vocabulary_and_length_of_their_teacher(folder: Path) -> None:
    (run, _) = runs(f"sample({LM}), temperature=.7)", folder, "train adamw(batch=1)  steps = 10")
    assert isinstance(run.source, Sample)
    assert (run.source.vocab, run.source.length, run.source.teacher.heads, run.n_tokens) == (300, 16, 1, 160)


def test_equal_teachers_are_one() -> None:
    one, two = (
        LanguageModel(text=Text(path=path, length=16, eval_walks=walks), width=32, tokens=64_000, heads=heads).settled()
        for path, walks, heads in (("a.txt", 5, 0), ("b.txt", 9, 1))
    )
    assert canonical_term(one) == canonical_term(two)
    assert one.steps == 125


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (f"sample({LM}, lr in {{.01, .03}}))", "SCL203"),
        (f"sample({LM}, tune batch in {{16, 32}}))", "SCL203"),
        (f"sample({LM}, tune lr in {{0, 1}}))", "SCL209"),
        (f"sample({LM}, layers={{1, 2}}))", "SCL203"),
        (f"sample({LM})) lr in {{.01, .03}}", "SCL203"),
        (f"sample({LM}), length=17)", "SCL209"),
        (f"sample({LM}, heads=3))", "SCL209"),
        (f"{LM})", "SCL102"),
        ('sample(text("corpus.txt"))', "SCL102"),
    ],
)
def test_what_is_wrong_with_a_teacher_has_a_code(data: str, code: str, folder: Path) -> None:
    found = check(folder / "study.scl", text=f"data {data}{MODELS}")
    assert [d.code for d in found.diagnostics if d.severity == "error"] == [code]


def test_a_teacher_learns_from_a_walk_too(folder: Path) -> None:
    text = f"data sample(lm(walk(er(n=64, p=.1)), width=32, tokens=64k)){MODELS}"
    assert check(folder / "study.scl", text=text).errors == ()


def test_a_teachers_own_rate_is_tuned_inside_it(folder: Path) -> None:
    """It is no axis: students tune theirs apart, under the same name."""
    train = "train adamw()  tokens = 64k  tune lr in {.1, .2, .3}"
    text = f"data sample({LM}, tune lr in [.01..0.04])){MODELS}{train}"
    found = plan(text, folder)
    assert [(axis.name, axis.role, len(axis.points)) for axis in found.axes] == [
        ("width", "sweep", 2),
        ("lr", "tune", 3),
    ]
    (tried,) = {run.source.teacher.tried for run in found.runs()}  # type: ignore[attr-defined]
    assert tried == (0.01, 0.02, 0.04)


def test_a_variable_of_the_studys_own_may_sweep_teachers(folder: Path) -> None:
    found = runs(f"sample({LM}, layers=depth))  depth in {{1, 2}}", folder)
    assert sorted({run.source.teacher.layers for run in found}) == [1, 2]  # type: ignore[attr-defined]


# --- what is no text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", " ", ".", "./", "books/..", "*", "*.scl"])
def test_a_study_is_never_read_as_text(path: str, folder: Path) -> None:
    study = folder / "study.scl"
    text = f'data text("{path}"){MODELS}'
    study.write_text(text)
    found = check(study, text=text)
    study.unlink()
    (error,) = found.errors
    assert error.code == "SCL504"
    assert "name the text's own file" in error.helps[0]


def test_an_empty_folder_is_told_from_none(folder: Path) -> None:
    (folder / "later").mkdir()
    (folder / "later" / ".keep").touch()
    for at_hand, severity in ((False, "warning"), (True, "error")):
        found = check(folder / "study.scl", text=f'data text("later"){MODELS}', at_hand=at_hand)
        assert [(d.code, d.severity, d.message) for d in found.diagnostics] == [
            ("SCL505", severity, 'the folder "later" holds no files')
        ]
