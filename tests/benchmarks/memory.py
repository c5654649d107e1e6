"""Memory of a worker against its prediction: `python -m tests.benchmarks.memory`.

Each pack is trained and evaluated for a few steps in a process of its own; the peak of its resident memory, as the
system counts it, against `packing.predicted_bytes`.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys

#: Width, layers, batch, length, vocabulary, slots.
PACKS = (
    (16, 2, 32, 64, 512, 8),
    (32, 2, 8, 32, 512, 16),
    (64, 2, 8, 32, 512, 16),
    (64, 2, 32, 64, 512, 4),
    (128, 2, 32, 64, 512, 4),
    (256, 2, 32, 64, 512, 1),
    (256, 4, 32, 64, 512, 4),
    (128, 2, 16, 64, 8192, 2),
    (512, 2, 8, 128, 2048, 1),
)
_STUDY = """
data walk(er(n={vocab}, edges={edges}), length={length})
models transformer(layers={layers}, width={width})
train adamw(batch={batch})  steps = 3  seed in [0..{last} step 1]
"""


def main() -> None:
    print("| width | layers | batch x length | V | slots | MB, predicted | MB, peak | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    ratios = []
    for pack in PACKS:
        command = [sys.executable, "-m", "tests.benchmarks.memory", json.dumps(pack)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        predicted, peak = json.loads(done.stdout)
        ratios.append(predicted / peak)
        width, layers, batch, length, vocab, slots = pack
        shape = f"{width} | {layers} | {batch} x {length} | {vocab} | {slots}"
        print(f"| {shape} | {predicted / 2**20:.0f} | {peak / 2**20:.0f} | {predicted / peak:.2f} |", flush=True)
    errors = [abs(ratio - 1) for ratio in ratios]
    print(f"\nmedian error {statistics.median(errors):.0%}, largest {max(errors):.0%}")


def trained(width: int, layers: int, batch: int, length: int, vocab: int, slots: int) -> tuple[int, int]:
    """Bytes predicted for a worker on this pack, and the most that this process has had."""
    from scalingdsl.engine.executors.perform import prepare

    prepare()
    from scalingdsl.engine.pack import Pack
    from scalingdsl.engine.planning.packing import predicted_bytes
    from scalingdsl.engine.sources import open_source
    from scalingdsl.engine.train.training_loop import train_pack
    from scalingdsl.spec import load

    text = _STUDY.format(
        width=width, layers=layers, batch=batch, length=length, vocab=vocab, edges=6 * vocab, last=slots - 1
    )
    runs = tuple(load("memory.scl", text=text).runs())
    pack = Pack("memory", runs, slots)
    assert len(list(train_pack(pack, open_source(runs[0].source)))) == slots
    return predicted_bytes(pack, "cpu"), 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(trained(*json.loads(sys.argv[1]))))
    else:
        main()
