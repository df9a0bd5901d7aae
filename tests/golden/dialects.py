# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden requests in the two other models: V1 (root/virtualization) and the DMTF's (CIM_ classes, root/interop)."""

import cases as c
from cases import DEMO, ask, query, step
from operations import mode
from wsman import DMTF, V2, invoke_body, reference

V1 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/"
INTEROP = {"__cimnamespace": "root/interop"}
CREATE = [c.FIND, step("create", c.create(), c.STARTED),
          step("wait", ask(c.GET, V2 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "<p:JobState>7<")]


def every(name, namespace="root/interop", epr=None):
    return ask(c.ENUMERATE, DMTF + name, {"__cimnamespace": namespace},
               c.enumerate_body(None, epr, True, 20))


def wql(text):
    return query(text, resource="http://schemas.dmtf.org/wbem/wscim/1/*").replace(
        "</w:ResourceURI>", '</w:ResourceURI><w:SelectorSet><w:Selector Name="__cimnamespace">root/interop'
        "</w:Selector></w:SelectorSet>", 1)


V1_READS = [
    *CREATE,
    step("machines", query("SELECT * FROM Msvm_ComputerSystem", resource=V1 + "*"), "<p:EnabledState>2<"),
    step("machine", ask(c.GET, V1 + "Msvm_ComputerSystem", {"Name": DEMO}), "wmi/root/virtualization/Msvm_ComputerSystem"),
    step("service", query("SELECT * FROM Msvm_VirtualSystemManagementService", resource=V1 + "*"), "<p:Name>vmms<"),
    step("settings", query("SELECT * FROM Msvm_VirtualSystemSettingData", resource=V1 + "*"), "<p:SettingType>3<"),
    step("snapshots", query(f"SELECT * FROM Msvm_VirtualSystemSettingData WHERE SystemName='{DEMO}' AND SettingType=5",
                            resource=V1 + "*"), "<p:SettingType>5<"),
    step("not-in-v1", query("SELECT VirtualSystemIdentifier FROM Msvm_VirtualSystemSettingData", resource=V1 + "*"),
         "n:CannotProcessFilter"),
    step("job", ask(c.GET, V1 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "<p:JobState>7<"),
    step("associators", query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='@JOB@'} WHERE "
                              "ResultClass = Msvm_VirtualSystemSettingData", resource=V1 + "*"), "<p:SettingType>5<"),
    step("service-of-job", query("ASSOCIATORS OF {Msvm_ConcreteJob.InstanceID='@JOB@'} WHERE "
                                 "AssocClass = Msvm_OwningJobElement", resource=V1 + "*"), "<p:Name>vmms<"),
    step("snapshots-of", query(f"ASSOCIATORS OF {{Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='{DEMO}'}} "
                               "WHERE AssocClass = Msvm_ElementSettingData", resource=V1 + "*"), "<p:SettingType>5<"),
    step("machine-of", query("ASSOCIATORS OF {Msvm_VirtualSystemSettingData.InstanceID='Microsoft:@SNAPSHOT@'} WHERE "
                             "ResultClass = Msvm_ComputerSystem", resource=V1 + "*"), "<p:ElementName>demo<"),
    step("references", query("REFERENCES OF {Msvm_ConcreteJob.InstanceID='@JOB@'}", resource=V1 + "*"),
         "wmi/root/virtualization/Msvm_VirtualSystemSettingData"),
    step("no-snapshot-service", query("SELECT * FROM Msvm_VirtualSystemSnapshotService", resource=V1 + "*"),
         "a:DestinationUnreachable"),
    step("exclude-itself", mode("ExcludeSubClassProperties", V1 + "Msvm_ComputerSystem"), "<p:OnTimeInMilliseconds"),
]

V1_STATES = [step("states", query("SELECT ElementName, EnabledState FROM Msvm_ComputerSystem", resource=V1 + "*"),
                  "<EnabledState>32769<"),
             step("paused", query("SELECT ElementName FROM Msvm_ComputerSystem WHERE EnabledState = 32768",
                                  resource=V1 + "*"), "<ElementName>paused<")]

