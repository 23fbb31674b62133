#!/bin/bash
# Record while somebody speaks: bash record-speech.sh [SECONDS of silence that end it]. Needs partyline and jq.
silence=${1:-10} recording='' speaking=0

partyline events peer.speaking | jq --unbuffered -rn '
    foreach inputs as $frame ({};
        reduce ($frame.topics // {($frame.topic): $frame.message} | to_entries[]) as $one (.; .[$one.key] = $one.value.speaking);
        [.[] | select(.)] | length)' |
    while true; do
        if [ -n "$recording" ] && [ "$speaking" = 0 ]; then
            read -r -t "$silence" speaking
            ended=$?
            if [ "$ended" -gt 128 ]; then
                partyline do StopRecording
                recording='' speaking=0
                continue
            fi
        else
            read -r speaking
            ended=$?
        fi
        [ "$ended" = 0 ] || break
        if [ -z "$recording" ] && [ "$speaking" != 0 ]; then
            partyline do StartRecording && recording=yes
        fi
    done
