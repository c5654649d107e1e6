"""Parts of a report that `report` can name, beside those that every report has."""

from collections.abc import Mapping
from typing import ClassVar

from ..base import Kind, Word


class Block(Word):
    """Anything `report` can name."""

    kind: ClassVar[Kind] = "block"
    #: The role of axes without which it has nothing to show: none for most.
    of_role: ClassVar[str] = ""


class Markdown(Block):
    """The report as Markdown with figures as SVG and PNG, which is always written."""

    word: ClassVar[str] = "markdown"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("md", "text", "txt"), "markdown")


class Html(Block):
    """The report as one HTML file, which is always written."""

    word: ClassVar[str] = "html"
    instead: ClassVar[str] = "leave `{name}` out: every fit has its figures, tables and residuals by itself"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("web", "browser", "htm"),
        "html",
    ) | {
        **dict.fromkeys(
            ("pdf", "docx", "word", "ps"),
            "html`, which is always written: there is no such form, and a browser prints `report.html",
        ),
        **dict.fromkeys(
            ("latex", "tex", "booktabs"),
            "markdown`, which is always written: there is no such form, and `pandoc` makes it of `report.md",
        ),
        **dict.fromkeys(
            ("png", "svg", "figures", "figure", "plots", "plot"),
            "markdown`, whose figures are SVG and PNG beside `report.md",
        ),
        **dict.fromkeys(
            ("csv", "json", "xlsx", "excel", "parquet", "jsonl"),
            "runs`, or take the numbers as data with `scalingdsl export",
        ),
    }


class RunsTable(Block):
    """A table of every run, at the end of the report."""

    word: ClassVar[str] = "runs"


class Figures(Block):
    """A figure or table on request, drawn from what a study's results hold."""

    #: What curves of sources that it draws run along; every source has its own computed for it.
    along: ClassVar[str] = ""


class Slices(Figures):
    """The exponent of every slice against what the slice holds, with the mean and its standard deviation."""

    word: ClassVar[str] = "slices"
    reference: ClassVar[str] = "arXiv:2601.10684, figures 1 to 8"


class Exponents(Figures):
    """Mean exponents in N and D of every panel against each other, and both against the source's entropy rate."""

    word: ClassVar[str] = "exponents"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 2"


class Ranks(Figures):
    """Probabilities of single tokens and of next tokens against their rank, for every source."""

    word: ClassVar[str] = "ranks"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 3"


class Ccdf(Figures):
    """Share of clusters, tokens or principal axes that are at least so large, against size, for every source."""

    word: ClassVar[str] = "ccdf"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("survival", "tails", "rank_size"), "ccdf")
    reference: ClassVar[str] = "arXiv:2412.07942"
    along: ClassVar[str] = "rank"


class CountsOfCounts(Figures):
    """Numbers of pairs of tokens that occur once, twice, ... in a sample of every source."""

    word: ClassVar[str] = "counts_of_counts"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 19"


class Contexts(Figures):
    """Entropy of the next token given the last k, against k, for every source."""

    word: ClassVar[str] = "contexts"
    reference: ClassVar[str] = "Shannon 1951"


class Offsets(Figures):
    """Power laws with and without the offset E: both curves, both exponents, and the errors they leave."""

    word: ClassVar[str] = "offsets"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 9"


class Splits(Figures):
    """Errors on cells fitted and left out over random 80/20 splits: slices, laws in N and D, network and kernel."""

    word: ClassVar[str] = "splits"
    reference: ClassVar[str] = "arXiv:2601.10684, figures 10, 17 and 18"


class Controls(Figures):
    """Mean squared error of the power law over that of an exponential, slice by slice."""

    word: ClassVar[str] = "controls"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 15"


class Windows(Figures):
    """Optimal loss, N and D against compute, with a, b and gamma read off several windows of compute."""

    word: ClassVar[str] = "windows"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 16"


class Curves(Figures):
    """Training loss along every run that enters a cell, and along those that diverged or are unfinished."""

    word: ClassVar[str] = "curves"


class Tuned(Figures):
    """The best value of every tuned parameter against N and against D."""

    word: ClassVar[str] = "tuned"
    of_role: ClassVar[str] = "tune"


class SeedMinimum(Figures):
    """The minimum over seeds and tuned values beside the mean over seeds, and what it does to exponents."""

    word: ClassVar[str] = "seed_minimum"
    reference: ClassVar[str] = "arXiv:2601.10684, equation 1"


class Counting(Figures):
    """Excess loss against D beside that of counting transitions, which knows where each state can lead."""

    word: ClassVar[str] = "counting"
    reference: ClassVar[str] = "arXiv:2601.10684, appendix C"


class Theory(Figures):
    """The predictions of a theory with nothing to fit beside what was measured: exponents, numbers of data, losses."""

    word: ClassVar[str] = "theory"
    reference: ClassVar[str] = "arXiv:2412.07942"
