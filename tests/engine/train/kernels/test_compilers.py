"""The C of compiled steps by other compilers, under sanitizers, and on AArch64; a program of C alone runs them."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from scalingdsl.engine.train import kernels
from scalingdsl.engine.train.families.compiled_stack import laid_out
from scalingdsl.engine.train.kernels.kernel_shape import Shape

from .test_kernels import SHAPES, Case, distance

SOURCES = Path(kernels.__file__).parent
#: Exit status of `drive.c` where the processor lacks a kind of vectors.
NOT_HERE = 2
WARN = ("-Wall", "-Wextra", "-Werror")
#: The compiler and its flags, and what runs a program that it makes: as installations compile, with every warning;
#: under sanitizers; for another architecture.
BUILDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gcc": (("gcc", "-O3", *WARN), ()),
    "clang": (("clang", "-O3", *WARN), ()),
    "gcc, sanitized": (("gcc", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"), ()),
    "AArch64": (("aarch64-linux-gnu-gcc", "-O3", "-static", *WARN), ("qemu-aarch64",)),
}
#: Of the shapes those that fit no tile, where every one would take too long.
SLOW, FEW = ("gcc, sanitized", "AArch64"), ("tied", "nothing fits", "odd", "long", "muP", "one token")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SOURCES / "generic.c").exists(), reason="the C is not there beside the installed modules"),
]


@pytest.mark.parametrize("build", BUILDS)
def test_every_kind_agrees_with_float64(build: str, tmp_path: Path) -> None:
    """The layout of the shape too: Python fills it in by its own."""
    program = built(build, tmp_path)
    size, *places = map(int, subprocess.check_output([*program, "layout"]).split())
    assert size == ctypes.sizeof(Shape)
    assert places == [getattr(Shape, name).offset for name, _ in Shape._fields_]
    kinds = set()
    for shape in FEW if build in SLOW else SHAPES:
        case = Case(shape)
        case.loss.backward()
        asked, given = tmp_path / "asked", tmp_path / "given"
        asked.write_bytes(written(case))
        for kind in kernels.KINDS:
            done = subprocess.run([*program, kind, asked, given], capture_output=True, text=True, check=False)
            if done.returncode == NOT_HERE:
                continue
            assert done.returncode == 0, f"{kind}, {shape}: {done.stderr}"
            kinds.add(kind)
            found = torch.frombuffer(bytearray(given.read_bytes()), dtype=torch.float32)
            prob, grads, logits = found.split([case.tokens[:, 1:].numel(), case.params.numel(), case.logits.numel()])
            torch.testing.assert_close(-prob.double().log().mean(), case.loss, rtol=1e-6, atol=1e-7)
            assert distance(logits.view(case.logits.shape), case.logits) <= 1e-6, f"{kind}, {shape}"
            assert case.worst_gradient(grads) <= 1e-6, f"{kind}, {shape}"
    assert kinds == ({"generic"} if build == "AArch64" else set(kernels.usable_kinds()) or kinds | {"generic"})


def built(build: str, folder: Path) -> list[str]:
    """How `drive.c` is called when built one way."""
    compiler, runner = BUILDS[build]
    for tool in (compiler[0], *runner):
        if shutil.which(tool) is None:
            pytest.skip(f"there is no {tool} here")
    path = folder / "drive"
    sources = [Path(__file__).with_name("drive.c"), *(SOURCES / f"{kind}.c" for kind in kernels.KINDS)]
    command = [*compiler, "-I", SOURCES, "-o", path, *sources, "-lm"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if "cannot find" in made.stderr:
        pytest.skip(f"{compiler[0]} lacks a library here: {made.stderr.splitlines()[0]}")
    assert made.returncode == 0, made.stderr
    return [*runner, str(path)]


def written(case: Case) -> bytes:
    """A model as `drive.c` reads it."""
    its = laid_out(case.model, case.layout, case.vocab, case.length, case.batch)
    counts = torch.tensor([case.params.numel(), len(its.places)])
    tensors = (counts, its.places, its.cos, its.sin, case.params, case.tokens[:, :-1], case.tokens[:, 1:])
    return bytes(its.shape)[: Shape.cos.offset] + b"".join(t.contiguous().numpy().tobytes() for t in tensors)
