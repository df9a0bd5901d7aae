# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads replies as strictly as libvirt's own Hyper-V client does (its WMI layer over libwsman), so that what passes
here can be read there: Enumerate goes to the namespace, Pull to the class; one item a Pull; an item of another
class ends the list; every scalar stands exactly once; numbers and booleans are spelt in one way."""

import os
import re

from wsman import NS, enumerate_body, envelope, pull_body

HERE = os.path.dirname(os.path.abspath(__file__))
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
V2, CIMV2 = "root/virtualization/v2", "root/cimv2"
NIL = "{%s}nil" % NS["xsi"]
BITS = {"uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64, "int16": 15, "int32": 31, "int64": 63}


class Unreadable(Exception):
    """What libvirt would not have taken."""


def load_classes():
    """Class name -> list of property, type and whether it is an array."""
    with open(os.path.join(HERE, "hyperv_classes.txt"), encoding="ascii") as file:
        text = "".join(line for line in file if not line.startswith("#"))
    classes = {}
    for paragraph in filter(None, re.split(r"\n\s*\n", text.strip())):
        name, rest = paragraph.split(":", 1)
        classes[name] = [(*word.removesuffix("[]").split(":"), word.endswith("[]")) for word in rest.split()]
    return classes


CLASSES = load_classes()


def read_value(element, kind, where):
    text = "".join(element.itertext())
    if kind in ("string", "datetime"):
        return None if not text or element.get(NIL) == "true" else text
    if element.get(NIL) == "true":
        return True if kind == "boolean" else 0
    if kind == "boolean":
        if text not in ("", "0", "1", "true", "false", "yes", "no"):
            raise Unreadable(f"{where}: boolean {text!r}")
        return text in ("", "1", "true", "yes")
    sign = "" if kind.startswith("u") else "-?"
    if not re.fullmatch(sign + r"\d+", text) or abs(int(text)) >> BITS[kind]:
        raise Unreadable(f"{where}: {kind} {text!r}")
    return int(text)


def read_instance(item, ns, name):
    """A dict of every property that libvirt knows of the class."""
    prefix = "{%s%s/%s}" % (WMI, ns, name)
    result = {}
    for key, kind, array in CLASSES[name]:
        found = item.findall(prefix + key)
        if array:
            result[key] = [read_value(one, kind, f"{name}.{key}") for one in found]
            continue
        if len(found) != 1:
            raise Unreadable(f"{name}.{key} stands {len(found)} times")
        result[key] = read_value(found[0], kind, f"{name}.{key}")
    return result


class HypervClient:
    """client: the lab's."""

    def __init__(self, client):
        self.client = client

    def pages(self, ns, name, wql, mode=None):
        """The element that holds the items of each Pull."""
        root = self.client.call(envelope(NS["n"] + "/Enumerate", f"{WMI}{ns}/*",
                                         body=enumerate_body(wql, mode)))
        context = root.findtext(".//n:EnumerationContext", "", NS)
        while context:
            root = self.client.call(envelope(NS["n"] + "/Pull", f"{WMI}{ns}/{name}", body=pull_body(context)))
            response = root.find("s:Body/n:PullResponse", NS)
            items = response.find("n:Items", NS)
            if items is None or len(items) > 1:
                raise Unreadable("a Pull without MaxElements has one item")
            context = response.findtext("n:EnumerationContext", "", NS)
            if bool(context) == (response.find("n:EndOfSequence", NS) is not None):
                raise Unreadable("neither more nor the end, or both")
            yield items

    def select(self, name, wql, ns=V2):
        """hypervGetWmiClassList()"""
        found = []
        for items in self.pages(ns, name, wql):
            if not len(items) or items[0].tag != "{%s%s/%s}%s" % (WMI, ns, name, name):
                break
            found.append(read_instance(items[0], ns, name))
        return found

    def where(self, name, condition="", ns=V2):
        return self.select(name, f"SELECT * FROM {name} " + (f"WHERE {condition}" if condition else ""), ns)

    def associated(self, of, association, name, ns=V2):
        return self.select(name, f"ASSOCIATORS OF {{{of}}} WHERE AssocClass = {association} ResultClass = {name}", ns)

    # What the driver does for several commands

    def machines(self, condition=""):
        return self.where("Msvm_ComputerSystem", f"Name != __SERVER {condition}")

    def settings(self, uuid):
        """uuid in lower case, as libvirt writes it."""
        return self.associated(f"Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='{uuid}'",
                               "Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData")[0]

    def parts(self, instance_id, name):
        escaped = instance_id.replace("\\", "\\\\")
        return self.associated(f"Msvm_VirtualSystemSettingData.InstanceID='{escaped}'",
                               "Msvm_VirtualSystemSettingDataComponent", name)

    def by_path(self, name, path):
        """Backslashes doubled, double quotes kept."""
        return self.where(name, "__PATH = '%s'" % path.replace('\\"', '"').replace("\\", "\\\\"))


def parent_of(path, devices):
    """hypervGetDeviceParentRasdFromDeviceId(): the device whose InstanceID ends the path."""
    wanted = path.split('"', 1)[1].removesuffix('"').replace("\\\\", "\\")
    return next(device for device in devices if device["InstanceID"] == wanted)


def disks(devices, images):
    """hypervDomainDefParseStorage(): bus, unit, device and source of each image."""
    ide = {int(d["Address"][0]): d for d in devices if d["ResourceType"] == 5}
    scsi = [d for d in devices if d["ResourceType"] == 6]
    assert set(ide) <= {0, 1} and len(scsi) <= 4
    found = []
    for image in images:
        drive = parent_of(image["Parent"], devices)
        controller = parent_of(drive["Parent"], devices)
        unit = int(drive["AddressOnParent"])
        device = "cdrom" if image["ResourceSubType"] == "Microsoft:Hyper-V:Virtual CD/DVD Disk" else "disk"
        if controller["ResourceType"] == 6:
            place = ("scsi", scsi.index(controller), unit)
        else:
            place = ("ide", next(n for n, d in ide.items() if d is controller), unit)
        found.append((*place, device, image["HostResource"][0]))
    return found
