# SPDX-License-Identifier: GPL-2.0-or-later
"""What machines and snapshots are made of, asked for as libvirt's own Hyper-V client does."""

from cases import DEMO, GET, STARTED, VALUES, ask, create, query, step
from wsman import V2

SETTINGS = f"Msvm_VirtualSystemSettingData.InstanceID='Microsoft:{DEMO}'"
MEMORY = "Microsoft:4764334D-E001-4176-82EE-5594EC9B530E"
OF_SNAPSHOT = "Msvm_VirtualSystemSettingData.InstanceID='Microsoft:@SNAPSHOT@'"


def component(name, result, of=SETTINGS):
    return query(f"ASSOCIATORS OF {{{of}}} WHERE AssocClass = Msvm_VirtualSystemSettingDataComponent "
                 f"ResultClass = {result}")


def has(name, value):
    return f"<p:{name}>{value}</p:{name}>"


INVENTORY = [
    step("processor", component("processor", "Msvm_ProcessorSettingData"), has("VirtualQuantity", 2)),
    step("memory", component("memory", "Msvm_MemorySettingData"), has("VirtualQuantity", 64)),
    step("resources", component("resources", "Msvm_ResourceAllocationSettingData"),
         "Microsoft:Hyper-V:Synthetic SCSI Controller"),
    step("storage", component("storage", "Msvm_StorageAllocationSettingData"), "/images/demo-1.qcow2"),
    step("serial", component("serial", "Msvm_SerialPortSettingData"), has("ElementName", "COM 1")),
    step("port", component("port", "Msvm_SyntheticEthernetPortSettingData"), has("Address", "52543C9D9B00")),
    step("connection", component("connection", "Msvm_EthernetPortAllocationSettingData"),
         "Msvm_SyntheticEthernetPortSettingData.InstanceID="),
    step("display", component("display", "Msvm_SyntheticDisplayControllerSettingData"), has("ResourceType", 24)),
    step("legacy-port", component("legacy", "Msvm_EmulatedEthernetPortSettingData"), "EndOfSequence"),
    step("most-processors", query("SELECT * FROM Msvm_ProcessorSettingData WHERE InstanceID LIKE "
                                  "'Microsoft:Definition%Maximum'"), "\\Maximum<"),
    step("default-disk", query("SELECT * FROM Msvm_ResourceAllocationSettingData WHERE ResourceSubType = "
                               "'Microsoft:Hyper-V:Synthetic Disk Drive' AND InstanceID LIKE '%Default%'"),
         "\\Default<"),
    step("get-memory", ask(GET, V2 + "Msvm_MemorySettingData", {
        "InstanceID": f"Microsoft:{DEMO}\\4764334D-E001-4176-82EE-5594EC9B530E"}), has("Limit", 64)),
    step("get-no-owner", ask(GET, V2 + "Msvm_MemorySettingData", {"InstanceID": "Microsoft:nonsense\\x"}),
         "DestinationUnreachable"),
    step("get-no-part", ask(GET, V2 + "Msvm_MemorySettingData", {"InstanceID": f"Microsoft:{DEMO}\\x"}),
         "DestinationUnreachable"),
    step("owner-of-part", query(
        f"ASSOCIATORS OF {{Msvm_MemorySettingData.InstanceID='Microsoft:{DEMO}"
        "\\\\4764334D-E001-4176-82EE-5594EC9B530E'} WHERE ResultClass = Msvm_VirtualSystemSettingData"),
        "Active settings"),
    step("pool", query("SELECT * FROM Msvm_ResourcePool WHERE ResourceSubType = 'Microsoft:Hyper-V:Ethernet Connection' AND "
                       "Primordial = True"), has("ElementName", "Dynamic Ethernet Switch Port")),
    step("pool-capabilities", query(f"ASSOCIATORS OF {{Msvm_ResourcePool.InstanceID='{MEMORY}\\\\Root'}} WHERE AssocClass = "
                                    "Msvm_ElementCapabilities ResultClass = Msvm_AllocationCapabilities"),
         has("ResourceSubType", "Microsoft:Hyper-V:Memory")),
    step("pool-definitions", query(f"REFERENCES OF {{Msvm_AllocationCapabilities.InstanceID='{MEMORY}\\\\Capabilities'}} WHERE "
                                   "ResultClass = Msvm_SettingsDefineCapabilities"), has("ValueRole", 0)),
    step("pool-capacity", query("SELECT ElementName, Capacity, AllocationUnits FROM Msvm_ResourcePool WHERE Capacity > 0"),
         "<Capacity>8192<"),
    step("pool-of-definition", query("ASSOCIATORS OF {Msvm_MemorySettingData.InstanceID='Microsoft:Definition\\\\"
                                     "4764334D-E001-4176-82EE-5594EC9B530E\\\\Default'}"), "Capabilities<"),
    step("pool-of-a-machine", query(f"ASSOCIATORS OF {{Msvm_MemorySettingData.InstanceID='Microsoft:{DEMO}"
                                    "\\\\4764334D-E001-4176-82EE-5594EC9B530E'} WHERE AssocClass = "
                                    "Msvm_SettingsDefineCapabilities"), "EndOfSequence"),
    step("element-capabilities", query("SELECT * FROM Msvm_ElementCapabilities"), "<p:Capabilities>"),
    step("create", create(), STARTED),
    step("job", ask(GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), has("JobState", 7)),
    step("snapshot-storage", component("storage", "Msvm_StorageAllocationSettingData", OF_SNAPSHOT),
         "/images/demo-1.qcow2"),
    step("all-memory", query("SELECT InstanceID, VirtualQuantity FROM Msvm_MemorySettingData"), "Maximum"),
    step("out-of-scope", component("storage", "Msvm_StorageAllocationSettingData"), "DestinationUnreachable",
         scope="web*"),
    step("out-of-scope-list", query("SELECT InstanceID FROM Msvm_StorageAllocationSettingData WHERE "
                                    "NOT InstanceID LIKE '%Definition%'"), "EndOfSequence", scope="nothing*"),
]

