#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden tests: requests of cases.py, and the replies that stand in pairs/ to the letter.

--regenerate writes the pairs anew. In a pair every ">" before a "<" ends a line, so that differences can
be read; GUIDs that are new each time are numbered in order of appearance, and what depends on the host
is replaced.
"""

import argparse
import difflib
import os
import re
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from cases import SESSIONS  # noqa: E402

GUID = re.compile(r"[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}")


class Session:
    """One run of the golden program; placeholders like @JOB@ take their value from earlier replies."""

    def __init__(self, build, session, program="golden/golden"):
        self.errors = tempfile.TemporaryFile("w+", errors="replace")
        self.program = subprocess.Popen(
            [os.path.join(build, program), session["backend"],
             *([self._config(build, session)] if session.get("settings") else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env={**os.environ, "TZ": "UTC"})
        self.values, self.guids = {"HOST": socket.gethostname(), **session.get("values", {})}, {}

    @staticmethod
    def _config(build, session):
        path = os.path.join(build, "golden", session["name"] + ".conf")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as handle:
            handle.write(session["settings"])
        return path

    def close(self):
        self.program.communicate()
        self.errors.seek(0)
        with self.errors:
            errors = self.errors.read()
        return "" if self.program.returncode == 0 else f"exit status {self.program.returncode}: {errors}"

    def fill(self, text):
        for name, value in self.values.items():
            text = text.replace(f"@{name}@", value)
        return text

    def send(self, step):
        request = step["request"]
        data = request if isinstance(request, bytes) else self.fill(request).encode()
        head = "%s %s %s %d %s\n" % (step.get("user", "alice"), step.get("role", "operator"),
                                     step.get("scope", "*"), len(data), step.get("charset", "-"))
        try:
            self.program.stdin.write(head.encode() + data)
            self.program.stdin.flush()
        except BrokenPipeError:
            return "the program ended"
        answer = self.program.stdout.readline().split()
        if len(answer) != 2:
            return "the program ended"
        body = self.program.stdout.read(int(answer[1])).decode()
        self._learn(body)
        return f"HTTP {answer[0].decode()}\n" + self.normal(body)

    def _learn(self, body):
        for name, pattern in (("CONTEXT", r"<n:EnumerationContext>(uuid:[^<]+)<"),
                              ("JOB", r'Msvm_ConcreteJob</w:ResourceURI>.*?"InstanceID">([^<]+)<'),
                              ("SNAPSHOT", r'"InstanceID">Microsoft:([^<]+)<'),
                              ("CIM", r'CIM_VirtualSystemSettingData</w:ResourceURI>.*?"InstanceID">cimsnapd:([^<]+)<'),
                              ("CIMJOB", r'CIM_ConcreteJob</w:ResourceURI>.*?"InstanceID">cimsnapd:([^<]+)<'),
                              ("MACHINE", r"<p:Name>([0-9A-F-]{36})<")):
            match = re.search(pattern, body)
            if match:
                self.values[name] = match.group(1)

    def normal(self, body):
        def number(match):
            guid = match.group(0)
            if guid[14] == "5":  # derived from a name: the same each time
                return guid
            return self.guids.setdefault(guid, f"GUID-{len(self.guids) + 1}")
        body = re.sub(r"(<a:MessageID>uuid:)[^<]+", r"\1NEW", body)
        body = GUID.sub(number, body)
        host = socket.gethostname()
        body = re.sub(r'(Machine="|SystemName>|"SystemName">|"Name">|Name>|\\\\|\\)%s\b' % re.escape(host), r"\1HOST", body)
        body = re.sub(r"OS: [1-9]\d*\.\d+\.\d+(?= SP: 0.0 Stack: 3.0 cimsnapd)", "OS: N", body)
        return body.replace("><", ">\n<") + "\n"


def printable(request):
    """A request as it is kept; what is no text is kept as Python writes it."""
    return (repr(request) if isinstance(request, bytes) else request.replace("><", ">\n<")) + "\n"


def compare(path, text, regenerate, problems):
    if regenerate:
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        return
    try:
        with open(path, encoding="utf-8") as handle:
            golden = handle.read()
    except FileNotFoundError:
        golden = ""
    if golden != text:
        problems.append("".join(difflib.unified_diff(golden.splitlines(True), text.splitlines(True),
                                                     path, "now", n=2)))


def run(build, session, regenerate):
    """Returns numbers of steps that passed and failed."""
    live, passed, failed = Session(build, session), 0, 0
    for step in session["steps"]:
        problems = []
        stem = os.path.join(HERE, "pairs", f"{session['name']}-{step['name']}")
        request = step["request"]
        if len(request) < 20000:
            compare(stem + ".request.xml", printable(request), regenerate, problems)
        reply = live.send(step)
        live.values.update({name: live.values.get(of, "") for name, of in step.get("keep", {}).items()})
        compare(stem + ".reply.xml", reply, regenerate, problems)
        expect = step.get("expect")
        if expect and expect not in reply:
            problems.append(f"{stem}: no '{expect}' in the reply:\n{reply}")
        print("\n".join(problems), end="\n" if problems else "")
        passed, failed = passed + (not problems), failed + bool(problems)
    end = live.close()
    if end:
        print(f"{session['name']}: {end}")
        failed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--regenerate", action="store_true")
    options = parser.parse_args()
    os.makedirs(os.path.join(HERE, "pairs"), exist_ok=True)
    totals = [run(options.build, session, options.regenerate) for session in SESSIONS]
    passed, failed = (sum(column) for column in zip(*totals))
    print(f"golden: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
