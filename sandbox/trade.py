"""The demonstration's customers: a rush at first, then an order every few seconds, some with a
trouble; and who pays out what they paid. What was sold is kept in a file, so that a shop that
starts again knows its orders.
"""

import json
import os
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox import provider
from sandbox.orders import generate
from sandbox.partner import Partner
from sandbox.shopify import Shop
from sandbox.troubles import EVERY, trouble_of

Body = dict[str, Any]
FIRST = 1001
_SENT_BACK = 15
"""One in so many orders is followed by a return."""
PAID_OUT = 20
"""So many orders later their provider pays out as many, but for the last ten."""
_NOT_YET = 10
_KEPT = 1_000
"""So many of the last orders a shop that starts again still knows."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the customers buy. `rush`: orders at once; then one every `every_s` seconds, 0: none.
    `troubles`: none, few or many.
    """

    rush: int
    every_s: float
    troubles: str
    seed: int


class Sold:
    """The orders that were sold, one a line in a file; without one they are forgotten."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        there = path is not None and path.exists()
        lines = path.read_text("utf-8").splitlines() if path and there else []
        self.bodies: list[Body] = [json.loads(line) for line in lines if line]

    def add(self, bodies: Iterable[Body]) -> None:
        """Keep these too."""
        new = list(bodies)
        self.bodies = [*self.bodies, *new][-_KEPT:]
        if self._path is not None:
            text = "".join(json.dumps(body, ensure_ascii=False) + "\n" for body in self.bodies)
            self._path.write_text(text, "utf-8")

    @property
    def next_number(self) -> int:
        return 1 + max((body["order_number"] for body in self.bodies), default=FIRST - 1)


def rush(shop: Shop, hub: str, pace: Pace, sold: Sold) -> int:
    """The first customers: each order told three times over, shuffled, as storefronts do. A shop
    that was there before tells its last orders again, and nothing new. Returns how many.
    """
    known = sold.bodies[-pace.rush :] if pace.rush else []
    for body in sold.bodies:
        shop.place(body)
    bodies = known or list(generate(pace.rush, pace.seed, start=_now_for(FIRST + pace.rush)))
    if known:
        say(repeats=len(known), of="the last start: the hub knows them, nothing happens twice")
    else:
        for body in bodies:
            shop.place(body)
        sold.add(bodies)
    deliveries = [("orders/create", body) for body in bodies]
    shop.deliver(door(hub), deliveries, times=1 if known else 3, seed=pace.seed)
    return len(bodies)


def go_on(
    shop: Shop,
    partners: Mapping[str, Partner],
    hub: str,
    pace: Pace,
    sold: Sold,
    done: threading.Event,
) -> None:
    """An order every few seconds until the end, some of them with a trouble."""
    while pace.every_s and not done.wait(pace.every_s):
        buy(shop, partners, hub, pace, sold)
        if sold.next_number % _SENT_BACK == 0:
            send_back(shop, hub)
        if sold.next_number % PAID_OUT == 0:
            pay_out(hub, sold, PAID_OUT)


def buy(shop: Shop, partners: Mapping[str, Partner], hub: str, pace: Pace, sold: Sold) -> None:
    """One customer buys one order."""
    number = sold.next_number
    seed = pace.seed + number
    body = next(generate(1, seed, first=number, start=_now_for(number)))
    shop.place(body)
    sold.add([body])
    trouble = trouble_of(number, EVERY[pace.troubles])
    sent = trouble.plant(partners, body) if trouble else body
    shop.send(door(hub), "orders/create", sent, tries=8)
    if isinstance(sent, bytes):  # the shop notices, and tells the whole
        shop.send(door(hub), "orders/create", body, tries=8)
    if trouble:
        say(order=body["name"], trouble=trouble.name, look=trouble.look, mend=trouble.mend)


def send_back(shop: Shop, hub: str) -> bool:
    """A customer asks to send back a piece of an order that arrived; False where none did. What
    becomes of it is for people to say: the warehouse takes the goods by itself, the shop pays back.
    """
    piece = shop.sent_piece()
    if piece is None:
        return False
    order, line, sku = piece
    request = shop.ask_return(order, {line: 1}, "size_too_small", "One size up, please.")
    shop.send(door(hub), "returns/request", request, tries=8)
    say(
        returned=request["name"],
        sku=sku,
        look="Returns",
        mend="approve it, then confirm and refund",
    )
    return True


def pay_out(hub: str, sold: Sold, count: int) -> None:
    """The payment provider reports so many orders; the last ones it pays another time."""
    secret = os.environ.get("SANDBOX_PAYMENTS_SECRET", "sandbox-secret")
    paid = provider.pay_out(hub, secret, sold.bodies[-count - _NOT_YET : -_NOT_YET])
    if paid:
        say(paid_out=paid, look="Reconciliation", mend="explain what came short, and the fee")


def door(hub: str) -> str:
    """Where the shop tells its orders."""
    return f"{hub}/in/shop-demo"


def say(**words: object) -> None:
    """One line for whoever watches."""
    sys.stdout.write(json.dumps(words, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _now_for(number: int) -> datetime:
    """The time from which `generate` counts so that this number is placed about now."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=(number - 1000) * 37 + 30)
