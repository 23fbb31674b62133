#!/bin/sh
# Mute somebody by name, or unmute them: sh mute-by-name.sh Bo-Streams. Needs curl and jq.
set -eu
url="${PARTYLINE_API_URL:-http://127.0.0.1:8770}/api/v1"
key="Authorization: Bearer $PARTYLINE_API_KEY"

state=$(curl -sS --fail-with-body -H "$key" "$url/state?topics=party.state,audio.mixer") || {
    printf '%s\n' "$state" | jq -r '.error | "\(.message) \(.remedy)"' >&2
    exit 1
}
fields=$(printf '%s\n' "$state" | jq -c --arg name "$1" '
    .topics
    | [."party.state/".members[]? | select((.online_id | ascii_downcase) == ($name | ascii_downcase)) | "\(.account_id).\(.platform)"][0] as $peer
    | select($peer)
    | {peer: $peer, muted: ([."audio.mixer/".talkers[]? | select(.peer == $peer and .muted)] == [])}')
if [ -z "$fields" ]; then
    echo "$1 is not here." >&2
    exit 1
fi
curl -sS -H "$key" -H 'Content-Type: application/json' -d "$fields" "$url/requests/SetMute" >/dev/null
printf '%s\n' "$fields" | jq -r --arg name "$1" '"\($name) is \(if .muted then "muted" else "heard" end)."'
