#!/usr/bin/env bash
# The browser for the tests marked `browser`: Debian's chromium, where apt can install it. Without it they are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/system.sh
. deploy/system.sh

for program in chromium chromium-browser google-chrome; do
  command -v "$program" >/dev/null && exit 0
done
apt_install chromium || step "no chromium: tests marked browser are skipped; as root: apt-get install chromium"
