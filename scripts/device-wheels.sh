#!/usr/bin/env bash
# What a machine with a GPU and no network lacks: this package and the pure companions of torch that it may be without,
# as wheels in FOLDER, for `python -m tests.benchmarks.device` there in a copy of the checkout (docs/benchmarks.md).
#   scripts/device-wheels.sh FOLDER [PYTHON_VERSION] [NAME...]
# The wheel of this package has no compiled steps, so that any version of Python takes it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?FOLDER}
version=${2:-3.12}
shift $(($# < 2 ? $# : 2))
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(lark pydantic pydantic-core annotated-types typing-extensions typing-inspection)
mkdir -p "$folder"
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
CC=false python3 -m pip wheel -q --no-deps -w "$made" .
python3 - "$made" "$folder" <<'P'
"""Our wheel for any Python: the tag in its name and in its own record."""
import sys, zipfile
from pathlib import Path

(built,) = Path(sys.argv[1]).glob("*.whl")
name, release = built.name.split("-")[:2]
with zipfile.ZipFile(built) as old, zipfile.ZipFile(Path(sys.argv[2]) / f"{name}-{release}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as new:
    for item in old.namelist():
        data = old.read(item)
        if item.endswith(".dist-info/WHEEL"):
            lines = [line for line in data.decode().splitlines() if not line.startswith("Tag:")]
            data = "\n".join([*lines, "Tag: py3-none-any", ""]).encode()
        if not item.endswith((".so", ".dist-info/RECORD")):
            new.writestr(item, data)
    record = next(item for item in old.namelist() if item.endswith(".dist-info/RECORD"))
    new.writestr(record, "".join(f"{item},,\n" for item in [*new.namelist(), record]))
P
platforms=()
for tag in manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014 manylinux1; do platforms+=(--platform "${tag}_x86_64"); done
python3 -m pip download -q --no-deps --only-binary=:all: --python-version "$version" --implementation cp "${platforms[@]}" -c constraints.txt -d "$folder" "${names[@]}"
du -ch "$folder"/*.whl
