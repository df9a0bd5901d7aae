#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's commands, starts and stops, with every allocation and every call out of it failing in turn (daemon.c).

    daemons.py --build build/asan [STAGE...]
"""

import argparse
import contextlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wsman import V2  # noqa: E402

SYSTEM = V2 + "Msvm_ComputerSystem"


def free_port():
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        return end.getsockname()[1]


def keytab(lab):
    """One with a key that nobody has."""
    path = lab.dir / "keytab"
    lab.run(["ktutil"], input=f"addent -password -p HTTP/localhost@NOWHERE -k 1 -e aes256-cts\nsecret\nwkt {path}\nquit\n")
    return path


def crash(lab, service):
    """Ends the service while jobs are under way and waiting; the file of its store."""
    service.settings.update({"backend.uri": "memory:?vms=demo:running,web:running&delay_ms=60000"})
    service.rewrite()
    service.start()
    client = service.client()
    machines = {one["ElementName"]: one["Name"] for one in client.query("SELECT * FROM Msvm_ComputerSystem")}
    for _ in range(2):
        client.create_snapshot(machines["demo"])
    client.invoke(SYSTEM, "RequestStateChange", [("RequestedState", "3")], {"Name": machines["web"]})
    client.close()
    service.process.kill()
    service.process.wait()
    lab.end(service.process)
    path = lab.dir / "state/crashed.db"
    with contextlib.closing(sqlite3.connect(lab.dir / "state/state.db")) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(lab.dir / "state/state.db", path)
    lab.give(path)
    service.settings.update({"backend.uri": "memory:?vms=demo:running,web:off", "store.path": f"{path}.now"})
    service.rewrite()
    return path


def configurations(lab, build):
    """The one as always, and one with every endpoint, a socket for metrics, an audit file, PAM and Kerberos; one
    whose store is told below, and that store."""
    service = Service(lab, build, module="memory", uri="memory:?vms=demo:running,web:off",
                      settings={"sweep.seconds": 0, "auth.rules_file": lab.write("rules", "account:alice:viewer:*:alice\n")})
    service.stop()
    store = crash(lab, service)
    crashed = lab.write("crashed.conf", open(service.config, encoding="ascii").read())
    del service.settings["store.path"]
    service.rewrite()
    for left in lab.dir.glob("state/state.db*"):
        left.unlink()
    plain = lab.write("plain.conf", open(service.config, encoding="ascii").read())
    lab.mkdir("pam")
    lab.write("pam/cimsnapd", "auth required pam_deny.so\naccount required pam_deny.so\n")
    service.settings.update({"mutual.enabled": 1, "mutual.port": 0, "http.enabled": 1, "http.port": 0, "sweep.seconds": 1,
                             "tls.client_ca": lab.dir / "certs/ca.crt", "tls.client_crl": lab.dir / "certs/ca.crl",
                             "pam.enabled": 1, "pam.directory": lab.dir / "pam", "kerberos.keytab": keytab(lab), "server.loops": 1,
                             "metrics.port": free_port(), "audit.file": lab.dir / "state/audit", "log.level": "error"})
    service.rewrite()
    return str(plain), service.config, str(crashed), str(store)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/asan")
    parser.add_argument("stages", nargs="*")
    options = parser.parse_args()
    with Lab(libvirtd=False) as lab:
        configs = configurations(lab, os.path.abspath(options.build))
        program = str(lab.copy_in(os.path.abspath(os.path.join(options.build, "faults/daemon"))))
        password = lab.write("password", "a password of the test\n")
        errors = lab.write("errors", "")
        with open(password, encoding="ascii") as source, open(errors, "a", encoding="utf-8") as target:
            child = lab.popen([program, *configs, *options.stages], stdin=source, stdout=subprocess.PIPE, stderr=target,
                              text=True)
            output = child.communicate()[0]
        tail = "" if child.returncode == 0 else errors.read_text(errors="replace")[-4000:]
    print(output + tail, end="", flush=True)
    if not re.search(r"^daemon: \d+ passed", output, re.M):
        print(f"exit status {child.returncode}\ndaemon: 0 passed, 1 failed")
    return child.returncode


if __name__ == "__main__":
    sys.exit(main())
