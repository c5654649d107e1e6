"""Text and the chains counted from it. The vocabulary is the tokenizer's, so a plan knows it without reading."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SerializeAsAny

from ..base import Doubt, Flaw, Kind, Later, Term, Unit
from .sources import SequenceSource


class Tokenizer(Term):
    """A way to turn text into tokens."""

    kind: ClassVar[Kind] = "tokenizer"

    @property
    def vocab(self) -> int:
        """Number of token ids."""
        raise TypeError(type(self).__name__)


class Bytes(Tokenizer):
    """The bytes of the text in UTF-8."""

    word: ClassVar[str] = "bytes"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *("byte", "char", "chars", "character", "characters", "utf8", "utf_8", "byte_level", "char_level", "ascii"),
            *("raw", "letters", "bytelevel", "charlevel", "bytetokenizer"),
        ),
        "bytes",
    )

    @property
    def vocab(self) -> int:
        return 256


class Bpe(Tokenizer):
    """Byte-pair encoding trained on the text's own training part; needs the extra `scalingdsl[text]`."""

    word: ClassVar[str] = "bpe"
    order: ClassVar[tuple[str, ...]] = ("size",)
    reference: ClassVar[str] = "Sennrich, Haddow & Birch 2016, arXiv:1508.07909"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *(
                "gpt2",
                "gpt4",
                "tiktoken",
                "sentencepiece",
                "wordpiece",
                "unigram",
                "llama",
                "huggingface",
                "cl100k_base",
            ),
            *("word", "words", "subword", "bbpe", "byte_pair", "bytepair", "autotokenizer", "spm", "o200k_base"),
        ),
        "bpe(4096)",
    )
    unlike: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (name for name in called if name not in ("word", "words", "subword", "bbpe", "byte_pair", "bytepair")),
        "no tokenizer is pretrained, and its pairs are learned from the text itself",
    )
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("vocab", "vocab_size", "n_vocab", "tokens", "n_tokens", "num_tokens", "n"), "size={}"
    ) | dict.fromkeys(("merges", "n_merges"), "size={}+256")
    size: int = Field(ge=257, le=65_536, description="number of token ids, the 256 bytes included")

    @property
    def vocab(self) -> int:
        return self.size


#: Ends of names of files, which no public text has.
_OF_FILES = (
    ".txt",
    ".json",
    ".jsonl",
    ".csv",
    ".tsv",
    ".parquet",
    ".arrow",
    ".bin",
    ".npy",
    ".pt",
    ".gz",
    ".zst",
    ".tar",
)


def public(name: str, config: str = "", given: str = "") -> tuple[str, str]:
    """What is written for a public text by its name, with the arguments that are given, and how it comes to be there; a
    file beside the study for what is no such name.
    """
    short = name.rsplit("/", 1)[-1]
    if not re.fullmatch(r"[\w-][\w.-]*(/[\w.-]+)?", name) or short.lower().endswith(_OF_FILES):
        stem = re.sub(r"\W.*", "", short) or "book"
        return f'text("{stem}.txt"{given})', "a file beside the study: `scalingdsl corpus` fetches public texts"
    owned = name if "/" in name else f"OWNER/{name}"
    command = f"scalingdsl corpus {short} --huggingface {owned}{f' --config {config}' if config else ''}"
    return f'text("{short}/text"{given})', f"after `{command}`"


