#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Passwords that PAM knows: real modules with a configuration of their own, for accounts that every Debian has."""

import base64
import contextlib
import os
import subprocess
import sys
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import suite  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402
from wire import Wire  # noqa: E402
from wsman import identify_envelope  # noqa: E402

IDENTIFY = identify_envelope()
PASSWORD = "p\u00e4ss:w\u00f6rd \u2603"
ACCOUNTS = ("daemon", "games", "mail", "news", "bin", "operator", "nowhere", "LAB\\mail")
RULES = """account:boss:administrator:*:daemon
group::operator:web*:games
account::viewer::mail
account::viewer:*:LAB\\mail
account::user::bin
account:somebody:viewer:*:nowhere
"""
SERVICE = """auth optional pam_exec.so quiet {0}/pam/note
auth required pam_pwdfile.so pwdfile={0}/pam/passwords
account required pam_succeed_if.so quiet user != news
account required pam_succeed_if.so quiet rhost = 127.0.0.1
"""


@contextlib.contextmanager
def setup(build):
    with Lab(libvirtd=False) as lab:
        lab.mkdir("pam")
        hashed = subprocess.run(["openssl", "passwd", "-6", "-salt", "salt", "-stdin"], input=PASSWORD + "\n", text=True,
                                capture_output=True, check=True).stdout.strip()
        lab.write("pam/passwords", "".join(f"{name}:{hashed}\n" for name in ACCOUNTS))
        lab.write("pam/cimsnapd", SERVICE.format(lab.dir))
        (lab.dir / "pam/note").write_text(f'#!/bin/sh\necho "$PAM_USER" >>{lab.dir}/pam/asked\n', encoding="ascii")
        (lab.dir / "pam/note").chmod(0o755)
        lab.give(lab.dir / "pam/note")
        service = Service(lab, build, users=(("operator", "operator"),), module="memory", uri="memory:?vms=demo:running",
                          settings={"pam.enabled": 1, "pam.directory": lab.dir / "pam", "pam.domain": "CORP",
                                    "auth.rules_file": lab.write("rules", RULES), "auth.delay_ms": 0})
        yield SimpleNamespace(lab=lab, service=service)
        service.stop()
        assert service.process.returncode == 0, service.log_text()[-3000:]


def ask(place, user, password=PASSWORD):
    """Status, and the line of the audit."""
    begin = len(place.service.log_text())
    header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    with Wire(place.service.port, place.service.ca) as wire:
        status = wire.ask(IDENTIFY, header).status
    return status, place.service.await_log("audit=login .*", begin).group(0)


def test_accounts(place):
    """By account, by group, with scopes; and twice, as the second time it is remembered."""
    for _ in range(2):
        for user, expected in (("daemon", 'user="boss" how="pam" role="administrator" scope="*"'),
                               ("games", 'user="games" how="pam" role="operator" scope="web*"'),
                               ("mail", 'user="mail" how="pam" role="viewer" scope=""'),
                               ("nowhere", 'user="somebody" how="pam" role="viewer"')):
            status, line = ask(place, user)
            assert status == 200 and expected in line, (user, line)


def test_domains(place):
    """This host's and the configured one are taken off; any other is part of the name."""
    host = os.uname().nodename
    for user, name in ((f"{host}\\daemon", "boss"), (f"{host.split('.')[0].upper()}\\daemon", "boss"),
                       (".\\daemon", "boss"), ("CORP\\daemon", "boss"), ("daemon@corp", "boss"), ("LAB\\mail", "LAB\\\\mail")):
        status, line = ask(place, user)
        assert status == 200 and f'user="{name}" how="pam"' in line, (user, line)
    for user in ("LAB\\daemon", "daemon@lab", "CORP\\CORP\\daemon", "CORP\\", "@corp", "daemon@"):
        assert ask(place, user)[0] == 401, user


def test_refused(place):
    for user, password, reason in (("daemon", "wrong", "PAM refuses"), ("daemon", PASSWORD + "x", "PAM refuses"),
                                   ("daemo", PASSWORD, "PAM refuses"), ("daemon2", PASSWORD, "PAM refuses"),
                                   ("Daemon", PASSWORD, "PAM refuses"), ("news", PASSWORD, "PAM refuses"),
                                   ("root", PASSWORD, "PAM refuses"), ("root", "", "the password is not valid text"),
                                   ("bin", PASSWORD, "no rule for the account")):
        status, line = ask(place, user, password)
        assert status == 401 and f'reason="{reason}"' in line, (user, line)
    assert PASSWORD not in place.service.log_text()


def test_users_file_comes_first(place):
    """A name that it has is never asked for elsewhere: nobody has two passwords."""
    assert ask(place, "operator")[0] == 401
    status, line = ask(place, "operator", place.service.passwords["operator"])
    assert status == 200 and 'how="basic"' in line, line


def test_refusals_take_the_same_way(place):
    """Whether a name is in the users file cannot be told by the time: PAM is asked in any case, but not for that name."""
    path = place.lab.dir / "pam/asked"
    for user, asked in (("operator", ":nobody"), ("nobody-at-all", "nobody-at-all")):
        before = path.read_text().splitlines()
        assert ask(place, user, "wrong")[0] == 401
        assert path.read_text().splitlines()[len(before):] == [asked]
    before = path.read_text()
    assert ask(place, "operator", place.service.passwords["operator"])[0] == 200
    assert path.read_text() == before


def test_reload(place):
    """New rules are good at once, for passwords that are remembered too."""
    assert ask(place, "games")[0] == 200
    place.lab.write("rules", RULES.replace("group::operator", "group::viewer"))
    place.service.reload()
    status, line = ask(place, "games")
    assert status == 200 and 'role="viewer"' in line, line
    place.lab.write("rules", "")
    place.service.reload()
    assert ask(place, "games")[0] == 401
    place.lab.write("rules", RULES)
    place.service.reload()


def test_no_service(place):
    """A service file that is missing refuses everybody: "other" is not taken. The start and a reload say so."""
    path = place.lab.dir / "pam/cimsnapd"
    place.lab.write("pam/other", "auth required pam_permit.so\naccount required pam_permit.so\n")
    path.rename(path.with_suffix(".away"))
    try:
        assert ask(place, "games", "another")[0] == 401
        assert ask(place, "mail", "another")[0] == 401
        assert "there is no PAM service 'cimsnapd'" in place.service.reload()
        done = place.lab.run(place.service.command("--check-config"), check=False)
        assert done.returncode == 1 and "there is no PAM service 'cimsnapd'" in done.stdout, done.stdout
    finally:
        path.with_suffix(".away").rename(path)
    assert "error=" not in place.service.reload()


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
