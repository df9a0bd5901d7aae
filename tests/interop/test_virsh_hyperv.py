#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every question that `virsh -c hyperv://` asks to connect, list, dominfo, dumpxml, net-list, screenshot and for its
snapshots, in its own words, on real QEMU machines; and read as strictly as it does. Debian's virsh has no such driver."""

import contextlib
import os
import re
import socket
import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.path.insert(0, HERE)

import suite  # noqa: E402
from hyperv_client import CIMV2, CLASSES, HypervClient, V2, disks  # noqa: E402
from lab import Lab  # noqa: E402
from service import Service  # noqa: E402

MAC = "52:54:00:c1:5a:07"
RICH = """<domain type='{accel}'><name>rich</name><memory unit='MiB'>96</memory>
<currentMemory unit='MiB'>64</currentMemory><vcpu current='2'>4</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/><boot dev='network'/></os>
<devices><controller type='usb' model='none'/><controller type='scsi' index='0' model='virtio-scsi'/>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{one}'/><target dev='vdb' bus='virtio'/></disk>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{two}'/><target dev='sda' bus='scsi'/>
<address type='drive' controller='0' bus='0' target='0' unit='3'/></disk>
<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{iso}'/><target dev='hdc' bus='ide'/><readonly/></disk>
<disk type='file' device='cdrom'><target dev='hdd' bus='ide'/><readonly/></disk>
<interface type='user'><mac address='{mac}'/><model type='e1000'/></interface>
<serial type='unix'><source mode='bind' path='{pipe}'/><target port='0'/></serial>
<video><model type='vga'/></video></devices></domain>"""


@contextlib.contextmanager
def setup(build):
    with Lab() as lab:
        lab.define("running", title="A title & more")
        lab.define("paused", state="paused")
        lab.define("off", state="off")
        paths = {"one": lab.disk("rich-0.qcow2"), "two": lab.disk("rich-1.qcow2"),
                 "iso": lab.disk("rich.iso", "raw"), "pipe": lab.dir / "com1"}
        lab.virsh("define", lab.write("rich.xml", RICH.format(accel=lab.accel(), mac=MAC, **paths)))
        lab.virsh("start", "rich")
        service = Service(lab, build)
        yield SimpleNamespace(lab=lab, service=service, paths=paths, hyperv=HypervClient(service.client()))


def uuid_of(place, name):
    return place.lab.virsh("domuuid", name).strip()


def info(text):
    return dict(re.split(r":\s+", line, maxsplit=1) for line in text.splitlines() if ":" in line)


# connect, hostname, nodeinfo, freecell, maxvcpus

def test_connect(place):
    product, = place.hyperv.where("Win32_ComputerSystemProduct", ns=CIMV2)
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", product["UUID"]), product
    system, = place.hyperv.where("Win32_OperatingSystem", ns=CIMV2)
    assert re.fullmatch(r"10\.0\.\d+", system["Version"])
    assert 0 < system["FreePhysicalMemory"] <= system["TotalVisibleMemorySize"]


def test_hostname(place):
    system, = place.hyperv.where("Win32_ComputerSystem", ns=CIMV2)
    assert system["DNSHostName"] == socket.gethostname()


def test_nodeinfo(place):
    node = info(place.lab.virsh("nodeinfo"))
    system, = place.hyperv.where("Win32_ComputerSystem", ns=CIMV2)
    processors = place.hyperv.associated(f"Win32_ComputerSystem.Name='{system['Name']}'",
                                         "Win32_ComputerSystemProcessor", "Win32_Processor", CIMV2)
    assert system["TotalPhysicalMemory"] // 1024 == int(node["Memory size"].split()[0])
    assert sum(p["NumberOfLogicalProcessors"] for p in processors) == int(node["CPU(s)"])
    assert processors[0]["NumberOfCores"] == int(node["Core(s) per socket"])
    assert processors[0]["MaxClockSpeed"] == int(node["CPU frequency"].split()[0])


def test_most_processors(place):
    most, = place.hyperv.where("Msvm_ProcessorSettingData", "InstanceID LIKE 'Microsoft:Definition%Maximum'")
    assert most["VirtualQuantity"] > 0


# list, domuuid, domid, domname

