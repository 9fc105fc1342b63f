"""The load generator, a process of its own: signed webhooks over connections that are kept open.

    python -m benchmarks.load PORT ORDERS SEED CONNECTIONS

It prepares every request, says `ready`, waits for a line on standard input, posts, and prints one
line of JSON: seconds, and how many were answered 2xx.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

from benchmarks.stage import SHOP, orders, webhooks


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


def run(port: int, requests: list[bytes], connections: int) -> tuple[float, int]:
    """Post them all as fast as they are answered."""
    queue: SimpleQueue[bytes] = SimpleQueue()
    for one in requests:
        queue.put(one)
    answered: list[int] = []

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answered.append(sum(post(connection, one) for one in _taken(queue)))

    threads = [threading.Thread(target=work) for _ in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, sum(answered)


def _taken(queue: "SimpleQueue[bytes]") -> Iterator[bytes]:
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return


def main(port: int, count: int, seed: int, connections: int) -> None:
    requests = [request(*one) for one in webhooks(orders(count, seed))]
    print("ready", flush=True)
    sys.stdin.readline()
    seconds, ok = run(port, requests, connections)
    print(json.dumps({"seconds": seconds, "ok": ok}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
