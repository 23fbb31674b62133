#!/bin/sh
# Prints the formula for a source distribution: packaging/homebrew/render.sh dist/partyline_psn-0.1.0.tar.gz [URL]
# Without a URL it names the place on PyPI.
set -eu
[ $# -ge 1 ] && [ -f "$1" ] || { echo "usage: $0 dist/partyline_psn-VERSION.tar.gz [URL]" >&2; exit 2; }
file=${1##*/}
url=${2:-https://files.pythonhosted.org/packages/source/p/partyline-psn/$file}
if command -v sha256sum >/dev/null; then sum=$(sha256sum <"$1"); else sum=$(shasum -a 256 <"$1"); fi
sed -e "s|@URL@|$url|" -e "s|@SHA256@|${sum%% *}|" "$(dirname "$0")/partyline.rb.in"
