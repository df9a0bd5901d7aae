# SPDX-License-Identifier: GPL-2.0-or-later
"""What a client reads of a host and its machines: while calls fail each question is answered as before, or by a fault."""

from place import bulk
from wsman import CIMV2, MANAGEMENT, NS, V2, envelope, instance, invoke_body, reference

QUERIES = (
    (V2, ("Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData", "CIM_ResourceAllocationSettingData", "CIM_LogicalDevice",
          "CIM_ResourcePool", "CIM_HostedService", "CIM_SystemDevice", "CIM_Component", "CIM_ElementSettingData",
          "CIM_SettingsDefineState", "Msvm_SnapshotOfVirtualSystem", "Msvm_MostCurrentSnapshotInBranch",
          "Msvm_LastAppliedSnapshot", "Msvm_VirtualEthernetSwitch", "Msvm_VideoHead")),
    (CIMV2, ("Win32_ComputerSystem", "Win32_ComputerSystemProduct", "Win32_OperatingSystem", "Win32_Processor")),
)
SUMMARY = (0, 1, 2, 3, 4, 6, 100, 101, 102, 103, 104, 105, 106, 107, 108)  # RequestedInformation
# What changes by itself at any time; and a summary of a machine whose screen cannot be seen has no picture.
MOVING = {"FreePhysicalMemory", "ThumbnailImage", "ThumbnailImageHeight", "ThumbnailImageWidth"}


class Refused(Exception):
    """A method that says with its return value that it could not."""


def answered(answer):
    if answer["ReturnValue"] != "0":
        raise Refused(answer["ReturnValue"])
    return answer


def texts(item):
    return {name: str(value) for name, value in item.items()}


def summary(client, settings):
    """Of GetSummaryInformation."""
    parameters = [("RequestedInformation", str(code)) for code in SUMMARY] + [("SettingData", settings)]
    root = client.call(envelope(MANAGEMENT + "/GetSummaryInformation", MANAGEMENT, None,
                                invoke_body(MANAGEMENT, "GetSummaryInformation", parameters)))
    answered(instance(root.find("s:Body", NS)[0]))
    return [texts(instance(item)) for item in root.iter() if item.tag.endswith("}SummaryInformation")]


def picture(client, settings):
    """Of GetVirtualSystemThumbnailImage; what the screen shows may change."""
    answer = answered(client.invoke(MANAGEMENT, "GetVirtualSystemThumbnailImage",
                                    [("HeightPixels", "30"), ("TargetSystem", settings), ("WidthPixels", "40")]))
    return [{"length": str(len(answer["ImageData"]))}]


def questions(client, machine):
    """Each with its name; the answer to all is a list of instances."""
    for namespace, names in QUERIES:
        for name in names:
            yield name, lambda namespace=namespace, name=name: sorted(
                (texts(item) for item in bulk(client, f"SELECT * FROM {name}", namespace)), key=str)
    settings = reference(V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + machine})
    yield "summary", lambda: summary(client, settings)
    yield "picture", lambda: picture(client, settings)


class Answers:
    """Those of a time when nothing failed. What changes by itself is left out."""

    def __init__(self, client, machine):
        self._known = {name: ask() for name, ask in questions(client, machine)}
        self._moving = {name: self._changed(name, ask()) for name, ask in questions(client, machine)}

    def _changed(self, name, answer):
        """Names of properties that are not as before; all where it is about other instances."""
        known = self._known[name]
        if len(known) != len(answer):
            return {f"{len(answer)} in place of {len(known)}"}
        return {key for old, new in zip(known, answer) for key in old.keys() | new.keys() if old.get(key) != new.get(key)}

    def wrong(self, name, answer):
        """What is told otherwise, as a text; "" for nothing."""
        return ", ".join(sorted(self._changed(name, answer) - self._moving[name] - MOVING))