SYSTEM = f"Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='{DEMO}'"
HOST_SYSTEM = "Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='@HOST@'"
CIMV2 = V2.replace("virtualization/v2", "cimv2")
PORT_PATH = ("\\\\\\\\@HOST@\\\\root\\\\virtualization\\\\v2:Msvm_SyntheticEthernetPortSettingData.InstanceID="
             f'"Microsoft:{DEMO}\\\\\\\\162ACA6C-4200-5F2F-AA1D-20D0FFAA205B"')


def associators(of, association=None, result=None):
    words = (f" AssocClass = {association}" if association else "") + (f" ResultClass = {result}" if result else "")
    return query(f"ASSOCIATORS OF {{{of}}} WHERE{words}")


def win32(wql):
    return query(wql, resource=CIMV2 + "*")


LINKS = [
    step("settings", associators(SYSTEM, "Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData"),
         has("BIOSGUID", f"{{{VALUES['DEMO']}}}")),
    step("settings-any", associators(SYSTEM, None, "Msvm_VirtualSystemSettingData"), "Active settings"),
    step("devices", query("SELECT DeviceID, ElementName, EnabledState, SystemName FROM CIM_LogicalDevice"),
         "Microsoft:" + VALUES["DEMO"]),
    step("devices-of", associators(SYSTEM, "Msvm_SystemDevice", "Msvm_Processor"), has("ElementName", "Processor")),
    step("disk", query("SELECT * FROM Msvm_DiskDrive"), has("DriveNumber", 0)),
    step("display", query(f"SELECT * FROM Msvm_SyntheticDisplayController WHERE SystemName = '{DEMO}'"), "Display"),
    step("display-old", query(f"SELECT * FROM Msvm_S3DisplayController WHERE SystemName = '{DEMO}'"),
         "EndOfSequence"),
    step("head", associators(
        "Msvm_SyntheticDisplayController.CreationClassName='Msvm_SyntheticDisplayController',DeviceID='Microsoft:"
        f"{DEMO}\\\\F3CFF69B-1FA3-4B7A-8B2B-6B5C4B6F8E2A',SystemCreationClassName='Msvm_ComputerSystem',"
        f"SystemName='{DEMO}'", "Msvm_VideoHeadOnController", "Msvm_VideoHead"), has("CurrentVerticalResolution", 768)),
    step("part-settings", associators(f"Msvm_Memory.DeviceID='Microsoft:{DEMO}"
                                      "\\\\4764334D-E001-4176-82EE-5594EC9B530E'", "Msvm_SettingsDefineState"),
         "Msvm_MemorySettingData"),
    step("settings-part", associators(f"Msvm_MemorySettingData.InstanceID='Microsoft:{DEMO}"
                                      "\\\\4764334D-E001-4176-82EE-5594EC9B530E'", "Msvm_SettingsDefineState"),
         "<p:Msvm_Memory "),
    step("port-by-path", query("SELECT * FROM Msvm_SyntheticEthernetPortSettingData WHERE __PATH = "
                               f"'{PORT_PATH}'"), has("Address", "52543C9D9B00")),
    step("switches", query("SELECT * FROM Msvm_VirtualEthernetSwitch WHERE HealthState = 5"),
         has("ElementName", "default")),
    step("switch-by-name", query("SELECT Name, EnabledState FROM Msvm_VirtualEthernetSwitch WHERE "
                                 "ElementName = 'isolated'"), "<EnabledState>3<"),
    step("switch-get", ask(GET, V2 + "Msvm_VirtualEthernetSwitch", {"Name": "nonsense"}), "DestinationUnreachable"),
    step("hosted", associators(HOST_SYSTEM, "Msvm_HostedService"), "vssnapsvc"),
    step("hosted-not", associators(SYSTEM, "Msvm_HostedService"), "EndOfSequence"),
    step("affects", associators(SYSTEM, "Msvm_ServiceAffectsElement"), "vssnapsvc"),
    step("capabilities", associators(SYSTEM, "Msvm_ElementCapabilities"), has("RequestedStatesSupported", 11)),
    step("host-capabilities", associators(HOST_SYSTEM, "Msvm_ElementCapabilities"), "32784"),
    step("profiles", query("SELECT * FROM Msvm_RegisteredProfile"), has("RegisteredName", "Virtual System Profile")),
    step("profiles-interop", query("SELECT InstanceID FROM Msvm_RegisteredProfile",
                                   resource=V2.replace("virtualization/v2", "interop") + "*"), "DSP1042"),
    step("referenced", query("SELECT * FROM Msvm_ReferencedProfile"), "DSP1057"),
    step("referencing", associators("Msvm_RegisteredProfile.InstanceID='DMTF:DSP1057-VirtualSystem-1.0.0'",
                                    "Msvm_ReferencedProfile"), "DSP1042"),
    step("snapshot-settings", query("SELECT * FROM Msvm_VirtualSystemSnapshotSettingData"), "EndOfSequence"),
    step("conforms", associators(SYSTEM, "Msvm_ElementConformsToProfile"), "DSP1057"),
    step("conforming", associators("Msvm_RegisteredProfile.InstanceID='DMTF:DSP1042-SystemVirtualization-1.0.0'",
                                   "Msvm_ElementConformsToProfile"), "Hosting Computer System"),
    step("win32-product", win32("SELECT * FROM Win32_ComputerSystemProduct "), "<p:UUID>"),
    step("win32-os", win32("SELECT FreePhysicalMemory, Version, CSName FROM Win32_OperatingSystem "), "10.0.17763"),
    step("win32-system", win32("SELECT * FROM Win32_ComputerSystem "), has("TotalPhysicalMemory", 8589934592)),
    step("win32-processor", query("ASSOCIATORS OF {Win32_ComputerSystem.Name='@HOST@'} WHERE AssocClass = "
                                  "Win32_ComputerSystemProcessor ResultClass = Win32_Processor",
                                  resource=CIMV2 + "*"), has("NumberOfLogicalProcessors", 4)),
    step("win32-not-v2", query("SELECT * FROM Win32_OperatingSystem"), "Fault"),
]

SESSIONS = [
    {"name": "links", "steps": LINKS, "values": VALUES, "backend": "memory:?vms=demo:running,web:off:nics=0"},
    {"name": "inventory", "steps": INVENTORY, "values": VALUES,
     "backend": "memory:?vms=demo:running:cpus=2+disks=2+cds=1+serials=2,web:off"},
]
