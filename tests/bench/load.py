# SPDX-License-Identifier: GPL-2.0-or-later
"""Load for make bench: nginx with a static reply as the yardstick, wrk, and the CPU time that a server used."""

import base64
import os
import re
import socket
import subprocess
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")
WRK_THREADS = 2
PART = 3000  # octets of a word in nginx's configuration, which takes 4096 at most

# As the daemon: two loops, TLS 1.2 and 1.3 with the same ciphers, tickets and no session cache, one line
# of log a request.
CONFIG = """
daemon off;
worker_processes 2;
worker_rlimit_nofile 8192;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log warn;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {dir}/temp; proxy_temp_path {dir}/temp; fastcgi_temp_path {dir}/temp;
    scgi_temp_path {dir}/temp; uwsgi_temp_path {dir}/temp;
    access_log {dir}/nginx-access.log;
    keepalive_requests 100000000;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL;
    ssl_prefer_server_ciphers on;
    ssl_session_cache off;
    ssl_certificate {dir}/certs/server.crt;
    ssl_certificate_key {dir}/certs/server.key;
    default_type application/soap+xml;
{maps}
    server {{
        listen 127.0.0.1:{port} ssl;
{locations}
    }}
}}
"""


class BenchError(Exception):
    """A figure that would mean nothing."""


class Nginx:
    """Our own nginx in a lab. replies: path -> body, each answered to a POST as it stands."""

    def __init__(self, lab, replies):
        self.lab = lab
        for name in ("nginx", "nginx/temp"):
            lab.mkdir(name)
        maps, locations = "", ""
        for number, (path, body) in enumerate(replies.items()):
            parts = [body[i:i + PART] for i in range(0, len(body), PART)]
            names = [f"$reply{number}_{i}" for i in range(len(parts))]
            for name, part in zip(names, parts):
                quoted = part.replace("\\", "\\\\").replace("'", "\\'")
                maps += f"    map $host {name} {{ default '{quoted}'; }}\n"
            locations += f'        location = {path} {{ return 200 "{"".join(names)}"; }}\n'
        # It inherits a socket that listens already (nginx's own way, for its upgrades): no port that
        # somebody else may take, and nothing to wait for.
        with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
            listener.setblocking(False)  # as nginx makes its own: else a worker waits in accept(), beside its connections
            self.port = listener.getsockname()[1]
            config = lab.write("nginx.conf", CONFIG.format(dir=lab.dir, port=self.port, maps=maps,
                                                           locations=locations))
            with open(lab.dir / "nginx.out", "wb") as out:
                self.process = lab.popen(["/usr/sbin/nginx", "-p", f"{lab.dir}/nginx/", "-c", str(config)],
                                         stdout=out, stderr=out, pass_fds=[listener.fileno()],
                                         env={"NGINX": f"{listener.fileno()};"})

    def log_text(self):
        return "".join((self.lab.dir / name).read_text(errors="replace")
                       for name in ("nginx.out", "nginx.log") if (self.lab.dir / name).exists())


def cpu_seconds(pid):
    """User and system time of a process and of its children that run."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as handle:
        fields = handle.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as handle:
        children = handle.read().split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(map(cpu_seconds, children))


class Figures:
    """What one run of wrk, or of resume, came to."""

    def __init__(self, requests, seconds, cpu, latency):
        self.rate = requests / seconds
        self.cpu_us = cpu * 1e6 / requests
        self.p50_ms, self.p99_ms = (us / 1000 for us in latency)


def basic(service):
    """The header of the service's operator."""
    return "Basic " + base64.b64encode(f"operator:{service.passwords['operator']}".encode()).decode()


def drive(pid, url, load, seconds):
    """Load on a server for so long. load: connections, kind (of bench.py's SHAPES), body (a file), authorization, and
    for "resume" build."""
    env = {**os.environ, "BENCH_BODY": load["body"], "BENCH_AUTHORIZATION": load["authorization"]}
    if load["kind"] == "close":
        env["BENCH_CLOSE"] = "1"
    command = ["wrk", f"-t{WRK_THREADS}", f"-c{load['connections']}", f"-d{seconds}s", "--timeout", "30s",
               "-s", os.path.join(HERE, "post.lua"), url]
    if load["kind"] == "resume":  # which wrk cannot
        parts = urllib.parse.urlsplit(url)
        command = [os.path.join(load["build"], "bench/resume"), str(load["connections"]), str(seconds),
                   str(parts.port), parts.path]
    before = cpu_seconds(pid)
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=seconds + 60, check=False)
    used = cpu_seconds(pid) - before
    match = re.search(r"^FIGURES requests=(\d+) us=(\d+) failed=(\d+) p50_us=(\d+) p99_us=(\d+)$", done.stdout,
                      re.M)
    requests, us, failed, *latency = map(int, match.groups()) if match else (0, 0, 0, 0, 0)
    if not requests or failed:
        raise BenchError(f"{url}: {requests} requests, {failed} failed\n{done.stdout}")
    return Figures(requests, us / 1e6, used, latency)
