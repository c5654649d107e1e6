"""Texts: documents, the split, tokens, windows, and chains counted from them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import SparseLaw, Stream, open_source
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.engine.sources.permutation import permuted
from scalingdsl.engine.sources.text import text_windows
from scalingdsl.engine.sources.text.documents import divide
from scalingdsl.engine.sources.text.near_duplicates import Signatures
from scalingdsl.engine.sources.text.ngrams import NgramStream, contexts_of
from scalingdsl.engine.sources.text.text_windows import TextStream
from scalingdsl.engine.sources.text.tokens import tokenised
from scalingdsl.engine.store.cache import cache_folder, made_once
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.text_documents import cut
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.identity import canonical_term
from scalingdsl.spec.vocabulary.words.text import Bigram, Bpe, Ngram, Text

from ..passages import passage

BPE = Bpe(size=300)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts")
    (path / "corpus.txt").write_text(passage(120))
    return path


def opened(folder: Path, term: Term | None = None, **parameters: object) -> Stream:
    return open_source(term or Text(path="corpus.txt", **parameters), folder)


# --- documents --------------------------------------------------------------------------------------------------------


def test_documents_are_the_coarsest_pieces_that_are_many_enough() -> None:
    files = [f"file {i}\n\nwith two paragraphs" for i in range(20)]
    assert list(cut(files)) == files
    chapters = ["\n\n\n".join(f"chapter {i}\n\nmore of {i}" for i in range(25))]
    assert list(cut(chapters)) == chapters[0].split("\n\n\n")
    assert len(list(cut(["\n \n".join(f"paragraph {i}\nline" for i in range(30)) + "\n\n"]))) == 30
    assert list(cut(["\n".join(f"line {i}" for i in range(5))])) == [f"line {i}" for i in range(5)]


def test_near_duplicates_are_kin_and_others_are_not() -> None:
    base = [passage(1, seed) for seed in range(40)]
    near = base[3].replace("slowly", "quickly").replace("river", "brook", 1) + "One more remark."
    again = base[7].upper().replace(" ", "\n")
    signatures = Signatures()
    for document in (*base, near, again, "...", "--", ""):
        signatures.add(document)
    groups = signatures.kin().tolist()
    assert groups[40] == groups[3]
    assert groups[41] == groups[7]
    assert len(set(groups[:40])) == 40
    assert groups[42] == groups[43] == groups[44]


def test_near_duplicates_stay_on_one_side_whatever_the_order() -> None:
    base = [passage(1, seed) for seed in range(60)]
    documents = [*base, *(b + "A word more." for b in base)]
    held_out = {}
    for order in (documents, documents[::-1]):
        found = divide(order, 0.3)
        assert found.copies == 60
        sides = dict(zip(order, found.held_out))
        assert all(sides[b] == sides[b + "A word more."] for b in base)
        share = sum(map(len, found.part(order, True))) / sum(map(len, order))
        assert abs(share - 0.3) < 0.02
        held_out[order is documents] = set(found.part(order, True))
    assert held_out[True] == held_out[False]


def test_a_text_that_cannot_be_split_says_so() -> None:
    with pytest.raises(EngineError, match=r"a text of 3 documents \(1 that are no near-duplicates\) cannot be split"):
        divide(["so it goes on and on", "So it goes on, and on.", "so it goes on and on!"], 0.1)
    with pytest.raises(EngineError, match=r"a text of 1 document cannot be split with 0\.1 of it held out"):
        divide(["so it goes on and on"], 0.1)
    with pytest.raises(FileError, match="the text is empty"):
        cut([" \n\n"])


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_bytes_are_the_text_itself(folder: Path) -> None:
    found = tokenised(Text(path="corpus.txt"), folder)
    documents = list(cut([passage(120)]))
    held = divide(documents, 0.1)
    assert found.train.tobytes().decode() == "\n\n".join(held.part(documents, False))
    assert found.test.tobytes().decode() == "\n\n".join(held.part(documents, True))
    assert (len(found.train), len(found.test)) == (found.train_bytes, found.test_bytes)
    assert isinstance(found.train, np.memmap)


def test_byte_pairs_say_the_same_in_fewer_tokens(folder: Path) -> None:
    plain, pairs = (tokenised(Text(path="corpus.txt", tokenizer=t), folder) for t in (Text(path="").tokenizer, BPE))
    assert len(pairs.train) < 0.6 * len(plain.train)
    assert pairs.train_bytes == plain.train_bytes
    assert pairs.train.dtype == np.uint16
    assert pairs.vocab == 300
    assert int(pairs.train.max()) < 300
    from tokenizers import Tokenizer

    rules = next(cache_folder().glob("text/*/tokenizer.json"))
    assert Tokenizer.from_file(str(rules)).decode(pairs.test.tolist()) == plain.test.tobytes().decode()


@pytest.mark.slow
def test_another_process_comes_to_the_same_tokens(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from scalingdsl.engine.sources import open_source; "
        "from scalingdsl.spec.vocabulary.words.text import Bpe, Text;"
        "print(open_source(Text(path='corpus.txt', tokenizer=Bpe(size=300)), Path(sys.argv[1])).digest)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={"XDG_CACHE_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == opened(folder, tokenizer=BPE).digest


def test_ids_that_a_small_text_cannot_fill_stay_unused(folder: Path) -> None:
    stream = opened(folder, tokenizer=Bpe(size=5000), length=4)
    assert stream.vocab == 5000
    assert any("of the 5,000 token ids asked for; the rest stay unused" in note for note in stream.notes)


def test_a_missing_library_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(EngineError, match=r"install `scalingdsl\[text\]`, or take `tokenizer=bytes`"):
        tokenised(Text(path="corpus.txt", tokenizer=Bpe(size=301)), folder)


def test_the_digest_is_of_the_content_not_of_names(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.gz").write_bytes(gzip.compress(passage(120).replace("\n", "\r\n").encode()))
    assert open_source(Text(path="other.gz", length=7), tmp_path).digest == opened(folder).digest
    assert opened(folder, split=0.2).digest != opened(folder).digest


def test_folders_and_patterns(tmp_path: Path) -> None:
    for i in range(24):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / ("sub" if i % 2 else ".") / f"{i:02}.txt").write_text(passage(3, i))
    (tmp_path / ".hidden").write_text("left out")
    whole = open_source(Text(path="."), tmp_path)
    assert "The text has 24 documents" in whole.notes[0]
    assert open_source(Text(path="**/*.txt"), tmp_path).digest == whole.digest
    assert "The text has 36 documents" in open_source(Text(path="*.txt"), tmp_path).notes[0]


@pytest.mark.parametrize(
    ("content", "parameters", "message"),
    [
        (b"\xff\xfa", {}, r"corpus.txt: it is not UTF-8 text at byte 0"),
        (b"\x1f\x8bno", {}, r"corpus.txt: it is not a whole gzip file"),
        ("\n".join("abcdefghijklmnopqrstuvwxyz").encode(), {}, r"are too few for sequences of 32: take a longer text"),
        (b"text", {"sha256": "0123"}, r"corpus.txt: has changed since the study was checked"),
        (passage(40).encode(), {"unique": 10**6}, r"training tokens, and unique=1,000,000 asks for more"),
    ],
)
def test_what_cannot_be_read_says_why(
    content: bytes, parameters: dict[str, object], message: str, tmp_path: Path
) -> None:
    (tmp_path / "corpus.txt").write_bytes(content)
    with pytest.raises(EngineError, match=message):
        opened(tmp_path, **parameters)
    with pytest.raises(EngineError, match="there is no such file"):
        open_source(Text(path="no.txt"), tmp_path)


def test_the_cache_holds_whole_folders_or_none(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").write_text("")
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        made_once("trial", "key", fails)
    assert [path.name for path in (cache_folder() / "trial").iterdir()] == [".key.lock"]
    assert made_once("trial", "key", lambda f: (f / "whole").touch() or None).joinpath("whole").exists()
    assert made_once("trial", "key", fails).joinpath("whole").exists()


@pytest.mark.parametrize("damage", ["flipped", "cut", "facts"])
def test_tokens_that_are_not_those_that_were_written_are_made_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    term = Text(path="corpus.txt")
    sound = tokenised(term, folder)
    tokens = sound.train.tobytes()
    (kept,) = (path for path in (cache_folder() / "text").iterdir() if path.is_dir())
    path = kept / ("facts.json" if damage == "facts" else "train.npy")
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data[: len(data) // 2] if damage == "cut" else data)
    again = tokenised(term, folder)
    assert (again.digest, again.train.tobytes()) == (sound.digest, tokens)
    assert any("was damaged" in note and "made anew (RUN221)" in note for note in again.notes)
    assert tokenised(term, folder).notes == sound.notes


# --- windows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 17, 64, 65, 1000])
def test_a_permutation_meets_every_place_once(n: int) -> None:
    orders = permuted(torch.tensor([[5], [-9]]), torch.arange(n), n)
    assert torch.equal(orders.sort(dim=1).values, torch.arange(n).expand(2, -1))
    if n > 50:
        assert (orders[0] != orders[1]).float().mean() > 0.9
        assert (orders[0] == torch.arange(n)).sum() < 6


def test_a_pass_reads_every_window_once_in_an_order_of_the_seed(folder: Path) -> None:
    stream = opened(folder, length=16)
    assert isinstance(stream, TextStream)
    n = stream.whole
    assert n == (len(stream.tokens.train) - 1) // 16
    two = stream.batch(torch.tensor([0, 1]), torch.arange(2 * n).expand(2, -1))
    train = torch.from_numpy(stream.tokens.train.astype(np.int64))
    windows = {tuple(train[j * 16 : j * 16 + 17].tolist()) for j in range(n)}
    passes = [[tuple(row) for row in two[s, p * n : (p + 1) * n].tolist()] for s in (0, 1) for p in (0, 1)]
    assert all(set(one) == windows for one in passes)
    assert len({tuple(one) for one in passes}) == 4


def test_a_sequence_is_a_function_of_seed_and_number(folder: Path) -> None:
    stream = opened(folder, length=16)
    whole = stream.batch(torch.tensor([3, 4, 5]), torch.arange(40).expand(3, -1))
    some = stream.batch(torch.tensor([5, 3]), torch.tensor([[39, 2, 2], [0, 39, 7]]))
    assert torch.equal(some[0], whole[2, [39, 2, 2]])
    assert torch.equal(some[1], whole[0, [0, 39, 7]])


def test_windows_from_tokens_that_stay_on_a_device_are_those_cut_from_memory(folder: Path) -> None:
    """As on a GPU, here on the CPU; a token of the upper half of two bytes has their sign bit set."""
    stream = opened(folder, length=16)
    assert isinstance(stream, TextStream)
    window = torch.tensor([[0, 5], [stream.whole - 1, 5]])
    assert torch.equal(stream.gathered(window), text_windows.cut(stream.tokens.train, window, 16))
    stream.resident("cpu")[3] = -2
    assert stream.gathered(window)[0, 0, 3] == 65_534


def test_fewer_unique_tokens_are_a_part_of_more(folder: Path) -> None:
    def seen(unique: int | None, seed: int) -> set[tuple[int, ...]]:
        stream = opened(folder, length=16, unique=unique)
        assert isinstance(stream, TextStream)
        assert unique is None or stream.pass_tokens == unique
        tokens = stream.batch(torch.tensor([seed]), torch.arange(3 * stream.drawn)[None])
        return {tuple(row) for row in tokens[0].tolist()}

    small, large, other = seen(320, 0), seen(1280, 0), seen(320, 1)
    assert len(small) == 20
    assert small < large < seen(None, 0)
    assert other != small


def test_evaluation_is_of_the_held_out_text(folder: Path) -> None:
    stream = opened(folder, length=16, eval_walks=20)
    assert isinstance(stream, TextStream)
    found = stream.evaluation()
    assert found.law is None
    assert found.tokens.shape == (20, 17)
    held = stream.tokens.test.tobytes()
    places = {held.find(bytes(row)) for row in found.tokens.tolist()}
    assert len(places) == 20
    assert min(places) >= 0
    assert stream.entropy_rate is None
    every = opened(folder, length=16, eval_walks=10_000)
    assert len(every.evaluation().tokens) == text_windows.windows(stream.tokens.test, 16)
    assert "not the 10,000 asked for" in every.notes[-1]


# --- chains -----------------------------------------------------------------------------------------------------------


def test_a_bigram_chain_has_the_counts_of_the_text(folder: Path) -> None:
    term = Text(path="corpus.txt", length=12)
    stream = open_source(Bigram(text=term, drop=0).settled(), folder)
    assert isinstance(stream, ChainStream)
    assert (stream.vocab, stream.length) == (256, 12)
    train = tokenised(term, folder).train
    t, h = ord("t"), ord("h")
    after = train[1:][train[:-1] == t]
    chain = stream.chain
    row = slice(chain.indptr[t], chain.indptr[t + 1])
    assert set(chain.indices[row]) == set(after)
    assert np.isclose(chain.probability[row][chain.indices[row] == h].item(), (after == h).mean())
    np.testing.assert_allclose(chain.stationary, np.bincount(train, minlength=256) / len(train), atol=1e-3)


def test_first_states_may_be_as_often_as_they_were_counted(folder: Path) -> None:
    """Of a text that is no closed walk, occurrences of what is kept are not the law that the chain tends to."""
    term = Text(path="corpus.txt", length=12)
    streams = [
        open_source(Bigram(text=term, drop=20, start=start).settled(), folder) for start in ("stationary", "counts")
    ]
    first, counted = streams
    assert isinstance(first, ChainStream)
    assert isinstance(counted, ChainStream)
    train = tokenised(term, folder).train
    codes, counts = np.unique(train[:-1].astype(np.int64) * 256 + train[1:], return_counts=True)
    occurs = np.bincount(codes[counts > 20] // 256, counts[counts > 20], 256)
    kept = counted.chain.states
    np.testing.assert_allclose(counted.start_law[kept], occurs[kept] / occurs[kept].sum(), rtol=0.02)
    assert np.abs(counted.start_law - first.start_law).max() > 1e-4
    assert counted.start_law.sum() == pytest.approx(1)
    assert (first.digest, first.entropy_rate) == (counted.digest, counted.entropy_rate)


def test_what_is_rare_is_dropped(folder: Path) -> None:
    term = Text(path="corpus.txt")
    kept = [open_source(Bigram(text=term, drop=d).settled(), folder) for d in (0, 20)]
    assert kept[1].entropy_rate < kept[0].entropy_rate  # type: ignore[operator]
    assert "transitions between tokens are kept" in kept[1].notes[0]
    with pytest.raises(EngineError, match=r"seen more than drop=100000 times in 28,991 tokens"):
        open_source(Bigram(text=term, drop=100_000).settled(), folder)


def test_contexts_are_runs_of_tokens() -> None:
    tokens = np.array([0, 1, 2, 0, 1, 2, 2], dtype=np.uint8)
    found = contexts_of(tokens, 3, 3)
    contexts = found.tokens_of
    assert [contexts[i].tolist() for i in found.at(tokens)] == [tokens[i : i + 3].tolist() for i in range(5)]
    assert len(np.unique(contexts, axis=0)) == len(contexts) == len(found) == 4


def test_bigrams_are_ngrams_of_order_two(folder: Path) -> None:
    term = Text(path="corpus.txt")
    one, two = Bigram(text=term).settled(), Ngram(text=term, n=2).settled()
    assert open_source(one, folder).digest == open_source(two, folder).digest


def test_an_ngram_stream_speaks_its_law(folder: Path) -> None:
    """Over many sequences, what follows each beginning is as its law says; entropies fall with the order."""
    rates = []
    for n in (2, 3, 4):
        stream = open_source(Ngram(text=Text(path="corpus.txt", length=6), n=n, drop=3).settled(), folder)
        rates.append(stream.entropy_rate)
    assert rates == sorted(rates, reverse=True)  # type: ignore[type-var]
    assert isinstance(stream, NgramStream)
    draws = stream.batch(torch.tensor([1]), torch.arange(20_000)[None])[0]
    found = stream.evaluation()
    assert draws.shape[1] == found.tokens.shape[1] == 7
    assert found.states is not None
    assert isinstance(found.law, SparseLaw)
    for w, t in ((0, 0), (1, 1), (2, 2), (0, 3), (3, 5)):
        targets, p = found.law.rows(found.states[w, t : t + 1])
        assert torch.isclose(p.sum(), torch.tensor(1.0, dtype=torch.float64))
        law = torch.zeros(256, dtype=torch.float64).scatter_add_(0, targets[0], p[0])
        back = min(t, 2)
        same = (draws[:, t - back : t + 1] == found.tokens[w, t - back : t + 1]).all(dim=1)
        count = int(same.sum())
        assert count > 20
        seen = torch.bincount(draws[same, t + 1], minlength=256) / count
        assert float((seen - law).abs().max()) < 4.5 * 0.5 / count**0.5


def test_equal_chains_compare_equal() -> None:
    one = Bigram(text=Text(path="a.txt", length=64), length=16).settled()
    two = Bigram(text=Text(path="a.txt", length=32, eval_walks=9), length=16).settled()
    assert one == two
    assert json.dumps(canonical_term(one)) == json.dumps(canonical_term(two))
    assert Bigram(text=Text(path="a.txt", length=64)).settled().length == 64
