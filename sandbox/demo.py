"""The demonstration: all three partners in one process, and a shop whose customers buy.

    python -m sandbox.demo --hub http://127.0.0.1:8080 --orders 40

Every order is delivered three times, in shuffled order, as storefronts do; then the shop, the
warehouse and the ERP are asked what reached them.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence

from sandbox.__main__ import MAKERS, PORTS, parser
from sandbox.orders import generate
from sandbox.partner import Partner
from sandbox.shopify import Shop

_FIRST_PORT = PORTS["shop"]


def arguments() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m sandbox.demo", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("--hub", default="http://127.0.0.1:8080")
    made.add_argument("--orders", type=int, default=40)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument(
        "--port", type=int, default=_FIRST_PORT, help="of the shop; the next are the others'"
    )
    made.add_argument(
        "--leashed", action="store_true", help="end when standard input does: with its starter"
    )
    return made


def main(given: Sequence[str] | None = None) -> None:
    told = arguments().parse_args(given)
    common = ["--port", str(told.port), "--open-catalogue", "--auto"]
    settings = parser().parse_args(["all", *common, "--hub-url", f"{told.hub}/in/wh-demo"])
    partners = {name: MAKERS[name](settings, told.port + at) for at, name in enumerate(MAKERS)}
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if told.leashed:
        threading.Thread(target=_end_with, args=(sys.stdin.fileno(), done), daemon=True).start()
    for partner in partners.values():
        partner.start()
    threading.Thread(target=trade, args=(partners, told, done), daemon=True).start()
    done.wait()
    for partner in partners.values():
        partner.close()


def _end_with(line: int, done: threading.Event) -> None:
    """A starter that is killed cannot say so, but its end of the line closes: who stayed behind
    would hold the ports against the next.
    """
    while os.read(line, 1024):  # not by sys.stdin: its lock would be held when the process ends
        pass
    done.set()


def trade(partners: dict[str, Partner], told: argparse.Namespace, done: threading.Event) -> None:
    """Customers buy as soon as the hub answers, and the outcome is watched."""
    shop = partners["shop"]
    if isinstance(shop, Shop) and wait_until_ready(told.hub, done):
        sell(shop, told.hub, told.orders, told.seed)
        watch(partners, told.orders, done)


def wait_until_ready(hub: str, done: threading.Event, seconds: float = 60.0) -> bool:
    """Whether the hub answers within that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not done.is_set():
        try:
            with urllib.request.urlopen(f"{hub}/readyz", timeout=2) as answer:  # noqa: S310 - our own hub
                if answer.status == 200:
                    return True
        except OSError:
            done.wait(0.2)
    return False


def sell(shop: Shop, hub: str, orders: int, seed: int) -> None:
    """Customers buy: each order is placed, then told three times over, shuffled."""
    bodies = list(generate(orders, seed))
    for body in bodies:
        shop.place(body)
    shop.deliver(f"{hub}/in/shop-demo", [("orders/create", body) for body in bodies], seed=seed)


def watch(partners: Mapping[str, Partner], orders: int, done: threading.Event) -> None:
    """Say once a second how far the orders are, until nothing moves any more."""
    before, still = None, 0
    while not done.is_set() and still < 4:
        now = counts(partners)
        still = still + 1 if now == before else 0
        if now != before:
            print(json.dumps({"orders": orders, **now}), flush=True)
        before = now
        done.wait(1.0)


def counts(partners: Mapping[str, Partner]) -> dict[str, int]:
    """What reached each partner, each thing once."""
    return {
        "told_to_warehouse": effects(partners["warehouse"], "delivery_order"),
        "shipped_in_shop": effects(partners["shop"], "fulfilment"),
        "sales_in_erp": effects(partners["erp"], "sale"),
    }


def effects(partner: Partner, kind: str) -> int:
    """Different things of a kind in a partner's own record."""
    return len({entry["key"] for entry in partner.record if entry["kind"] == kind})


if __name__ == "__main__":
    main()
