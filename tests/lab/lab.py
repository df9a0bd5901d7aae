#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A private machine lab: its own libvirtd with its own small QEMU machines, in one directory.

It never talks to the host's libvirtd, needs no rights, and leaves nothing behind. Started by root it
runs as an unprivileged user, because a libvirtd of root would be the host's.

    with Lab() as lab:
        lab.define("demo", disks=2)
        print(lab.uri, lab.virsh("list"))

    python3 tests/lab/lab.py [--machine NAME[:OPTION...]]... [-- COMMAND [ARGUMENT...]]

Without a command the lab stays until a signal ends it. In arguments {uri} and {dir} stand for the
lab's; a command that is a file is copied into the lab, and runs as the lab's user.
"""
import argparse
import os
import pathlib
import pwd
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from xml.sax.saxutils import escape, quoteattr

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
USER = "nobody"        # who runs the lab when root starts it
SOCKET_PATH = 107      # the most octets of a socket's path (unix(7))
START_SECONDS = 30
STOP_SECONDS = 10

# Boots, prints a line, then sleeps for ever: a guest that costs no time.
GREETING = b"cimsnapd lab machine\r\n\0"
BOOT_CODE = bytes.fromhex("fa31c08ed8be137cac84c07406b40ecd10ebf5f4ebfd")


class LabError(Exception):
    """The lab could not be set up, or a command in it failed."""


def boot_sector(code=None):
    """512 octets of that code; without any: print GREETING by the BIOS, then halt."""
    if code is None:
        code = bytearray(BOOT_CODE)
        at = code.index(b"\xbe") + 1
        code[at:at + 2] = (0x7C00 + len(code)).to_bytes(2, "little")
        code = bytes(code) + GREETING
    return code.ljust(510, b"\0") + b"\x55\xaa"


def wait_pidfd(pidfd, seconds):
    """True when the process has ended in time."""
    return bool(select.select([pidfd], [], [], seconds)[0])


def end_process(pid, seconds=STOP_SECONDS):
    """Ends one process, politely first."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(pidfd, number)
            if wait_pidfd(pidfd, seconds):
                return
    except ProcessLookupError:
        pass
    finally:
        os.close(pidfd)


