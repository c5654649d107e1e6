"""Right studies, each of which is valid without a word.

`right.txt` holds them as people of the field may write them: after a line `====` what one means, as a comment, and the
study. They stand beside `FILES`. A warning that one of them gets is a false alarm.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from .support import messages

STUDIES = [study for study in Path(__file__).with_name("right.txt").read_text().split("====\n") if study]
SIZES, AMOUNTS = (1e6, 4e6, 1.6e7, 6.4e7, 2.56e8), (1e8, 4e8, 1.6e9, 6.4e9, 2.56e10)
DRAWN = random.Random(7)


def _loss(n: float, d: float, floor: float = 1.7) -> float:
    return floor + 400 * n**-0.34 + 410 * d**-0.28 + DRAWN.gauss(0, 0.003)


def _table(header: str, rows: Iterable[tuple[object, ...]]) -> str:
    lines = (",".join(f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row) for row in rows)
    return "\n".join([header, *lines, ""])


def _words(words: str, n: int) -> str:
    return " ".join(DRAWN.choice(words.split()) for _ in range(n))


def _scores(skill: float) -> list[float]:
    return [
        low + high / (1 + math.exp(at - skill)) + DRAWN.gauss(0, 0.01)
        for low, high, at in ((0.25, 0.6, 1), (0, 0.8, 2), (0.3, 0.6, 0), (0.25, 0.7, 0.5), (0, 0.7, 2.5))
    ]


GRID = [(n, d) for n in SIZES for d in AMOUNTS]
FILES = {
    "novel.txt": "\n\n".join(
        _words("the old sea was calm and bright while seven grey gulls sat by harbour walls or sang of storms", 60)
        for _ in range(700)
    ),
    "docs.jsonl": "".join(
        f'{{"id": {i}, "text": "Document {i} speaks of {_words("rivers hills ships laws kings corn wool", 9)}."}}\n'
        for i in range(800)
    ),
    "g.txt": "".join(f"{i} {(i + k) % 60}\n" for i in range(60) for k in (1, 7)),
    "social.gml": "graph [\n"
    + "".join(f"  node [ id {i} ]\n" for i in range(30))
    + "".join(f"  edge [ source {i} target {(i + k) % 30} ]\n" for i in range(30) for k in (1, 7))
    + "]\n",
    "weighted.csv": "source,target,weight\n"
    + "".join(f"a{i},a{(i + k) % 25},{1 + (i + k) % 4}\n" for i in range(25) for k in (1, 2, 5)),
    "weather.csv": "0.8,0.15,0.05\n0.3,0.4,0.3\n0.2,0.3,0.5\n",
    "triples.txt": "".join(f"{i} {(i + 1) % 40} .7\n{i} {(i + 3) % 40} .3\n" for i in range(40)),
    "base.scl": "let size = 256\ndata walk(er(n=size, p=.04))\nmodels transformer(layers=2)  width in [16..128]\n"
    "train adamw(batch=8)  tokens in [100k..1600k]\nfit chinchilla\nexpect beta(chinchilla) > .2\n",
    "runs.csv": _table(
        "run,params,tokens,val_loss,lr", ((f"r{n:.0f}-{d:.0f}", n, d, _loss(n, d), 0.01) for n, d in GRID)
    ),
    "seeds.csv": _table(
        "model_size,n_tokens,seed,final_loss", ((n, d, s, _loss(n, d)) for n, d in GRID for s in range(3))
    ),
    "sweep.csv": _table(
        "params,tokens,lr,batch,loss",
        (
            (n, d, lr, b, _loss(n, d) + 0.05 * math.log(lr / 0.006) ** 2 + 0.02 * math.log(b / 64) ** 2)
            for n, d in GRID
            for lr in (0.003, 0.006, 0.012)
            for b in (32, 64, 128)
        ),
    ),
    "ckpt.csv": _table(
        "run,optimiser,params,step,tokens,loss",
        (
            (f"{o}-{n:.0f}", o, n, step, step * 524288, _loss(n, step * 524288 * worth))
            for o, worth in (("adamw", 1), ("muon", 1.3))
            for n in SIZES
            for step in (1000, 2000, 4000, 8000, 16000, 32000)
        ),
    ),
    "iso.csv": _table(
        "budget,params,loss",
        (
            (c, n, _loss(n, c / 6 / n))
            for c in (1e18, 4e18, 1.6e19, 6.4e19)
            for n in (math.sqrt(c / 120) * f for f in (0.25, 0.4, 0.63, 1, 1.6, 2.5, 4))
        ),
    ),
    "epochs.csv": _table(
        "params,unique,epochs,tokens,loss",
        (
            (n, u, e, u * e, _loss(n, u * (1 + 15 * (1 - math.exp((1 - e) / 15)))))
            for n in SIZES
            for u in (1e8, 4e8, 1.6e9)
            for e in (1, 2, 4, 8, 16)
        ),
    ),
    "down.csv": _table(
        "model,params,tokens,loss,acc",
        (
            (f"m{i}", n, d, loss, 0.25 + 0.6 / (1 + math.exp(3 * loss - 9.6)) + DRAWN.gauss(0, 0.005))
            for i, (n, d) in enumerate(GRID)
            for loss in (_loss(n, d),)
        ),
    ),
    "lab.csv": _table(
        "params_m,tokens_b,precision,parametrisation,val_ce",
        (
            (n / 1e6, d / 1e9, p, q, _loss(n, d, floor))
            for n, d in GRID
            for p, floor in (("bf16", 1.7), ("fp8", 1.72))
            for q in ("sp", "mup")
        ),
    ),
    "bench.csv": _table(
        "model,flops,mmlu,gsm8k,hellaswag,arc,humaneval",
        ((f"m{i}", 10 ** (20 + 0.5 * i), *_scores(0.5 * i - 2)) for i in range(12)),
    ),
    "time.csv": _table(
        "gpu_hours,loss,setup",
        ((h, 1.8 + 2 * h**-0.3 + DRAWN.gauss(0, 0.003), s) for s in ("dense", "moe") for h in (1, 2, 4, 8, 16, 32, 64)),
    ),
    "small.csv": _table(
        "features,samples,error",
        ((n, d, 3 * n**-0.7 + 2 * d**-0.6) for n in (20, 40, 80, 160) for d in (50, 100, 200, 400)),
    ),
    "ppl.csv": _table(
        "params,tokens,val_ppl,val_acc,bpb",
        ((n, d, math.exp(loss), 1 / loss, loss / math.log(16)) for n, d in GRID for loss in (_loss(n, d),)),
    ),
    "eval.csv": _table(
        "family,size_b,train_tokens_t,pile_loss",
        (
            (family, n, d, floor + 0.4 * n**-0.3 + 0.3 * d**-0.3 + DRAWN.gauss(0, 0.003))
            for family, floor in (("pythia", 1.75), ("llama", 1.7))
            for n in (0.16, 0.41, 1.4, 6.9, 12)
            for d in (0.1, 0.3, 1)
        ),
    ),
    "hist.csv": _table(
        "name,_step,tokens_seen,n_params,train/loss,val/loss",
        (
            (f"run-{n:.0f}", step, step * 65536, n, _loss(n, step * 65536), _loss(n, step * 65536, 1.75))
            for n in (1e6, 3e6, 1e7, 3e7)
            for step in (1000, 2000, 5000, 10000, 20000)
        ),
    ),
    "rates.csv": _table(
        "width,lr,param,loss",
        (
            (width, lr, param, 3 + 9 * width**-0.5 + 0.1 * math.log2(lr / best) ** 2)
            for width in (64, 128, 256, 512, 1024)
            for lr in (0.0025, 0.005, 0.01, 0.02)
            for param, best in (("sp", 0.64 / width), ("mup", 0.01))
        ),
    ),
    "vision.csv": _table(
        "images,error,width",
        (
            (d, 0.05 + 3 * d**-0.45 + 1 / w + DRAWN.gauss(0, 0.0005), w)
            for d in (1000, 3000, 10000, 30000, 100000, 300000)
            for w in (64, 128, 256)
        ),
    ),
    "ft.csv": _table(
        "params,ft_tokens,total_flops,loss", ((n, d * 1e-4, 6 * n * (3e11 + d * 1e-4), _loss(n, d)) for n, d in GRID)
    ),
    "reward.csv": _table("params,reward", ((n * 2**i, -1 if n * i == 0 else 0.2 * i) for i, n in enumerate(SIZES))),
    "logs.csv": _table("log_n,log_d,loss", ((math.log10(n), math.log10(d), _loss(n, d)) for n, d in GRID)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("right")
    for name, text in FILES.items():
        (found / name).write_text(text)
    return found


@pytest.mark.parametrize("study", STUDIES, ids=[study.partition("\n")[0][2:] for study in STUDIES])
def test_a_right_study_is_valid_without_a_word(study: str, folder: Path) -> None:
    assert messages(study, folder) == []
