"""The load generator, a process of its own: signed webhooks over connections that are kept open.

    python -m benchmarks.load PORT ORDERS SEED CONNECTIONS [RATE]

It prepares every request, says `ready`, waits for a line on standard input, posts, and prints one
line of JSON: seconds, how many were answered 2xx, and how long each took in ms, sorted.

Without RATE each is posted as soon as one before it is answered. With RATE they are due at fixed
times, so many a second, whatever became of those before; how long one took counts from when it was
due, so that a server that stalls is not spared the load that it holds up.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

from benchmarks.stage import SHOP, orders, webhooks

_START_S = 0.2
"""Until then every connection stands."""


def request(headers: dict[str, str], raw: bytes) -> bytes:
    """A whole request as bytes, so that posting it costs next to nothing."""
    head = f"POST /in/{SHOP} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(raw)}\r\n"
    return (head + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n").encode() + raw


def post(connection: socket.socket, raw: bytes) -> bool:
    """Whether it was answered 2xx."""
    connection.sendall(raw)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += received(connection)
    return head.startswith(b"HTTP/1.1 2")


def received(connection: socket.socket) -> bytes:
    found = connection.recv(65536)
    if not found:
        raise ConnectionError("the server hung up")
    return found


def run(
    port: int, requests: list[bytes], connections: int, rate: float = 0.0
) -> tuple[float, int, list[float]]:
    """Post them all: as fast as they are answered, or `rate` a second."""
    queue: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
    for numbered in enumerate(requests):
        queue.put(numbered)
    answered: list[bool] = []
    took: list[float] = []
    begun = time.perf_counter() + _START_S

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            time.sleep(max(begun - time.perf_counter(), 0.0))
            for at, body in _taken(queue):
                due = begun + at / rate if rate else time.perf_counter()
                time.sleep(max(due - time.perf_counter(), 0.0))
                answered.append(post(connection, body))
                took.append((time.perf_counter() - due) * 1000)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, sum(answered), sorted(took)


def _taken(queue: "SimpleQueue[tuple[int, bytes]]") -> Iterator[tuple[int, bytes]]:
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return


def main(port: int, count: int, seed: int, connections: int, rate: int = 0) -> None:
    requests = [request(*one) for one in webhooks(orders(count, seed))]
    print("ready", flush=True)
    sys.stdin.readline()
    seconds, ok, took = run(port, requests, connections, rate)
    print(json.dumps({"seconds": seconds, "ok": ok, "ms": took}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:6]))
