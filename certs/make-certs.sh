#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a CA, a server and a client certificate; see certs/README.md.
#
#   make-certs.sh [--bad] [--name NAME]... DIRECTORY
#   make-certs.sh --revoke NAME DIRECTORY

set -eu
umask 077

usage() {
    echo "usage: make-certs.sh [--bad] [--name NAME]... DIRECTORY" >&2
    echo "       make-certs.sh --revoke NAME DIRECTORY" >&2
    exit 2
}

bad=false
names=
revoked=
while [ $# -gt 0 ]; do
    case $1 in
    --bad) bad=true ;;
    --revoke)
        [ $# -ge 2 ] || usage
        revoked=$2
        shift
        ;;
    --name)
        [ $# -ge 2 ] || usage
        names="$names $2"
        shift
        ;;
    -*) usage ;;
    *) break ;;
    esac
    shift
done
[ $# -eq 1 ] || usage
dir=$1
mkdir -p "$dir"

# Addresses and names need different labels in a subjectAltName.
label() {
    case $1 in
    *:* | *[0-9].[0-9]*.[0-9]*.[0-9]*) echo "IP:$1" ;;
    *) echo "DNS:$1" ;;
    esac
}

server_names=DNS:localhost,IP:127.0.0.1,IP:::1,$(label "$(uname -n)")
for name in $names; do
    server_names=$server_names,$(label "$name")
done

key() {
    [ -s "$1" ] || openssl genrsa -out "$1" 2048 2>/dev/null
}

# authority FILE COMMON-NAME: FILE.key and FILE.crt, signed by itself.
authority() {
    [ -s "$1.crt" ] && return
    key "$1.key"
    openssl req -new -x509 -sha256 -days 3650 -key "$1.key" -subj "/CN=$2" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$1.tmp"
    publish "$1"
}

# certificate FILE AUTHORITY COMMON-NAME USAGE NAMES [FROM UNTIL]: times as YYMMDDHHMMSSZ.
certificate() {
    [ -s "$1.crt" ] && return
    key "$1.key"
    openssl req -new -sha256 -key "$1.key" -subj "/CN=$3" -out "$1.csr"
    cat >"$1.ext" <<END
[ca]
default_ca = one
[one]
database = $1.db
new_certs_dir = $1.d
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = $4
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
${5:+subjectAltName = $5}
END
    : >"$1.db"
    mkdir -p "$1.d"
    life="-days 825"
    [ $# -lt 7 ] || life="-startdate $6 -enddate $7"
    # shellcheck disable=SC2086 # two words or four
    openssl ca -batch -notext -config "$1.ext" -cert "$2.crt" -keyfile "$2.key" -in "$1.csr" \
        -out "$1.tmp" $life 2>"$1.log" ||
        { cat "$1.log" >&2 && exit 1; }
    publish "$1"
}

# A certificate is not secret, and is there as a whole or not at all.
publish() {
    chmod 644 "$1.tmp"
    mv "$1.tmp" "$1.crt"
    rm -rf "$1.csr" "$1.ext" "$1.log" "$1.d" "$1".db*
}

# revocations [FILE...]: ca.crl, with these certificates besides those that are in it. What the authority
# knows of them is in ca.db.
revocations() {
    cat >"$dir/ca.conf" <<END
[ca]
default_ca = one
[one]
database = $dir/ca.db
default_md = sha256
default_crl_days = 825
END
    [ -e "$dir/ca.db" ] || : >"$dir/ca.db"
    for file in "$@"; do
        openssl ca -config "$dir/ca.conf" -cert "$dir/ca.crt" -keyfile "$dir/ca.key" -revoke "$file" \
            2>"$dir/ca.log" || { cat "$dir/ca.log" >&2 && exit 1; }
    done
    openssl ca -config "$dir/ca.conf" -cert "$dir/ca.crt" -keyfile "$dir/ca.key" -gencrl \
        -out "$dir/ca.crl.tmp" 2>"$dir/ca.log" || { cat "$dir/ca.log" >&2 && exit 1; }
    chmod 644 "$dir/ca.crl.tmp"
    mv "$dir/ca.crl.tmp" "$dir/ca.crl"
    rm -f "$dir/ca.conf" "$dir/ca.log" "$dir"/ca.db.old "$dir"/ca.db.attr*
}

if [ -n "$revoked" ]; then
    revocations "$dir/$revoked.crt"
    exit
fi

authority "$dir/ca" "cimsnapd CA"
certificate "$dir/server" "$dir/ca" "$(uname -n)" serverAuth "$server_names"
certificate "$dir/client" "$dir/ca" "cimsnapd client" clientAuth ""
[ -s "$dir/ca.crl" ] || revocations

if $bad; then
    authority "$dir/other-ca" "cimsnapd CA" # same name, other key
    certificate "$dir/expired" "$dir/ca" localhost serverAuth "$server_names" \
        200101000000Z 200102000000Z
    certificate "$dir/wrong-name" "$dir/ca" wrong.example serverAuth DNS:wrong.example
    certificate "$dir/other" "$dir/other-ca" localhost serverAuth "$server_names"
    certificate "$dir/client-names" "$dir/ca" "names" clientAuth \
        "otherName:msUPN;UTF8:alice@corp.example,DNS:host.mon.example,email:carol@corp.example"
    certificate "$dir/client-expired" "$dir/ca" "cimsnapd client" clientAuth "" \
        200101000000Z 200102000000Z
    certificate "$dir/client-other" "$dir/other-ca" "cimsnapd client" clientAuth ""
    certificate "$dir/client-wrong-use" "$dir/ca" "cimsnapd client" serverAuth ""
    if [ ! -s "$dir/client-revoked.crt" ]; then
        certificate "$dir/client-revoked" "$dir/ca" "cimsnapd client" clientAuth ""
        revocations "$dir/client-revoked.crt"
    fi
fi
