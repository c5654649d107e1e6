#!/usr/bin/env bash
# Tests with the lowest versions that pyproject.toml claims, in a virtual environment of their own (.venv/lowest).
#
#   scripts/lowest-versions.sh [pytest's arguments; -m quick if none]
#
# PYTHON is the interpreter (python3). Torch comes as a CPU build from TORCH_INDEX; TORCH names another release where
# that index cannot be reached, such as TORCH=torch==2.13.0 TORCH_INDEX=https://pypi.org/simple.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv/lowest
"${PYTHON:-python3}" -m venv --clear "$venv"
"$venv/bin/python" > "$venv/lowest.txt" <<'P'
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
extras = project["optional-dependencies"]
for need in [*project["dependencies"], *extras["text"], *extras["parquet"], *extras["test"]]:
    if ">=" in need:
        print(need.replace(">=", "=="))
P
torch=$(grep '^torch==' "$venv/lowest.txt")
sed -i '/^torch==/d' "$venv/lowest.txt"
"$venv/bin/pip" install -q "${TORCH:-$torch}" -r "$venv/lowest.txt" \
    --extra-index-url "${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"
"$venv/bin/pip" install -q --no-deps .
# Warnings are not errors here: an old library may well be told by a newer one that it is old.
"$venv/bin/python" -m pytest -p no:cacheprovider -W default "${@:--mquick}"
