"""How partners call the hub: a keep-alive connection per thread and host, standard library only."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

Item = TypeVar("Item")
Result = TypeVar("Result")

_mine = threading.local()


class Pool(dict[str, http.client.HTTPConnection]):
    """A thread's connections by host; closed when the thread is gone."""

    def __del__(self) -> None:
        for connection in self.values():
            connection.close()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hub said; status 0 when it said nothing (refused, reset, timed out)."""

    status: int
    body: bytes


NOTHING = Reply(0, b"")


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float = 10.0) -> Reply:
    """One attempt. A kept connection that the hub has meanwhile closed is opened anew, once."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    kept = parts.netloc in _pool()
    for fresh in (False, True) if kept else (True,):
        try:
            connection = _connection(parts.scheme, parts.netloc, timeout, fresh=fresh)
            connection.request("POST", target, body, dict(headers))
            answer = connection.getresponse()
            return Reply(answer.status, answer.read())
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            hang_up(parts.netloc)
        except (OSError, http.client.HTTPException):
            hang_up(parts.netloc)
            return NOTHING
    return NOTHING


def hang_up(netloc: str | None = None) -> None:
    """Closes this thread's connections (all, or those to one host)."""
    for name in [netloc] if netloc else list(_pool()):
        connection = _pool().pop(name, None)
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()


def each(do: Callable[[Item], Result], items: Sequence[Item], threads: int) -> list[Result]:
    """Does it for every item, several at a time, started in order."""
    results: dict[int, Result] = {}
    numbered = iter(enumerate(items))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                index, item = next(numbered, (None, None))
            if index is None or item is None:
                return
            results[index] = do(item)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [results[index] for index in range(len(items))]


def _pool() -> Pool:
    if not hasattr(_mine, "pool"):
        _mine.pool = Pool()
    pool: Pool = _mine.pool
    return pool


def _connection(
    scheme: str, netloc: str, timeout: float, *, fresh: bool
) -> http.client.HTTPConnection:
    if fresh:
        hang_up(netloc)
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        _pool()[netloc] = kind(netloc, timeout=timeout)
    return _pool()[netloc]
