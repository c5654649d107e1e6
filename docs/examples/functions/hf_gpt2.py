"""A function that trains a small GPT-2 by the Trainer of Hugging Face, going on from its own checkpoints.

scalingdsl run gpt2.scl --trainer hf_gpt2:train
"""

from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

VOCAB, LENGTH, BATCH = 64, 32, 16


class Walks(torch.utils.data.Dataset):
    """Walks on a ring of VOCAB nodes, each drawn from its number: a step of 1, 2 or 3 to the right."""

    def __init__(self, n: int, seed: int) -> None:
        self.n, self.seed = n, seed

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> dict[str, torch.Tensor]:
        draw = torch.Generator().manual_seed(1_000_003 * self.seed + i)
        start, moves = torch.randint(VOCAB, (1,), generator=draw), torch.randint(1, 4, (LENGTH - 1,), generator=draw)
        walk = torch.cat([start, start + moves.cumsum(0)]) % VOCAB
        return {"input_ids": walk, "labels": walk}


def train(width: int, layers: int, lr: float, tokens: int, seed: int, out: str) -> dict[str, float]:
    """Loss on walks that are held out, in nats a token; log 3 at best."""
    steps = max(1, round(tokens / (BATCH * LENGTH)))
    arguments = TrainingArguments(
        output_dir=out,
        max_steps=steps,
        per_device_train_batch_size=BATCH,
        per_device_eval_batch_size=64,
        learning_rate=lr,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, steps // 10),
        save_steps=50,
        save_total_limit=1,
        logging_steps=50,
        report_to=[],
        seed=seed,
        use_cpu=True,
        disable_tqdm=True,
    )
    torch.manual_seed(seed)
    sizes = {"vocab_size": VOCAB, "n_positions": LENGTH, "n_embd": width, "n_layer": layers, "n_head": 4}
    config = GPT2Config(**sizes, bos_token_id=0, eos_token_id=0, loss_type="ForCausalLMLoss")
    trainer = Trainer(
        GPT2LMHeadModel(config),
        arguments,
        train_dataset=Walks(steps * BATCH, seed + 1),
        eval_dataset=Walks(256, 0),
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(out) if Path(out).is_dir() else None)
    return {"loss": trainer.evaluate()["eval_loss"], "tokens": steps * BATCH * LENGTH, "step": steps}
