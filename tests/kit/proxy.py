"""A TCP proxy that goes wrong on request: delay, cut at byte k, reset, blackhole, throttle.

    with Proxy(5432) as proxy:
        proxy.go_wrong(Fault("cut", after=100))     # connections die once they carried 100 bytes
        proxy.go_right()

One thread serves all connections of one proxy. A fault holds for the connections that are open and
for new ones, until it is taken back; `reset_all` ends those that are open and lets new ones in.
"""

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: close with a reset, as a dying peer does
_CHUNK = 64 * 1024
_SLICE_S = 0.02


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong.

    `delay`: each piece comes `seconds` late. `cut`: a connection is reset once it carried `after`
    bytes (both ways together, counted from now). `refuse`: new connections are reset, open ones
    too. `blackhole`: nothing passes, nobody is told. `throttle`: `rate` bytes a second each way.
    """

    kind: str
    seconds: float = 0.0
    after: int = 0
    rate: float = 1024.0


KINDS = frozenset({"delay", "cut", "refuse", "blackhole", "throttle"})


class Proxy:
    """Between a client and 127.0.0.1:`port`."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.fault: Fault | None = None
        self.cuts = 0
        self._lines: set[_Line] = set()
        self._loop = asyncio.new_event_loop()
        self.light = asyncio.Event()
        """Clear while a blackhole holds."""
        self.light.set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"proxy-{port}", daemon=True)
        self._server: asyncio.AbstractServer | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._lines)

    def go_wrong(self, fault: Fault) -> None:
        """From now on this fault holds, instead of the one before."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}, known: {', '.join(sorted(KINDS))}")
        self._tell(self._change, fault)

    def go_right(self) -> None:
        """Whatever was wrong is over; what a blackhole kept back goes on."""
        self._tell(self._change, None)

    def reset_all(self) -> None:
        """End every open connection at once."""
        self._tell(self._reset)

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    def _tell(self, what: object, *arguments: object) -> None:
        done = threading.Event()

        def act() -> None:
            what(*arguments)  # type: ignore[operator]
            done.set()

        self._loop.call_soon_threadsafe(act)
        done.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=256)
        self._server = self._loop.run_until_complete(start)
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        self._reset()
        self.light.set()
        if left := asyncio.all_tasks(self._loop):  # what was reset ends by itself
            self._loop.run_until_complete(asyncio.wait(left, timeout=2.0))
        self._loop.close()

    def _change(self, fault: Fault | None) -> None:
        self.fault = fault
        if fault is not None and fault.kind == "blackhole":
            self.light.clear()
        else:
            self.light.set()
        for line in list(self._lines):
            line.carried = 0
        if fault is not None and fault.kind == "refuse":
            self._reset()

    def _reset(self) -> None:
        for line in list(self._lines):
            line.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(self, writer)
        self._lines.add(line)
        try:
            if self.fault is not None and self.fault.kind == "refuse":
                line.reset()
                return
            await self._join(line, reader, writer)
        finally:
            self._lines.discard(line)
            line.close()

    async def _join(
        self, line: "_Line", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await line.pass_by(b"")  # a blackhole does not even answer the first byte
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            line.reset()
            return
        line.far = far_writer
        ways = [line.carry(reader, far_writer), line.carry(far_reader, writer)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if (
            left and not line.dead
        ):  # one side has closed in peace: let the other finish what is under way
            await asyncio.wait(left, timeout=1.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Line:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, near: asyncio.StreamWriter) -> None:
        self._proxy, self.near = proxy, near
        self.far: asyncio.StreamWriter | None = None
        self.carried = 0
        self.cut = self.dead = False

    async def carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while piece := await source.read(_CHUNK):
                passed = await self.pass_by(piece)
                if passed:
                    sink.write(passed)
                    await sink.drain()
                if self.dead or len(passed) < len(piece):
                    return
            if sink.can_write_eof():
                sink.write_eof()

    async def pass_by(self, piece: bytes) -> bytes:
        """What comes through of a piece, in its time."""
        await self._proxy.light.wait()
        fault = self._proxy.fault
        if fault is None or not piece:
            return piece
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "throttle":
            await asyncio.sleep(len(piece) / fault.rate)
        elif fault.kind == "cut":
            return self._cut(piece, fault)
        return piece

    def _cut(self, piece: bytes, fault: Fault) -> bytes:
        left = fault.after - self.carried
        if len(piece) <= left:
            self.carried += len(piece)
            return piece
        if self.cut:
            return b""
        self.cut = True
        self._proxy.cuts += 1
        asyncio.get_running_loop().call_later(_SLICE_S, self.reset)  # what was let through arrives
        return piece[: max(left, 0)]

    def reset(self) -> None:
        """Both sides see it die."""
        self.dead = True
        for writer in (self.near, self.far):
            if writer is not None:
                _abort(writer)

    def close(self) -> None:
        for writer in (self.near, self.far):
            if writer is not None:
                writer.close()


def _abort(writer: asyncio.StreamWriter) -> None:
    own = writer.get_extra_info("socket")
    if own is not None:
        with suppress(OSError):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
