#!/bin/sh
# Runs every fuzz target, or those named, for some seconds each: ./run.sh SECONDS [target…]
# The flags are those of cargo-fuzz without a sanitizer, which is all that a stable toolchain offers;
# the product forbids unsafe code, so panics and broken promises are what there is to find.
set -eu
cd "$(dirname "$0")"
seconds=${1:?"usage: run.sh SECONDS [target...]"}
shift
[ $# -gt 0 ] || set -- $(cd src/bin && ls -- *.rs | sed 's/\.rs$//')
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
export RUSTFLAGS="${RUSTFLAGS:-} --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
for target in "$@"; do
    # With an explicit host only the target is instrumented, not the build scripts.
    cargo build --release --target "$host" --bin "$target"
    mkdir -p "corpus/$target" "artifacts/$target" "seeds/$target"
    "$CARGO_TARGET_DIR/$host/release/$target" -max_total_time="$seconds" -print_final_stats=1 -rss_limit_mb=2048 \
        -artifact_prefix="artifacts/$target/" "corpus/$target" "seeds/$target"
done
