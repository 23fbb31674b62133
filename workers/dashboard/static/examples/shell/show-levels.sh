#!/bin/sh
# Show the levels in dB by account: sh show-levels.sh. Needs partyline and jq.
partyline events audio.levels | jq --unbuffered -r '
    select(.op == "event")
    | [.message.talkers | to_entries[] | select(.value > -54) | "\(.key): \(.value | round) dB"] | join("  ")'
