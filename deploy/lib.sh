# shellcheck shell=bash
# What deploy/quickstart and tests/run share: words for the person at the terminal, what is installed, and building.
# To be sourced by bash with `set -euo pipefail`; $top is the checkout.

say() { printf '%s\n' "$*" >&2; }
die() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# The owner and name of the checkout may hold anything: everything is quoted, nothing is word-split.
top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

# --- Packages -----------------------------------------------------------------------------------------------------------

# Prints the packages of the given purposes that are missing or too old, one a line.
packages_missing() {
    local purposes=" $* " purpose package least instead version
    while read -r purpose package least instead; do
        [[ $purpose != '#'* && -n $purpose && $purposes == *" $purpose "* ]] || continue
        if [[ $instead != - ]] && command -v "$instead" >/dev/null 2>&1; then
            continue
        fi
        version=$(dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$package" 2>/dev/null |
            sed -n 's/^installed //p' | head -n 1) || version=''
        if [[ -z $version ]] || { [[ $least != - ]] && dpkg --compare-versions "$version" lt "$least"; }; then
            printf '%s\n' "$package"
        fi
    done <"$top/deploy/packages"
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold "$@" >&2
}

# A proxy that the tests only ask to check a file must not begin to serve on this machine when it is installed. A machine
# that already has a policy keeps its own. Runs in a subshell, whose end takes the policy away again.
proxies_stay_stopped() {
    local policy=/usr/sbin/policy-rc.d
    [[ ! -e $policy ]] || return 0
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    # shellcheck disable=SC2016 # for the policy's own shell
    printf '%s\n' '#!/bin/sh' '# Written by Upstander while it installs what its tests need, and removed again.' \
        'case "$1" in nginx|haproxy) exit 101 ;; *) exit 104 ;; esac' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

install_packages() {
    if ! dpkg-query -W postgresql-15 >/dev/null 2>&1; then
        # Debian would make and start a cluster of its own with the server; Upstander brings its own, private one.
        as_root mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' |
            as_root tee /etc/postgresql-common/createcluster.d/upstander.conf >/dev/null
    fi
    (
        proxies_stay_stopped
        apt_install "$@"
    )
    local package
    for package; do
        [[ $package != nginx && $package != haproxy ]] || ! command -v systemctl >/dev/null ||
            as_root systemctl --quiet disable "$package.service" 2>/dev/null
    done
}

# Installs what the purposes need and this machine lacks; ends with plain words when that is impossible.
packages_ensure() {
    local -a missing
    mapfile -t missing < <(packages_missing "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0

    command -v apt-get >/dev/null 2>&1 ||
        die "This needs Debian 12: there is no apt-get here to install ${missing[*]}."
    # To have sudo is not yet to be allowed to use it.
    if [[ $EUID -ne 0 ]] && ! { command -v sudo >/dev/null 2>&1 && sudo -- true; }; then
        die "Some packages are missing, and only root can install them. Run this as root, or ask for:

    apt-get install ${missing[*]}"
    fi
    say "Installing ${missing[*]}"
    as_root apt-get update -q >&2 || die "The package lists could not be brought up to date. Is there a network?"
    install_packages "${missing[@]}" || die "Installing failed. The lines above say why."

    mapfile -t missing < <(packages_missing "$@")
    [[ ${#missing[@]} -eq 0 ]] ||
        die "This machine's package sources are too old: ${missing[*]} must be newer. PostgreSQL must have the security
fixes of 15.20; the sources need Debian's bookworm-security."
}

# --- Building -----------------------------------------------------------------------------------------------------------

# build DIRECTORY TARGET [meson option...]: configures once, builds what changed. TARGET "all" is everything.
build() {
    local directory=$1 target=$2 log
    shift 2
    mkdir -p "$directory"
    log="$directory/build.log"
    if [[ ! -e $directory/build.ninja ]]; then
        meson setup "$directory" "$top" "$@" >"$log" 2>&1 || {
            tail -n 30 "$log" >&2
            die "Configuring the build failed. All of it is in $log."
        }
    fi
    ninja -C "$directory" "$target" >"$log" 2>&1 || {
        tail -n 60 "$log" >&2
        die "Building failed. All of it is in $log."
    }
}

# What root built in somebody else's checkout belongs to them, so that they can build in it too.
hand_back() {
    local made
    [[ $EUID -eq 0 && ! -O $top ]] || return 0
    for made in "$top/build" "$top/node_modules"; do
        [[ ! -e $made ]] || chown -R --reference="$top" -- "$made"
    done
}
