"""Draw where processor time goes, as flame graphs: one of the way in, one of the way out.

    python -m benchmarks.flame FOLDER NAME

writes FOLDER/inbound-NAME.svg and FOLDER/outbound-NAME.svg. A thread looks every few milliseconds
at what each working thread is about; waiting for a socket or a lock does not count.

It asks only for what every version has had, so that an older one is drawn by the same program: copy
this file and `flame_graph.py` into its own benchmarks and start it there.
"""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy import text

from benchmarks.flame_graph import draw
from benchmarks.processing import drain_inbox, fill
from benchmarks.stage import ERP, WAREHOUSE, found, number, orders, say, stage
from benchmarks.whole_path import partners
from hub.store.messages import lanes
from workers import process
from workers.context import Context
from workers.drain import drain

ORDERS, WARM_UP = number("ORDERHUB_BENCH_FLAME", 2000), 100
_EVERY_S = 0.002
_ROOT = Path(__file__).parent.parent
_WAITS = frozenset(
    {"wait", "_worker", "wait_for_read", "select", "poll", "recv_into", "sendall", "acquire"}
)
"""Functions of the library whose time is somebody else's."""
Stacks = Counter[tuple[str, ...]]


def main(folder: str, name: str) -> None:
    """Draw both ways."""
    with stage() as place, partners() as urls, place.database() as url:
        store = place.store(url)
        found(store, urls)
        context = process.make_context(store, None, "flame")[0]
        bodies = orders(ORDERS + WARM_UP, seed=7)
        _round(context, bodies[:WARM_UP], 0)
        taken = _round(context, bodies[WARM_UP:], WARM_UP)
        context.bell.stop()
        context.identity.stop()
        store.close()
    for way, stacks in taken.items():
        path = Path(folder) / f"{way}-{name}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draw(stacks, f"{way}, {name}: {ORDERS} orders"), "utf-8")
        say(f"{path}: {stacks.total()} samples")


def _round(context: Context, bodies: list[bytes], first: int) -> dict[str, Stacks]:
    fill(context.store, bodies, first)
    with sampled() as inbound:
        drain_inbox(context)
    with sampled() as outbound:
        _tell(context)
    return {"inbound": inbound, "outbound": outbound}


def _tell(context: Context) -> None:
    """Work the warehouse's and the books' lanes until nothing is due."""
    while True:
        with context.database.begin() as db:
            due = set(lanes.due(db, ("out",))) & set(db.scalars(_OURS))
        if not due:
            return
        for lane in due:
            drain(context, lane, process.ONCE)


@contextmanager
def sampled() -> Iterator[Stacks]:
    """What the threads of this process are about, from the outermost function on."""
    stacks: Stacks = Counter()
    over, own = threading.Event(), threading.get_ident()
    begun = {thread.ident for thread in threading.enumerate()} - {own}

    def look() -> None:
        mine = {*begun, threading.get_ident()}
        while not over.wait(_EVERY_S):
            for thread, frame in sys._current_frames().items():  # noqa: SLF001  # there is no other door
                if thread not in mine and not _waits(frame):
                    stacks[_stack(frame)] += 1

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield stacks
    finally:
        over.set()
        watcher.join()


def _waits(frame: FrameType) -> bool:
    code = frame.f_code
    ours = code.co_filename.startswith(str(_ROOT)) and "site-packages" not in code.co_filename
    return code.co_name in _WAITS and (not ours or "sockets" in code.co_filename)


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    names: list[str] = []
    while frame is not None:
        names.append(_name(frame))
        frame = frame.f_back
    names.reverse()
    begin = next((at for at, name in enumerate(names) if name.endswith(("drain", "call"))), 0)
    return tuple(names[begin:])


def _name(frame: FrameType) -> str:
    code = frame.f_code
    path = Path(code.co_filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        module = ".".join(path.relative_to(_ROOT).with_suffix("").parts)
    else:
        parts = path.with_suffix("").parts
        since = parts.index("site-packages") + 1 if "site-packages" in parts else len(parts) - 1
        module = ".".join(parts[since:])
    return f"{module}.{code.co_name}"


_OURS = text(
    f"SELECT id FROM lane WHERE direction = 'out' AND connection IN ('{WAREHOUSE}', '{ERP}')"  # noqa: S608  # constants
)

if __name__ == "__main__":
    main(*sys.argv[1:3])
