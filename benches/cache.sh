#!/bin/sh
# Measures what `jirei tag --cache` saves: one file of JSON Lines, and the whole set in a folder, of made-up answers, without a
# cache, with one that knows them all, and after a term was added to a rule. Checks that the bytes are those of a full run.
# Usage: benches/cache.sh [ANSWERS [ROUNDS]], by default 53000 answers, 3 rounds. docs/performance.md has figures.
set -eu
cd "$(dirname "$0")/.."

answers=${1:-53000}
rounds=${2:-3}

cargo build --release --bin jirei --example make_answers
built=${CARGO_TARGET_DIR:-target}/release
jirei=$built/jirei
input=$built/answers-$answers.csv
[ -s "$input" ] || "$built/examples/make_answers" "$answers" > "$input"

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cp -r rules "$room/before"
cp -r rules "$room/after"
# A term more in the first list of a category that few answers have: as when rules are being tuned.
sed -i "0,/^any *= *\[/s//&'まちがい', /" "$room/after/10-eligibility.toml"

# run RULES OUTPUT [OPTION…]: seconds and processor seconds of a run.
run() {
    rules=$1 out=$2
    shift 2
    rm -rf "$room/$out"
    bash -c 'TIMEFORMAT="%R %U %S"; time "$@"' - \
        "$jirei" tag "$input" --rules "$room/$rules" -o "$room/$out" -q "$@" 2>&1 |
        awk '{ printf "%.2f %.2f", $1, $2 + $3 }'
}

# measure NAME OPTION…: the rounds of one kind of output.
measure() {
    kind=$1
    shift
    for round in $(seq "$rounds"); do
        rm -rf "$room/cache"
        full=$(run after full "$@")
        cold=$(run before cold "$@" --cache "$room/cache")
        warm=$(run before warm "$@" --cache "$room/cache")
        changed=$(run after changed "$@" --cache "$room/cache")
        diff -r "$room/full" "$room/changed"
        diff -r "$room/cold" "$room/warm"
        echo "$kind $full $cold $warm $changed" | awk '{
            printf "%-6s full %s s (%s s of processor); nothing known %.2f x (%.2f x); nothing changed %.2f x (%.2f x); a term changed %.2f x (%.2f x)\n",
                $1, $2, $3, $4 / $2, $5 / $3, $6 / $2, $7 / $3, $8 / $2, $9 / $3 }'
    done
}

echo "$answers answers, $rounds rounds, $(uname -sm), $(getconf _NPROCESSORS_ONLN) cores"
measure jsonl --format jsonl
measure folder
