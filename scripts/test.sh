#!/usr/bin/env bash
# Everything that must hold before a merge, in stages. Stops at the first one that fails and names it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

logs=$top/.local/test
mkdir -p "$logs"
# What an earlier run has counted or skipped is not this one's.
rm -f "$logs"/*.log "$logs"/*.xml
began=$SECONDS
counts=()
skipped=()
[ -t 2 ] || export CARGO_TERM_QUIET=true
export CI=${CI:-1} NO_UPDATE_NOTIFIER=1

# stage NAME COMMAND…: runs it, says how long it took, and ends everything if it fails.
stage() {
  local name=$1 start=$SECONDS ending=passed
  shift
  say "== $name"
  "$@" || fail "make test stopped at: $name (after $((SECONDS - start)) s)"
  say "   $name: $ending in $((SECONDS - start)) s"
}

# Runs a command and keeps what it prints under the logs, so that its tests can be counted.
kept() {
  local log=$logs/$1.log
  shift
  "$@" 2>&1 | tee "$log"
}

# count NAME LOG REGEX: adds up the numbers that a regular expression of sed (one group) finds in a log.
count() {
  local numbers
  numbers=$(sed 's/\x1b\[[0-9;]*m//g' "$logs/$2.log" 2>/dev/null | sed -nE "s/$3/\1/p" | paste -sd+)
  counts+=("$((${numbers:-0})) $1")
}

# skip WHAT WHY: goes on without it. The last line of all says so again, so that nobody takes it for passed.
skip() {
  say "   skipped: $2"
  ending=skipped
  skipped+=("$1: $2")
}

# skips WHAT LOG…: the same for what tests and steps have said in their logs.
skips() {
  local what=$1 why
  shift
  while IFS= read -r why; do skipped+=("$what: $why"); done < <(skips_in "$@")
}

set_up() { scripts/setup.sh test && use_tools; }

test_scripts() { scripts/lib_test.sh && scripts/desktop_test.sh; }

web_packages() {
  local package
  for package in ui/*/package.json; do
    [ -f "$package" ] && dirname "$package"
  done
}

check_web() {
  local package
  for package in $(web_packages); do
    npm run --silent --if-present -w "$package" typecheck || return 1
  done
}

test_web() {
  local package
  : >"$logs/web.log"
  for package in $(web_packages); do
    npm run --silent --if-present -w "$package" test 2>&1 | tee -a "$logs/web.log" || return 1
  done
}

# The end-to-end tests run the programs themselves. All at once, so that every stage shares one build.
build_programs() { cargo build --locked --workspace "${left_out[@]}" --bins; }

# The desktop's screens twice: as the window carries them, and with the hook that tests in a browser read terminals by.
build_web() {
  npm run --silent build -w @luumen/web -- --logLevel warn &&
    npm run --silent build -w @luumen/desktop -- --logLevel warn &&
    npm run --silent build:test -w @luumen/desktop -- --logLevel warn
}

# TRIES=2, which the merge check sets, runs once more what failed, and nothing else: nextest a test, e2e/src/run.mjs a file. The last lines of
# all tell of it.
# Either way of running them keeps what passing tests say, for among it is what they have skipped.
test_rust() {
  if have cargo-nextest; then
    kept rust cargo nextest run --workspace "${left_out[@]}" --locked --retries $((${TRIES:-1} - 1)) --status-level fail --final-status-level flaky \
      --no-fail-fast &&
      cp target/nextest/default/junit.xml "$logs/rust.xml" &&
      cargo test --workspace "${left_out[@]}" --locked --doc --quiet >"$logs/doc.log" 2>&1 || { cat "$logs/doc.log" 2>/dev/null; return 1; }
  else
    kept rust cargo test --workspace "${left_out[@]}" --locked --quiet --no-fail-fast -- --show-output |
      awk '/^successes:$/ { quiet = 1 } /^(failures:|test result:)/ { quiet = 0 } !quiet'
  fi
}

# Requests of all kinds, but always the same ones: by hand, the script sends more and others.
test_api() {
  if ! scripts/schemathesis.sh install; then
    skip "API" "schemathesis cannot be had from PyPI"
    return
  fi
  requests && return
  [ "${TRIES:-1}" -gt 1 ] || return 1
  requests && skipped+=("API: passed only when it was run again")
}

requests() {
  SEED=1 EXAMPLES=10 scripts/schemathesis.sh >"$logs/api.log" 2>&1 || { cat "$logs/api.log"; return 1; }
}

no_browser="no Chromium or Chrome here (set CHROME=/path/to/chrome)"

test_browser() {
  CHROME=$(find_browser)
  if [ -z "$CHROME" ]; then
    skip "browser" "$no_browser"
    return
  fi
  export CHROME
  kept browser npm test --silent -w @luumen/e2e
}

# The same screens in a browser, over the loopback server that is built for this.
test_desktop_screens() {
  CHROME=$(find_browser)
  if [ -z "$CHROME" ]; then
    skip "desktop screens" "$no_browser"
    return
  fi
  export CHROME
  kept screens npm run --silent test:screens -w @luumen/e2e
}

# The real window, on a screen that nobody sees.
test_desktop_window() {
  if ! can_drive_desktop; then
    skip "desktop window" "not without webkit2gtk-4.1, WebKitWebDriver, tauri-driver, Xvfb and dbus-run-session"
    return
  fi
  kept window dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' npm run --silent test:window -w @luumen/e2e
}

stage "set up" set_up
use_tools
left_out=()
can_build_desktop || {
  skip "desktop" "webkit2gtk-4.1 is not installed"
  left_out=(--exclude luumen-desktop)
}
stage "scripts" test_scripts
stage "web types" check_web
stage "web tests" test_web
skips web "$logs/web.log"
count web web '^ *Tests .*[^0-9]([0-9]+) passed.*'
stage "web build" build_web
stage "programs" build_programs
stage "lint" kept lint cargo xtask ci
skips lint "$logs/lint.log"
stage "API tests" test_api
count API api '^ *[0-9]+ generated, ([0-9]+) passed.*'
stage "Rust tests" test_rust
skips Rust "$logs/rust.log" "$logs/rust.xml" "$logs/doc.log"
count Rust rust '.*[nk][:.] ([0-9]+) passed.*'
if [ -f e2e/package.json ]; then
  stage "browser tests" test_browser
  skips browser "$logs/browser.log"
  count browser browser '^passed in all: ([0-9]+)$'
  stage "desktop screens" test_desktop_screens
  skips "desktop screens" "$logs/screens.log"
  count "desktop screen" screens '^passed in all: ([0-9]+)$'
  stage "desktop window" test_desktop_window
  skips "desktop window" "$logs/window.log"
  count "desktop window" window '^passed in all: ([0-9]+)$'
fi

took=$((SECONDS - began))
joined=$(printf '%s, ' "${counts[@]}")
say "make test: all passed: ${joined%, } tests in $((took / 60)) min $((took % 60)) s"
[ ${#skipped[@]} -gt 0 ] || skipped=(nothing)
left=$(printf '%s; ' "${skipped[@]}")
say "skipped: ${left%; }"
