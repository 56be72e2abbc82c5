# Shared by the scripts beside it: where things are, and how they speak. Sourced, never run.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/luumen

# The oldest Node that builds the web app, as in package.json.
node_needed=20.19

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
fail() {
  warn "error: $*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Whether version $1 is $2 or newer.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

good_node() { have node && have npm && at_least "$(node --version 2>/dev/null | tr -d v)" "$node_needed"; }

# Puts what setup.sh has fetched for this user before or behind what the system has.
use_tools() {
  if ! good_node && [ -x "$cache/node/node" ]; then
    PATH=$cache/node:$PATH
  fi
  [ -d "$cache/tools/bin" ] && PATH=$PATH:$cache/tools/bin
  have cargo || { [ -x "$HOME/.cargo/bin/cargo" ] && PATH=$HOME/.cargo/bin:$PATH; }
  export PATH
}

# Whether the desktop's window can be built here: it is made of the system's web view.
can_build_desktop() { have pkg-config && pkg-config --exists 'webkit2gtk-4.1 >= 2.38'; }

# Whether a window can be driven here.
can_drive_desktop() { can_build_desktop && have WebKitWebDriver && have xvfb-run && have dbus-run-session; }

# Where cargo puts what it builds.
target_dir() { cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'; }

# Prints the browser that the end-to-end tests drive; nothing if there is none.
find_browser() {
  local name
  if [ -n "${CHROME:-}" ]; then
    printf '%s\n' "$CHROME"
    return
  fi
  for name in chromium google-chrome google-chrome-stable chromium-browser; do
    # Ubuntu's chromium-browser is a stub that asks for a snap until the snap is there.
    if have "$name" && "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
}
