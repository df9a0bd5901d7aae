# SPDX-License-Identifier: GPL-2.0-or-later
"""What snapshots, machines, jobs and services lead to in the two other models: golden requests over one tree (A, B
below it; A applied, C made then)."""

import cases as c
from cases import ask, query, step
from dialects import (FIND_WEB, INTEROP, V1, WEB, dmtf, dmtf_create, dmtf_settings, every, v1_apply, v1_create, wql)
from wsman import DMTF

SYSTEM = "CIM_ComputerSystem.CreationClassName='CIM_ComputerSystem',Name='@WEB@'"
SETTINGS = "CIM_VirtualSystemSettingData.InstanceID='cimsnapd:@%s@'"
JOB = "CIM_ConcreteJob.InstanceID='cimsnapd:@JOB@'"
HOST = "CIM_ComputerSystem.CreationClassName='CIM_ComputerSystem',Name='@HOST@'"


def associators(of, *words):
    return wql(f"ASSOCIATORS OF {{{of}}} WHERE " + " ".join(words))


def found(name, value):
    return f"<p:{name}>{value}</p:{name}>"


DMTF_LINKS = [
    FIND_WEB,
    step("create-a", dmtf_create(WEB, "3"), "cim-schema/2/CIM_ConcreteJob", keep={"A": "CIM"}),
    step("create-b", dmtf_create(WEB, "3"), c.STARTED, keep={"B": "CIM"}),
    step("none-applied", every("CIM_LastAppliedSnapshot"), "<w:EndOfSequence/>"),
    step("apply-a", dmtf("ApplySnapshot", ("Snapshot", dmtf_settings("@A@"))), c.STARTED),
    step("apply-effects", wql("REFERENCES OF {CIM_VirtualSystemSettingData.InstanceID='cimsnapd:@A@'} WHERE "
                              "ResultClass = CIM_AffectedJobElement"), found("ElementEffects", 4)),
    step("create-c", dmtf_create(WEB, "3"), c.STARTED, keep={"C": "CIM", "JOB": "JOB"}),
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
    step("hosted", every("CIM_HostedService"), "<p:Antecedent>"),
    step("hosted-by-machine", associators(SYSTEM, "AssocClass = CIM_HostedService"), "<w:EndOfSequence/>"),
    step("hosted-by", associators(HOST, "AssocClass = CIM_HostedService"), found("Name", "vssnapsvc")),
    step("manages", every("CIM_ServiceAffectsElement"), found("ElementEffects", 5)),
    step("manages-host", associators(HOST, "AssocClass = CIM_ServiceAffectsElement"), "<w:EndOfSequence/>"),
    step("owned", every("CIM_OwningJobElement", epr="EnumerateEPR"), "CIM_VirtualSystemSnapshotService"),
    step("state-change", ask(DMTF + "CIM_ComputerSystem/RequestStateChange", DMTF + "CIM_ComputerSystem",
                             {**INTEROP, "CreationClassName": "CIM_ComputerSystem", "Name": WEB},
                             c.invoke_body(DMTF + "CIM_ComputerSystem", "RequestStateChange", [("RequestedState", "2")])),
         c.STARTED),
    step("owned-by-machine", associators(SYSTEM, "AssocClass = CIM_OwningJobElement"), "Start"),
    step("owner-unseen", every("CIM_OwningJobElement"), "<w:EndOfSequence/>", scope="demo"),
    step("all-of-a", wql("REFERENCES OF {%s}" % (SETTINGS % "A")), "CIM_SnapshotOfVirtualSystem"),
]

SESSIONS = [
    {"name": "dmtflinks", "backend": c.PLAIN, "steps": DMTF_LINKS, "values": c.VALUES},
]