DMTF_READS = [
    *CREATE,
    step("profiles", every("CIM_RegisteredProfile"), "<p:RegisteredName>System Virtualization<"),
    step("central", wql("ASSOCIATORS OF {CIM_RegisteredProfile.InstanceID='cimsnapd:DSP1042-SystemVirtualization-1.0.0'} "
                        "WHERE AssocClass = CIM_ElementConformsToProfile"), "Hosting computer system"),
    step("conforms", every("CIM_ElementConformsToProfile", epr="EnumerateEPR"), "<a:EndpointReference>"),
    step("referenced", every("CIM_ReferencedProfile"), "<p:Antecedent>"),
    step("service", every("CIM_VirtualSystemSnapshotService"), "<p:CreationClassName>CIM_VirtualSystemSnapshotService<"),
    step("service-capabilities", wql("ASSOCIATORS OF {CIM_VirtualSystemSnapshotService.Name='vssnapsvc'} WHERE "
                                     "AssocClass = CIM_ElementCapabilities"), "<p:AynchronousMethodsSupported>2<"),
    step("machines", every("CIM_ComputerSystem"), "<p:CreationClassName>CIM_ComputerSystem<"),
    step("machine-capabilities", wql(f"ASSOCIATORS OF {{CIM_ComputerSystem.Name='{DEMO}'}} WHERE ResultClass = "
                                     "CIM_VirtualSystemSnapshotCapabilities"), "<p:SnapshotTypesEnabled>2<"),
    step("capabilities-by-key", ask(c.GET, DMTF + "CIM_VirtualSystemSnapshotCapabilities", {
        **INTEROP, "InstanceID": f"cimsnapd:SnapshotCapabilities/{DEMO}"}), "<p:GuestOSNotificationEnabled>"),
    step("without-namespace", ask(c.ENUMERATE, DMTF + "CIM_VirtualSystemSnapshotServiceCapabilities",
                                  body=c.enumerate_body(None, None, True)), "<p:AynchronousMethodsSupported>2<"),
    step("settings", every("CIM_VirtualSystemSettingData"), "<p:VirtualSystemType>cimsnapd:Snapshot<"),
    step("settings-by-key", ask(c.GET, DMTF + "CIM_VirtualSystemSettingData", {
        **INTEROP, "InstanceID": "cimsnapd:@SNAPSHOT@"}), "<p:VirtualSystemType>cimsnapd:Snapshot<"),
    step("settings-by-hyper-v-key", ask(c.GET, DMTF + "CIM_VirtualSystemSettingData", {
        **INTEROP, "InstanceID": "Microsoft:@SNAPSHOT@"}), "a:DestinationUnreachable"),
    step("job", ask(c.GET, DMTF + "CIM_ConcreteJob", {**INTEROP, "InstanceID": "cimsnapd:@JOB@"}),
         "<p:OperationalStatus>17<"),
    step("job-elements", wql("ASSOCIATORS OF {CIM_ConcreteJob.InstanceID='cimsnapd:@JOB@'} WHERE "
                             "AssocClass = CIM_AffectedJobElement ResultClass = CIM_VirtualSystemSettingData"),
         "<p:InstanceID>cimsnapd:"),
    step("snapshot-of", every("CIM_SnapshotOfVirtualSystem"), "<p:Dependent>"),
    step("everything", every("CIM_ManagedElement", epr="EnumerateEPR"), "CIM_RegisteredProfile"),
    step("bases-have-no-instances", mode("None", DMTF + "CIM_ManagedElement").replace(
        "</w:ResourceURI>", '</w:ResourceURI><w:SelectorSet><w:Selector Name="__cimnamespace">root/interop'
        "</w:Selector></w:SelectorSet>", 1), "<w:EndOfSequence/>"),
    # only the base's properties, whatever the class and its namespace
    step("exclude-computer-system", mode("ExcludeSubClassProperties", DMTF + "CIM_ComputerSystem"),
         "<p:CIM_ComputerSystem"),
    step("exclude-setting-data", mode("ExcludeSubClassProperties", DMTF + "CIM_SettingData"), "<p:CIM_SettingData"),
    step("exclude-managed-element", mode("ExcludeSubClassProperties", DMTF + "CIM_ManagedElement"),
         "<p:CIM_ManagedElement"),
    step("exclude-v1", mode("ExcludeSubClassProperties", V1 + "CIM_Job"), "<p:CIM_Job"),
]


# ---- methods ----

