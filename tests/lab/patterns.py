# SPDX-License-Identifier: GPL-2.0-or-later
"""Patterns in the disks of lab machines, and a marker in their memory: what a snapshot must bring back."""

import contextlib
import pathlib
import re

OFFSET, LENGTH = 1 << 20, 65536
CMOS = 0x50  # a byte of the clock's memory that nothing else uses


def running(lab, machine):
    return lab.virsh("domstate", machine).strip() in ("running", "paused")


def _form(path):
    return "raw" if str(path).endswith(".raw") else "qcow2"


def _each(lab, machine, values, disks):
    """Place, path and value of every disk; values: one for all, or a list."""
    paths = list(disks or lab.disks_of(machine))
    return zip(range(len(paths)), paths, values if isinstance(values, list) else [values] * len(paths))


def _through_qemu(lab, machine, index, command):
    return lab.virsh("qemu-monitor-command", machine, "--hmp",
                     f'qemu-io -d /machine/peripheral/virtio-disk{index}/virtio-backend "{command}"').strip()


def write(lab, machine, value, disks=None):
    """Into every disk of the machine, through its own QEMU when it runs; value: one, or a list of those of each disk.
    There to stay, even if QEMU is killed."""
    for index, path, one in _each(lab, machine, value, disks):
        command = f"write -f -P {one} {OFFSET} {LENGTH}"
        if running(lab, machine):
            answer = _through_qemu(lab, machine, index, command)
            assert not answer, answer  # it speaks only of what went wrong
        else:
            lab.run(["qemu-io", "-f", _form(path), "-c", command, str(path)])


def check(lab, machine, value, disks=None):
    """Every disk of the machine, as it is now, holds that value, or that of a list. What QEMU's monitor reads it compares
    for its own log only: so a running QEMU has to write down what it holds, and the file is read beside it."""
    runs = running(lab, machine)
    for index, path, one in _each(lab, machine, value, disks):
        flushed = _through_qemu(lab, machine, index, "flush") if runs else ""
        assert not flushed, flushed
        answer = lab.run(["qemu-io", "-r", *(["-U"] if runs else []), "-f", _form(path), "-c",
                          f"read -P {one} {OFFSET} {LENGTH}", str(path)]).stdout
        assert "failed" not in answer and "rror" not in answer, (path, one, answer)


EXTRACT = 'image=$1; shift; for name; do qemu-img convert -U -l snapshot.name="$name" -O raw "$image" "$TMPDIR/extract-${image##*/}-$name"; done'


def in_snapshots(lab, path, snapshots):
    """The value that fills the place in each of these snapshots inside an image, by snapshot."""
    path = pathlib.Path(path)
    lab.run(["sh", "-ec", EXTRACT, "extract", path, *snapshots])
    found = {}
    for snapshot in snapshots:
        target = lab.dir / f"extract-{path.name}-{snapshot}"
        with open(target, "rb") as handle:
            handle.seek(OFFSET)
            data = handle.read(LENGTH)
        target.unlink()
        assert len(set(data)) == 1, f"mixed data in {path} at {snapshot}"
        found[snapshot] = data[0]
    return found


def in_snapshot(lab, path, snapshot):
    """The same of one."""
    return in_snapshots(lab, path, [snapshot])[snapshot]


def _port(lab, machine, command):
    return lab.virsh("qemu-monitor-command", machine, "--hmp", command)


@contextlib.contextmanager
def _still(lab, machine):
    """A guest that boots uses the same two ports as the mark."""
    runs = lab.virsh("domstate", machine).strip() == "running"
    if runs:
        lab.virsh("suspend", machine)
    yield
    if runs:
        lab.virsh("resume", machine)


def mark_memory(lab, machine, value):
    """A byte that lives as long as the machine's memory does."""
    with _still(lab, machine):
        _port(lab, machine, f"o /b 0x70 {CMOS}")
        _port(lab, machine, f"o /b 0x71 {value}")


def memory_mark(lab, machine):
    with _still(lab, machine):
        _port(lab, machine, f"o /b 0x70 {CMOS}")
        return int(re.search(r"= (0x[0-9a-f]+)", _port(lab, machine, "i /b 0x71")).group(1), 16)
