#!/usr/bin/env bash
# That `desktop.sh packages` checks and signs what it has just built, and never a package of another version that lay there.
# Builds nothing: setup, cargo, npm, the bundler and whoever reads packages are stand-ins.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bundles=$folder/target/release/bundle

# stand_in NAME: a program of that name, from standard input.
stand_in() {
  mkdir -p "$folder/bin"
  { echo '#!/usr/bin/env bash' && cat; } >"$folder/bin/$1"
  chmod +x "$folder/bin/$1"
}

mkdir -p "$folder/scripts" "$folder/apps/desktop" "$bundles/deb" "$bundles/rpm"
cp "$top/scripts/lib.sh" "$top/scripts/desktop.sh" "$folder/scripts"
printf '[workspace.package]\nversion = "2.0.0"\n' >"$folder/Cargo.toml"
touch "$folder/scripts/setup.sh" "$bundles/deb/Luumen_1.0.0_amd64.deb" "$bundles/rpm/Luumen-1.0.0-1.x86_64.rpm" "$bundles/latest.json"
chmod +x "$folder/scripts/setup.sh"
stand_in npm </dev/null
stand_in cargo <<<"echo '{\"target_directory\":\"$folder/target\"}'"
stand_in npx <<BUNDLER
mkdir -p $bundles/deb $bundles/rpm
touch $bundles/deb/Luumen_2.0.0_amd64.deb $bundles/rpm/Luumen-2.0.0-1.x86_64.rpm
BUNDLER
held="usr/bin/luumen-desktop usr/share/applications/Luumen.desktop usr/share/doc/luumen/copyright"
held+=" usr/share/doc/luumen/third-party-licences.txt usr/share/icons/hicolor/128x128/apps/luumen-desktop.png"
stand_in dpkg-deb <<READER
case \$1 in
  --contents) printf -- '- - - - - ./%s\n' $held ;;
  --fsys-tarfile) tar -C $folder -cf - usr/share/applications/Luumen.desktop ;;
esac
READER
mkdir -p "$folder/usr/share/applications"
echo 'MimeType=x-scheme-handler/ssh;' >"$folder/usr/share/applications/Luumen.desktop"
# Reads an .rpm, or signs: then it says what.
stand_in node <<READER
case \$1 in
  scripts/rpm-files.mjs) printf '%s\n' $held ;;
  scripts/update-manifest.mjs) shift; echo "signed: \$*" >>$folder/signed ;;
esac
READER

said=$(PATH=$folder/bin:$PATH LUUMEN_UPDATE_KEY=key LUUMEN_UPDATE_PUBKEY=pub "$folder/scripts/desktop.sh" packages 2>&1) ||
  fail "the packages were not made: $said"
expected="signed: $folder/target/release/luumen-desktop 2.0.0 $bundles $bundles/deb/Luumen_2.0.0_amd64.deb $bundles/rpm/Luumen-2.0.0-1.x86_64.rpm"
[ "$(cat "$folder/signed")" = "$expected" ] || fail "expected: $expected
found:    $(cat "$folder/signed")"
for checked in Luumen_2.0.0_amd64.deb Luumen-2.0.0-1.x86_64.rpm; do
  grep -q "^  $checked holds the program" <<<"$said" || fail "$checked was not checked: $said"
done
! grep -q '1\.0\.0' <<<"$said" || fail "a package of another version was looked at: $said"

say "   desktop.sh packages looks at what it has built"
