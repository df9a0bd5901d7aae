# SPDX-License-Identifier: GPL-2.0-or-later
"""A Kerberos realm of its own within a lab: MIT's KDC on a free port of loopback, with its own configuration
and folder. Nothing of the host's Kerberos is read or written."""

import os
import re
import select
import socket
import time

from lab import LabError

REALM = "LAB.TEST"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kdc:
    """Users are added by add(); keytab() writes the keys of services. env: what clients and the daemon need."""

    def __init__(self, lab):
        self.lab, self.port = lab, free_port()
        self.folder = lab.mkdir("kdc")
        self.env = {"KRB5_CONFIG": str(self.folder / "krb5.conf"),
                    "KRB5_KDC_PROFILE": str(self.folder / "kdc.conf")}
        lab.write("kdc/krb5.conf", f"""
[libdefaults]
default_realm = {REALM}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
clockskew = 2
[realms]
{REALM} = {{
    kdc = 127.0.0.1:{self.port}
}}
[domain_realm]
localhost = {REALM}
""")
        lab.write("kdc/kdc.conf", f"""
[kdcdefaults]
kdc_listen = ""
kdc_tcp_listen = 127.0.0.1:{self.port}
[realms]
{REALM} = {{
    database_name = {self.folder}/principal
    key_stash_file = {self.folder}/stash
    acl_file = {self.folder}/acl
    max_life = 1h
}}
""")
        self._admin("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        self._start()

    def _admin(self, *words):
        return self.lab.run(["/usr/sbin/" + words[0], *words[1:]], env=self.env).stdout

    def _start(self):
        log = self.lab.dir / "kdc/kdc.log"
        with open(log, "ab") as out:
            self.process = self.lab.popen(["/usr/sbin/krb5kdc", "-n", "-r", REALM], stdout=out, stderr=out,
                                          env=self.env)
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                select.select([], [], [], 0.02)
        raise LabError("the KDC did not start:\n" + log.read_text(errors="replace"))

    def add(self, principal, password):
        self._admin("kadmin.local", "-r", REALM, "addprinc", "-pw", password, principal)

    def keytab(self, name, *principals):
        """A keytab with fresh keys of these services; its path."""
        path = self.folder / name
        for principal in principals:
            self._admin("kadmin.local", "-r", REALM, "addprinc", "-randkey", principal)
            self._admin("kadmin.local", "-r", REALM, "ktadd", "-k", str(path), principal)
        return str(path)

    def login(self, principal, password, *options):
        """A ticket cache with a ticket of this user; the environment for its clients."""
        cache = self.folder / re.sub(r"\W", "_", "cc_" + principal)
        env = {**self.env, "KRB5CCNAME": f"FILE:{cache}"}
        self.lab.run(["kinit", *options, principal], input=password + "\n", env=env)
        os.chmod(cache, 0o600)
        return env