class Text(SequenceSource):
    """Text in UTF-8, plain or gz: windows of its training documents, each once a pass, in an order of the seed."""

    word: ClassVar[str] = "text"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("huggingface", "hf", "hub", "load_dataset", "datasets", "wikitext", "fineweb", "c4", "openwebtext"),
            'text("NAME/text")`, after `scalingdsl corpus NAME --huggingface OWNER/NAME',
        ),
        **dict.fromkeys(
            ("the_pile", "pile", "redpajama", "slimpajama", "tinystories", "tiny_stories", "dclm", "enwik8", "text8"),
            'text("NAME/text")`, after `scalingdsl corpus NAME --huggingface OWNER/NAME',
        ),
        **dict.fromkeys(
            (
                "jsonl",
                "json_lines",
                "ndjson",
                "txt",
                "corpus",
                "book",
                "file",
                "files",
                "textfile",
                "bytes",
                "string",
                "document",
                "documents",
                "books",
            ),
            'text("book.txt")',
        ),
        **dict.fromkeys(
            ("tokens", "token_ids", "bin", "memmap", "binary", "npy", "tfrecord", "arrow"), 'text("book.txt")'
        ),
        **dict.fromkeys(
            ("shakespeare", "tinyshakespeare", "tiny_shakespeare", "bible", "kjv", "ptb", "penn_treebank", "wikipedia"),
            'text("book.txt")`, with a file of yours or one that `scalingdsl corpus` lists: `scalingdsl corpus kjv',
        ),
    }
    unlike: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("tokens", "token_ids", "bin", "memmap", "binary", "npy", "tfrecord", "arrow"),
        "it is the text itself that is read, and its tokens are made here: ids of another tool are none",
    )
    vague: ClassVar[frozenset[str]] = frozenset(
        ("n_tokens", "num_tokens", "train_tokens", "max_train_tokens", "max_tokens", "size", "n")
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("column", "key", "text_column", "text_field", "content", "text_key", "text", "feature", "json_key"),
            "field={}",
        ),
        **dict.fromkeys(
            (
                *(
                    "val_split",
                    "test_split",
                    "holdout",
                    "held_out",
                    "test_size",
                    "val_size",
                    "val_fraction",
                    "eval_split",
                ),
                *(
                    "validation_split",
                    "test_fraction",
                    "valid_split",
                    "val_ratio",
                    "test_ratio",
                    "eval_fraction",
                    "heldout",
                ),
                *("val", "test", "valid", "validation", "dev", "eval"),
                *("holdout_fraction", "dev_split", "val_frac", "test_frac", "validation_fraction", "validation_size"),
            ),
            "split={}",
        ),
        **dict.fromkeys(
            ("train_split", "train_ratio", "train_frac", "train_fraction", "train_size", "train_share"), "split={1-}"
        ),
        **dict.fromkeys(
            (
                *("max_tokens", "n_tokens", "num_tokens", "limit", "limit_tokens", "train_tokens", "subset", "first"),
                *("max_size", "unique_tokens", "head", "truncate", "size", "n", "take", "max_train_tokens"),
            ),
            "unique={}",
        ),
        **dict.fromkeys(("vocab_size", "vocab", "n_vocab", "bpe_size", "merges"), "tokenizer=bpe({})"),
        **dict.fromkeys(
            ("delimiter", "sep", "document_separator", "doc_sep", "eot", "eos", "split_on"), "separator={}"
        ),
        **dict.fromkeys(
            ("train", "train_file", "train_path", "data_files", "input", "src", "files", "paths"), "path={}"
        ),
        **dict.fromkeys(("tok", "tokenization", "tokenisation", "tokenize", "tokens_as", "level"), "tokenizer={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("dtype", "memmap", "mmap"), "tokens are made from the text itself"),
        **dict.fromkeys(
            ("train_split", "train_ratio", "train_frac", "train_fraction", "train_size", "train_share"),
            "runs train on all but what is held out",
        ),
        **dict.fromkeys(
            ("glob", "recursive", "pattern", "extension", "ext", "suffix", "extensions", "files_pattern"),
            'a pattern stands in the place of the path, `text("books/*.txt")`, and a folder is read with all below it',
        ),
        **dict.fromkeys(
            ("stride", "overlap", "step", "hop", "sliding", "window_step", "windows", "random_crop", "random_offset"),
            "windows of `length` tokens follow one another through a document, without overlap",
        ),
        **dict.fromkeys(
            ("test", "val", "valid", "validation", "eval", "test_file", "val_file", "test_path", "val_path", "dev"),
            "a tenth of the text is held out by itself, `split=10%`; to be tested on another file write "
            '`shift(text("book.txt"), truth=text({}))`',
        ),
        **dict.fromkeys(
            ("fraction", "frac", "percent", "percentage", "portion", "proportion", "data_fraction", "share"),
            "how much of the text is drawn from is said in tokens, `unique=100k`, or `unique in {100k, 200k}`",
        ),
        **dict.fromkeys(
            ("clean", "strip", "unicode", "normalization", "punctuation", "remove_punctuation", "lower", "min_length"),
            "texts are read as they are: what is to be left out of a file is left out before",
        ),
        **dict.fromkeys(
            ("url", "download", "name", "language", "lang", "config_name", "version", "revision"),
            "a text is a file of yours; `scalingdsl corpus` fetches public ones",
        ),
    }
    instead: ClassVar[str] = 'sequences of your own are a text, a document a paragraph: write `text("{name}.txt")`'
    values: ClassVar[Mapping[str, str]] = {"path": '"book.txt"'}
    sample: ClassVar[str] = 'text("book.txt")'
    order: ClassVar[tuple[str, ...]] = ("path",)
    doubted: ClassVar[tuple[str, ...]] = ("split", "unique")
    path: str = Field(
        description='a file, a folder, or a pattern such as `"books/*.txt"`, beside the study',
        json_schema_extra={"file": True, "many": True},
    )
    sha256: str = Field(default="", description="content of the files; filled in", json_schema_extra={"derived": True})
    field: Annotated[str, Later()] = Field(
        default="", description="name of the text in a file of JSON lines, JSON, csv or parquet, each record a document"
    )
    separator: Annotated[str, Later()] = Field(
        default="",
        description='what stands between documents, such as `"<|endoftext|>"`; marks of this kind are known, and else '
        "documents are files, or parted by blank lines or line ends",
    )
    encoding: Annotated[str, Later()] = Field(
        default="", description="encoding of the files; the default is UTF-8, or what their first bytes mark"
    )
    tokenizer: SerializeAsAny[Tokenizer] = Field(default_factory=Bytes, description="`bytes` or `bpe(4096)`")
    unique: Annotated[int | None, Unit("tokens")] = Field(
        default=None, ge=1, description="training tokens to draw from; the default is all of them"
    )
    split: float = Field(
        default=0.1, gt=0, lt=1, description="share of the text held out for evaluation, in whole documents"
    )

    @property
    def vocab(self) -> int:
        return self.tokenizer.vocab

    def doubts(self) -> Iterator[Doubt]:
        if self.split > 0.5:
            rest = 1 - self.split
            message = f"`split` is the share held out: {self.split:.3g} leaves {rest:.3g} of the text to train on"
            yield Doubt("split", message, f"to hold out the smaller part, write `split={rest * 100:.3g}%`")
        if self.unique is not None and self.unique < self.length:
            message = (
                f"`unique` counts tokens, and {self.unique:,} of them are less than one sequence of {self.length:,}"
            )
            yield Doubt("unique", message, f"write `unique={self.unique}k`, if thousands are meant, or more")


