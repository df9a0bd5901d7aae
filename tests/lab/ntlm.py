# SPDX-License-Identifier: GPL-2.0-or-later
"""An NTLMv2 client that can be made to look like any of the real ones: flags, character set, version, integrity
code, channel bindings, SPNEGO around it, and a mistake anywhere. Written from MS-NLMP and RFC 4178 alone, with
nothing of the service in it. Standard library only."""

import hashlib
import hmac as hmac_module
import os
import struct

UNICODE, OEM, TARGET, SIGN, SEAL = 0x1, 0x2, 0x4, 0x10, 0x20
NTLM, ALWAYS_SIGN, EXTENDED = 0x200, 0x8000, 0x80000
VERSION, KEY_128, EXCHANGE, KEY_56 = 0x2000000, 0x20000000, 0x40000000, 0x80000000
WINDOWS = (UNICODE | TARGET | SIGN | SEAL | NTLM | ALWAYS_SIGN | EXTENDED | VERSION | KEY_128 | EXCHANGE
           | KEY_56)


def md4(data):
    """RFC 1320; OpenSSL 3 has it no more."""
    def turn(x, n):
        return (x << n | x >> 32 - n) & 0xffffffff
    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack("<Q", len(data) * 8)
    rounds = [(lambda x, y, z: x & y | ~x & z, 0, list(range(16)), (3, 7, 11, 19)),
              (lambda x, y, z: x & y | x & z | y & z, 0x5a827999, [i % 4 * 4 + i // 4 for i in range(16)], (3, 5, 9, 13)),
              (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1, [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
               (3, 9, 11, 15))]
    for at in range(0, len(padded), 64):
        words, (a, b, c, d) = struct.unpack("<16I", padded[at:at + 64]), state
        for mix, constant, order, shifts in rounds:
            for i, index in enumerate(order):
                a = turn((a + (mix(b, c, d) & 0xffffffff) + words[index] + constant) & 0xffffffff, shifts[i % 4])
                a, b, c, d = d, a, b, c
        state = [(x + y) & 0xffffffff for x, y in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def nt_hash(password):
    return md4(password.encode("utf-16-le"))


def hmac(key, data):
    return hmac_module.new(key, data, "md5").digest()


class Rc4:
    def __init__(self, key):
        self.s, self.i, self.j, j = list(range(256)), 0, 0, 0
        for i in range(256):
            j = (j + self.s[i] + key[i % len(key)]) & 255
            self.s[i], self.s[j] = self.s[j], self.s[i]

    def __call__(self, data):
        out = bytearray(data)
        for n in range(len(out)):
            self.i = (self.i + 1) & 255
            self.j = (self.j + self.s[self.i]) & 255
            self.s[self.i], self.s[self.j] = self.s[self.j], self.s[self.i]
            out[n] ^= self.s[(self.s[self.i] + self.s[self.j]) & 255]
        return bytes(out)


class Direction:
    def __init__(self, key, way):
        def magic(what):
            return b"session key to %s %s key magic constant\0" % (way, what)
        self.sign_key = hashlib.md5(key + magic(b"signing")).digest()
        self.seal_key = hashlib.md5(key + magic(b"sealing")).digest()
        self.sequence = 0
        self.restart()

    def restart(self):
        self.rc4 = Rc4(self.seal_key)

    def signature(self, text, exchange):
        number = struct.pack("<I", self.sequence)
        self.sequence += 1
        checksum = hmac(self.sign_key, number + text)[:8]
        return b"\1\0\0\0" + (self.rc4(checksum) if exchange else checksum) + number


class Client:
    """One login. Options: flags; length of the first message (None: whole); oem; mic; binding (octets); version
    (in the last message); domain."""

    def __init__(self, user, password, domain="", flags=WINDOWS, length=None, mic=True, binding=None,
                 version=True, workstation="CLIENT", target=None):
        self.user, self.hash, self.domain = user, nt_hash(password), domain
        self.flags, self.length, self.mic, self.binding = flags, length, mic, binding
        self.version, self.workstation, self.target = version, workstation, target
        self.first = self.challenge = None

    def negotiate(self):
        text = b"NTLMSSP\0" + struct.pack("<II", 1, self.flags) + struct.pack("<HHIHHI", 0, 0, 40, 0, 0, 40) \
            + bytes((10, 0, 0, 0, 0, 0, 0, 15))
        self.first = text[:self.length]
        return self.first

    def pairs(self):
        """The server's, and what the client adds."""
        length, _, place = struct.unpack("<HHI", self.challenge[40:48])
        info, out = self.challenge[place:place + length], b""
        while info[:2] != b"\0\0":
            size = struct.unpack("<H", info[2:4])[0]
            self.time = info[4:12] if info[:2] == b"\7\0" else getattr(self, "time", None)
            out, info = out + info[:4 + size], info[4 + size:]
        if self.mic:
            out += struct.pack("<HHI", 6, 4, 2)
        if self.target is not None:
            name = self.target.encode("utf-16-le")
            out += struct.pack("<HH", 9, len(name)) + name
        if self.binding is not None:
            whole = b"\0" * 16 + struct.pack("<I", len(self.binding)) + self.binding
            out += struct.pack("<HH", 10, 16) + hashlib.md5(whole).digest()
        return out + b"\0\0\0\0"

    def names(self):
        encoding = "utf-16-le" if self.flags & UNICODE else "utf-8"
        return [text.encode(encoding) for text in (self.domain, self.user, self.workstation)]

    def authenticate(self, challenge):
        self.challenge = challenge
        assert challenge[:12] == b"NTLMSSP\0\2\0\0\0", challenge[:12]
        flags = struct.unpack("<I", challenge[20:24])[0] & (self.flags | 0x8a0004)
        self.agreed = flags
        base = hmac(self.hash, (self.user.upper() + self.domain).encode("utf-16-le"))
        pairs = self.pairs()
        blob = b"\1\1" + b"\0" * 6 + self.time + os.urandom(8) + b"\0" * 4 + pairs + b"\0" * 4
        proof = hmac(base, challenge[24:32] + blob)
        self.key, encrypted = hmac(base, proof), b""
        if flags & EXCHANGE:
            chosen = os.urandom(16)
            encrypted, self.key = Rc4(self.key)(chosen), chosen
        head = 88 if self.mic else 72 if self.version else 64
        fields, payload = b"", b""
        for data in (b"\0" * 24, proof + blob, *self.names(), encrypted):
            fields += struct.pack("<HHI", len(data), len(data), head + len(payload))
            payload += data
        text = b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I", flags)
        text += bytes((10, 0, 0, 0, 0, 0, 0, 15)) if head > 64 else b""
        if self.mic:
            code = hmac(self.key, self.first + challenge + text + b"\0" * 16 + payload)
            text += code
        self.out, self.back = Direction(self.key, b"client-to-server"), Direction(self.key, b"server-to-client")
        return text + payload

    def seal(self, text):
        """Signature and octets."""
        data = self.out.rc4(text)
        return self.out.signature(text, self.agreed & EXCHANGE), data

    def unseal(self, signature, data):
        text = self.back.rc4(data)
        assert self.back.signature(text, self.agreed & EXCHANGE) == signature, "the reply's signature is wrong"
        return text


# SPNEGO

OIDS = {"ntlm": "2b06010401823702020a", "krb5": "2a864886f712010202", "ms-krb5": "2a864882f712010202",
        "negoex": "2b06010401823702021e", "spnego": "2b0601050502"}


def der(tag, *parts):
    data = b"".join(parts)
    if len(data) < 128:
        return bytes((tag, len(data))) + data
    size = len(data).to_bytes(2 if len(data) > 255 else 1, "big")
    return bytes((tag, 0x80 | len(size))) + size + data


def oid(name):
    return der(0x06, bytes.fromhex(OIDS[name]))


def mechanisms(names):
    return der(0x30, *map(oid, names))


def init(names, token=None):
    """A NegTokenInit."""
    fields = der(0xa0, mechanisms(names)) + (der(0xa2, der(0x04, token)) if token else b"")
    return der(0x60, oid("spnego"), der(0xa0, der(0x30, fields)))


def response(token=None, mic=None):
    """A NegTokenResp of a client."""
    fields = (der(0xa2, der(0x04, token)) if token else b"") + (der(0xa3, der(0x04, mic)) if mic else b"")
    return der(0xa1, der(0x30, fields))


def elements(data):
    """Tags and contents of a row of elements."""
    while data:
        size, head = data[1], 2
        if size & 0x80:
            head += size & 0x7f
            size = int.from_bytes(data[2:head], "big")
        yield data[0], data[head:head + size]
        data = data[head + size:]


def read_response(data):
    """The fields of a server's NegTokenResp: state, token, mic."""
    [(tag, inside)] = elements(data)
    assert tag == 0xa1, hex(tag)
    [(_, sequence)] = elements(inside)
    fields = {tag - 0xa0: next(elements(contents))[1] for tag, contents in elements(sequence)}
    return fields.get(0, b"\xff")[0], fields.get(2), fields.get(3)
