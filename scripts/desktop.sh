#!/usr/bin/env bash
# `make desktop` (run) and `make desktop-deb` (packages): the desktop from the sources; `bench` measures it (bench/terminal).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

# Names of functions stay in what is released, so that a note of a crash can be read; line tables would be most of a package.
export CARGO_PROFILE_RELEASE_DEBUG=false

build_screens() {
  say "Building the desktop's screens"
  npm run --silent build -w @luumen/desktop -- --logLevel warn
}

open_window() {
  build_screens
  say "Building the desktop (the first time takes some minutes)"
  cargo build --locked -p luumen-desktop
  if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    fail "the desktop is built, but there is no screen to open it on (neither DISPLAY nor WAYLAND_DISPLAY is set)"
  fi
  exec "$(target_dir)/debug/luumen-desktop" "$@"
}

# The bundler works offline for these two kinds. PROFILE=--debug packs a build for tests.
build_packages() {
  build_screens
  say "Building the packages"
  # The texts of the licences travel with the program; the committed ones have to be those of this build.
  cargo xtask generate --licences
  local commit bundles deb rpm
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null || true)
  bundles=$(target_dir)/$([ "${PROFILE:-}" = --debug ] && echo debug || echo release)/bundle
  # The bundler leaves packages of other versions where they are, and those would be checked and signed as this one.
  rm -rf "$bundles/deb" "$bundles/rpm" "$bundles/latest.json"
  (cd apps/desktop && CI=true LUUMEN_COMMIT=$commit npx --no-install tauri build ${PROFILE:-} --bundles deb,rpm -- --locked)
  deb=$(only .deb "$bundles/deb")
  rpm=$(only .rpm "$bundles/rpm")
  say "Packages:"
  say "  $deb"
  say "  $rpm"
  if have dpkg-deb; then check_package "$deb"; fi
  check_rpm "$rpm"
  if [ -n "${LUUMEN_UPDATE_KEY:-}" ]; then sign_packages "$bundles" "$deb" "$rpm"; fi
}

# Updates are prepared and not switched on (packaging/desktop/README.md): nothing is published here.
sign_packages() {
  [ -n "${LUUMEN_UPDATE_PUBKEY:-}" ] || fail "LUUMEN_UPDATE_KEY is given, but the program was built without LUUMEN_UPDATE_PUBKEY"
  say "Signing the packages"
  local version
  version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
  node scripts/update-manifest.mjs "$(dirname "$1")/luumen-desktop" "$version" "$@"
  say "  $1/latest.json"
}

# What both kinds of package hold.
WANTED="usr/bin/luumen-desktop usr/share/applications/Luumen.desktop usr/share/doc/luumen/copyright
  usr/share/doc/luumen/third-party-licences.txt usr/share/icons/hicolor/128x128/apps/luumen-desktop.png"

holds_all() {
  local wanted
  for wanted in $WANTED; do
    grep -qxE "(\./|/)?$wanted" <<<"$2" || fail "$1 does not hold $wanted"
  done
}

check_rpm() {
  holds_all "$1" "$(node scripts/rpm-files.mjs "$1")"
  say "  $(basename "$1") holds the program, its icons, its menu entry and the licences"
}

# A package without its program, its entry in the menu or its handler of links is none.
check_package() {
  local entry
  holds_all "$1" "$(dpkg-deb --contents "$1" | awk '{ print $6 }')"
  entry=$(dpkg-deb --fsys-tarfile "$1" | tar --to-stdout --wildcards -xf - '*Luumen.desktop')
  grep -q '^MimeType=x-scheme-handler/ssh;' <<<"$entry" || fail "$1 does not open ssh:// links"
  say "  $(basename "$1") holds the program, its icons, its menu entry, the handler of ssh:// links and the licences"
}

# The window as it is released, but with the hook that reads terminals, on a screen that nobody sees.
bench() {
  npm run --silent build:test -w @luumen/desktop -- --logLevel warn
  TAURI_CONFIG='{"build":{"frontendDist":"../../ui/desktop/dist-test"}}' cargo build --locked --release -p luumen-desktop
  LUUMEN_DESKTOP=$(target_dir)/release/luumen-desktop \
    dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' node bench/terminal/run.mjs "$@"
}

scripts/setup.sh desktop
use_tools
case ${1:-} in
  run) open_window "${@:2}" ;;
  packages) build_packages ;;
  bench) bench "${@:2}" ;;
  *)
    warn "usage: desktop.sh run [ARGUMENT…] | packages | bench [OPTION…]"
    exit 2
    ;;
esac
