"""`latency`: how long a webhook waits for its 2xx while the gateway gets half of what it can take.

The top rate is found first, in the same run and with the same server. Then requests are due at
fixed times, and each one's time counts from when it was due.
"""

from collections.abc import Iterator

from benchmarks.intake import CONNECTIONS, gateway, generator, load, said
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, Stage, found, number, say

REQUESTS, SECONDS = number("ORDERHUB_BENCH_REQUESTS", 4000), number("ORDERHUB_BENCH_LATENCY_S", 15)
WAITING = 64
"""Connections of the open load: enough that one which waits does not hold up the next request."""


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as url:
        store = stage.store(url)
        found(store, NOWHERE)
        store.close()
        with gateway(stage, url) as port:
            load(port, REQUESTS // 4, seed=200)
            top = load(port, REQUESTS, seed=201, connections=CONNECTIONS)
            rate = max(int(top / 2), 1)
            with generator(port, rate * SECONDS, 202, WAITING, rate) as process:
                took = said(process, rate * SECONDS)["ms"]
    p50, p99 = (round(took[int(len(took) * part)], 1) for part in (0.5, 0.99))
    say(f"latency: top {top:.0f}/s; at {rate}/s median {p50} ms, 99 % {p99} ms")
    yield Result("latency", p99, None, "ms, 99 %", {"p50": p50, "rate": rate, "top": round(top)})
