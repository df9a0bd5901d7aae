#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract suite against every backend: memory, libvirt's mock, and QEMU in a private lab.

    python3 tests/contract/run.py [--build DIRECTORY] [--only WORD]

On QEMU it also looks into the images with qemu-img, ends the creating process at every journal entry,
and takes libvirtd away.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time
import unittest
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab"))
from lab import Lab  # noqa: E402  (found by the line above)

PROGRAM = None
MEMORY = ("memory:?vms=run:running,paused:paused,off:off,saved:saved,agent:running:agent,"
          "nofull:off:nofull,nodisk:running:nodisk+norecovery,life:running,lifeoff:off,power:off&delay_ms=20")
FULL, DISK, RECOVERY = 2, 3, 4
DIED = 9


class Suite(unittest.TestCase):
    """Backends that need no lab."""

    def check(self, *args):
        done = subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_memory(self):
        self.check("memory", MEMORY)

        self.check("memory", MEMORY, "machines")

    def test_mock(self):
        self.check("libvirt", f"test://{HERE}/machines.xml")
        self.check("libvirt", f"test://{HERE}/machines.xml", "machines")

    def test_uri_that_cannot_work(self):
        for uri in ("", "nonsense", "qemu+bogus:///system"):
            done = subprocess.run([PROGRAM, "libvirt", uri, "ping"], capture_output=True,
                                  stdin=subprocess.DEVNULL, check=False, timeout=20)
            self.assertEqual(done.returncode, 2, uri)


