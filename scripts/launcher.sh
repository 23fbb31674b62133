#!/bin/sh
# partyline launcher: runs this command from the .venv of the checkout one stands in, else of @HOME@.
# Put here by `make setup`; remove it as you like.
home=@HOME@
name=$(basename "$0")
folder=$PWD
while [ -n "$folder" ]; do
    if [ -x "$folder/.venv/bin/$name" ] && [ -f "$folder/supervisord.conf" ]; then exec "$folder/.venv/bin/$name" "$@"; fi
    folder=${folder%/*}
done
if [ -x "$home/.venv/bin/$name" ]; then exec "$home/.venv/bin/$name" "$@"; fi
printf '%s: no partyline checkout with a .venv here or at %s\nCall `make setup` in the checkout.\n' "$name" "$home" >&2
exit 127
