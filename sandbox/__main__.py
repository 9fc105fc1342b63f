"""Runs sandbox partners as processes: `python -m sandbox shop|warehouse|erp|all`.

    python -m sandbox shop --port 9001
    python -m sandbox warehouse --port 9002 --hub-url http://127.0.0.1:8080/in/wh-ams --auto
    python -m sandbox erp --port 9003 --open-catalogue
    python -m sandbox all --hub-url http://127.0.0.1:8080/in/wh-ams --record var/sandbox

Each prints one line of JSON when it answers, then serves until Ctrl-C or SIGTERM. Secrets come from
the environment where the defaults will not do: SANDBOX_SHOP_TOKEN, SANDBOX_SHOP_SECRET,
SANDBOX_WAREHOUSE_SECRET, SANDBOX_ERP_PASSWORD.
"""

import argparse
import json
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.erp import Erp
from sandbox.partner import Partner
from sandbox.qimen import Warehouse, Way
from sandbox.qimen.wire import Account
from sandbox.shopify import Shop

PORTS = {"shop": 9001, "warehouse": 9002, "erp": 9003}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("partner", choices=[*PORTS, "all"])
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument(
        "--port", type=int, help="of one partner; with all, the first of three; 0: free ones"
    )
    made.add_argument("--record", type=Path, help="a folder: records also as JSON lines")
    made.add_argument("--domain", default="demo-shop.myshopify.com", help="of the shop")
    made.add_argument("--currency", default="EUR", help="of the shop and the ERP's company")
    made.add_argument("--hub-url", default="", help="where the warehouse tells what it did")
    made.add_argument("--auto", action="store_true", help="the warehouse ships by itself")
    made.add_argument("--delay", type=float, default=0.2, help="seconds before it does")
    made.add_argument("--workers", type=int, default=2, help="hands of the warehouse")
    made.add_argument("--quiet", action="store_true", help="only confirms, no progress reports")
    made.add_argument("--app-key", default="sandbox")
    made.add_argument("--customer-id", default="sandbox")
    made.add_argument("--warehouse-code", help="insisted on, where given")
    made.add_argument("--owner-code", help="insisted on, where given")
    made.add_argument("--database", default="erp")
    made.add_argument("--user", default="hub")
    made.add_argument("--open-catalogue", action="store_true", help="the ERP knows every code")
    return made


def record_path(given: argparse.Namespace, name: str) -> Path | None:
    if given.record is None:
        return None
    folder: Path = given.record
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.jsonl"


def shop(given: argparse.Namespace, port: int) -> Partner:
    return Shop(
        host=given.host,
        port=port,
        token=os.environ.get("SANDBOX_SHOP_TOKEN", "sandbox-token"),
        secret=os.environ.get("SANDBOX_SHOP_SECRET", "sandbox-secret"),
        domain=given.domain,
        currency=given.currency,
        record_path=record_path(given, "shop"),
    )


def warehouse(given: argparse.Namespace, port: int) -> Partner:
    secret = os.environ.get("SANDBOX_WAREHOUSE_SECRET", "sandbox-secret")
    return Warehouse(
        host=given.host,
        port=port,
        account=Account(given.app_key, given.customer_id, secret),
        warehouse_code=given.warehouse_code,
        owner_code=given.owner_code,
        hub_url=given.hub_url,
        auto=given.auto,
        delay=given.delay,
        way=Way(steps=()) if given.quiet else Way(),
        workers=given.workers,
        record_path=record_path(given, "warehouse"),
    )


def erp(given: argparse.Namespace, port: int) -> Partner:
    return Erp(
        host=given.host,
        port=port,
        database=given.database,
        user=given.user,
        password=os.environ.get("SANDBOX_ERP_PASSWORD", "hub"),
        currency=given.currency,
        open_catalogue=given.open_catalogue,
        record_path=record_path(given, "erp"),
    )


MAKERS: dict[str, Callable[[argparse.Namespace, int], Partner]] = {
    "shop": shop,
    "warehouse": warehouse,
    "erp": erp,
}


def main(arguments: Sequence[str] | None = None) -> None:
    given = parser().parse_args(arguments)
    names = list(MAKERS) if given.partner == "all" else [given.partner]
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    partners = []
    for offset, name in enumerate(names):
        port = PORTS[name] if given.port is None else given.port and given.port + offset
        partner = MAKERS[name](given, port)
        partner.start()
        partners.append(partner)
        print(json.dumps({"partner": name, "url": partner.url}), flush=True)
    done.wait()
    for partner in partners:
        partner.close()


if __name__ == "__main__":
    main()
