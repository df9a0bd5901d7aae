#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package: built twice with the same bytes, then in an empty Debian 12 installed, asked over
# TLS, upgraded, removed and purged. Needs root. Packages come from where the host's own apt gets them.
#
#   deb.sh DIRECTORY      the root is DIRECTORY/root, removed at the end
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: deb.sh DIRECTORY" >&2; exit 2; }
if [ "$(id -u)" -ne 0 ]; then
    echo "deb: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >/dev/null

# Mounts live in a namespace of their own and end with it, however this script ends.
if [ -z "${DEB_NAMESPACE:-}" ]; then
    exec env DEB_NAMESPACE=yes unshare --mount --pid --fork --kill-child --propagation private "$0" "$1"
fi

top=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
mkdir -p "$1"
base=$(cd "$1" && pwd)
root=$base/root
log=$base/deb.log
passed=0
rm -rf --one-file-system "$root" "$base/one" "$base/two"
trap 'umount -lR "$root/proc" "$root/dev" 2>/dev/null; rm -rf --one-file-system "$root"' EXIT

check() {
    local name=$1
    shift
    if "$@" >>"$log" 2>&1; then
        passed=$((passed + 1))
        echo "  $name: ok"
    else
        echo "  $name: FAILED; the end of $log:"
        tail -n 40 "$log"
        echo "deb: $passed passed, 1 failed"
        exit 1
    fi
}

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        /bin/bash -euc "$1"
}

same_bytes() {
    "$top/deploy/deb.sh" "$base/one" && "$top/deploy/deb.sh" "$base/two"
    for deb in "$base"/one/*.deb; do
        cmp "$deb" "$base/two/$(basename "$deb")"
    done
}

empty_debian() {
    local site
    site=$(apt-get indextargets --format '$(SITE) $(RELEASE)' | awk '$2 == "bookworm" { print $1; exit }')
    debootstrap --variant=minbase bookworm "$root" "$site"
    cp -a /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
    [ ! -e /etc/apt/sources.list ] || cp /etc/apt/sources.list "$root/etc/apt/"
    cp -a /etc/apt/keyrings /etc/apt/auth.conf.d /etc/apt/preferences.d "$root/etc/apt/" 2>/dev/null || true
    cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    inside 'apt-get update -qq'
}

# The package brings no key; each host makes its own.
install_it() {
    cp "$base"/one/cimsnapd_*.deb "$root/root/cimsnapd.deb"
    ! dpkg-deb -c "$root/root/cimsnapd.deb" | grep -E '\.(key|crt)$'
    inside 'apt-get install -y -qq --no-install-recommends /root/cimsnapd.deb curl
        id cimsnapd | grep libvirt
        [ "$(stat -c %U:%G:%a /etc/cimsnapd/server.key)" = root:cimsnapd:640 ]
        [ "$(stat -c %U:%G:%a /etc/cimsnapd/users)" = root:cimsnapd:640 ]
        [ "$(stat -c %U:%G:%a /etc/cimsnapd/ca.key)" = root:root:600 ]
        [ "$(stat -c %U:%a /var/lib/cimsnapd)" = cimsnapd:700 ]
        man -w cimsnapd || [ -e /usr/share/man/man8/cimsnapd.8.gz ]
        sha256sum /etc/cimsnapd/*.key /etc/cimsnapd/*.crt >/root/before'
}

# As the unit would start it: its user, no capabilities; the memory backend, as there is no libvirtd here.
asked() {
    inside 'printf "[backend]\nmodule = memory\nuri = memory:?vms=demo:running\n" >/etc/cimsnapd/cimsnapd.conf
        echo geheim | cimsnapd passwd --role operator --ntlm alice
        install -d -o cimsnapd /run/cimsnapd
        as="setpriv --reuid=cimsnapd --regid=cimsnapd --init-groups --inh-caps=-all --no-new-privs"
        $as cimsnapd --check-config
        $as cimsnapd 2>/root/log &
        pid=$!
        for i in $(seq 100); do grep -q event=start /root/log && break; read -r -t 0.1 _ < <(:) || true; kill -0 $pid; done
        body="<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>"
        for how in --basic --ntlm; do
            curl -sS --fail --cacert /etc/cimsnapd/ca.crt $how -u alice:geheim -H "Content-Type: application/soap+xml" \
                --data "$body" https://localhost:5986/wsman | grep IdentifyResponse
        done
        $as cimsnapd status | grep "^backend_reachable=yes"
        kill $pid
        wait $pid'
}

# Keys, users and configuration are those from before.
upgraded() {
    inside 'sha256sum /etc/cimsnapd/users >>/root/before
        apt-get install -y -qq --reinstall /root/cimsnapd.deb
        sha256sum -c /root/before'
}

removed() {
    inside 'apt-get remove -y -qq cimsnapd
        [ ! -e /usr/sbin/cimsnapd ]
        sha256sum -c /root/before'
}

purged() {
    inside 'apt-get purge -y -qq cimsnapd
        [ ! -e /etc/cimsnapd ] && [ ! -e /var/lib/cimsnapd ] && [ ! -e /etc/pam.d/cimsnapd ]'
}

: >"$log"
check "built twice, the same bytes" same_bytes
check "an empty Debian 12" empty_debian
check "installed" install_it
check "asked over TLS" asked
check "upgraded" upgraded
check "removed" removed
check "purged" purged
echo "deb: $passed passed, 0 failed"
