#!/usr/bin/env bash
# Tests with the lowest versions that pyproject.toml claims, in a virtual environment of their own (.venv/lowest).
#
#   scripts/lowest-versions.sh [pytest's arguments; -m quick if none]
#
# PYTHON is the interpreter (python3). TORCH_INDEX is an index that has CPU builds of torch, lest its CUDA builds of some
# gigabytes be taken; where there is none, TORCH names a release to take in place of the lowest: TORCH=torch==2.13.0.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv/lowest
"${PYTHON:-python3}" -m venv --clear "$venv"
"$venv/bin/python" > "$venv/lowest.txt" <<'P'
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
extras = project["optional-dependencies"]
needs = [project["dependencies"], *(extras[name] for name in ("train", "text", "parquet", "xlsx", "zst", "test"))]
for need in [need for some in needs for need in some]:
    if ">=" in need:
        print(need.replace(">=", "=="))
P
torch=$(grep '^torch==' "$venv/lowest.txt")
sed -i '/^torch==/d' "$venv/lowest.txt"
"$venv/bin/pip" install -q "${TORCH:-$torch}" -r "$venv/lowest.txt" \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"}
"$venv/bin/pip" install -q --no-deps .
# Warnings are not errors here: an old library may well be told by a newer one that it is old.
"$venv/bin/python" -m pytest -p no:cacheprovider -W default "${@:--mquick}"
