#!/usr/bin/env bash
# Everything that must hold before a merge, in stages. Stops at the first one that fails and names it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

logs=$top/.local/test
mkdir -p "$logs"
began=$SECONDS
counts=()
[ -t 2 ] || export CARGO_TERM_QUIET=true
export CI=${CI:-1} NO_UPDATE_NOTIFIER=1

# stage NAME COMMAND…: runs it, says how long it took, and ends everything if it fails.
stage() {
  local name=$1 start=$SECONDS
  shift
  say "== $name"
  "$@" || fail "make test stopped at: $name (after $((SECONDS - start)) s)"
  say "   $name: passed in $((SECONDS - start)) s"
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

set_up() { scripts/setup.sh test && use_tools; }

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

test_rust() {
  if have cargo-nextest; then
    kept rust cargo nextest run --workspace "${left_out[@]}" --locked --status-level fail --final-status-level fail --no-fail-fast &&
      cargo test --workspace "${left_out[@]}" --locked --doc --quiet >"$logs/doc.log" 2>&1 || { cat "$logs/doc.log" 2>/dev/null; return 1; }
  else
    kept rust cargo test --workspace "${left_out[@]}" --locked --quiet --no-fail-fast
  fi
}

test_browser() {
  CHROME=$(find_browser)
  if [ -z "$CHROME" ]; then
    say "   skipped: no Chromium or Chrome here (set CHROME=/path/to/chrome)"
    return
  fi
  export CHROME
  kept browser npm test --silent -w @luumen/e2e
}

# The same screens in a browser, over the loopback server that is built for this.
test_desktop_screens() {
  CHROME=$(find_browser)
  if [ -z "$CHROME" ]; then
    say "   skipped: no Chromium or Chrome here (set CHROME=/path/to/chrome)"
    return
  fi
  export CHROME
  kept screens npm run --silent test:screens -w @luumen/e2e
}

# The real window, on a screen that nobody sees.
test_desktop_window() {
  if ! can_drive_desktop; then
    say "   skipped: the window is not tested without webkit2gtk-4.1, WebKitWebDriver, Xvfb and dbus-run-session"
    return
  fi
  kept window dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' npm run --silent test:window -w @luumen/e2e
}

stage "set up" set_up
use_tools
left_out=()
can_build_desktop || {
  say "   the desktop is left out: webkit2gtk-4.1 is not installed"
  left_out=(--exclude luumen-desktop)
}
stage "web types" check_web
stage "web tests" test_web
count web web '^ *Tests .*[^0-9]([0-9]+) passed.*'
stage "web build" build_web
stage "programs" build_programs
stage "lint" cargo xtask ci
stage "Rust tests" test_rust
count Rust rust '.*[nk][:.] ([0-9]+) passed.*'
if [ -f e2e/package.json ]; then
  stage "browser tests" test_browser
  count browser browser '^[^ ]+ pass ([0-9]+)$'
  stage "desktop screens" test_desktop_screens
  count "desktop screen" screens '^[^ ]+ pass ([0-9]+)$'
  stage "desktop window" test_desktop_window
  count "desktop window" window '^[^ ]+ pass ([0-9]+)$'
fi

took=$((SECONDS - began))
joined=$(printf '%s, ' "${counts[@]}")
say "make test: all passed: ${joined%, } tests in $((took / 60)) min $((took % 60)) s"
