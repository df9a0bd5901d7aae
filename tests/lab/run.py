#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make run: the demo's set-up, left running in the foreground until Ctrl-C, for clients of your own."""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab import Lab, LabError  # noqa: E402
from service import TOP, Service  # noqa: E402

PORT = 5986
HINTS = """
Listening on https://localhost:{port}/wsman  (also 127.0.0.1), backend {uri}
CA certificate: {folder}/ca.crt    user and password: {folder}/credentials

curl (Identify):
  curl --cacert {folder}/ca.crt -u "$(cat {folder}/credentials)" -H 'Content-Type: application/soap+xml' \\
    --data '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>' \\
    https://localhost:{port}/wsman

pywinrm (python3-winrm), the whole flow on machine 'demo':
  {python} {top}/tests/interop/pywinrm_flow.py --port {port} --ca {folder}/ca.crt --credentials {folder}/credentials --machine demo

dracclient (python3-dracclient), the whole flow:
  {python} {top}/tests/interop/dracclient_flow.py --port {port} --ca {folder}/ca.crt --credentials {folder}/credentials --machine demo

Ctrl-C ends the service, the machine and the private libvirtd.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--uri", help="another libvirt URI instead of the private one (no machine is made then)")
    options = parser.parse_args()
    # One for each port, as each has a CA and a password of its own.
    folder = os.path.join(os.path.abspath(options.build), "run" if options.port == PORT else f"run-{options.port}")
    try:
        with Lab(libvirtd=not options.uri) as lab:
            if not options.uri:
                lab.define("demo")
            service = Service(lab, options.build, users=(("demo", "operator"),), port=options.port,
                              uri=options.uri, keep=folder)
            print(HINTS.format(port=service.port, uri=options.uri or "of its own", folder=folder, top=TOP,
                               python="/usr/bin/python3"), flush=True)
            try:
                service.process.wait()
                print(service.log_text()[-2000:], file=sys.stderr)
                return 1
            finally:
                service.keep_log(folder)
                for name in ("credentials", "ca.crt"):
                    os.unlink(os.path.join(folder, name))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, SystemExit):
        print("\nEverything is ended and removed.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
