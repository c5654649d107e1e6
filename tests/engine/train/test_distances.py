"""Numbers beside the loss, held to sums over the whole vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.evaluation_set import next_law
from scalingdsl.engine.sources.protocol import Evaluation
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.engine.train.evaluate_loss import evaluate
from scalingdsl.engine.train.measures import all_measures
from scalingdsl.spec import check, load
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk

from ..sources.passages import passage

WALK = Walk(graph=ErdosRenyi(n=30, edges=90, seed=1), length=8, eval_walks=16)


def test_distances_are_sums_over_the_vocabulary() -> None:
    chain = open_source(WALK).chain  # type: ignore[attr-defined]
    states = torch.from_numpy(chain.states)
    targets, p = next_law(chain).rows(states)
    logits = torch.randn(len(states), chain.n, generator=torch.Generator().manual_seed(0))
    whole = torch.zeros(len(states), chain.n, dtype=torch.float64).scatter_add_(1, targets, p)
    q = logits.double().softmax(1)
    assert torch.allclose(all_measures()["tvd"](logits, targets, p), (whole - q).abs().sum(1) / 2, atol=1e-12)
    legal = whole.gather(1, q.argmax(1, keepdim=True)).squeeze(1) > 0
    assert torch.equal(all_measures()["accuracy"](logits, targets, p).bool(), legal)
    assert 0 < legal.double().mean() < 1


class Table:
    """A model that says the logits of a table by the present token."""

    def __init__(self, logits_VV: torch.Tensor) -> None:
        self.logits_VV = logits_VV

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """See `Forward.logits`."""
        return self.logits_VV[tokens.reshape(-1)]


def test_the_law_itself_is_at_no_distance_and_a_text_has_none() -> None:
    stream = open_source(WALK)
    chain, found = stream.chain, stream.evaluation()  # type: ignore[attr-defined]
    truth = torch.full((chain.n, chain.n), -60.0)
    truth[torch.from_numpy(chain.rows), torch.from_numpy(chain.indices)] = (
        torch.from_numpy(chain.probability).log().float()
    )
    (loss,) = evaluate(Table(truth), found, chain.entropy_rate, 4)  # type: ignore[arg-type]
    assert loss.others["tvd"][0] == pytest.approx(0.0, abs=1e-6)
    assert loss.others["accuracy"][0] == 1.0
    (unknown,) = evaluate(Table(truth), Evaluation(found.tokens), None, 4)  # type: ignore[arg-type]
    assert set(unknown.others) == {"accuracy"}
    assert 0 < unknown.others["accuracy"][0] < 1


@pytest.mark.slow
def test_claims_and_laws_of_distances(tmp_path: Path) -> None:
    text = """
data walk(er(n=16, edges=40, seed=0), length=8, eval_walks=8)
models transformer(layers=1, heads=1) width in {4, 8}
train adamw(batch=4, lr=.01) tokens in {320, 640, 1280} seed in {0, 1}
fit power(D, E=0, loss={tvd, kl, accuracy})
expect tvd(width=8, tokens=1280) < 1 and accuracy(width=8, tokens=1280) >= 0
expect mean(kl/excess) within 1e-9 of 1
expect beta(power(D, E=0, loss=kl), width=8) > 0.001
"""
    plan = load(tmp_path / "s.scl", text=text)
    assert [fit.loss for fit in plan.fits] == ["tvd", "excess", "accuracy"]
    found = run_study(plan, base=tmp_path, out=tmp_path / "out", executor="inline").analysis
    assert found is not None
    assert all(fit.fit is not None for fit in found.fits)
    cells = found.cells.columns
    assert ((cells["tvd"] > 0) & (cells["tvd"] < 1)).all()
    assert (cells["tvd_standard_error"] > 0).all()


def test_a_text_has_no_distance_and_points_have_none(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(passage(300))
    of_text = 'data text("c.txt", length=16); models transformer(width=8); train adamw(batch=4) steps=400\n'
    said = check(tmp_path / "s.scl", text=f"{of_text}expect tvd < .5 and accuracy > .1\n")
    assert [d.code for d in said.diagnostics] == ["SCL430", "SCL449"]
    points = "data manifold(dim=1); models nearest(samples in [1..64]); train solved\n"
    assert [d.code for d in check(tmp_path / "s.scl", text=f"{points}expect tvd < .5\n").errors] == ["SCL426"]
