#!/bin/sh
# Rewrites the tables of docs/accuracy.md between their markers, or with --check says whether they are up to date.
set -eu
# A decimal point in every locale.
export LC_ALL=C
cd "$(dirname "$0")/.."
page=docs/accuracy.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

jirei() {
    # Unquoted on purpose: JIREI may hold arguments.
    ${JIREI:-cargo run --release --quiet --} "$@"
}

# evaluate NAME GOLD [OPTIONS]: the CSV of `jirei eval` without byte order mark and carriage returns.
evaluate() {
    name=$1
    shift
    jirei --quiet eval "$@" --format csv >"$work/raw"
    tail -c +4 "$work/raw" | tr -d '\r' >"$work/$name.csv"
}

# Columns by their header, so that new ones do no harm. No name of a category holds a comma.
functions='
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
function get(name) { return $(at[name]) }
function two(value) { return value == "" ? "–" : sprintf("%.2f", value) }
function figure(name) {
    low = get(name "_low")
    return two(get(name)) (low == "" ? "" : " [" two(low) "–" two(get(name "_high")) "]")
}'

totals() { # totals WHO FILE
    awk -F, -v who="$1" "$functions"'
    get("by") != "" { next }
    get("level") == "micro" {
        micro = figure("precision") " | " figure("recall") " | " figure("f1")
        n = get("comments"); exact = two(get("exact_ratio")) " (" get("exact") "/" n ")"; example = two(get("example_f1"))
    }
    get("level") == "macro" {
        macro = figure("precision") " | " figure("recall") " | " figure("f1") " | " get("categories")
    }
    END { print "| " who " | " micro " | " macro " | " exact " | " example " |" }' "$work/$2.csv"
}

totals_table() { # totals_table RULES BASELINE
    awk -F, "$functions"' get("level") == "micro" && get("by") == "" { print get("comments") " comments.\n" }' "$work/$1.csv"
    echo '| tagger | micro P | micro R | micro F1 [95 %] | macro P | macro R | macro F1 [95 %] | categories | exact | mean F1 per comment |'
    echo '|---|---|---|---|---|---|---|---|---|---|'
    totals 'shipped rules' "$1"
    totals 'naive substrings' "$2"
}

categories_table() { # categories_table RULES BASELINE
    echo '| category | gold | predicted | precision [95 %] | recall [95 %] | F1 [95 %] | κ | AC1 | F1 of naive substrings |'
    echo '|---|---|---|---|---|---|---|---|---|'
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $(at["level"]) == "category" { print $(at["id"]) "," $(at["f1"]) }' "$work/$2.csv" >"$work/naive"
    awk -F, -v naive="$work/naive" 'BEGIN { while ((getline line < naive) > 0) { split(line, part, ","); f1[part[1]] = part[2] } }
    '"$functions"'
    get("level") == "category" {
        print "| " get("name") " `" get("id") "` | " get("support") " | " get("predicted") " | " figure("precision") " | " \
            figure("recall") " | " figure("f1") " | " two(get("kappa")) " | " two(get("ac1")) " | " two(f1[get("id")]) " |"
    }' "$work/$1.csv"
}

replace() { # replace MARKER FILE: what stands between the markers in $work/page
    awk -v marker="$1" -v file="$2" '
    $0 == "<!-- end " marker " -->" { skip = 0 }
    !skip { print }
    $0 == "<!-- begin " marker " -->" { skip = 1; while ((getline line < file) > 0) print line }
    ' "$work/page" >"$work/next"
    mv "$work/next" "$work/page"
}

cp "$page" "$work/page"
evaluate gold corpus/gold.csv
evaluate gold-naive corpus/gold.csv --rules tests/baseline/substring.toml
totals_table gold gold-naive >"$work/table"
replace gold-totals "$work/table"
categories_table gold gold-naive >"$work/table"
replace gold-categories "$work/table"
if [ -n "${REAL_GOLD:-}" ]; then
    evaluate real "$REAL_GOLD"
    evaluate real-naive "$REAL_GOLD" --rules tests/baseline/substring.toml
    evaluate real-unseen "$REAL_GOLD" --hold-out "${REAL_WAVE:-wave}"
    {
        totals_table real real-naive
        totals 'shipped rules, each wave unseen' real-unseen
    } >"$work/table"
    replace real-totals "$work/table"
fi

if [ "${1:-}" = --check ]; then
    diff -u "$page" "$work/page"
else
    cat "$work/page" >"$page"
fi
