"""`decode`: bytes of a channel's order to the canonical document, in orders a second of one core.

The floor is `json.loads` of the same bytes. Both are timed by processor time, in turn, and the best
of the rounds counts: what else the machine does is no matter of theirs. Beside orders of our own
making stand those that were recorded, where they are at hand.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from benchmarks import woo_orders
from benchmarks.result import Result
from benchmarks.stage import Stage, number, orders
from hub import memory
from hub.model.errors import BadData, Ignored
from mappings import shopify, woocommerce
from mappings.kit import Context, Decoders, code_lists, decode
from tests.kit.fixtures import SHARED

ORDERS, ROUNDS = number("ORDERHUB_BENCH_ORDERS", 300), number("ORDERHUB_BENCH_ROUNDS", 15)
_NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
CHANNELS: Mapping[str, tuple[Decoders, str, Callable[[int], list[bytes]]]] = {
    "shopify": (shopify.DECODE, "orders/create", orders),
    "woocommerce": (
        woocommerce.decoders(woocommerce.Units(), lambda: _NOW), "order.created", woo_orders.orders
    ),
}  # fmt: skip
"""Channel -> its mapping, the topic of its orders, and where bodies of them come from."""

Read = Callable[[bytes], object]


def run(_: Stage) -> Iterator[Result]:
    memory.collect_seldom()
    for channel, (table, topic, made) in CHANNELS.items():
        at = Context("shop", codes=code_lists(channel))

        def read(raw: bytes, at: Context = at, table: Decoders = table, topic: str = topic) -> int:
            return len(decode(table, topic, raw, at))

        for kind, bodies in (("made", made(ORDERS)), ("recorded", _recorded(channel, read))):
            if bodies:
                yield _measured(bodies, read, {"channel": channel, "orders": kind})


def _recorded(channel: str, read: Callable[[bytes], int]) -> list[bytes]:
    """Recorded bodies that are orders."""
    named = sorted((SHARED / "channels" / channel).glob("*order*.json"))
    return [raw for path in named if _is_orders(raw := path.read_bytes(), read)]


def _is_orders(raw: bytes, read: Callable[[bytes], int]) -> bool:
    try:
        return read(raw) > 0
    except (BadData, Ignored):
        return False


def _measured(
    bodies: Sequence[bytes], read: Callable[[bytes], int], more: Mapping[str, str]
) -> Result:
    count = sum(map(read, bodies))
    hub, floor = _best(bodies, read)
    size = round(sum(map(len, bodies)) / count)
    return Result("decode", count / hub, count / floor, "orders/s", {**more, "bytes": size})


def _best(bodies: Sequence[bytes], decoded: Read) -> tuple[float, float]:
    """Seconds by the mapping and by the floor."""
    taken: dict[Read, float] = {}
    for _ in range(ROUNDS):
        for read in (decoded, json.loads):
            begun = time.process_time()
            for raw in bodies:
                read(raw)
            seconds = time.process_time() - begun
            taken[read] = min(seconds, taken.get(read, seconds))
    return taken[decoded], taken[json.loads]
