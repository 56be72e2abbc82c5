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
can_drive_desktop() { can_build_desktop && have WebKitWebDriver && have tauri-driver && have xvfb-run && have dbus-run-session; }

# Where cargo puts what it builds.
target_dir() { cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'; }

# Opens a link in the person's own browser and goes on at once. That browser lives on without us: it gets a session of its own,
# so that Ctrl-C is not for it, the mask $2 for the files it makes, and not the lock of `make run` (descriptor 9).
open_link() {
  (umask "$2" && exec setsid xdg-open "$1") </dev/null >/dev/null 2>&1 9>&- &
  disown
}

# only SUFFIX FOLDER: prints the one file of that kind. Of two, nobody could say which one was just built.
only() {
  local found
  mapfile -t found < <(find "$2" -maxdepth 1 -type f -name "*$1" | sort)
  [ ${#found[@]} -eq 1 ] || fail "$2 should hold one *$1, and holds ${#found[@]}: ${found[*]}"
  printf '%s\n' "${found[0]}"
}

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
  # What setup.sh has fetched where the system has no package of it.
  for name in "$cache/chromium/chromium" "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome; do
    if [ -x "$name" ] && "$name" --version >/dev/null 2>&1; then
      printf '%s\n' "$name"
      return
    fi
  done
}

# skips_in LOG…: prints what tests and steps say in these logs that they have left out, one a line, with "3 × " before what
# is said three times. Knows the words of our own tests and steps ("skipped: WHY"), node's two ways, vitest's and cargo's.
skips_in() {
  sed -E 's/\x1b\[[0-9;]*m//g' "$@" 2>/dev/null |
    sed -nE '
      s/^[# ]*(<system-(out|err)>)?skipped: (.*)$/\3/p; t
      s/^[# ]*(<system-(out|err)>)?skipped (on [^:]+: .*)$/\3/p; t
      s/^  ([a-z]+) +(skipped|warned)  +(.*)$/\1: \3/p; t
      s/^ *ok [0-9]+ - .* # SKIP ?(.*)$/\1/p; t
      s/^ *﹣ .* # (.*)$/\1/p; t
      s/^ *Tests .*[^0-9]([0-9]+) skipped.*$/\1 tests are marked to be skipped/p; t
      s/^ *FLAKY [^]]*\] *(.*)$/passed only when it was tried again: \1/p; t
      s/^ *Summary .*, ([1-9][0-9]*) skipped$/\1 tests are marked to be ignored/p; t
      s/^test result: .* ([1-9][0-9]*) ignored.*$/\1 tests are marked to be ignored/p' |
    sed -E 's/<\/system-(out|err)>.*//; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' |
    LC_ALL=C sort | uniq -c | sed -E 's/^ *1 //; t; s/^ *([0-9]+) /\1 × /'
}
