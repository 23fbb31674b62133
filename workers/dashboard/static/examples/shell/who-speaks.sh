#!/bin/sh
# Print who begins and ends to speak: sh who-speaks.sh. Needs partyline and jq.
partyline events peer.speaking | jq --unbuffered -r '
    select(.op == "event" and .message)
    | "\(.message.online_id) \(if .message.speaking then "speaks" else "is silent" end)"'
