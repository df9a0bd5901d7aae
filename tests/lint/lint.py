#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The lint: rules of CONTRIBUTING.md that a machine can check. Prints one line a finding."""

import os
import re
import subprocess
import sys

FILE_LINES, FUNCTION_LINES, PARAMETERS = 500, 60, 6

# Layers from the top down. A file may include its own layer and those after it.
LAYERS = ["net", "auth", "wsman", "classes", "cim", "core", "base"]
# wsman reaches classes through cim's registry only; who somebody is has nothing to do with SOAP or CIM.
FORBIDDEN = {("wsman", "classes"), ("cim", "classes"), ("auth", "wsman"), ("auth", "classes"), ("auth", "cim")}

# Headers that only some places may include, with the places.
HOMES = [
    (r"event2/", ("service/net/",)),
    (r"openssl/", ("service/net/", "service/auth/")),
    (r"gssapi|krb5|security/pam|crypt\.h", ("service/auth/",)),
    (r"soapH\.h|soapStub\.h|stdsoap2\.h", ("service/wsman/",)),
    (r"libvirt/", ("backends/libvirt/",)),
    (r"sqlite3\.h", ("service/core/",)),
]

BANNED = {
    "strcpy": "memcpy with a length, or strbuf", "strcat": "strbuf", "sprintf": "snprintf",
    "vsprintf": "vsnprintf", "gets": "fgets", "strtok": "strcspn", "atoi": "strtol with its end",
    "atol": "strtol with its end", "system": "posix_spawn", "popen": "posix_spawn",
    "alloca": "the arena", "sleep": "a deadline or an event", "usleep": "a deadline or an event",
}

# Callbacks whose signature a library dictates.
DICTATED = {("service/cim/embedded.c", "start_element"), ("service/wsman/gsoap.c", "gsoap_text"),
            ("tests/faults/library.c", "__wrap_HMAC")}

findings = []


def find(path, line, text):
    findings.append(f"{path}:{line}: {text}")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True,
                         text=True, check=True).stdout
    return [p for p in out.splitlines() if os.path.isfile(p)]


def strip(source):
    """The source without comments and the contents of strings, line for line."""
    def blank(match):
        text = match.group(0)
        if text[0] in "\"'":
            return text[0] + text[0]
        return re.sub(r"[^\n]", " ", text)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, source,
                  flags=re.S)


def layer_of(path):
    match = re.match(r"service/(\w+)/", path)
    return match.group(1) if match else None


def check_includes(path, source):
    own = layer_of(path)
    for number, line in enumerate(source.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        system, target = match.group(1) == "<", match.group(2)
        for pattern, homes in HOMES:
            if (system or "soap" in target) and re.match(pattern, target) and not path.startswith((*homes, "tests/")):
                find(path, number, f"{target} may only be included in {' and '.join(homes)}")
        top = target.split("/")[0]
        if path.startswith("backends/") and top in LAYERS and \
                not re.match(r"base/|core/(backend|hardware|host|model)\.h", target):
            find(path, number, f"a backend may not include {target}")
        if own in LAYERS and top in LAYERS and \
                (LAYERS.index(top) < LAYERS.index(own) or (own, top) in FORBIDDEN):
            find(path, number, f"{own} may not include {target}: arrows only point down")


FUNCTION = re.compile(r"^(?!(?:static )?(?:const )?(?:struct|enum|union) \w+ ?\{)"
                      r"[A-Za-z_][\w\s\*]*?\b(\w+)\(([^;{}]*)\)\s*\{", re.M)


def check_functions(path, code):
    for match in FUNCTION.finditer(code):
        name, parameters = match.group(1), match.group(2)
        start = code.count("\n", 0, match.start()) + 1
        end = code.find("\n}", match.end())
        length = code.count("\n", match.start(), end) + 2 if end >= 0 else 0
        if length > FUNCTION_LINES:
            find(path, start, f"{name} has {length} lines, more than {FUNCTION_LINES}")
        count = parameters.count(",") + 1
        if count > PARAMETERS and (path, name) not in DICTATED:
            find(path, start, f"{name} has {count} parameters, more than {PARAMETERS}")


def check_banned(path, code):
    for number, line in enumerate(code.splitlines(), 1):
        for match in re.finditer(r"\b(\w+)\s*\(", line):
            if match.group(1) in BANNED:
                find(path, number, f"{match.group(1)} is banned; use {BANNED[match.group(1)]}")


def check_roles(path, source):
    """Every operation and every method names the role it needs."""
    for match in re.finditer(r"^(?:static )?const struct cim_method \w+\[\w*\] = \{(.*?)^\};", source,
                             re.M | re.S):
        for row in re.finditer(r"\.name = \"(\w+)\"(.*?)\n    \}", match.group(1), re.S):
            if not re.search(r"\.role = ROLE_(VIEWER|OPERATOR|ADMINISTRATOR)", row.group(2)):
                line = source.count("\n", 0, match.start() + row.start()) + 1
                find(path, line, f"method {row.group(1)} names no role")
    match = re.search(r"struct operation operations\[\] = \{(.*?)^\};", source, re.M | re.S)
    if match:
        for row in re.finditer(r"^    \{ .*?\},$", match.group(1), re.M | re.S):
            if not re.search(r"ROLE_(VIEWER|OPERATOR|ADMINISTRATOR)", row.group(0)):
                find(path, 0, f"operation without a role: {row.group(0).strip()}")


def check_c(path, source):
    code = strip(source)
    check_includes(path, source)
    check_functions(path, code)
    check_banned(path, code)
    check_roles(path, source)


def check_any(path, source):
    lines = source.splitlines()
    if path.endswith((".c", ".h", ".def", ".py", ".sh")):
        if len(lines) > FILE_LINES:
            find(path, len(lines), f"the file has {len(lines)} lines, more than {FILE_LINES}")
        if not any("SPDX-License-Identifier: GPL-2.0-or-later" in line for line in lines[:4]):
            find(path, 1, "no SPDX line")
    for number, line in enumerate(lines, 1):
        if line.endswith((" ", "\t")) and not path.endswith((".md", ".xml")):
            find(path, number, "blanks at the end of the line")
        if re.search(r"BEGIN (RSA |EC |)PRIVATE KEY", line):
            find(path, number, "a private key")


def main():
    os.chdir(subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True,
                            check=True).stdout.strip())
    files = tracked()
    for path in files:
        try:
            with open(path, encoding="utf-8") as handle:
                source = handle.read()
        except UnicodeDecodeError:
            continue
        check_any(path, source)
        if path.endswith((".c", ".h")):
            check_c(path, source)
    for finding in findings:
        print(finding)
    print(f"lint: {0 if findings else 1} passed, {1 if findings else 0} failed")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
