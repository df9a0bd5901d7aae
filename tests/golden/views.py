# SPDX-License-Identifier: GPL-2.0-or-later
"""What snapshots, machines, jobs and services lead to in the two other models: golden requests over one tree (A, B
below it; A applied, C made then)."""

from xml.sax.saxutils import escape

import cases as c
from cases import DEMO, ask, query, step
from dialects import (FIND_WEB, INTEROP, V1, WEB, dmtf, dmtf_create, dmtf_settings, every, v1, v1_apply, v1_create,
                      v1_settings, v1_system, wql)
from wsman import DMTF

SYSTEM = "CIM_ComputerSystem.CreationClassName='CIM_ComputerSystem',Name='@WEB@'"
SETTINGS = "CIM_VirtualSystemSettingData.InstanceID='cimsnapd:@%s@'"
JOB = "CIM_ConcreteJob.InstanceID='cimsnapd:@JOB@'"
HOST = "CIM_ComputerSystem.CreationClassName='CIM_ComputerSystem',Name='@HOST@'"


def associators(of, *words):
    return wql(f"ASSOCIATORS OF {{{of}}} WHERE " + " ".join(words))


def found(name, value):
    return f"<p:{name}>{value}</p:{name}>"


def method_of(resource, keys, method, *parameters):
    return ask(f"{resource}/{method}", resource, keys, c.invoke_body(resource, method, parameters))


def components(guid, result):
    return associators(SETTINGS % guid, "AssocClass = CIM_VirtualSystemSettingDataComponent", "ResultClass = " + result)


def dmtf_job(method, *parameters):
    return method_of(DMTF + "CIM_ConcreteJob", {**INTEROP, "InstanceID": "cimsnapd:@JOB@"}, method, *parameters)


def dmtf_state(state):
    return method_of(DMTF + "CIM_ComputerSystem", {**INTEROP, "CreationClassName": "CIM_ComputerSystem", "Name": WEB},
                      "RequestStateChange", ("RequestedState", str(state)))