#: Parameters of a text that say which tokens are counted.
COUNTED = ("path", "sha256", "field", "separator", "encoding", "tokenizer", "unique", "split")


class Counted(SequenceSource):
    """A chain whose transition counts are those of a text's training tokens: the first `unique` of them, if given."""

    exact: ClassVar[bool] = True
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "smoothing",
            "kneser_ney",
            "backoff",
            "interpolation",
            "laplace",
            "add_k",
            "discount",
            "alpha",
            "epsilon",
            "delta",
        ),
        "counts are not smoothed; transitions that were seen `drop` times or less are left out",
    )
    length: Annotated[int, Unit("tokens")] = Field(
        default=0, ge=0, le=65_536, description="predicted tokens a sequence; the default is that of the text"
    )
    text: SerializeAsAny[Text] = Field(description="the text that is counted")
    drop: int = Field(default=5, ge=0, description="transitions seen at most this often are left out")
    start: Literal["stationary", "uniform", "counts"] = Field(
        default="stationary", description="law of the first state; `counts` is as often as it occurs in what is kept"
    )

    @property
    def vocab(self) -> int:
        return self.text.vocab

    def settled(self) -> Self:
        """With the text's length, and of the text only what is counted, so that equal chains compare equal."""
        text = Text(**{name: getattr(self.text, name) for name in COUNTED})
        return type(self)(**{**dict(self), "length": self.length or self.text.length, "text": text})


class Bigram(Counted):
    """Every token drawn from the text's law given the one before it."""

    word: ClassVar[str] = "bigram"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("unigram", "unigrams", "digram", "bigrams"), "bigram")
    unlike: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("unigram", "unigrams"),
        "tokens that hang on none before them are no source; the least is two, the last and the next",
    )
    lacks: ClassVar[Mapping[str, str]] = {
        **Counted.lacks,
        **dict.fromkeys(
            ("n", "order", "gram", "context"),
            "a bigram is of two tokens; of {} it is `ngram(text(...), n={})`",
        ),
    }
    order: ClassVar[tuple[str, ...]] = ("text",)
    reference: ClassVar[str] = "arXiv:2601.10684, section 2"
    exhaustive: bool = Field(
        default=False, description="evaluate on every context of a small chain instead of sampled sequences"
    )

    @property
    def forgetful(self) -> bool:
        return True


class Ngram(Counted):
    """Every token drawn from the text's law given the n - 1 before it."""

    word: ClassVar[str] = "ngram"
    called: ClassVar[Mapping[str, str]] = {
        "trigram": "ngram(n=3)",
        "trigrams": "ngram(n=3)",
        **{f"{name}gram": f"ngram(n={n})" for n, name in enumerate(("four", "five", "six"), start=4)},
    }
    order: ClassVar[tuple[str, ...]] = ("text", "n")
    vague: ClassVar[frozenset[str]] = frozenset(["k", "context", "degree"])
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(("order", "k", "gram", "ngram", "context", "degree"), "n={}")
    reference: ClassVar[str] = "Shannon 1948"
    n: int = Field(default=3, ge=2, le=8, description="order: tokens of an n-gram, the predicted one included")

    def faults(self) -> Iterator[Flaw]:
        length = self.length or self.text.length
        if length < self.n - 1:
            yield Flaw(
                f"a length of {length} is too short for {self.n}-grams: no context is whole",
                f"take `length={self.n - 1}` at least",
            )
