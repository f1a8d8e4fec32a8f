#!/bin/sh
# Measures `jirei tag` against bare tokenizing on made-up answers: ratio, comments per second, peak memory, start-up.
# Usage: benches/compare.sh [ANSWERS [ROUNDS [THREADS…]]], by default 200000 answers, 5 rounds, 1 and 2 threads.
# docs/performance.md says what the figures mean.
set -eu
cd "$(dirname "$0")/.."

answers=${1:-200000}
rounds=${2:-5}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift

cargo build --release --bins --examples
built=${CARGO_TARGET_DIR:-target}/release
input=$built/answers-$answers.csv
[ -s "$input" ] || "$built/examples/make_answers" "$answers" > "$input"

echo "$answers answers, $rounds rounds, $(uname -sm), $(getconf _NPROCESSORS_ONLN) cores"
"$built/examples/compare" "$built/jirei" "$built/examples/bare_lindera" "$input" "$rounds" "$@"