DMTF_LINKS = [
    FIND_WEB,
    step("create-a", dmtf_create(WEB, "3"), "cim-schema/2/CIM_ConcreteJob", keep={"A": "CIM"}),
    step("create-b", dmtf_create(WEB, "3"), c.STARTED, keep={"B": "CIM"}),
    step("none-applied", every("CIM_LastAppliedSnapshot"), "<w:EndOfSequence/>"),
    step("apply-a", dmtf("ApplySnapshot", ("Snapshot", dmtf_settings("@A@"))), c.STARTED),
    step("apply-effects", wql("REFERENCES OF {CIM_VirtualSystemSettingData.InstanceID='cimsnapd:@A@'} WHERE "
                              "ResultClass = CIM_AffectedJobElement"), found("ElementEffects", 4)),
    step("create-c", dmtf_create(WEB, "3"), c.STARTED, keep={"C": "CIM", "JOB": "CIMJOB"}),
    step("job", wql("SELECT InstanceID FROM CIM_ConcreteJob WHERE JobState = 7 AND ElementName LIKE 'Snapshot%'"),
         "cimsnapd:"),
    step("last-applied", every("CIM_LastAppliedSnapshot"), "<p:Antecedent>"),
    step("most-current", every("CIM_MostCurrentSnapshotInBranch"), "<p:Dependent>"),
    step("edges", every("Cimsnapd_ParentChildSettingData"), "<p:Antecedent>"),
    step("children-of-a", associators(SETTINGS % "A", "AssocClass = CIM_Dependency", "ResultRole = Dependent",
                                      "ResultClass = CIM_VirtualSystemSettingData"), "cimsnapd:"),
    step("applied-to", associators(SETTINGS % "A", "AssocClass = CIM_LastAppliedSnapshot"), found("ElementName", "web")),
    step("applied-c", associators(SETTINGS % "C", "AssocClass = CIM_LastAppliedSnapshot"), "<w:EndOfSequence/>"),
    step("state", associators(SYSTEM, "AssocClass = CIM_SettingsDefineState"), "<p:VirtualSystemType>cimsnapd:System<"),
    step("state-of", associators(SETTINGS % "WEB", "AssocClass = CIM_SettingsDefineState"), found("ElementName", "web")),
    step("state-of-snapshot", associators(SETTINGS % "A", "AssocClass = CIM_SettingsDefineState"), "<w:EndOfSequence/>"),
    step("states", every("CIM_SettingsDefineState"), "<p:ManagedElement>"),
    step("element-settings", every("CIM_ElementSettingData"), found("IsCurrent", 2)),
    step("settings-element", associators(SETTINGS % "B", "AssocClass = CIM_ElementSettingData"), found("ElementName", "web")),
    step("component-processor", components("WEB", "CIM_ProcessorAllocationSettingData"), found("InstructionSet", "DMTF:x86:64")),
    step("component-image", components("A", "CIM_StorageAllocationSettingData"), found("HostResource", "file:///images/web-0.qcow2")),
    step("component-port", components("A", "CIM_EthernetPortAllocationSettingData"), found("Connection", "default")),
    step("component-memory", wql("SELECT * FROM CIM_ResourceAllocationSettingData WHERE ResourceType = 4 AND InstanceID LIKE "
                                 "'cimsnapd:@A@%'"), found("VirtualQuantity", 64)),
    step("component-drive", wql("SELECT * FROM CIM_ResourceAllocationSettingData WHERE ResourceType = 17 AND InstanceID LIKE "
                                "'cimsnapd:@A@%'"), found("ResourceSubType", "cimsnapd:SyntheticDiskDrive")),
    step("component-get", ask(c.GET, DMTF + "CIM_ResourceAllocationSettingData", {
        **INTEROP, "InstanceID": "cimsnapd:@A@\\4764334D-E001-4176-82EE-5594EC9B530E"}), found("ElementName", "Memory")),
    step("component-get-definition", ask(c.GET, DMTF + "CIM_ResourceAllocationSettingData", {
        **INTEROP, "InstanceID": "cimsnapd:Definition\\4764334D-E001-4176-82EE-5594EC9B530E\\Maximum"}),
        found("VirtualQuantity", 1048576)),
    step("component-owner", associators("CIM_ResourceAllocationSettingData.InstanceID='cimsnapd:@A@"
                                        "\\\\4764334D-E001-4176-82EE-5594EC9B530E'",
                                        "AssocClass = CIM_VirtualSystemSettingDataComponent"), "cimsnapd:Snapshot<"),
    step("components", wql("SELECT * FROM CIM_VirtualSystemSettingDataComponent"), "<p:GroupComponent>"),
    step("pools", associators(HOST, "AssocClass = CIM_HostedResourcePool"), found("Capacity", 8192)),
    step("pools-of-machine", associators(SYSTEM, "AssocClass = CIM_HostedResourcePool"), "<w:EndOfSequence/>"),
    step("pool-capabilities", associators("CIM_ResourcePool.InstanceID='cimsnapd:ResourcePool:4764334D-E001-4176-82EE-5594EC9B530E'",
                                          "ResultClass = CIM_AllocationCapabilities"), found("ResourceType", 4)),
    step("pool-definitions", wql("SELECT * FROM CIM_SettingsDefineCapabilities WHERE ValueRole = 0"), "\\Default<"),
    step("capabilities", associators(SYSTEM, "AssocClass = CIM_ElementCapabilities"), found("RequestedStatesSupported", 11)),
    step("capabilities-of", associators("CIM_EnabledLogicalElementCapabilities.InstanceID='cimsnapd:SystemCapabilities:@WEB@'",
                                        "AssocClass = CIM_ElementCapabilities"), found("ElementName", "web")),
    step("hosted", every("CIM_HostedService"), "<p:Antecedent>"),
    step("hosted-by-machine", associators(SYSTEM, "AssocClass = CIM_HostedService"), "<w:EndOfSequence/>"),
    step("hosted-by", associators(HOST, "AssocClass = CIM_HostedService"), found("Name", "vssnapsvc")),
    step("manages", every("CIM_ServiceAffectsElement"), found("ElementEffects", 5)),
    step("manages-host", associators(HOST, "AssocClass = CIM_ServiceAffectsElement"), "<w:EndOfSequence/>"),
    step("owned", every("CIM_OwningJobElement", epr="EnumerateEPR"), "CIM_VirtualSystemSnapshotService"),
    step("state-change", dmtf_state(2), c.STARTED),
    step("state-not-supported", dmtf_state(7), c.returns(1)),
    step("state-reserved", dmtf_state(999), c.returns(5)),
    step("state-transition", dmtf_state(2), c.returns(4097)),
    step("state-viewer", dmtf_state(3), "w:AccessDenied", role="viewer"),
    step("hyper-v-method", method_of(DMTF + "CIM_ComputerSystem", {**INTEROP, "Name": WEB}, "InjectNonMaskableInterrupt"),
         "a:ActionNotSupported"),
    step("result", associators(JOB, "AssocClass = CIM_AssociatedJobMethodResult"), "&lt;VALUE&gt;CreateSnapshot&lt;"),
    step("result-get", ask(c.GET, DMTF + "CIM_MethodResult", {**INTEROP, "InstanceID": "cimsnapd:MethodResult:@JOB@"}),
         "__MethodParameters"),
    step("result-of", associators("CIM_MethodResult.InstanceID='cimsnapd:MethodResult:@JOB@'",
                                  "AssocClass = CIM_AssociatedJobMethodResult"), "&lt;INSTANCE CLASSNAME=&quot;__JobOutParameters&quot;&gt;"),
    step("results", wql("SELECT * FROM CIM_AssociatedJobMethodResult"), "<p:JobParameters>"),
    step("results-unseen", every("CIM_MethodResult"), "<w:EndOfSequence/>", scope="demo"),
    step("owned-by-machine", associators(SYSTEM, "AssocClass = CIM_OwningJobElement"), "Start"),
    step("job-error", dmtf_job("GetError"), "<p:Error xsi:nil"),
    step("job-errors", dmtf_job("GetErrors"), c.returns(0)),
    step("job-terminate", dmtf_job("RequestStateChange", ("RequestedState", "4")), c.returns(4097)),
    step("job-hyper-v-method", dmtf_job("GetErrorEx"), "a:ActionNotSupported"),
    step("owner-unseen", every("CIM_OwningJobElement"), "<w:EndOfSequence/>", scope="demo"),
    step("all-of-a", wql("REFERENCES OF {%s}" % (SETTINGS % "A")), "CIM_SnapshotOfVirtualSystem"),
]

