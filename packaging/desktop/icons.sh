#!/usr/bin/env bash
# Draws the desktop's icons from luumen.svg. Needs rsvg-convert (Debian: librsvg2-bin); the drawings are committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
icons=../../apps/desktop/icons
draw() { rsvg-convert --width "$1" --height "$1" luumen.svg --output "$icons/$2.png"; }
draw 32 32x32
draw 128 128x128
draw 256 128x128@2x
draw 512 icon