class Lab:
    """One lab; a context manager. uri: for libvirt. dir: for files. env: for its commands. tls: its libvirtd listens
    on loopback too, for clients with a certificate (tls_uri())."""

    def __init__(self, libvirtd=True, tls=False):
        self._wants_libvirtd = libvirtd
        self._tls, self.tls_port = tls, None
        self.dir = None
        self.uri = None
        self.env = None
        self._libvirtd = None
        self._children = []
        self._bad_ends = []
        self._accel = None
        self._handlers = {}
        self._account = pwd.getpwnam(USER) if os.geteuid() == 0 else None

    # Life

    def __enter__(self):
        self._catch_signals()
        try:
            self._make_directory()
            if self._tls:
                self._write_tls()
            if self._wants_libvirtd:
                self._start_libvirtd()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _catch_signals(self):
        """So that a signal unwinds the stack, and close() is reached."""
        def stop(number, _frame):
            sys.exit(128 + number)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, stop)
        # a shell starts what is in the background with SIGINT ignored
        self._handlers[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)

    def _make_directory(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="lab-"))
        os.chmod(self.dir, 0o700)
        self.give(self.dir)
        for name in ("run", "config", "config/libvirt", "cache", "data", "disks", "bin"):
            self.give(self.mkdir(name))
        path = self.dir / "run/libvirt/libvirt-sock"
        # QEMU's monitor has the longest name of all.
        if len(os.fsencode(self.dir)) + len("/config/libvirt/qemu/lib/domain-99-"
                                            "machine-with-a-name/monitor.sock") > SOCKET_PATH:
            raise LabError(f"the path {self.dir} is too long for sockets; set TMPDIR to a short one")
        self.uri = f"qemu+unix:///session?socket={path}"
        self.env = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.dir),
            "TMPDIR": str(self.dir),
            "XDG_RUNTIME_DIR": str(self.dir / "run"),
            "XDG_CONFIG_HOME": str(self.dir / "config"),
            "XDG_CACHE_HOME": str(self.dir / "cache"),
            "XDG_DATA_HOME": str(self.dir / "data"),
            "LIBVIRT_DEFAULT_URI": self.uri,
            "LAB_URI": self.uri,
            "LAB_DIR": str(self.dir),
        }
        # A log daemon of its own for each machine's console would be one more process to end.
        self.write("config/libvirt/qemu.conf", 'stdio_handler = "file"\n')

    def _write_tls(self):
        """Certificates, and a port that is free now."""
        folder = self.dir / "pki"
        subprocess.run([os.path.join(TOP, "certs/make-certs.sh"), str(folder)], check=True, stdout=subprocess.DEVNULL)
        for name, link in (("ca.crt", "cacert.pem"), ("client.crt", "clientcert.pem"), ("client.key", "clientkey.pem")):
            shutil.copy(folder / name, folder / link)
        for path in (folder, *folder.iterdir()):
            self.give(path)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.tls_port = free.getsockname()[1]
        self.write("config/libvirt/libvirtd.conf", (
            f'listen_tls = 1\nlisten_addr = "127.0.0.1"\ntls_port = "{self.tls_port}"\nkey_file = "{folder}/server.key"\n'
            f'cert_file = "{folder}/server.crt"\nca_file = "{folder}/ca.crt"\ncrl_file = ""\n'))

    def tls_uri(self, pki="pki"):
        return f"qemu+tls://localhost:{self.tls_port}/session?pkipath={self.dir / pki}"

    def _start_libvirtd(self):
        log = self.write("libvirtd.log", "")
        with open(log, "ab") as out:
            self._libvirtd = self._spawn(["libvirtd"] + (["--listen"] if self._tls else []), stdout=out, stderr=out)
        pidfd = os.pidfd_open(self._libvirtd.pid)
        deadline = time.monotonic() + START_SECONDS
        try:
            # It says nowhere that it is ready, so it is asked: virsh fails until it answers.
            while self.run(["virsh", "-q", "version"], check=False).returncode:
                if wait_pidfd(pidfd, 0.05) or time.monotonic() > deadline:
                    raise LabError("libvirtd did not start:\n" + log.read_text())
        finally:
            os.close(pidfd)

    def close(self):
        """Ends everything that the lab started, newest first, and removes its directory."""
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM,
                                                           signal.SIGHUP})
        try:
            for child in reversed(self._children):
                self._end_child(child)
            self._children.clear()
            if self._libvirtd:
                self._end_child(self._libvirtd)
                self._libvirtd = None
            # Only now, as libvirtd could have started more of them.
            self._end_machines()
            if self.dir:
                shutil.rmtree(self.dir)
                self.dir = None
            if self._bad_ends:
                raise LabError("did not end well: " + "\n".join(self._bad_ends))
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._handlers.clear()
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)

    def _end_child(self, child):
        """An exit status of its own, though it was only told to end, is how sanitizers report."""
        if child.poll() is None:
            end_process(child.pid)
            if child.wait() > 0:
                logs = [log.read_text(errors="replace")[-4000:] for log in self.dir.glob("*.log")]
                self._bad_ends.append(f"{child.args}: exit status {child.returncode}\n" + "\n".join(logs))
        child.wait()

    def _end_machines(self):
        """The QEMU processes outlive libvirtd; their pid files say which they are."""
        if not self.dir:
            return
        for file in self.dir.glob("run/libvirt/qemu/run/*.pid"):
            if file.stem == "driver":
                continue
            try:
                pid = int(file.read_text())
                command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            # A number may have been given to another process meanwhile.
            if os.fsencode(self.dir) in command:
                end_process(pid)

    def stop_libvirtd(self, kill=False):
        """As a crash (kill) or a restart of libvirtd would have it; the machines go on."""
        self._libvirtd.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        self._libvirtd.wait()

    def start_libvirtd(self):
        self._start_libvirtd()

    def pause_libvirtd(self):
        """As if it hung."""
        self._libvirtd.send_signal(signal.SIGSTOP)

    def resume_libvirtd(self):
        self._libvirtd.send_signal(signal.SIGCONT)

    # Files and commands

    def give(self, path):
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
        return path

    def mkdir(self, name):
        path = self.dir / name
        path.mkdir(mode=0o700, exist_ok=True)
        return self.give(path)

    def write(self, name, content, mode=0o600):
        """A file of the lab's user; content is text or octets."""
        path = self.dir / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return self.give(path)

    def copy_in(self, path):
        """A copy that the lab's user can read, as what lies in /root it cannot."""
        path = pathlib.Path(path)
        mode = 0o700 if path.stat().st_mode & stat.S_IXUSR else 0o600
        return self.write(f"bin/{path.name}", path.read_bytes(), mode)

    def _argv(self, argv):
        argv = [str(word) for word in argv]
        if not self._account:
            return argv
        return ["setpriv", f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}",
                "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--"] + argv

    def _spawn(self, argv, **options):
        # A session of its own, so that Ctrl-C reaches only us and the order of the end is ours.
        environ = dict(self.env, **options.pop("env", {}))
        return subprocess.Popen(self._argv(argv), env=environ, cwd=self.dir,
                                start_new_session=True, stdin=options.pop("stdin",
                                                                          subprocess.DEVNULL),
                                **options)

    def popen(self, argv, **options):
        """A command as the lab's user; env adds to the lab's. It ends with the lab at the latest."""
        child = self._spawn(argv, **options)
        self._children.append(child)
        return child

    def run(self, argv, check=True, env=None, **options):
        """The same, to its end. check: LabError with its output when it fails."""
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        done = subprocess.run(self._argv(argv), env=dict(self.env, **(env or {})), cwd=self.dir,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, **options)
        if check and done.returncode:
            raise LabError(f"{' '.join(map(str, argv))}:\n{done.stdout}")
        return done

    def virsh(self, *args):
        return self.run(["virsh", "-q", *args]).stdout

    def qemu_img(self, *args):
        return self.run(["qemu-img", *args]).stdout

    def end(self, child):
        """Ends one process that popen() started."""
        self._end_child(child)
        if child in self._children:
            self._children.remove(child)

    # Machines

    def accel(self):
        """"kvm" where a QEMU of this user really starts with it, else "qemu" (TCG)."""
        if self._accel is None:
            argv = ["timeout", "10", "qemu-system-x86_64", "-accel", "kvm", "-nodefaults",
                    "-display", "none", "-S", "-monitor", "stdio"]
            done = subprocess.run(self._argv(argv), env=self.env, cwd=self.dir, input=b"quit\n",
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  check=False)
            self._accel = "qemu" if done.returncode else "kvm"
        return self._accel

    def disk(self, name, form="qcow2", size="64M", code=None):
        """A new image with a boot sector."""
        path = self.dir / "disks" / name
        boot = self.write("disks/boot.bin", boot_sector(code))
        self.qemu_img("create", "-q", "-f", form, path, size)
        self.run(["qemu-io", "-f", form, "-c", f"write -q -s {boot} 0 512", path])
        return path

    def _disk_xml(self, path, form, target):
        return (f"<disk type='file' device='disk'><driver name='qemu' type='{form}'/>"
                f"<source file={quoteattr(str(path))}/><target dev='{target}' bus='virtio'/></disk>")

    def machine_xml(self, name, disks, title=None, memory=64, agent=False, screen=False):
        """disks: list of (path, format)."""
        source = f"<source mode='connect' path={quoteattr(str(agent))}/>" if agent and agent is not True else ""
        channel = (f"<channel type='unix'>{source}<target type='virtio' name='org.qemu.guest_agent.0'/>"
                   "</channel>") if agent else ""
        video = "<video><model type='vga'/></video>" if screen else ""
        devices = "".join(self._disk_xml(path, form, f"vd{chr(ord('a') + i)}")
                          for i, (path, form) in enumerate(disks))
        return (f"<domain type='{self.accel()}'><name>{escape(name)}</name>"
                f"<uuid>{uuid.uuid4()}</uuid>"
                f"{f'<title>{escape(title)}</title>' if title else ''}"
                f"<memory unit='MiB'>{memory}</memory><vcpu>1</vcpu>"
                "<os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>"
                f"<devices>{devices}{channel}{video}<controller type='usb' model='none'/>"
                "<memballoon model='none'/></devices></domain>")

    def define(self, name, disks=1, raw=0, state="running", size="64M", **options):
        """A machine with so many qcow2 and then raw disks; state: running, paused, off or saved.
        options: title, memory (MiB), agent (True: a channel without one; or the socket of one), screen, code (of the
        boot sector). Returns the paths of its disks."""
        forms, code = ["qcow2"] * disks + ["raw"] * raw, options.pop("code", None)
        images = [(self.disk(f"{name}-{i}.{form}", form, size, code), form)
                  for i, form in enumerate(forms)]
        xml = self.write("machine.xml", self.machine_xml(name, images, **options))
        self.virsh("define", xml)
        steps = {"off": [], "running": ["start"], "paused": ["start", "suspend"],
                 "saved": ["start", "managedsave"]}
        for step in steps[state]:
            self.virsh(step, name)
        return [path for path, _ in images]

    def qemu_pid(self, name):
        """The process of a machine that runs."""
        return int((self.dir / f"run/libvirt/qemu/run/{name}.pid").read_text())

    def disks_of(self, name):
        """The images that define() made for a machine."""
        return sorted(self.dir.glob(f"disks/{name}-*"))

    def tags(self, path):
        """The names of the snapshots inside an image, read without libvirt."""
        lines = self.qemu_img("snapshot", "-U", "-l", path).splitlines()
        return [line.split()[1] for line in lines if line.strip()[:1].isdigit()]


