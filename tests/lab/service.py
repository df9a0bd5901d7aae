# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts the daemon inside a lab: certificates, users, configuration, and its port when it listens."""

import os
import re
import secrets
import select
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

from lab import LabError  # noqa: E402
from wsman import Client  # noqa: E402


class Service:
    """A running cimsnapd. Users: name, role, and perhaps scope and more options of 'cimsnapd passwd'."""

    def __init__(self, lab, build, users=(("operator", "operator"),), port=0, uri=None, module="libvirt",
                 settings=None, log="cimsnapd.log", keep=None):
        self.lab, self.log = lab, log
        self.passwords = {}
        self.binary = str(lab.copy_in(os.path.join(build, "cimsnapd")))
        self._certificates()
        lab.mkdir("state")
        self.settings, self._base = dict(settings or {}), (port, uri or lab.uri, module)
        self._config(*self._base)
        for user in users:
            self.add_user(*user)
        self.start()
        if keep:  # what another one that holds the port left there is good until then
            self._keep(keep, users[0][0])

    def _certificates(self):
        folder = str(self.lab.dir / "certs")
        if not os.path.isdir(folder):
            subprocess.run([os.path.join(TOP, "certs/make-certs.sh"), folder], check=True,
                           stdout=subprocess.DEVNULL)
        self.ca = os.path.join(folder, "ca.crt")
        self.lab.give(folder)
        for name in os.listdir(folder):
            self.lab.give(os.path.join(folder, name))

    def _config(self, port, uri, module):
        values = {
            ("listen", "address"): "127.0.0.1", ("listen", "port"): port,
            ("tls", "certificate"): str(self.lab.dir / "certs/server.crt"),
            ("tls", "key"): str(self.lab.dir / "certs/server.key"),
            ("auth", "users_file"): str(self.lab.dir / "state/users"),
            ("backend", "module"): module, ("backend", "uri"): uri,
            ("store", "path"): str(self.lab.dir / "state/state.db"),
            ("status", "socket"): str(self.lab.dir / "state/status.sock"),
            **{tuple(name.split(".")): value for name, value in self.settings.items()},
        }
        text, last = "", None
        for (section, key), value in sorted(values.items()):
            text += ("" if section == last else f"[{section}]\n") + f"{key} = {value}\n"
            last = section
        self.config = str(self.lab.write("cimsnapd.conf", text))

    def command(self, *words):
        return [self.binary, "--config", self.config, *words]

    def add_user(self, name, role, scope="*", *options):
        password = self.passwords.setdefault(name, secrets.token_urlsafe(15))
        self.lab.run(self.command("passwd", "--role", role, "--scope", scope, *options, name), input=password + "\n")

    def endpoint_port(self, endpoint):
        """The port of "https", "mutual" or "http" since the last start."""
        ports = re.findall(rf'event=listening .*port="(\d+)" .*endpoint="{endpoint}"', self.log_text())
        return int(ports[-1])

    def reload(self):
        """SIGHUP; returns what the log says of it."""
        begin = len(self.log_text())
        self.process.send_signal(signal.SIGHUP)
        return self.await_log(r"event=reload( .*)?$", begin).group(0)

    def restart(self, settings):
        """Ends it, and starts it with these settings besides."""
        self.stop()
        self.settings.update(settings)
        self.rewrite()
        self.start()

    def rewrite(self):
        """Writes the configuration anew, from self.settings."""
        self._config(*self._base)

    def _keep(self, folder, user):
        """Leaves what a client needs where people find it."""
        os.makedirs(folder, exist_ok=True)
        with open(self.ca, encoding="ascii") as source, \
                open(os.path.join(folder, "ca.crt"), "w", encoding="ascii") as target:
            target.write(source.read())
        path = os.path.join(folder, "credentials")
        if os.path.exists(path):
            os.unlink(path)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(f"{user}:{self.passwords[user]}\n")

    def start(self, seconds=30, env=None):
        """Starts the daemon; returns when it listens. env adds to the lab's."""
        path = self.lab.dir / self.log
        begin = path.stat().st_size if path.exists() else 0
        with open(path, "ab") as out:
            self.process = self.lab.popen(self.command(), stdout=out, stderr=out, env=env or {})
        try:
            self.port = int(self.await_log(r'event=start .*port="(\d+)"', begin, seconds).group(1))
        except LabError:
            self.lab.end(self.process)
            raise

    def await_log(self, pattern, begin=0, seconds=30):
        """Waits for a line in the log, from octet `begin` on; the match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            match = re.search(pattern, self.log_text()[begin:], re.M)
            if match:
                return match
            select.select([], [], [], 0.02)
        text = self.log_text()[begin:]
        cause = re.findall(r"^(cimsnapd: .*\n)", text, re.M)  # it has ended, and says why
        raise LabError(f"{''.join(cause[-1:])}the daemon never said {pattern}:\n{text}")

    def stop(self):
        self.lab.end(self.process)

    def client(self, user="operator", password=None, watch=None):
        """A client for a user; None for nobody."""
        if user is not None and password is None:
            password = self.passwords[user]
        return Client("localhost", self.port, self.ca, user, password, watch)

    def log_text(self):
        return (self.lab.dir / self.log).read_text(errors="replace")

    def keep_log(self, folder):
        """Copies the log to where it outlives the lab."""
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, self.log), "w", encoding="utf-8") as target:
            target.write(self.log_text())
