"""Models that a program of the person's own trains: a study declares their parameters and sizes, and never a command.

All three words take parameters of any name, numbers or texts: what the trainer is given, and what a run is known by.
The command itself comes from whoever runs the study (`run --trainer`).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from ...constants import FLOPS_PER_PARAMETER_TOKEN
from ..base import DataShape, Doubt, Flaw, Scalar, Term, Unit
from .families import Family
from .sources import Source
from .training import Optimiser

#: What a trainer is told beside a run's parameters, which therefore have other names.
PLACES = {
    "data": "the name of the data",
    "out": "a folder of the run, the same after every restart",
    "config": "a JSON file with all values of the run",
    "key": "the key of the run",
    "gpus": "the number of GPUs that the run has for itself",
    "python": "the Python that this runs in",
}
#: Characters of a text at most.
LONGEST_TEXT = 200

#: Sizes by other names, which would be taken for parameters of the trainer's.
_SIZES = {
    **dict.fromkeys(("params", "parameters", "n_params", "num_params"), "N=12*layers*width^2"),
    **dict.fromkeys(("flops", "flop", "flops_per_token", "flops_token"), "token_flops=6*N"),
    **dict.fromkeys(("n_body", "non_embedding"), "N_body=12*layers*width^2"),
}


def unsafe(text: str) -> str:
    """The reason for which a text of a study is not handed to a program; empty where it is.

    A study may be a stranger's: its texts are no option of the program, and no place outside its folder.
    """
    if len(text) > LONGEST_TEXT:
        return f"it is longer than {LONGEST_TEXT} characters"
    if not text.isprintable():
        return "it holds characters that are not printed"
    if text[:1] in ("-", "+", "@"):
        return f"it begins with `{text[0]}`, as options of programs do"
    if text[:1] in ("/", "~", "\\") or ".." in text.replace("\\", "/").split("/"):
        return "it names a place outside the study's folder"
    return ""


class Open(Term):
    """Takes parameters of any name beside those that are declared."""

    doubted: ClassVar[tuple[str, ...]] = ("command", "cmd", "program", "script", "trainer", "launch")
    others: tuple[tuple[str, Scalar], ...]

    def doubts(self) -> Iterator[Doubt]:
        for name, value in self.others:
            if name in self.doubted and isinstance(value, str) and " " in value:
                message = f"`{name}` is a text that the trainer is told, and starts nothing"
                helps = f"leave it out: what trains the models is said to the command, `run --trainer '{value}'`"
                yield Doubt(name, message, helps)

    def other_values(self) -> Mapping[str, Scalar]:
        return dict(self.others)

    def handed(self) -> Mapping[str, Scalar]:
        """What a trainer is given of it, by name."""
        return dict(self.others)

    def faults(self) -> Iterator[Flaw]:
        for name, value in self.others:
            if name in PLACES:
                yield Flaw(f"`{name}` is told to every trainer: {PLACES[name]}", "give the parameter another name")
            if isinstance(value, str) and (why := unsafe(value)):
                yield Flaw(f"`{name}` is a text for the trainer, and {why}", "name it without")


class Dataset(Open, Source):
    """Data that a trainer of your own knows by name, and reads itself; any parameters beside."""

    word: ClassVar[str] = "dataset"
    values: ClassVar[Mapping[str, str]] = {"name": '"c4"'}
    instead: ClassVar[str] = 'what a trainer of your own reads is named: write `dataset("{name}")`'
    order: ClassVar[tuple[str, ...]] = ("name",)
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(("path", "file", "dir", "folder", "data"), "name={}")
    shape: ClassVar[DataShape] = "elsewhere"
    name: str = Field(description="name that the trainer knows it by; it gets it as `{data}`")
    unique: Annotated[int | None, Unit("tokens")] = Field(
        default=None, ge=1, description="training tokens to draw from; without it, the trainer's own"
    )
    others: tuple[tuple[str, Scalar], ...] = Field(
        default=(),
        description="what else tells one set of data from another: a number or a text",
        json_schema_extra={"rest": "values"},
    )

    def faults(self) -> Iterator[Flaw]:
        if why := unsafe(self.name):
            yield Flaw(f"`name` is a text for the trainer, and {why}", "name it without")
        yield from super().faults()

    def handed(self) -> Mapping[str, Scalar]:
        return {"data": self.name, **({"unique": self.unique} if self.unique else {}), **super().handed()}


class External(Open, Family):
    """Models that a trainer of your own trains, `run --trainer`: any parameters, and their sizes in closed form."""

    word: ClassVar[str] = "external"
    instead: ClassVar[str] = (
        "a model of your own is trained by a program of yours: `models external(N=..., layers=2)` on its data, and "
        "`run --trainer`"
    )
    learns_from: ClassVar[DataShape] = "elsewhere"
    also: ClassVar[Mapping[str, str]] = _SIZES
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("custom", "trainer", "script", "own", "torch", "pytorch", "nanogpt", "command", "python", "model"), "external"
    )
    N: int | None = Field(
        default=None,
        ge=1,
        description="parameters, embeddings included, such as `N=12*layers*width^2`; may read others",
    )
    N_body: int | None = Field(default=None, ge=1, description="parameters without embeddings, where they are counted")
    token_flops: float | None = Field(
        default=None, gt=0, description="FLOPs of one trained token, forward and back; without it, 6 N"
    )
    version: str = Field(
        default="",
        description="version of the trainer: another version is another run; `run --trainer-version` fills it in",
    )
    others: tuple[tuple[str, Scalar], ...] = Field(
        default=(),
        description="what the trainer is given of the model: a number or a text",
        json_schema_extra={"rest": "values"},
    )

    def handed(self) -> Mapping[str, Scalar]:
        sizes = {"N": self.N, "N_body": self.N_body, "token_flops": self.token_flops}
        return {**{name: value for name, value in sizes.items() if value is not None}, **super().handed()}

    @property
    def n_body(self) -> int:
        return self.N_body or 0

    def n_total(self, vocab: int) -> int:
        return self.N or 0

    @property
    def n_samples(self) -> int:
        return 0

    def flops_per_token(self, vocab: int, length: int) -> int:
        """As declared, or 6 N; 0 where neither is known."""
        return round(self.token_flops or FLOPS_PER_PARAMETER_TOKEN * (self.N or 0))

    @property
    def features(self) -> int:
        return 1


class Recipe(Open, Optimiser):
    """The way a trainer of your own trains: any parameters, such as `lr` and `batch`; the rest is as it likes."""

    word: ClassVar[str] = "recipe"
    elsewhere: ClassVar[bool] = True
    takes_steps: ClassVar[bool] = True
    others: tuple[tuple[str, Scalar], ...] = Field(
        default=(),
        description="what the trainer is given of its training: a number or a text",
        json_schema_extra={"rest": "values"},
    )
