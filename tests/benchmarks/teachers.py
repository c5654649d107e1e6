"""Writing with kept keys and values against reading again for every token: `python -m tests.benchmarks.teachers`.

Tokens a second of processor time on one core. Read again are the context as long as it is by then, timed at every
eighth length, which stands for its neighbours, or always the full length; neither has to choose a token. Nothing is
asserted.
"""

from __future__ import annotations

import time

import torch
from scalingdsl.engine.teachers.decode import Decoder, named_tensors
from scalingdsl.engine.train.families import family
from scalingdsl.engine.train.families.transformer import transformer_layout
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.vocabulary.words.families import Transformer

#: Width, layers, vocabulary, length, sequences.
SIZES = ((64, 2, 256, 64, 256), (128, 2, 512, 128, 64), (256, 2, 4096, 50, 256), (256, 2, 4096, 128, 64))


def seconds(width: int, layers: int, vocab: int, length: int, batch: int) -> tuple[float, float, float]:
    """Of writing, of reading the context again, and of reading the full length again."""
    model = Transformer(width=width, layers=layers).settled()
    layout = transformer_layout(model, vocab)
    row = torch.zeros(1, layout.stride)
    layout.init_(row[0], init_generator(0))
    decoder = Decoder(model, named_tensors(model, vocab, row[0]), length, batch)
    tokens = torch.zeros(batch, length, dtype=torch.int64)
    coin = torch.rand(batch, 1)
    decoder.read(tokens[:, 0])
    decoder.restart()
    begun = time.process_time()
    for t in range(length):
        law = torch.softmax(decoder.read(tokens[:, t]), 1).cumsum(1)
        torch.searchsorted(law, coin * law[:, -1:], right=True)
    quick = time.process_time() - begun
    slow = 0.0
    for t in (*range(4, length + 1, 8), length):
        forward = family(model).forward(model, vocab, t, batch, row, "fp32")
        forward.logits(tokens[:, :t])
        begun = time.process_time()
        forward.logits(tokens[:, :t])
        took = time.process_time() - begun
        slow += 8 * took if t < length else 0
    return quick, slow, length * took


def main() -> None:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    print("width layers vocab length    written  again  ratio  in full  ratio")
    for width, layers, vocab, length, batch in SIZES:
        quick, slow, full = seconds(width, layers, vocab, length, batch)
        rates = [batch * length / s for s in (quick, slow, full)]
        shape = f"{width:>5} {layers:>6} {vocab:>5} {length:>6}"
        again = f"{rates[1]:>4.0f}/s {slow / quick:>5.1f}x {rates[2]:>6.0f}/s {full / quick:>5.1f}x"
        print(f"{shape} {rates[0]:>8.0f}/s {again}")


if __name__ == "__main__":
    main()
