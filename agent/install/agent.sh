#!/bin/sh
# Installs the ShareMTC host agent @VERSION@ and enrolls this machine at the platform that served this script.
#
#     curl -fsSL URL/install/agent.sh | SHAREMTC_ENROLLMENT_CODE=CODE sh -s -- --url URL
#
# It downloads two files from URL/install/ and checks them against the SHA-256 sums below. The agent's dependencies come
# from pip's package index, each checked against a hash in the second file. It writes below --prefix, links one program,
# creates a state directory, and installs a systemd unit where systemd runs. Run again, it upgrades.
# `sharemtc-agent uninstall` retires the host and removes it.
#
# Everything is in functions, and the last line starts it: an incompletely downloaded script does nothing.

set -eu

WHEEL='@WHEEL@'
WHEEL_SHA256='@WHEEL_SHA256@'
REQUIREMENTS='@REQUIREMENTS@'
REQUIREMENTS_SHA256='@REQUIREMENTS_SHA256@'
# identifies the release: another wheel or other packages make another one
RELEASE='@RELEASE@'
UNIT=sharemtc-agent.service

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'sharemtc-agent install: %s\n' "$*" >&2
    exit 1
}

usage() {
    cat <<'TEXT'
usage: agent.sh --url URL [options]

Installs the ShareMTC host agent and enrolls this machine. The enrollment code is read from the variable
SHAREMTC_ENROLLMENT_CODE, never from the command line, where every user of the machine could see it.

  --url URL             the platform's address, as in the browser
  --user                install for this user only, without root
  --prefix DIR          where the program goes (/opt/sharemtc-agent; with --user ~/.local/share/sharemtc-agent)
  --bin-dir DIR         where it is linked (/usr/local/bin; with --user ~/.local/bin)
  --state-dir DIR       where its state is (/var/lib/sharemtc-agent; with --user ~/.local/state/sharemtc-agent)
  --no-service          install no systemd unit, start nothing
  --name NAME, --region REGION, --connect-address IPV4,
  --sell-vcpus N, --sell-memory-mib N, --sell-disk-gib N
                        the host's name and what is sold; see `sharemtc-agent enroll --help`
  --help                this text

It needs Python 3.11 or newer with venv, curl or wget, and sha256sum or shasum.
TEXT
}

plain_word() {
    # $1: option, $2: its value, which must be valid for the agent
    case $2 in
        '' | -* | *[!A-Za-z0-9._-]*) fail "$1 $2: letters, digits, dots and hyphens are expected" ;;
    esac
}

