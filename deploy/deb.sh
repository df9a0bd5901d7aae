#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the Debian package from the last commit, in DIRECTORY; lintian looks at it. Needs debhelper,
# dpkg-dev and lintian besides what the build needs (packages.txt).
#
#   deb.sh DIRECTORY
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: deb.sh DIRECTORY" >&2; exit 2; }
top=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
for tool in dh dpkg-buildpackage lintian; do
    command -v "$tool" >/dev/null || { echo "deb: $tool is missing: apt-get install debhelper dpkg-dev lintian" >&2; exit 1; }
done

mkdir -p "$1"
base=$(cd "$1" && pwd)
stamp=$(git -C "$top" log -1 --format=%ct)
version=$(sed -n 's/^#define CIMSNAPD_VERSION "\(.*\)"/\1/p' "$top/service/base/version.h")
version=$version+git$(date -u -d "@$stamp" +%Y%m%d.%H%M%S)
source=$base/cimsnapd-$version

rm -rf "$base"/cimsnapd-* "$base"/cimsnapd_* "$base"/cimsnapd-dbgsym*
mkdir "$source"
git -C "$top" archive HEAD | tar -x -C "$source"
cp -a "$source/deploy/debian" "$source/debian"
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(LC_ALL=C date -u -R -d "@$stamp")/" \
    "$source/debian/changelog.in" >"$source/debian/changelog"
rm "$source/debian/changelog.in"

log=$base/build.log
(cd "$source" && SOURCE_DATE_EPOCH=$stamp dpkg-buildpackage -b -us -uc) >"$log" 2>&1 ||
    { tail -n 40 "$log" >&2; exit 1; }
rm -rf "$source"
lintian --fail-on error,warning "$base"/cimsnapd_*.changes
ls "$base"/cimsnapd_*.deb
