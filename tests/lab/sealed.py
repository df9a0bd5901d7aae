# SPDX-License-Identifier: GPL-2.0-or-later
"""Encrypted messages as clients write and read them (MS-WSMV 2.2.9.1), with tabs or without."""

import re
import struct

BOUNDARY = b"--Encrypted Boundary"
SPNEGO, KERBEROS = "application/HTTP-SPNEGO-session-encrypted", "application/HTTP-Kerberos-session-encrypted"


def content_type(protocol=SPNEGO, kind="multipart/encrypted"):
    return f'{kind};protocol="{protocol}";boundary="Encrypted Boundary"'


def pack(parts, tab="\t", protocol=SPNEGO, original="application/soap+xml;charset=UTF-8"):
    """parts: signature, octets and length of the text for each."""
    out = b""
    for signature, data, length in parts:
        out += BOUNDARY + (f"\r\n{tab}Content-Type: {protocol}\r\n{tab}OriginalContent: type={original};"
                           f"Length={length}\r\n").encode()
        out += BOUNDARY + f"\r\n{tab}Content-Type: application/octet-stream\r\n".encode()
        out += struct.pack("<I", len(signature)) + signature + data
    return out + BOUNDARY + b"--\r\n"


def unpack(body, tab="\t", protocol=SPNEGO):
    """Signature, octets and original type of a reply that has one part, in exactly this layout."""
    t = tab.encode()
    match = re.match(re.escape(BOUNDARY) + rb"\r\n" + t + b"Content-Type: " + re.escape(protocol.encode()) + rb"\r\n"
                     + t + rb"OriginalContent: type=([^\r]*);Length=(\d+)\r\n" + re.escape(BOUNDARY) + rb"\r\n" + t
                     + rb"Content-Type: application/octet-stream\r\n", body)
    assert match, body[:400]
    rest = body[match.end():]
    size = struct.unpack("<I", rest[:4])[0]
    signature, rest = rest[4:4 + size], rest[4 + size:]
    length = int(match.group(2))
    assert rest[length:] == BOUNDARY + b"--\r\n", rest[length:][:100]
    return signature, rest[:length], match.group(1).decode()
