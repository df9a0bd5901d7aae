#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# README's two commands on an empty Debian 12: makes a root with debootstrap, clones this repository's
# HEAD into it, and runs `make demo` and `make check` there as a newcomer would. Needs root. Packages come
# from where the host's own apt gets them. ONLY= in the environment names the programs of `make check` to run.
#
#   fresh.sh [--keep] DIRECTORY      the root is DIRECTORY/root; removed at the end unless --keep
set -euo pipefail

keep=
[ "${1:-}" != --keep ] || { keep=yes; shift; }
[ $# -eq 1 ] || { echo "usage: fresh.sh [--keep] DIRECTORY" >&2; exit 2; }
if [ "$(id -u)" -ne 0 ]; then
    echo "fresh: 0 passed, 0 failed, 1 skipped"
    echo "skipped: making an empty root needs root"
    exit 0
fi
command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >/dev/null

# Mounts live in a namespace of their own and end with it, however this script ends.
if [ -z "${FRESH_NAMESPACE:-}" ]; then
    exec env FRESH_NAMESPACE=yes unshare --mount --pid --fork --kill-child --propagation private \
        "$0" ${keep:+--keep} "$1"
fi

top=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
mkdir -p "$1"
base=$(cd "$1" && pwd)
root=$base/root
log=$base/fresh.log
rm -rf --one-file-system "$root"
[ -n "$keep" ] || trap 'umount -lR "$root" 2>/dev/null; rm -rf --one-file-system "$root"' EXIT

step() {
    local name=$1 begin=$SECONDS
    shift
    echo "  $name ..."
    if "$@" >>"$log" 2>&1; then
        echo "  $name: done in $((SECONDS - begin)) s"
    else
        echo "  $name: FAILED after $((SECONDS - begin)) s; the end of $log:"
        tail -n 60 "$log"
        echo "fresh: 0 passed, 1 failed"
        exit 1
    fi
}

bootstrap() {
    local site
    site=$(apt-get indextargets --format '$(SITE) $(RELEASE)' | awk '$2 == "bookworm" { print $1; exit }')
    debootstrap --variant=minbase bookworm "$root" "${site:-http://deb.debian.org/debian}"
    # the same sources and settings as the host's apt, so that the same registry is reached
    cp -a /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
    [ ! -e /etc/apt/sources.list ] || cp /etc/apt/sources.list "$root/etc/apt/"
    cp -a /etc/apt/keyrings /etc/apt/auth.conf.d /etc/apt/preferences.d "$root/etc/apt/" 2>/dev/null || true
    cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
}

mounts() {
    mount --bind "$root" "$root" # as a root is: a mount point, whose propagation can be changed
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys" # without it libvirt cannot start machines
}

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        CI="${CI:-}" /bin/bash -c "$1"
}

tools() {
    inside 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends git make ca-certificates'
}

clone() {
    git -C "$top" bundle create "$root/root/cimsnapd.bundle" HEAD
    inside 'cd /root && git clone -q cimsnapd.bundle cimsnapd'
}

: >"$log"
step "an empty Debian 12" bootstrap
step "mounts" mounts
step "git and make" tools
step "a clone in /root" clone
step "make demo" inside 'cd /root/cimsnapd && make demo'
step "make check" inside "cd /root/cimsnapd && make check ONLY='${ONLY:-}'"
tail -n 1 "$log" | sed 's/^/  in the empty root: /'
echo "fresh: 1 passed, 0 failed"
