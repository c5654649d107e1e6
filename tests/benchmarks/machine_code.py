"""What Triton's kernels compile to, without a GPU: registers, spilled bytes and shared memory of a step's launches.

    python -m tests.benchmarks.machine_code [--widths 64 256] [--precisions fp32] [--capabilities 80 90] [--jobs 2]

A step is taken with launches written down in place of made; each distinct one is compiled as a launcher would, for
each compute capability, and its machine code is asked by `cuobjdump`, which comes with Triton. Needs the extra
`gpu-kernels`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from scalingdsl.engine.train.families.transformer import transformer_layout
from scalingdsl.engine.train.families.triton_stack import TritonTransformer
from scalingdsl.engine.train.optimisers.triton_adamw import TritonAdamW
from scalingdsl.engine.train.pack_state import State
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.training import AdamW

KERNELS = "scalingdsl.engine.train.kernels.gpu"
#: Pointers by the type of what they point to, as Triton writes them.
POINTERS = {
    torch.float32: "*fp32",
    torch.float64: "*fp64",
    torch.bfloat16: "*bf16",
    torch.int32: "*i32",
    torch.int64: "*i64",
}
VOCAB, LENGTH, BATCH = 512, 64, 32
#: Constants that tell launches of one kernel apart.
SHOWN = ("depth", "GAIN", "FINISH", "ADD", "EMBED", "BR", "BC", "T", "K", "QUERIES")


@dataclass(frozen=True)
class Launch:
    """A kernel and what it is specialised to: types of its arguments, constants, arguments that 16 divides."""

    module: str
    kernel: str
    types: tuple[tuple[str, str], ...]
    constants: tuple[tuple[str, Any], ...]
    divided: tuple[int, ...]
    warps: int = 4

    @property
    def name(self) -> str:
        """Its kernel, and where one kernel is launched in several ways how this one is."""
        shown = {k: v for k, v in self.constants if k in SHOWN}
        return self.kernel + "".join(f" {k.lower()}={v}" for k, v in shown.items() if v not in (False, ""))


class Written:
    """A module of kernels whose launches are written down, not made."""

    def __init__(self, name: str, launches: list[Launch]) -> None:
        self._module, self._launches = import_module(f"{KERNELS}.{name}"), launches

    def __getattr__(self, kernel: str) -> Any:
        function, launches, module = getattr(self._module, kernel), self._launches, self._module.__name__

        class _Kernel:
            def __getitem__(self, grid: tuple[int, ...]) -> Any:
                def launch(*args: Any, num_warps: int = 4, **constants: Any) -> None:
                    launches.append(_launch(module, kernel, function.arg_names, args, constants, num_warps))

                return launch

        return _Kernel()


def _launch(
    module: str, kernel: str, names: Sequence[str], args: Sequence[Any], constants: dict[str, Any], warps: int
) -> Launch:
    """Arguments as Triton's launcher specialises them: an integer of 1 is a constant."""
    constants, types, divided = dict(constants), {}, []
    for place, name in enumerate(names):
        value = args[place] if place < len(args) else constants[name]
        if name in constants:
            continue
        if isinstance(value, int) and value == 1:
            constants[name] = 1
        elif isinstance(value, torch.Tensor):
            types[name] = POINTERS[value.dtype]
            divided += [place] if value.data_ptr() % 16 == 0 else []
        else:
            types[name] = "i32" if isinstance(value, int) else "fp32"
            divided += [place] if isinstance(value, int) and value % 16 == 0 else []
    known = tuple(sorted((k, str(v) if k in ("NARROW", "DOT") else v) for k, v in constants.items()))
    return Launch(module, kernel, tuple(sorted(types.items())), known, tuple(divided), warps)