absolute() {
    # $1: option, $2: a directory
    case $2 in
        *[[:cntrl:]]*) fail "$1: a path without control characters is expected" ;;
        /*) ;;
        *) fail "$1 $2: an absolute path is expected" ;;
    esac
}

read_options() {
    url='' user=no prefix='' bin_dir='' state_dir='' service=yes offer=''
    while [ $# -gt 0 ]; do
        case $1 in
            --help | -h) usage; exit 0 ;;
            --user) user=yes; shift; continue ;;
            --no-service) service=no; shift; continue ;;
            --url | --prefix | --bin-dir | --state-dir | --name | --region | --connect-address | --sell-vcpus | \
            --sell-memory-mib | --sell-disk-gib) ;;
            *) fail "unknown option $1; --help lists them" ;;
        esac
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
            --url) url=${2%/} ;;
            --prefix) absolute "$1" "$2"; prefix=${2%/} ;;
            --bin-dir) absolute "$1" "$2"; bin_dir=${2%/} ;;
            --state-dir) absolute "$1" "$2"; state_dir=${2%/} ;;
            *) plain_word "$1" "$2"; offer="$offer $1 $2" ;;
        esac
        shift 2
    done
    case $url in
        http://?* | https://?*) ;;
        *) fail "--url is required: the platform's address, such as https://sharemtc.example; --help says more" ;;
    esac
}

choose_places() {
    if [ "$user" = yes ]; then
        [ -n "${HOME:-}" ] || fail 'HOME is not set'
        prefix=${prefix:-$HOME/.local/share/sharemtc-agent}
        bin_dir=${bin_dir:-$HOME/.local/bin}
        state_dir=${state_dir:-$HOME/.local/state/sharemtc-agent}
        unit_dir=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
    else
        [ "$(id -u)" = 0 ] || fail 'run it as root, or with --user to install for yourself only'
        prefix=${prefix:-/opt/sharemtc-agent}
        bin_dir=${bin_dir:-/usr/local/bin}
        state_dir=${state_dir:-/var/lib/sharemtc-agent}
        unit_dir=/etc/systemd/system
    fi
    program=$bin_dir/sharemtc-agent
    venv=$prefix/releases/$RELEASE
}

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null 2>&1 &&
            "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$(command -v "$python")
            "$python" -c 'import venv, ensurepip' 2>/dev/null && return 0
            version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            fail "$python cannot make virtual environments; install its venv package" \
                "(Debian, Ubuntu: apt-get install python$version-venv)"
        fi
    done
    fail 'Python 3.11 or newer is needed (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv)'
}

find_tools() {
    if command -v curl >/dev/null 2>&1; then
        fetcher=curl
    elif command -v wget >/dev/null 2>&1; then
        fetcher=wget
    else
        fail 'curl or wget is needed (Debian, Ubuntu: apt-get install curl ca-certificates)'
    fi
    if command -v sha256sum >/dev/null 2>&1; then
        hasher=sha256sum
    elif command -v shasum >/dev/null 2>&1; then
        hasher='shasum -a 256'
    else
        fail 'sha256sum or shasum is needed (Debian, Ubuntu: apt-get install coreutils)'
    fi
}

fetch() {
    # $1: name below URL/install/, $2: its SHA-256. Leaves the file in $work.
    say "downloading $url/install/$1"
    if [ "$fetcher" = curl ]; then
        curl -fsS --connect-timeout 15 --max-time 300 --max-filesize 16777216 -o "$work/$1" "$url/install/$1" ||
            fail "$url/install/$1 could not be downloaded"
    else
        wget -q -T 30 -t 2 -O "$work/$1" "$url/install/$1" || fail "$url/install/$1 could not be downloaded"
    fi
    # word splitting is intended: the command may have arguments
    sum=$($hasher "$work/$1" | cut -d ' ' -f 1)
    [ "$sum" = "$2" ] || fail "$1 does not match this script: its SHA-256 is $sum, expected $2. Nothing was installed"
}

install_program() {
    if [ -f "$venv/complete" ]; then
        say "release $RELEASE is installed already"
    else
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        trap 'exit 130' INT TERM HUP
        fetch "$WHEEL" "$WHEEL_SHA256"
        fetch "$REQUIREMENTS" "$REQUIREMENTS_SHA256"
        say "installing into $venv"
        rm -rf "$venv"
        mkdir -p "$prefix/releases"
        "$python" -m venv "$venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
            --require-hashes -r "$work/$REQUIREMENTS" || fail 'the packages that the agent needs could not be installed'
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-index \
            "$work/$WHEEL" || fail 'the agent could not be installed'
        "$venv/bin/sharemtc-agent" --version >/dev/null || fail 'the agent does not start'
        : >"$venv/complete"
    fi
    mkdir -p "$bin_dir"
    ln -sfn "$venv/bin/sharemtc-agent" "$program.new"
    mv -f "$program.new" "$program"
    for old in "$prefix/releases"/*; do
        [ "$old" = "$venv" ] || rm -rf "$old"
    done
}

enroll() {
    state=0
    "$program" status --state-dir "$state_dir" >/dev/null 2>&1 || state=$?
    if [ "$state" != 3 ]; then
        say 'this machine is enrolled already: its key and its host id stay'
        return 0
    fi
    [ -n "${SHAREMTC_ENROLLMENT_CODE:-}" ] ||
        fail "the agent is installed; to enroll, set SHAREMTC_ENROLLMENT_CODE to a code from the console and run this again"
    say "enrolling at $url"
    # word splitting is intended: each word was checked
    # shellcheck disable=SC2086
    host=$("$program" enroll --url "$url" --state-dir "$state_dir" --log-level warning $offer) ||
        fail 'the agent is installed and could not enroll; get a new code and run this again'
    say "enrolled as $host"
}

start_service() {
    unset SHAREMTC_ENROLLMENT_CODE
    control=systemctl
    [ "$user" = no ] || control='systemctl --user'
    if [ "$service" = no ] || [ ! -d /run/systemd/system ] || ! command -v systemctl >/dev/null 2>&1; then
        say "to run it: $program run --state-dir $state_dir"
        return 0
    fi
    mkdir -p "$unit_dir"
    set -- --program "$program" --state-dir "$state_dir"
    [ "$user" = no ] || set -- "$@" --user
    "$venv/bin/python" -m sharemtc_agent.service_unit "$@" >"$unit_dir/$UNIT.new"
    mv -f "$unit_dir/$UNIT.new" "$unit_dir/$UNIT"
    $control daemon-reload
    $control enable --quiet "$UNIT"
    $control restart "$UNIT" || fail "the service does not start: $control status $UNIT"
    say "the service $UNIT runs; $control status $UNIT says more"
    [ "$user" = no ] || say 'to keep it running when you are logged out: loginctl enable-linger'
}

main() {
    umask 022
    unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
    read_options "$@"
    choose_places
    find_tools
    find_python
    install_program
    enroll
    start_service
    say "sharemtc-agent @VERSION@ is installed as $program"
}

main "$@"