# ---- V1 ----

V1_SYSTEM = "Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='@%s@'"
V1_SETTINGS = "Msvm_VirtualSystemSettingData.InstanceID='Microsoft:@%s@'"


def v1_query(text):
    return query(text, resource=V1 + "*")


def v1_associators(of, *words):
    return v1_query(f"ASSOCIATORS OF {{{of}}} WHERE " + " ".join(words))


def v1_resources(guid, subtype):
    return v1_query("SELECT * FROM Msvm_ResourceAllocationSettingData WHERE ResourceSubType = '%s' AND InstanceID LIKE "
                    "'Microsoft:@%s@%%'" % (subtype, guid))


def v1_modify(system, guid, value, what="ElementName"):
    text = escape(c.embedded(("InstanceID", "Microsoft:" + guid), (what, escape(value)), name="Msvm_VirtualSystemSettingData"))
    return v1("ModifyVirtualSystem", ("ComputerSystem", v1_system(system)), ("SystemSettingData", text))


def v1_summaries(*codes, of=()):
    return v1("GetSummaryInformation", *(("RequestedInformation", str(code)) for code in codes),
              *(("SettingData", v1_settings(guid)) for guid in of))


def v1_picture(guid, width="4", height="3"):
    return v1("GetVirtualSystemThumbnailImage", ("HeightPixels", height), ("TargetSystem", v1_settings(guid)),
              ("WidthPixels", width))


