#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs the Debian packages of packages.txt, or those named, that are missing. Without root it says which those are.
set -eu

list=$(dirname "$0")/packages.txt
missing=
for package in ${*:-$(sed 's/#.*//' "$list")}; do
    case $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true) in
    ii*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "Missing packages:$missing" >&2
    echo "Install them with: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "Installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Maintainer scripts must not start the host's own libvirtd or any other service on our account.
guard=/usr/sbin/policy-rc.d
made_guard=
if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
    made_guard=yes
fi
install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1
}
status=0
install || { apt-get update -qq >>"$log" 2>&1 && install; } || status=$?
[ -z "$made_guard" ] || rm -f "$guard"
if [ "$status" -ne 0 ]; then
    cat "$log" >&2
    echo "The packages could not be installed." >&2
    exit 1
fi
