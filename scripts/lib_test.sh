#!/usr/bin/env bash
# What of lib.sh decides what people are told: which browser is found, how a link is opened, which package was
# built, and what a log says that it left out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
checks=0

# same WHAT EXPECTED FOUND
same() {
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1:
expected: $2
found:    $3"
}

# skips WHAT EXPECTED: what a log on standard input says that it left out.
skips() {
  cat >"$folder/log"
  same "$1" "$2" "$(skips_in "$folder/log")"
}

skips "what passed left nothing out" "" <<'LOG'
     Summary [ 142.428s] 942 tests run: 942 passed, 0 skipped
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
# skipped 0
ℹ skipped 0
    ok 7 - skipping leaves what is there, overwriting puts the new one in its place
      Tests  204 passed (204)
  dependencies   passed      4.1 s
LOG
skips "a step of xtask" "advisories: RustSec's database cannot be had" <<'LOG'
  layers         passed     12.3 s
  advisories     skipped  RustSec's database cannot be had
LOG
skips "tests in Rust, as cargo prints them" "2 × no sshd on this machine
on PostgreSQL: no <postgres> here" <<'LOG'
---- sessions::opens stdout ----
skipped: no sshd on this machine
skipped on PostgreSQL: no <postgres> here
skipped: no sshd on this machine
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
LOG
skips "tests in Rust, as nextest keeps them" "no \"rpm\" & <dpkg>
this machine's dpkg" <<'LOG'
            <system-err>skipped: no &quot;rpm&quot; &amp; &lt;dpkg&gt;</system-err>
            <system-err>beforehand
skipped: this machine&apos;s dpkg
</system-err>
LOG
skips "tests that cargo ignores" "1 tests are marked to be ignored
3 tests are marked to be ignored" <<'LOG'
     Summary [   2.585s] 27 tests run: 27 passed, 3 skipped
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s
LOG
skips "tests in node, either way that it prints them" "2 × only root can give a host packages
xdotool is not installed" <<'LOG'
    ok 1 - a test # SKIP only root can give a host packages
# skipped: xdotool is not installed
﹣ another test (0.2ms) # only root can give a host packages
LOG
skips "tests in vitest, in colours" "2 tests are marked to be skipped" < <(
  printf '\033[2m      Tests \033[22m \033[1m\033[32m76 passed\033[39m\033[22m | \033[33m2 skipped\033[39m (78)\n'
)
same "a log that is not there" "" "$(skips_in "$folder/none")"

# program PATH EXIT: a file that can be run and ends so.
program() {
  mkdir -p "$(dirname "$1")"
  printf '#!/bin/sh\nexit %s\n' "$2" >"$1"
  chmod +x "$1"
}

# Where there are no browsers but these, and nothing else is asked for.
browser() {
  (
    unset CHROME
    have() { [ -x "$folder/bin/$1" ]; }
    PATH=$folder/bin:$PATH cache=$folder/cache PLAYWRIGHT_BROWSERS_PATH=$folder/playwright
    find_browser
  )
}
same "no browser" "" "$(browser)"
program "$folder/playwright/chromium-1255/chrome-linux64/chrome" 0
same "Playwright's browser" "$folder/playwright/chromium-1255/chrome-linux64/chrome" "$(browser)"
program "$folder/cache/chromium/chromium" 1
same "a browser of the cache that does not run" "$folder/playwright/chromium-1255/chrome-linux64/chrome" "$(browser)"
program "$folder/cache/chromium/chromium" 0
same "the browser of the cache" "$folder/cache/chromium/chromium" "$(browser)"
program "$folder/bin/chromium-browser" 1
same "Ubuntu's stub of a browser" "$folder/cache/chromium/chromium" "$(browser)"
program "$folder/bin/chromium" 0
same "the system's browser" "$folder/bin/chromium" "$(browser)"
same "the browser that was asked for" /opt/chrome "$(CHROME=/opt/chrome find_browser)"

# A browser that stays in the foreground, says what it was started with, and says so when it ends.
mkdir -p "$folder/path"
cat >"$folder/path/xdg-open" <<'BROWSER'
#!/bin/sh
echo "$1 $(umask)" >"${0%/*}/opened.part"
mv "${0%/*}/opened.part" "${0%/*}/opened"
sleep 3
touch "${0%/*}/ended"
BROWSER
chmod +x "$folder/path/xdg-open"
began=$SECONDS
(
  PATH=$folder/path:$PATH
  umask 077
  exec 9>"$folder/lock"
  flock -n 9
  open_link http://127.0.0.1/link 0022
  wait
)
for ((waited = 0; waited < 100; waited++)); do
  [ -f "$folder/path/opened" ] && break
  sleep 0.1
done
same "the link, and the mask of the browser that opens it" "http://127.0.0.1/link 0022" "$(cat "$folder/path/opened")"
same "the lock while the browser is open" "free, open" \
  "$(flock -n "$folder/lock" echo free || echo taken), $([ -f "$folder/path/ended" ] && echo "ended after $((SECONDS - began)) s" || echo open)"

same "no package" "error: $folder/deb should hold one *.deb, and holds 0: " "$(mkdir "$folder/deb" && only .deb "$folder/deb" 2>&1)"
touch "$folder/deb/Luumen_2.deb" "$folder/deb/Luumen_2.deb.sig"
same "the package" "$folder/deb/Luumen_2.deb" "$(only .deb "$folder/deb")"
touch "$folder/deb/Luumen_1.deb"
same "an older package beside it" \
  "error: $folder/deb should hold one *.deb, and holds 2: $folder/deb/Luumen_1.deb $folder/deb/Luumen_2.deb" "$(only .deb "$folder/deb" 2>&1)"

say "   $checks checks of lib.sh"
