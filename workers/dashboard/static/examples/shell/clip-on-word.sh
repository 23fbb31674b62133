#!/bin/sh
# Save a clip when a line from stdin has a word: speech-to-text | sh clip-on-word.sh wow. Needs partyline.
while read -r line; do
    if printf '%s\n' "$line" | grep -qiF -- "$1"; then
        partyline do SaveClip
    fi
done
