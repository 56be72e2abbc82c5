#!/bin/sh
# Runs every fuzz target, or those named, for some seconds each:       ./run.sh SECONDS [target…]
# Runs every feed format and every version scheme by itself, one core: ./run.sh each SECONDS [name…]
# The flags are those of cargo-fuzz without a sanitizer, which is all that a stable toolchain offers;
# the product forbids unsafe code, so panics and broken promises are what there is to find.
# LUUMEN_SEEDS may name a folder of real documents to begin with, beside our own samples.
set -eu
cd "$(dirname "$0")"
usage="usage: run.sh SECONDS [target...] | run.sh each SECONDS [name...]"
each=
if [ "${1:-}" = each ]; then
    each=yes
    shift
fi
seconds=${1:?"$usage"}
shift
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
instrumented="${RUSTFLAGS:-} --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
if [ -n "${LUUMEN_SEEDS:-}" ]; then
    seeds=$(realpath "$LUUMEN_SEEDS")
fi

# build TARGET: with an explicit host only the target is instrumented, not the build scripts.
build() {
    RUSTFLAGS=$instrumented cargo build --release --target "$host" --bin "$1"
}

# fuzz TARGET CORPUS: for the seconds that were asked for, from everything that there is to begin with.
fuzz() {
    mkdir -p "corpus/$2" "artifacts/$2" "seeds/$1"
    set -- "$1" "$2" "seeds/$1"
    if [ "$1" = feeds ]; then
        set -- "$@" ../crates/luumen-feeds/tests/samples ../content/sample ${seeds:+"$seeds"}
    fi
    target=$1 corpus=$2
    shift 2
    "$CARGO_TARGET_DIR/$host/release/$target" -max_total_time="$seconds" -print_final_stats=1 -rss_limit_mb=2048 \
        -max_len=200000 -artifact_prefix="artifacts/$corpus/" "corpus/$corpus" "$@"
}

# by_itself TARGET NAME: prints how it ended, how often it ran, and for how long.
by_itself() {
    log=logs/$1-$2.log
    result=passed
    (export LUUMEN_FORMAT="$2" LUUMEN_SCHEME="$2" && fuzz "$1" "$1-$2") >"$log" 2>&1 </dev/null || result=FAILED
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    spent=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")
    printf '%s\t%s\t%s\t%s runs\t%s s\n' "$1" "$2" "$result" "${runs:-?}" "${spent:-?}"
}

# each [NAME…]: one line of figures for every name.
each() {
    mkdir -p logs
    for target in feeds versions; do
        build "$target"
        for name in $(LUUMEN_LIST=yes "$CARGO_TARGET_DIR/$host/release/$target" 2>/dev/null); do
            if [ $# -gt 0 ]; then
                case " $* " in *" $name "*) ;; *) continue ;; esac
            fi
            by_itself "$target" "$name"
        done
    done
}

if [ -n "$each" ]; then
    each "$@"
else
    [ $# -gt 0 ] || set -- $(cd src/bin && ls -- *.rs | sed 's/\.rs$//')
    for target in "$@"; do
        build "$target"
        fuzz "$target" "$target"
    done
fi
