-- SPDX-License-Identifier: GPL-2.0-or-later
-- The request for wrk, from the environment (credentials do not belong into an argument list), and one
-- line of figures at the end, for load.py.

local file = assert(io.open(assert(os.getenv("BENCH_BODY")), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/soap+xml;charset=UTF-8"
wrk.headers["Authorization"] = assert(os.getenv("BENCH_AUTHORIZATION"))
if os.getenv("BENCH_CLOSE") then
    wrk.headers["Connection"] = "close"
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format("FIGURES requests=%d us=%d failed=%d p50_us=%d p99_us=%d\n", summary.requests,
                           summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
                           latency:percentile(50), latency:percentile(99)))
end