def test_list(place):
    on = place.hyperv.machines("AND (EnabledState != 0 and EnabledState != 3 and EnabledState != 32769) ")
    off = place.hyperv.machines("AND (EnabledState = 0 or EnabledState = 3 or EnabledState = 32769) ")
    assert sorted(m["Name"].lower() for m in on) == sorted(uuid_of(place, n) for n in ("running", "paused", "rich"))
    assert [m["Name"].lower() for m in off] == [uuid_of(place, "off")]
    assert not any(m["Name"] == socket.gethostname() for m in place.hyperv.machines())


def test_lookup(place):
    for condition in (f"AND Name = '{uuid_of(place, 'running')}' ", "AND ElementName = 'A title & more' "):
        machine, = place.hyperv.machines(condition)
        assert (machine["ElementName"], machine["EnabledState"]) == ("A title & more", 2)
    assert place.hyperv.machines("AND Name = '00000000-0000-4000-8000-000000000000' ") == []
    assert place.hyperv.machines("AND ProcessID = 2147483647 ") == []


# dominfo

def test_dominfo(place):
    settings = place.hyperv.settings(uuid_of(place, "rich"))
    processor, = place.hyperv.parts(settings["InstanceID"], "Msvm_ProcessorSettingData")
    memory, = place.hyperv.parts(settings["InstanceID"], "Msvm_MemorySettingData")
    real = info(place.lab.virsh("dominfo", "rich"))
    assert processor["VirtualQuantity"] == int(real["CPU(s)"]) == 2
    assert memory["Limit"] * 1024 == int(real["Max memory"].split()[0])
    assert memory["VirtualQuantity"] * 1024 == int(real["Used memory"].split()[0])
    assert settings["BootOrder"] == [2, 3]
    assert settings["BIOSGUID"] == "{%s}" % uuid_of(place, "rich").upper()


# dumpxml

def test_dumpxml_disks(place):
    settings = place.hyperv.settings(uuid_of(place, "rich"))
    devices = place.hyperv.parts(settings["InstanceID"], "Msvm_ResourceAllocationSettingData")
    images = place.hyperv.parts(settings["InstanceID"], "Msvm_StorageAllocationSettingData")
    paths = {name: str(path) for name, path in place.paths.items()}
    # virtio's is the first controller that is not IDE's only where XML has it first
    scsi = [d["InstanceID"] for d in devices if d["ResourceType"] == 6]
    assert len(scsi) == 2, scsi
    found = {(bus, unit, device, source) for bus, _, unit, device, source in disks(devices, images)}
    assert found == {("scsi", 1, "disk", paths["one"]), ("scsi", 3, "disk", paths["two"]),
                     ("ide", 0, "cdrom", paths["iso"])}, found
    assert sum(d["ResourceSubType"] == "Microsoft:Hyper-V:Synthetic DVD Drive" for d in devices) == 2


def test_dumpxml_without_disks(place):
    """The driver gives up when a machine has no such part at all."""
    place.lab.define("bare", disks=0, state="off")
    settings = place.hyperv.settings(uuid_of(place, "bare"))
    assert place.hyperv.parts(settings["InstanceID"], "Msvm_ResourceAllocationSettingData")
    for name in ("Msvm_StorageAllocationSettingData", "Msvm_SerialPortSettingData",
                 "Msvm_EthernetPortAllocationSettingData"):
        assert place.hyperv.parts(settings["InstanceID"], name) == []
    place.lab.virsh("undefine", "bare")


def test_dumpxml_network(place):
    settings = place.hyperv.settings(uuid_of(place, "rich"))
    connection, = place.hyperv.parts(settings["InstanceID"], "Msvm_EthernetPortAllocationSettingData")
    assert connection["EnabledState"] == 2
    port, = place.hyperv.by_path("Msvm_SyntheticEthernetPortSettingData", connection["Parent"])
    assert port["Address"] == MAC.replace(":", "").upper()
    switch, = place.hyperv.by_path("Msvm_VirtualEthernetSwitch", connection["HostResource"][0])
    assert switch["ElementName"] == "user"


def test_dumpxml_serial(place):
    settings = place.hyperv.settings(uuid_of(place, "rich"))
    port, = place.hyperv.parts(settings["InstanceID"], "Msvm_SerialPortSettingData")
    assert (port["ElementName"], port["Connection"]) == ("COM 1", [str(place.paths["pipe"])])
    assert port["ResourceSubType"] == "Microsoft:Hyper-V:Serial Port"


