"""N-grams of the sequence that is read: against counting one by one, and in a study beside what is trained."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.planning.packing import make_packs
from scalingdsl.engine.point_models.ngram_memory import Recall
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.engine.train.families.gram_matching import matches
from scalingdsl.spec.vocabulary.words.memorising import InContext, Memoriser

from ...spec.support import messages, plan_of


def by_counting(tokens: list[int], vocab: int, gram: int) -> np.ndarray:
    """[T, V] what Witten and Bell's mixture foretells behind each token, one dictionary a context."""
    followed: dict[tuple[int, ...], Counter[int]] = {}
    found = []
    for at in range(len(tokens)):
        for k in range(gram):
            if at >= k:
                followed.setdefault(tuple(tokens[at - k : at]), Counter())[tokens[at]] += 1
        law = np.full(vocab, 1 / vocab)
        for k in range(min(gram, at + 2)):
            seen = followed.get(tuple(tokens[at + 1 - k : at + 1]), Counter())
            if total := sum(seen.values()):
                law = np.array([seen[v] + len(seen) * law[v] for v in range(vocab)]) / (total + len(seen))
        found.append(law)
    return np.array(found)


@pytest.mark.parametrize("gram", [1, 2, 4])
def test_what_is_foretold_is_what_counting_says(gram: int) -> None:
    tokens = torch.randint(0, 4, (3, 40), generator=torch.Generator().manual_seed(gram))
    law = Recall(4, gram).law(tokens)
    for row, sequence in zip(law, tokens.tolist()):
        np.testing.assert_allclose(row.numpy(), by_counting(sequence, 4, gram), rtol=1e-12)
    torch.testing.assert_close(law.sum(-1), torch.ones(3, 40, dtype=torch.float64))
    assert torch.equal(Recall(4, gram).logits(tokens)[40:80], Recall(4, gram).logits(tokens[1:2]))


def test_places_that_follow_the_same_tokens() -> None:
    (_, one, two) = matches(torch.tensor([1, 2, 3, 1, 2, 1]), 2)
    assert [torch.nonzero(row).flatten().tolist() for row in one] == [[], [], [], [1], [2], [1, 4]]
    assert [torch.nonzero(row).flatten().tolist() for row in two] == [[], [], [], [], [2], []]


def test_memories_read_no_seed_no_rate_and_no_amount() -> None:
    plan = plan_of("""data walk(er(n=32, p=.2), length=16)
models {one: memoriser(memory=sequence), two: memoriser(gram=2, memory=sequence), attention: transformer(width=8)}
train adamw(batch=2, tune lr in {.01, .03})  tokens = 640  seed in {3, 4}
expect accuracy(two) > accuracy(one) and loss(two) > entropy_rate""")
    runs = list(plan.runs())
    assert len(runs) == 6
    memories = [run for run in runs if isinstance(run.model, InContext)]
    assert [(run.seed, run.n_tokens, run.n_total, run.steps) for run in memories] == [(0, 0, 0, 1)] * 2
    swept = plan_of("""data walk(er(n=32, p=.2), length=16)
models {two: memoriser(gram=2, memory=sequence), attention: transformer(width=8)}
train adamw(batch=2)  tokens in {640, 1280}""")
    assert [(type(run.model).__name__, run.asked_tokens) for run in swept.runs()] == [
        ("InContext", 0),
        ("Transformer", 640),
        ("Transformer", 1280),
    ]
    alone = plan_of("data walk(er(n=32, p=.2), length=16)\nmodels memoriser(gram=2, memory=sequence)")
    assert [run.key for run in alone.runs()] == [memories[1].key]
    packs = make_packs(runs, workers=1)
    assert sorted(len(pack.runs) for pack in packs) == [2, 4]


def test_a_study_of_memories(tmp_path: Path) -> None:
    """Of walks on a ring, where two follow each node, the last token tells what can follow, and more tells no more."""
    plan = plan_of("""data walk(ws(n=16, k=2, p=0), length=200, eval_walks=64)
models memoriser(gram in {1, 2, 3}, memory=sequence)
expect accuracy(gram=2) > 0.92 and accuracy(gram=2) > accuracy(gram=1) + 0.2
expect loss(gram=2) < loss(gram=1) and excess(gram=3) > 0""")
    outcome = run_study(plan, base=tmp_path, out=tmp_path / "out", executor="inline")
    assert outcome.exit_status == 0
    assert outcome.analysis is not None
    # No seed would change them, so that one run is enough to judge by: the evaluation's error is all there is.
    assert [verdict.status for verdict in outcome.analysis.verdicts] == ["held", "held"]
    records = outcome.records.values()
    last = {record.run["model"].get("gram", 1): record.measurements[-1] for record in records}
    assert last[2].loss == pytest.approx(np.log(2) + last[2].excess_loss)
    assert 0 < last[2].errors["tvd"] < last[2].values["tvd"] < 1


def test_memories_that_make_no_sense_are_refused() -> None:
    walk, items = "data walk(er(n=32, p=.2))\nmodels ", "data zipf\nmodels "
    assert "write `memory=sequence`" in messages(walk + "memoriser(samples=100)")[0]
    assert "`zipf` gives no sequences to remember" in messages(items + "memoriser(memory=sequence)")[0]
    for call in ("memoriser", "memoriser(gram=3, samples=9)", "memoriser(memory=sequence, samples=9)"):
        assert "SCL209" in messages(items + call)[0]
    assert Memoriser(samples=3).settled() == Memoriser(samples=3)