# Command line

def parse_machine(text):
    """NAME[:OPTION...], OPTION a state or KEY=VALUE."""
    name, *words = text.split(":")
    options = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            options["agent" if key == "agent" else "state"] = True if key == "agent" else key
        elif key in ("disks", "raw", "memory"):
            options[key] = int(value)
        elif key in ("size", "title"):
            options[key] = value
        else:
            raise argparse.ArgumentTypeError(f"{key!r} is no option of a machine")
    if options.get("state", "off") not in ("off", "running", "paused", "saved"):
        raise argparse.ArgumentTypeError(f"{options['state']!r} is no state")
    return name, options


def run_command(lab, command):
    """Runs it as the lab's user with our own input and output; its exit status."""
    argv = [word.replace("{uri}", lab.uri).replace("{dir}", str(lab.dir)) for word in command]
    if os.path.isfile(argv[0]):
        argv[0] = str(lab.copy_in(argv[0]))
    return lab.popen(argv, stdin=None).wait()


def main():
    parser = argparse.ArgumentParser(description="A private libvirt with small machines.")
    parser.add_argument("--machine", metavar="NAME[:OPTION...]", type=parse_machine,
                        action="append", default=[],
                        help="running, off, paused, saved, agent, disks=N, raw=N, memory=MIB, "
                             "size=SIZE, title=TEXT")
    parser.add_argument("command", nargs="*")
    args = parser.parse_args()
    try:
        with Lab() as lab:
            for name, options in args.machine:
                lab.define(name, **options)
            if args.command:
                return run_command(lab, args.command)
            print(f"uri: {lab.uri}\ndirectory: {lab.dir}", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 130
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