# net-list

def test_networks(place):
    active = place.hyperv.where("Msvm_VirtualEthernetSwitch", "HealthState = 5")
    assert [s["ElementName"] for s in active] == ["user"]
    for condition in (f"Name = '{active[0]['Name']}'", f"Name='{active[0]['Name']}'", "ElementName = 'user'"):
        assert place.hyperv.where("Msvm_VirtualEthernetSwitch", condition) == active


# screenshot

def test_screen(place):
    name = uuid_of(place, "rich")
    screen, = place.hyperv.where("Msvm_SyntheticDisplayController", f"SystemName = '{name}'")
    device = screen["DeviceID"].replace("\\", "\\\\")
    head, = place.hyperv.associated(
        "Msvm_SyntheticDisplayController.CreationClassName='Msvm_SyntheticDisplayController',"
        f"DeviceID='{device}',SystemCreationClassName='Msvm_ComputerSystem',SystemName='{name}'",
        "Msvm_VideoHeadOnController", "Msvm_VideoHead")
    assert head["EnabledState"] == "2" and head["CurrentHorizontalResolution"] > 0
    assert place.hyperv.where("Msvm_S3DisplayController", f"SystemName = '{name}'") == []


# snapshots, as libvirt 12.2 reads them

def snapshots(place, name):
    return place.hyperv.where("Msvm_VirtualSystemSettingData",
                              f"VirtualSystemIdentifier = '{uuid_of(place, name).upper()}' AND "
                              "VirtualSystemType = 'Microsoft:Hyper-V:Snapshot:Realized'")


def test_snapshots(place):
    for name in ("first", "second"):
        place.lab.virsh("snapshot-create-as", "running", name)
    found = {s["ElementName"]: s for s in snapshots(place, "running")}
    assert sorted(found) == ["first", "second"]
    assert found["first"]["Parent"] is None and found["first"]["IsSaved"]
    parent = re.fullmatch(r'\\\\[^\\]+\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData\.InstanceID="(.*)"',
                          found["second"]["Parent"]).group(1)
    assert parent == found["first"]["InstanceID"]
    assert place.hyperv.settings(uuid_of(place, "running"))["Parent"].endswith(found["second"]["InstanceID"] + '"')


def test_settings_before_snapshots(place):
    """The driver takes the first reference there is for the machine's own settings."""
    name = uuid_of(place, "running")
    wql = (f"ASSOCIATORS OF {{Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='{name}'}} "
           "WHERE ResultClass = Msvm_VirtualSystemSettingData")
    first = next(place.hyperv.pages(V2, "Msvm_VirtualSystemSettingData", wql, "EnumerateEPR"))
    assert f"Microsoft:{name.upper()}" in ET.tostring(first, "unicode")


def test_snapshot_keeps_its_parts(place):
    """A snapshot tells of the machine as it was."""
    place.lab.virsh("snapshot-create-as", "off", "small")
    more = place.lab.disk("more.qcow2")
    place.lab.virsh("attach-disk", "off", more, "vdc", "--config", "--subdriver", "qcow2")
    place.lab.virsh("setvcpus", "off", "3", "--config", "--maximum")
    place.lab.virsh("setvcpus", "off", "3", "--config")
    before, = snapshots(place, "off")
    now = place.hyperv.settings(uuid_of(place, "off"))

    def parts(settings, name):
        return place.hyperv.parts(settings["InstanceID"], name)
    for settings, processors, images in ((before, 1, 1), (now, 3, 2)):
        assert parts(settings, "Msvm_ProcessorSettingData")[0]["VirtualQuantity"] == processors
        assert len(parts(settings, "Msvm_StorageAllocationSettingData")) == images
    assert str(more) not in str(parts(before, "Msvm_StorageAllocationSettingData"))


# Whatever there is of a class can be read

def test_every_class(place):
    unknown = []
    for name in CLASSES:
        if name in ("Msvm_ShutdownComponent", "Msvm_Keyboard", "Msvm_VirtualSystemManagementService"):
            continue
        found = place.hyperv.where(name, ns=CIMV2 if name.startswith("Win32") else V2)
        if not found and name not in ("Msvm_ConcreteJob", "Msvm_S3DisplayController"):
            unknown.append(name)
    assert not unknown, unknown


if __name__ == "__main__":
    suite.main(sys.modules[__name__])
