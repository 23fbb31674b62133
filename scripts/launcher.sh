#!/bin/sh
# partyline launcher: runs this command from the .venv of the checkout one stands in, else of the one below.
# Put here by `make setup`; remove it as you like.
home='@HOME@'
name=$(basename "$0")

# Whether nobody else could have put this checkout here, or could change it: it is the user's own, and so is (or root's)
# every folder above it, which not everybody may write to (unless only one's own files can be removed there, as in /tmp).
is_own() { # folder
    [ -O "$1" ] && [ -O "$1/.venv/bin/$name" ] || return 1
    above=$1
    while [ -n "$above" ]; do
        [ -z "$(find "$above" -maxdepth 0 \( ! -user 0 ! -user "$(id -u)" -o -perm -0002 ! -perm -1000 \))" ] || return 1
        above=${above%/*}
    done
}

folder=$(pwd -P)
while [ -n "$folder" ] && [ "$folder" != / ]; do
    if [ -x "$folder/.venv/bin/$name" ] && [ -f "$folder/supervisord.conf" ]; then
        if is_own "$folder"; then
            if [ "$folder" != "$home" ] && [ -t 2 ]; then printf '%s: using %s\n' "$name" "$folder" >&2; fi
            exec "$folder/.venv/bin/$name" "$@"
        fi
        printf '%s: leaving %s aside: somebody else can change it, or owns it\n' "$name" "$folder" >&2
    fi
    folder=${folder%/*}
done
if [ -x "$home/.venv/bin/$name" ]; then exec "$home/.venv/bin/$name" "$@"; fi
printf '%s: no partyline checkout with a .venv here or at %s\nCall `make setup` in the checkout.\n' "$name" "$home" >&2
exit 127
