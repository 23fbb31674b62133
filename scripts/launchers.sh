#!/bin/sh
# Puts supervisord, supervisorctl and partyline on PATH, as scripts that find the checkout's .venv: scripts/launcher.sh.
# Leaves alone what is there already, of ours or not. Part of scripts/setup.sh.
set -eu
cd "$(dirname "$0")/.."
checkout=$PWD

say() { printf 'setup: %s\n' "$*"; }

launcher_folder() { # name
    for folder in "$HOME/.local/bin" "$HOME/bin" /opt/homebrew/bin /usr/local/bin; do
        # in Homebrew's folder only our own name: `brew install supervisor` could not link its own there
        [ "$1" = partyline ] || { [ "$folder" != /opt/homebrew/bin ] && [ ! -x "$folder/brew" ]; } || continue
        case ":$PATH:" in *":$folder:"*) [ -d "$folder" ] && [ -w "$folder" ] && { echo "$folder"; return 0; } ;; esac
    done
    return 1
}

is_ours() { # file
    grep -q 'partyline launcher' "$1" 2>/dev/null
}

works() { # file, name: whether it is today's launcher, and leads to a checkout that is there
    [ "$(sed '/^home=/d' "$1")" = "$(sed '/^home=/d' scripts/launcher.sh)" ] || return 1
    home=$(sed -n "s/^home='\\(.*\\)'\$/\\1/p" "$1" | sed "s/'\\\\''/'/g")
    [ -n "$home" ] && [ -x "$home/.venv/bin/$2" ]
}

write() { # file
    quoted=$(printf '%s' "$checkout" | sed "s/'/'\\\\''/g")
    while IFS= read -r line; do
        case $line in "home="*) printf "home='%s'\n" "$quoted" ;; *) printf '%s\n' "$line" ;; esac
    done <scripts/launcher.sh >"$1"
    chmod 755 "$1"
}

made=
for name in supervisord supervisorctl partyline; do
    present=$(command -v "$name" 2>/dev/null || true)
    if [ -n "$present" ] && ! is_ours "$present"; then continue; fi
    if [ -n "$present" ] && works "$present" "$name"; then continue; fi
    folder=$(launcher_folder "$name") || {
        say "no folder on PATH takes $name: call .venv/bin/$name, or put $checkout/.venv/bin on PATH"
        continue
    }
    write "$folder/$name"
    made="$made $folder/$name"
done
[ -z "$made" ] || say "put launchers in place:$made"