MANAGEMENT = V1 + "Msvm_VirtualSystemManagementService"
CIM_SERVICE = DMTF + "CIM_VirtualSystemSnapshotService"
STILL_THERE = step("still-there", query("SELECT ElementName FROM Msvm_VirtualSystemSettingData WHERE SettingType = 5",
                                        resource=V1 + "*"), "<ElementName>")


def v1(method, *parameters, **more):
    """An Invoke in V1's namespace; timeout: the client's patience."""
    text = ask(MANAGEMENT + "/" + method, MANAGEMENT, None, invoke_body(MANAGEMENT, method, parameters))
    return text.replace("PT60.000S", more.get("timeout", "PT60.000S"))


def v1_system(name=DEMO):
    return reference(V1 + "Msvm_ComputerSystem", {"CreationClassName": "Msvm_ComputerSystem", "Name": name})


def v1_settings(guid):
    return reference(V1 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:" + guid})


def v1_create(name=DEMO):
    return v1("CreateVirtualSystemSnapshot", ("SourceSystem", v1_system(name)))


def v1_apply(system, guid, method="ApplyVirtualSystemSnapshot", **more):
    return v1(method, ("ComputerSystem", v1_system(system)), ("SnapshotSettingData", v1_settings(guid)), **more)


def v1_remove(guid, tree=""):
    return v1("RemoveVirtualSystemSnapshot" + tree, ("SnapshotSettingData", v1_settings(guid)))


WEB = "@WEB@"
FIND_WEB = step("web", query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'web'"), "<p:Name>",
                keep={"WEB": "MACHINE"})
V1_METHODS = [
    FIND_WEB,
    step("create", v1_create(WEB), "<p:SnapshotSettingData>", keep={"A": "SNAPSHOT"}),
    step("create-job", ask(c.GET, V1 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "<p:JobState>7<"),
    step("create-again", v1_create(WEB), c.STARTED, keep={"B": "SNAPSHOT"}),
    step("apply", v1_apply(WEB, "@A@"), c.returns(0)),
    step("apply-ex", v1_apply(WEB, "@B@", "ApplyVirtualSystemSnapshotEx"), c.STARTED),
    step("apply-ex-job", ask(c.GET, V1 + "Msvm_ConcreteJob", {"InstanceID": "@JOB@"}), "<p:JobType>71<"),
    step("apply-other-machine", v1_apply(DEMO, "@A@"), c.returns(32773)),
    step("apply-nothing", v1_apply(WEB, "00000000-0000-4000-8000-000000000000"), c.returns(32773)),
    step("apply-the-machine", v1("ApplyVirtualSystemSnapshot", ("ComputerSystem", v1_system(WEB)),
                                 ("SnapshotSettingData", v1_settings(WEB))), c.returns(32773)),
    step("apply-v2-reference", v1("ApplyVirtualSystemSnapshot", ("ComputerSystem", c.system(WEB)), (
        "SnapshotSettingData", reference(V2 + "Msvm_VirtualSystemSettingData", {"InstanceID": "Microsoft:@A@"}))),
         c.returns(0)),
    step("v2-parameter-name", v1("CreateVirtualSystemSnapshot", ("AffectedSystem", v1_system(WEB))), "faultDetail/InvalidName"),
    step("viewer", v1_create(WEB), "w:AccessDenied", role="viewer"),
    step("out-of-scope", v1_create(WEB), c.returns(32773), scope="demo"),
    STILL_THERE,
    step("remove-tree", v1_remove("@A@", "Tree"), c.STARTED),
    step("remove-again", v1_remove("@A@"), c.returns(32773)),
    step("create-running", v1_create(), c.STARTED, keep={"C": "SNAPSHOT"}),
    step("apply-running", v1_apply(DEMO, "@C@"), c.returns(32775)),
    step("remove", v1_remove("@C@"), c.STARTED),
    step("nothing-left", query("SELECT ElementName FROM Msvm_VirtualSystemSettingData WHERE SettingType = 5",
                               resource=V1 + "*"), "<w:EndOfSequence/>"),
    step("refused", v1("DefineVirtualSystem", ("SystemSettingData", "x"), ("Whatever", "y")), c.returns(32770)),
    step("refused-state", v1("RequestStateChange", ("RequestedState", "3")), c.returns(1)),
    step("unknown", v1("CreateSnapshot"), "a:ActionNotSupported"),
]

# applying takes longer than the client waits: the fault, and a job that goes on (the next request is sent when
# it has ended)
V1_PATIENCE = [
    FIND_WEB,
    step("create", v1_create(WEB), c.STARTED, keep={"A": "SNAPSHOT"}),
    step("apply", v1_apply(WEB, "@A@", timeout="PT0.3S"), "w:TimedOut"),
    step("goes-on", query("SELECT JobState FROM Msvm_ConcreteJob WHERE JobType = 71", resource=V1 + "*"), "<JobState>7<"),
]
V1_FAILS = [
    FIND_WEB,
    step("create", v1_create(WEB), c.STARTED, keep={"A": "SNAPSHOT"}),
    step("apply", v1_apply(WEB, "@A@"), c.returns(32768)),
]


def dmtf(method, *parameters):
    return ask(CIM_SERVICE + "/" + method, CIM_SERVICE, INTEROP, invoke_body(CIM_SERVICE, method, parameters))


def dmtf_system(name):
    return reference(DMTF + "CIM_ComputerSystem", {**INTEROP, "CreationClassName": "CIM_ComputerSystem", "Name": name})


def dmtf_settings(guid):
    return reference(DMTF + "CIM_VirtualSystemSettingData", {**INTEROP, "InstanceID": "cimsnapd:" + guid})


def dmtf_create(name, kind="2", **more):
    return dmtf("CreateSnapshot", ("AffectedSystem", dmtf_system(name)), ("SnapshotType", kind), *more.items())


DMTF_METHODS = [
    FIND_WEB,
    step("create", dmtf_create(WEB), "cim-schema/2/CIM_ConcreteJob", keep={"A": "CIM"}),
    step("resulting", ask(c.GET, DMTF + "CIM_VirtualSystemSettingData", {**INTEROP, "InstanceID": "cimsnapd:@A@"}),
         "<p:VirtualSystemType>cimsnapd:Snapshot<"),
    # CIM 2.22 has both as [In, Out]
    step("create-2-22", dmtf_create(WEB, "3", ResultingSnapshot=dmtf_settings("@A@")), c.STARTED, keep={"B": "CIM"}),
    step("create-v2-reference", dmtf("CreateSnapshot", ("AffectedSystem", c.system(WEB)), ("SnapshotType", "2")), c.STARTED),
    step("create-type", dmtf_create(WEB, "4"), c.returns(6)),
    step("create-nothing", dmtf_create("00000000-0000-4000-8000-000000000000"), c.returns(4)),
    step("create-host", dmtf_create("@HOST@"), c.returns(4)),
    step("apply", dmtf("ApplySnapshot", ("Snapshot", dmtf_settings("@A@"))), c.STARTED),
    step("apply-machine", dmtf("ApplySnapshot", ("Snapshot", dmtf_settings(WEB))), c.returns(4)),
    step("destroy", dmtf("DestroySnapshot", ("AffectedSnapshot", dmtf_settings("@B@"))), c.STARTED),
    step("destroy-again", dmtf("DestroySnapshot", ("AffectedSnapshot", dmtf_settings("@B@"))), c.returns(4)),
    step("viewer", dmtf("DestroySnapshot", ("AffectedSnapshot", dmtf_settings("@A@"))), "w:AccessDenied", role="viewer"),
    step("not-the-dmtfs", dmtf("DestroySnapshotTree", ("SnapshotSettingData", dmtf_settings("@A@"))), "a:ActionNotSupported"),
    step("state", dmtf("RequestStateChange", ("RequestedState", "3")), c.returns(1)),
]

SESSIONS = [
    {"name": "v1", "backend": c.PLAIN, "steps": V1_READS, "values": c.VALUES},
    {"name": "v1states", "backend": "memory:?vms=saved:saved,off:off,paused:paused", "steps": V1_STATES},
    {"name": "v1methods", "backend": c.PLAIN, "steps": V1_METHODS, "values": c.VALUES},
    {"name": "v1patience", "backend": c.PLAIN + "&delay_ms=1500", "steps": V1_PATIENCE, "values": c.VALUES},
    {"name": "v1fails", "backend": c.PLAIN + "&fail=apply&fail_code=NO_SPACE", "steps": V1_FAILS, "values": c.VALUES},
    {"name": "dmtf", "backend": c.PLAIN, "steps": DMTF_READS, "values": c.VALUES},
    {"name": "dmtfmethods", "backend": c.PLAIN, "steps": DMTF_METHODS, "values": c.VALUES},
]
