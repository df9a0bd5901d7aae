#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks a WS-Management service against the rules of DSP0226, DSP0227, DSP0230 and MS-WSMV, and against what real
clients demand of one. Without --url it checks cimsnapd itself, on the memory backend.

    check.py --build build
    check.py --url https://host:5986/wsman --user u --password-file f [--ca ca.crt | --insecure]
             --resource URI --selector Name=Value [--other-user v --other-password-file g]
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

import addressing  # noqa: E402,F401  (the rules of these register themselves)
import operations  # noqa: E402,F401
import enumerations  # noqa: E402,F401
import messages  # noqa: E402,F401
import clients  # noqa: E402,F401
from endpoint import Endpoint  # noqa: E402
from rules import RULES, NotHere  # noqa: E402
from wsman import SERVICE, V2, create_parameters  # noqa: E402


def run(endpoint, only):
    passed = failed = skipped = 0
    for number, title, check in RULES:
        if only and only.lower() not in f"{number} {title}".lower():
            continue
        try:
            wrong = check(endpoint)
        except NotHere as why:
            skipped += 1
            print(f"skip  {number}: {title} ({why})")
            continue
        except Exception as broken:  # the rule is not kept if its check cannot even be made
            wrong = f"{type(broken).__name__}: {broken}"
            endpoint.close()
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"{'FAIL ' if wrong else 'pass '} {number}: {title}" + (f"\n      {wrong}" if wrong else ""), flush=True)
    print(f"conformance: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


def check_ours(options):
    from lab import Lab
    from service import Service
    users = (("operator", "operator"), ("second", "operator"))
    with Lab(libvirtd=False) as lab:
        service = Service(lab, os.path.abspath(options.build), users=users, module="memory",
                          uri="memory:?vms=demo:running,web:off,db*3:off")
        url = f"https://localhost:{service.port}/wsman"
        endpoint = Endpoint(url, "operator", service.passwords["operator"], service.ca)
        endpoint.other = Endpoint(url, "second", service.passwords["second"], service.ca)
        machine = service.client().query("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'demo'")[0]["Name"]
        endpoint.resource = V2 + "Msvm_ComputerSystem"
        endpoint.selectors = {"Name": machine, "CreationClassName": "Msvm_ComputerSystem"}
        endpoint.method = (SERVICE, "CreateSnapshot", create_parameters(machine, 3, ""))
        endpoint.cimsnapd = True
        return run(endpoint, options.only)


def secret(path):
    with open(path, encoding="utf-8") as handle:
        return handle.readline().rstrip("\n")


def check_theirs(options):
    endpoint = Endpoint(options.url, options.user, secret(options.password_file), options.ca, options.insecure)
    endpoint.resource = options.resource
    endpoint.selectors = dict(pair.split("=", 1) for pair in options.selector)
    if options.other_user:
        endpoint.other = Endpoint(options.url, options.other_user, secret(options.other_password_file), options.ca,
                                  options.insecure)
    return run(endpoint, options.only)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", help="rules whose number or title contains this")
    parser.add_argument("--url")
    parser.add_argument("--user")
    parser.add_argument("--password-file")
    parser.add_argument("--other-user")
    parser.add_argument("--other-password-file")
    parser.add_argument("--ca", help="PEM file of the authority that issued the server's certificate")
    parser.add_argument("--insecure", action="store_true", help="do not verify the server's certificate")
    parser.add_argument("--resource", help="resource URI of a class with instances")
    parser.add_argument("--selector", action="append", default=[], help="Name=Value of one of them; more than once")
    options = parser.parse_args()
    if options.url and not (options.user and options.password_file and options.resource and options.selector):
        parser.error("--url needs --user, --password-file, --resource and --selector")
    return check_theirs(options) if options.url else check_ours(options)


if __name__ == "__main__":
    sys.exit(main())