class Qemu(unittest.TestCase):
    """The backend for libvirt on real machines. Tests run in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.enterClassContext(cls.lab)
        cls.program = cls.lab.copy_in(PROGRAM)
        cls.disks = {name: cls.lab.define(name, **options) for name, options in {
            "run": {}, "off": {"state": "off"}, "saved": {"state": "saved"},
            "paused": {"state": "paused", "disks": 2}, "foreign": {"state": "off"}, "alike": {"state": "off"},
            "raw": {"raw": 1}, "two": {"disks": 2}, "empty": {"disks": 0}, "gone": {},
            "life": {"disks": 2}, "lifeoff": {"disks": 2, "state": "off"},
            "power": {"state": "off", "screen": True},
        }.items()}
        cls.lab.virsh("snapshot-create-as", "foreign", "by hand", "made <elsewhere>")
        # names that look like ours, of what is none
        for name in ("11111111-2222-4333-8444-555555555555", "ffffffff-2222-4333-8444-555555555555", "z"):
            cls.lab.virsh("snapshot-create-as", "alike", name)

    # Helpers

    def contract(self, *args):
        return self.lab.run([self.program, "libvirt", self.lab.uri, *args], check=False,
                            timeout=120)

    def vm(self, name):
        return self.lab.virsh("domuuid", name).strip()

    def state(self, name):
        return self.lab.virsh("domstate", name).strip()

    def snapshots(self, name):
        return sorted(filter(None, self.lab.virsh("snapshot-list", "--name", name).split("\n")))

    def tags(self, disk):
        # -U: a running QEMU has the image locked; this only reads.
        info = json.loads(self.lab.qemu_img("info", "-U", "--output=json", disk))
        return sorted(snapshot["name"] for snapshot in info.get("snapshots", []))

    def assert_consistent(self, name):
        """Each of libvirt's snapshots is once in every disk, and nothing else is."""
        for disk in self.disks[name]:
            if disk.suffix == ".qcow2":
                self.assertEqual(self.tags(disk), self.snapshots(name), disk)

    def recover(self, name, snapshot, journal, kind="create"):
        done = self.contract("recover", kind, self.vm(name), snapshot, json.dumps(journal))
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.split()[-1]

    def journal(self, name, **flags):
        return {"libvirt": 1, "frozen": False, "suspended": False,
                "disks": [{"target": f"vd{'abcd'[i]}", "file": str(disk)}
                          for i, disk in enumerate(self.disks[name])], **flags}

    def tag_live(self, name, tag, disks):
        """Makes the tag as QEMU's own command does, on some disks of a running machine."""
        blocks = json.loads(self.lab.virsh("qemu-monitor-command", name,
                                           '{"execute": "query-block"}'))["return"]
        for block in blocks:
            inserted = block.get("inserted")
            if inserted and inserted["image"]["filename"] in map(str, disks):
                self.lab.virsh("qemu-monitor-command", name, json.dumps({
                    "execute": "blockdev-snapshot-internal-sync",
                    "arguments": {"device": inserted["node-name"], "name": tag}}))

    # The suite

    def test_1_suite(self):
        done = self.contract()
        self.assertEqual(done.returncode, 0, done.stdout)
        for name in self.disks:
            with self.subTest(name):
                self.assert_consistent(name)
        self.assertTrue(self.snapshots("two"))
        self.assertEqual(self.snapshots("raw"), [])

    def test_1_then_machines(self):
        done = self.contract("machines")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, "picture: (640 by 480|720 by 400)")
        self.assertNotIn("not supported", done.stdout)
        self.assert_consistent("power")

    # The creating process ends

    def die(self, name, kind):
        """Dies at each journal entry in turn; returns how many there were."""
        before, state = self.snapshots(name), self.state(name)
        for entry in range(1, 10):
            done = self.contract("crash", self.vm(name), str(kind), str(entry))
            lines = [line for line in done.stdout.splitlines() if not line.startswith("level=")]
            if done.returncode != DIED:
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertEqual(self.recover(name, lines[0], json.loads("{}")), "whole")
                self.assertEqual(len(self.snapshots(name)), len(before) + 1)
                return entry - 1
            self.assertEqual(self.recover(name, lines[0], json.loads(lines[1])), "none")
            self.assertEqual(self.snapshots(name), before)
            self.assertEqual(self.state(name), state)
            self.assert_consistent(name)
        self.fail("it never ended")

    def test_2_process_dies(self):
        for name, kind, entries in (("two", DISK, 2), ("two", FULL, 1), ("paused", RECOVERY, 2),
                                    ("off", DISK, 1)):
            with self.subTest(name, kind=kind):
                self.assertEqual(self.die(name, kind), entries)
                self.assert_consistent(name)

    # What a crash can leave, made by hand

    def test_3_half_a_tag_and_paused(self):
        tag = str(uuid.uuid4()).upper()
        self.tag_live("two", tag, self.disks["two"][:1])
        self.lab.virsh("suspend", "two")
        self.assertEqual(self.recover("two", tag, self.journal("two", suspended=True)), "none")
        self.assertEqual(self.state("two"), "running")
        self.assert_consistent("two")

    def test_3_paused_by_someone_else(self):
        self.lab.virsh("suspend", "two")
        self.assertEqual(self.recover("two", str(uuid.uuid4()), self.journal("two")), "none")
        self.assertEqual(self.state("two"), "paused")
        self.lab.virsh("resume", "two")

    def test_3_tags_without_metadata(self):
        tag = str(uuid.uuid4()).upper()
        self.tag_live("two", tag, self.disks["two"])
        self.assertEqual(self.recover("two", tag, self.journal("two")), "none")
        self.assert_consistent("two")

    def test_3_tag_in_an_image_that_is_off(self):
        tag = str(uuid.uuid4()).upper()
        self.lab.qemu_img("snapshot", "-c", tag, self.disks["off"][0])
        self.assertEqual(self.recover("off", tag, self.journal("off")), "none")
        self.assert_consistent("off")

    def test_3_metadata_without_tag(self):
        done = self.contract("crash", self.vm("off"), str(DISK), "99")
        snapshot = done.stdout.splitlines()[-1]
        self.assertIn(snapshot, self.snapshots("off"))
        self.lab.qemu_img("snapshot", "-d", snapshot, self.disks["off"][0])
        self.assertEqual(self.recover("off", snapshot, self.journal("off")), "none")
        self.assertNotIn(snapshot, self.snapshots("off"))
        self.assert_consistent("off")

    def test_3_machine_off_since(self):
        tag = str(uuid.uuid4()).upper()
        self.tag_live("gone", tag, self.disks["gone"])
        self.lab.virsh("destroy", "gone")
        self.assertEqual(self.recover("gone", tag, self.journal("gone", suspended=True,
                                                                frozen=True)), "none")
        self.assert_consistent("gone")

    # Others' work on the machine

    def expect_refusal(self, name, kind, words):
        before = self.snapshots(name)
        done = self.contract("crash", self.vm(name), str(kind), "1")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(words, done.stdout)
        self.assertEqual(self.snapshots(name), before)

    def test_4_external_snapshot(self):
        self.lab.virsh("snapshot-create-as", "run", "outside", "--disk-only")
        for kind in (FULL, DISK):
            self.expect_refusal("run", kind, "external snapshots")
        self.lab.virsh("snapshot-delete", "run", "outside", "--metadata")
        self.expect_refusal("run", DISK, "no longer the one of the current snapshot")

    def test_4_reverted_by_libvirt(self):
        """libvirt's own revert works on what we made."""
        snapshot = self.snapshots("off")[0]
        self.lab.virsh("snapshot-revert", "off", snapshot)
        for name in ("off", "two"):
            for one in self.snapshots(name):
                self.lab.virsh("snapshot-delete", name, one)
            self.assert_consistent(name)
            self.assertEqual(self.snapshots(name), [])

    # libvirtd goes away

    def ask(self, child, wanted):
        """Pings until the answer is the wanted one."""
        deadline = time.monotonic() + 20
        answer = None
        while answer != wanted:
            self.assertLess(time.monotonic(), deadline, answer)
            child.stdin.write("\n")
            child.stdin.flush()
            answer = child.stdout.readline().strip()

    def test_5_libvirtd_restarts(self):
        child = self.lab.popen([self.program, "libvirt", self.lab.uri, "ping"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
        self.ask(child, "NONE")
        self.lab.stop_libvirtd(kill=True)
        self.ask(child, "UNAVAILABLE")
        # It also opens while nobody answers.
        late = self.lab.popen([self.program, "libvirt", self.lab.uri, "ping"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
        self.ask(late, "UNAVAILABLE")
        self.lab.start_libvirtd()
        for each in (child, late):
            self.ask(each, "NONE")
            each.stdin.close()
            each.stdout.close()
            self.assertEqual(each.wait(timeout=20), 0)
        self.assertEqual(self.state("two"), "running")


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", help="run only tests whose name contains this")
    options = parser.parse_args()
    PROGRAM = str(pathlib.Path(options.build).resolve() / "contract/contract")
    loader = unittest.TestLoader()
    if options.only:
        loader.testNamePatterns = [f"*{options.only}*"]
    tests = loader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stdout).run(tests)
    failed = len(result.failures) + len(result.errors)
    print(f"contract: {max(result.testsRun - failed, 0)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
