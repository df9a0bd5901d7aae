#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sample flow with dracclient's own WS-Management client (python3-dracclient), unchanged. It never
checks certificates, and can send only text as a parameter: the machine goes as a WMI path."""

import os
import sys
import time
import warnings

import dracclient.wsman

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pywinrm_flow import options  # noqa: E402
from wsman import NS, V2, Reference, instance  # noqa: E402

SERVICE = V2 + "Msvm_VirtualSystemSnapshotService"


def query(client, wql):
    root = client.enumerate(V2 + "*", filter_query=wql, filter_dialect="wql")
    return [instance(item) for item in root.find(".//w:Items", NS)]


def flow(port, _ca, user, password, machine, kind=2, say=print):
    """Returns the new snapshot's properties."""
    warnings.simplefilter("ignore")
    client = dracclient.wsman.Client("localhost", user, password, port=port, ssl_retry_delay=0)
    found = query(client, f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '{machine}'")
    assert len(found) == 1, found
    path = f'Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="{found[0]["Name"]}"'
    root = client.invoke(SERVICE, "CreateSnapshot", {"CreationClassName": "Msvm_VirtualSystemSnapshotService"},
                         {"AffectedSystem": path, "SnapshotSettings": "", "SnapshotType": str(kind)})
    result = instance(root.find("s:Body", NS)[0])
    say(f"CreateSnapshot returned {result['ReturnValue']}, job {result['Job']}")
    assert result["ReturnValue"] == "4096" and isinstance(result["Job"], Reference), result
    identity = result["Job"].selectors["InstanceID"]
    deadline = time.monotonic() + 60
    while True:
        job = query(client, f"SELECT * FROM Msvm_ConcreteJob WHERE InstanceID = '{identity}'")[0]
        if job["JobState"] not in ("3", "4") or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    say(f"job ended in state {job['JobState']} at {job['PercentComplete']} %")
    assert job["JobState"] == "7", job
    made = query(client, f"ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID='{identity}'}} WHERE "
                         "ResultClass = Msvm_VirtualSystemSettingData")
    assert len(made) == 1, made
    say(f"snapshot {made[0]['ElementName']!r} is {made[0]['InstanceID']}")
    return made[0]


if __name__ == "__main__":
    flow(*options(__doc__)[0])