def launches(
    model: Transformer,
    vocab: int,
    length: int,
    batch: int,
    precision: str = "fp32",
    rows: int = 1,
    capability: int = 90,
) -> list[Launch]:
    """Every launch of Triton's of a step of a pack, in order; Triton must not have been imported to interpret."""
    made: list[Launch] = []
    layout = transformer_layout(model, vocab)
    state = State(rows, layout.stride, "cpu", AdamW.moments)
    stack = TritonTransformer(model, layout, vocab, length, batch, state.params, state.grads, precision)
    stack._capability = capability
    update = TritonAdamW(layout, state)
    for part, name in (("_attention", "attention"), ("_norms", "norm"), ("_products", "product"), ("_tokens", "token")):
        setattr(stack, part, Written(f"{name}_kernels", made))
    update._kernels = Written("update_kernels", made)
    rates = torch.full((1, rows), 0.01, dtype=torch.float64).numpy()
    stack.step(stack.chunk(torch.zeros(1, rows, batch, length + 1, dtype=torch.int64)), 0)
    update.step(update.chunk([AdamW()] * rows, rates), 0)
    return made


def compiled(launch: Launch, capability: int) -> dict[str, int]:
    """Registers, bytes spilled to local memory and bytes of shared memory."""
    import triton
    import triton.language as tl
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    function = getattr(import_module(launch.module), launch.kernel)
    types, constants = dict(launch.types), dict(launch.constants)
    for name in ("NARROW", "DOT"):
        if name in constants:
            constants[name] = {"fp32": tl.float32, "bf16": tl.bfloat16}[constants[name]]
    signature = {name: types.get(name, "constexpr") for name in function.arg_names}
    attributes = {(place,): [["tt.divisibility", 16]] for place in launch.divided}
    source = ASTSource(fn=function, signature=signature, constexprs=constants, attrs=attributes)
    made = triton.compile(source, target=GPUTarget("cuda", capability, 32), options={"num_warps": launch.warps})
    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(made.asm["cubin"])
        file.flush()
        said = subprocess.run([str(tool), "-res-usage", file.name], capture_output=True, text=True, check=True).stdout
    found = {word: int(count) for word, count in re.findall(r"(REG|STACK|LOCAL):(\d+)", said)}
    spilled = found.get("STACK", 0) + found.get("LOCAL", 0)
    return {"registers": found["REG"], "spilled": spilled, "shared": int(made.metadata.shared)}


def rows_of(
    widths: Sequence[int], precisions: Sequence[str], capabilities: Sequence[int]
) -> Iterator[tuple[int, str, Launch, int, tuple[int, ...]]]:
    """Width, precision, distinct launches, how often a step makes each, and on GPUs of which compute capabilities."""
    for width in widths:
        for precision in precisions:
            on: dict[Launch, list[int]] = {}
            times: dict[Launch, int] = {}
            for capability in capabilities:
                made = launches(Transformer(width=width), VOCAB, LENGTH, BATCH, precision, capability=capability)
                for launch in dict.fromkeys(made):
                    on.setdefault(launch, []).append(capability)
                    times[launch] = made.count(launch)
            for launch, where in on.items():
                yield width, precision, launch, times[launch], tuple(where)


def _answer(asked: tuple[Launch, int]) -> dict[str, int] | str:
    try:
        return compiled(*asked)
    except Exception as error:  # a kernel that does not compile is a line of the table
        return f"{type(error).__name__}: {error}".splitlines()[0]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--precisions", nargs="+", default=["fp32"], choices=["fp32", "tf32", "bf16"])
    parser.add_argument("--capabilities", type=int, nargs="+", default=[80, 90])
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    rows = list(rows_of(asked.widths, asked.precisions, asked.capabilities))
    head = "".join(f" registers, spilled, shared at sm_{c} |" for c in asked.capabilities)
    print(f"| width | precision | launch | times |{head}\n|---|---|---|---|" + "---|" * len(asked.capabilities))
    with ProcessPoolExecutor(asked.jobs) as pool:
        work = [(launch, c) for _, _, launch, _, where in rows for c in where]
        answers = iter(pool.map(_answer, work))
        for width, precision, launch, times, where in rows:
            found = [next(answers) if c in where else "-" for c in asked.capabilities]
            cells = [
                one if isinstance(one, str) else f"{one['registers']}, {one['spilled']}, {one['shared']:,}"
                for one in found
            ]
            print(f"| {width} | {precision} | {launch.name} | {times} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
