#!/usr/bin/env bash
# What action.yml runs: every study checked with annotations, its form checked, and a summary of the job in Markdown.
#
# Reads, from the environment: STUDIES (files and folders, a line each; this folder if empty), BASE (the revision to
# compare with; none if empty or all zeros), STRICT and FORMAT (true or false), MACHINE (to cost studies for; none if
# empty), GITHUB_STEP_SUMMARY (the file that the summary is added to; standard output if it is not set).
# Ends with the first status that is not 0: of `validate`, then of `fmt --check`.
set -uo pipefail

studies=()
while IFS= read -r line; do
    [ -n "${line// /}" ] && studies+=("$line")
done <<< "${STUDIES:-.}"
[ ${#studies[@]} -gt 0 ] || studies=(.)

strict=()
[ "${STRICT:-false}" = true ] && strict=(--strict)
scalingdsl validate --output-format github ${strict[@]+"${strict[@]}"} -- "${studies[@]}"
valid=$?

formatted=0
if [ "${FORMAT:-true}" = true ]; then
    found=$(scalingdsl fmt --check -- "${studies[@]}" 2>&1)
    formatted=$?
    # What does not parse has been told of above.
    sed -n 's/^would reformat \(.*\)$/::error file=\1,title=form::not in canonical form: scalingdsl fmt \1/p' <<< "$found"
fi

since=()
BASE=${BASE:-}
if [ -n "${BASE//0/}" ]; then
    # A shallow checkout holds the last commit alone.
    git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --depth=1 origin "$BASE"
    if git cat-file -e "$BASE^{commit}" 2>/dev/null; then
        since=(--since "$BASE")
    else
        echo "::warning title=summary::revision $BASE cannot be fetched, so nothing is said of what changed"
    fi
fi
machine=()
[ -n "${MACHINE:-}" ] && machine=(--machine "$MACHINE")
scalingdsl summary ${since[@]+"${since[@]}"} ${machine[@]+"${machine[@]}"} -- "${studies[@]}" \
    >> "${GITHUB_STEP_SUMMARY:-/dev/stdout}"
summarised=$?
[ $summarised -le 1 ] || exit $summarised

[ $valid -eq 0 ] || exit $valid
exit $formatted