V1_LINKS = [
    FIND_WEB,
    step("none-before", v1_associators(V1_SYSTEM % "WEB", "AssocClass = Msvm_PreviousSettingData"), "<w:EndOfSequence/>"),
    step("create-a", v1_create(WEB), c.STARTED, keep={"A": "SNAPSHOT"}),
    step("create-b", v1_create(WEB), c.STARTED, keep={"B": "SNAPSHOT"}),
    step("previous-b", v1_associators(V1_SYSTEM % "WEB", "AssocClass = MSvm_PreviousSettingData"), "<p:SettingType>5<"),
    step("apply-a", v1_apply(WEB, "@A@"), c.returns(0)),
    step("previous-a", v1_query("SELECT * FROM Msvm_PreviousSettingData"), found("IsCurrent", 0)),
    step("previous-of", v1_associators(V1_SETTINGS % "A", "AssocClass = Msvm_PreviousSettingData"),
         found("ElementName", "web")),
    step("state", v1_associators(V1_SYSTEM % "WEB", "AssocClass = Msvm_SettingsDefineState"), found("SettingType", 3)),
    step("state-of-snapshot", v1_associators(V1_SETTINGS % "A", "AssocClass = Msvm_SettingsDefineState"),
         "<w:EndOfSequence/>"),
    step("states", v1_query("SELECT * FROM Msvm_SettingsDefineState"), "<p:ManagedElement>"),
    step("element-settings", v1_query("SELECT * FROM Msvm_ElementSettingData"), found("IsMaximum", 0)),
    step("processor", v1_associators(V1_SETTINGS % "WEB", "AssocClass = Msvm_VirtualSystemSettingDataComponent",
                                     "ResultClass = Msvm_ProcessorSettingData"), found("ResourceSubType", "Microsoft Processor")),
    step("memory", v1_associators(V1_SETTINGS % "A", "AssocClass = Msvm_VirtualSystemSettingDataComponent",
                                  "ResultClass = Msvm_MemorySettingData"), found("VirtualQuantity", 64)),
    step("memory-get", ask(c.GET, V1 + "Msvm_MemorySettingData", {
        "InstanceID": f"Microsoft:{DEMO}\\4764334D-E001-4176-82EE-5594EC9B530E"}), found("AllocationUnits", "MB")),
    step("disks", v1_resources("WEB", "Microsoft Virtual Hard Disk"), found("Connection", "/images/web-0.qcow2")),
    step("disks-of-snapshot", v1_associators(V1_SETTINGS % "A", "AssocClass = Msvm_VirtualSystemSettingDataComponent",
                                             "ResultClass = Msvm_ResourceAllocationSettingData"), found("ResourceType", 21)),
    step("drive", v1_resources("A", "Microsoft Synthetic Disk Drive"), "root\\virtualization:Msvm_ResourceAllocationSettingData"),
    step("adapters", v1_associators(V1_SETTINGS % "A", "AssocClass = Msvm_VirtualSystemSettingDataComponent",
                                    "ResultClass = Msvm_SyntheticEthernetPortSettingData"), found("StaticMacAddress", "true")),
    step("legacy-adapters", v1_query("SELECT InstanceID FROM Msvm_EmulatedEthernetPortSettingData WHERE NOT InstanceID "
                                     "LIKE '%Definition%'"), "<w:EndOfSequence/>"),
    step("default-disk", v1_query("SELECT * FROM Msvm_ResourceAllocationSettingData WHERE ResourceSubType LIKE 'Microsoft "
                                  "Synthetic Disk Drive' AND InstanceID LIKE '%Default%'"), "\\Default<"),
    step("owner-of-disk", v1_associators(
        f"Msvm_ResourceAllocationSettingData.InstanceID='Microsoft:{DEMO}\\\\CD5BA93E-ADE9-5873-9BB3-E16C863E118E\\\\0\\\\0\\\\L'",
        "ResultClass = Msvm_VirtualSystemSettingData"), found("SettingType", 3)),
    step("global", v1_associators(V1_SYSTEM % "WEB", "ResultClass = Msvm_VirtualSystemGlobalSettingData"),
         found("ExternalDataRoot", "/machines")),
    step("global-get", ask(c.GET, V1 + "Msvm_VirtualSystemGlobalSettingData", {"InstanceID": f"Microsoft:{DEMO}\\Global"}),
         found("AutomaticStartupAction", 0)),
    step("global-of", v1_associators(f"Msvm_VirtualSystemGlobalSettingData.InstanceID='Microsoft:{DEMO}\\\\Global'",
                                     "AssocClass = Msvm_ElementSettingData"), found("ElementName", "demo")),
    step("global-of-nothing", ask(c.GET, V1 + "Msvm_VirtualSystemGlobalSettingData", {"InstanceID": "Microsoft:@A@\\Global"}),
         "DestinationUnreachable"),
    step("all-globals", v1_query("SELECT * FROM Msvm_VirtualSystemGlobalSettingData"), found("SnapshotDataRoot", "/machines/snapshots")),
    step("hosted", v1_associators("Msvm_ComputerSystem.Name='@HOST@'", "AssocClass = Msvm_HostedService"), found("Name", "vmms")),
    step("manages", v1_query("SELECT * FROM Msvm_ServiceAffectsElement"), found("ElementEffects", 5)),
    step("all-of-a", v1_query("REFERENCES OF {%s}" % (V1_SETTINGS % "A")), "Msvm_PreviousSettingData"),
    step("rename", v1_modify(WEB, "@A@", "renamed"), c.STARTED),
    step("renamed", ask(c.GET, V1 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:@A@"}),
         found("ElementName", "renamed")),
    step("notes", v1_modify(WEB, "@A@", "one\ntwo & three", "Notes"), c.STARTED),
    step("notes-then", ask(c.GET, V1 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:@A@"}), "<p:Notes>one&#10;two &amp; three<"),
    step("rename-of-another", v1_modify(DEMO, "@A@", "not so"), c.returns(32773)),
    step("rename-machine", v1_modify(WEB, WEB, "web & more"), c.STARTED),
    step("rename-another-machine", v1_modify(DEMO, WEB, "not so"), c.returns(32773)),
    step("rename-nothing", v1_modify(WEB, "00000000-0000-4000-8000-000000000000", "not so"), c.returns(32773)),
    step("rename-the-host", v1_modify("@HOST@", "@A@", "not so"), c.returns(32773)),
    step("still-renamed", v1_query("SELECT ElementName FROM Msvm_VirtualSystemSettingData WHERE ElementName LIKE 'not%'"),
         "<w:EndOfSequence/>"),
    step("summary", v1_summaries(0, 1, 2, 3, 4, 100, 103, 107, 108, 109, 110, 111, of=("@A@", WEB)), "<r:SettingType>5<"),
    step("summary-all", v1_summaries(1, 100), "<q:EnabledState>2<", role="viewer"),
    step("summary-nothing", v1_summaries(1, of=("00000000-0000-4000-8000-000000000000",)), c.returns(32773)),
    step("summary-unknown-code", v1_summaries(300), c.returns(32773)),
    step("summary-out-of-scope", v1_summaries(1, of=(WEB,)), c.returns(32773), scope="demo"),
    step("picture", v1_picture(DEMO), "<p:ImageData>"),
    step("picture-v2-reference", v1("GetVirtualSystemThumbnailImage", ("HeightPixels", "1"), (
        "TargetSystem", c.reference(c.V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + DEMO})),
        ("WidthPixels", "1")), "<p:ImageData>"),
    step("picture-off", v1_picture(WEB), c.returns(32775)),
    step("picture-snapshot", v1_picture("@A@"), c.returns(32770)),
    step("picture-no-size", v1_picture(DEMO, "0"), c.returns(32773)),
    step("picture-viewer", v1_picture(DEMO), "w:AccessDenied", role="viewer"),
]
# a machine that is paused and one that is saved have this model's states in summaries too
V1_SUMMARIES = [step("states", v1_summaries(1, 100), "<q:EnabledState>32769<"),
                step("states-paused", v1_summaries(100), "<q:EnabledState>32768<")]

# jobs that fail
V1_FAILED = [
    FIND_WEB,
    step("create", v1_create(WEB), c.STARTED),
    step("error", method_of(V1 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}, "GetError"), "Msvm_Error&quot;"),
    step("terminate", method_of(V1 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}, "RequestStateChange",
                                 ("RequestedState", "4")), c.returns(4097)),
]
DMTF_FAILED = [
    FIND_WEB,
    step("create", dmtf_create(WEB), c.STARTED, keep={"JOB": "CIMJOB"}),
    step("error", dmtf_job("GetError"), "CIM_Error&quot;"),
    step("errors", dmtf_job("GetErrors"), "There is not enough space"),
    step("result", ask(c.GET, DMTF + "CIM_MethodResult", {**INTEROP, "InstanceID": "cimsnapd:MethodResult:@JOB@"}),
         "NAME=&quot;ReturnValue&quot; TYPE=&quot;string&quot;&gt;&lt;VALUE&gt;2&lt;"),
    step("no-parameters", ask(c.GET, DMTF + "CIM_ConcreteJob", {**INTEROP, "InstanceID": "cimsnapd:@JOB@"}),
         "<p:JobOutParameters xsi:nil"),
]
FAILING = c.PLAIN + "&fail=create&fail_code=NO_SPACE"

SESSIONS = [
    {"name": "v1failedjobs", "backend": FAILING, "steps": V1_FAILED, "values": c.VALUES},
    {"name": "dmtffailedjobs", "backend": FAILING, "steps": DMTF_FAILED, "values": c.VALUES},
    {"name": "v1links", "backend": c.PLAIN, "steps": V1_LINKS, "values": c.VALUES},
    {"name": "v1summaries", "backend": "memory:?vms=saved:saved,off:off,paused:paused", "steps": V1_SUMMARIES},
    {"name": "dmtflinks", "backend": c.PLAIN, "steps": DMTF_LINKS, "values": c.VALUES},
]
