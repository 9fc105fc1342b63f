"""The demonstration: all partners in one process, and a shop whose customers buy.

    python -m sandbox.demo --hub http://127.0.0.1:8080 --orders 40 --every 4 --troubles few

A rush at first, each order delivered three times as storefronts do, and how far they are; then an
order every few seconds, some with a trouble to be found and mended (sandbox/troubles.py); now and
then a customer sends something back, and the payment provider pays out.
"""

import argparse
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.__main__ import MAKERS, PORTS, parser
from sandbox.partner import Partner
from sandbox.shopify import Shop
from sandbox.trade import Pace, Sold, go_on, pay_out, rush, say, send_back
from sandbox.troubles import EVERY

_FIRST_PORT = PORTS["shop"]


def arguments() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m sandbox.demo", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("--hub", default="http://127.0.0.1:8080")
    made.add_argument("--orders", type=int, default=40)
    made.add_argument("--every", type=float, default=0, help="seconds between further orders")
    made.add_argument("--troubles", choices=list(EVERY), default="none", help="of further orders")
    made.add_argument("--memory", type=Path, help="a file: what was sold, for the next start")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument(
        "--port", type=int, default=_FIRST_PORT, help="of the shop; the next are the others'"
    )
    made.add_argument(
        "--leashed", action="store_true", help="end when standard input does: with its starter"
    )
    return made


def main(given: Sequence[str] | None = None) -> None:
    options = arguments().parse_args(given)
    common = ["--port", str(options.port), "--open-catalogue", "--auto"]
    settings = parser().parse_args(["all", *common, "--hub-url", f"{options.hub}/in/wh-demo"])
    partners = {name: MAKERS[name](settings, options.port + at) for at, name in enumerate(MAKERS)}
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if options.leashed:
        threading.Thread(target=_end_with, args=(sys.stdin.fileno(), done), daemon=True).start()
    for partner in partners.values():
        partner.start()
    threading.Thread(target=trade, args=(partners, options, done), daemon=True).start()
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


def trade(partners: dict[str, Partner], options: argparse.Namespace, done: threading.Event) -> None:
    """Customers buy as soon as the hub answers, and the outcome is watched."""
    shop = partners["shop"]
    pace, sold = (
        Pace(options.orders, options.every, options.troubles, options.seed),
        Sold(options.memory),
    )
    first = not sold.bodies
    if isinstance(shop, Shop) and wait_until_ready(options.hub, done):
        orders = rush(shop, options.hub, pace, sold)
        watch(partners, orders, done)
        send_back(shop, options.hub)
        if first:
            pay_out(options.hub, sold, options.orders)
        go_on(shop, partners, options.hub, pace, sold, done)


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


def watch(partners: Mapping[str, Partner], orders: int, done: threading.Event) -> None:
    """Say once a second how far the orders are, until nothing moves any more."""
    before, still = None, 0
    while not done.is_set() and still < 4:
        now = counts(partners)
        still = still + 1 if now == before else 0
        if now != before:
            say(orders=orders, **now)
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
