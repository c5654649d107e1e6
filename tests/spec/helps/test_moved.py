"""Arguments that belong to another word of a study are put there."""

from __future__ import annotations

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.diagnostics.fixes import UNSAFE, mend
from scalingdsl.spec.diagnostics.suggest import denied, forms, meant_by

MODELS = "models transformer(layers=2)  width in [16..64]\n"
TRAIN = "train adamw  tokens in [100k..400k]\nfit chinchilla\n"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (f"data walk(er(512), p=.02)\n{MODELS}{TRAIN}", f"data walk(er(512, p=.02))\n{MODELS}{TRAIN}"),
        (
            f"data walk(er(512, .02, weighted=true))\n{MODELS}{TRAIN}",
            f"data walk(er(512, .02), kappa=1)\n{MODELS}{TRAIN}",
        ),
        (
            f"data walk(er(512, .02))\nmodels transformer(seq_len=64)  width in [16..64]\n{TRAIN}",
            f"data walk(er(512, .02), length=64)\nmodels transformer  width in [16..64]\n{TRAIN}",
        ),
        (
            f"data walk(er(512, .02))\nmodels transformer  width in [16..64]  tune lr in {{.01, .02, .04}}\n{TRAIN}",
            "data walk(er(512, .02))\nmodels transformer  width in [16..64]\n"
            "train adamw  tokens in [100k..400k]  tune lr in {.01, .02, .04}\nfit chinchilla\n",
        ),
        (
            f"data walk(er(512, .02), numberOfNodes=512)\n{MODELS}{TRAIN}",
            f"data walk(er(512, .02))\n{MODELS}{TRAIN}",
        ),
        (f"data walk(lattice(32, 32))\n{MODELS}{TRAIN}", f"data walk(lattice(32, dim=2))\n{MODELS}{TRAIN}"),
        (
            f"data walk(sbm(512, 4, 0.1, 0.01))\n{MODELS}{TRAIN}",
            f"data walk(sbm(512, 4, p_in=0.1, p_out=0.01))\n{MODELS}{TRAIN}",
        ),
    ],
)
def test_an_argument_goes_where_it_belongs(wrong: str, right: str) -> None:
    found = check(text=wrong, name="s.scl")
    mended, applied = mend(wrong, "s.scl", found.diagnostics, UNSAFE)
    assert applied
    assert mended == right
    assert not check(text=mended).errors


def test_a_name_is_known_in_its_forms() -> None:
    assert {"nodes", "node"} <= {*forms("numberOfNodes")} | {*forms("num_nodes")}
    assert meant_by("graph_size", {"n"}) == "n"
    assert meant_by("width", {"n"}) is None
    assert denied("undirected", {"directed"}) == "directed"
    assert denied("directed", {"directed"}) is None
