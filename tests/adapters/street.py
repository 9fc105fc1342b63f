"""A running hub between a shop and a warehouse that talks in files, by a real SFTP server."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.kit.testing.sftp_server import SftpServer
from sandbox import outgoing
from tests.adapters.csv_drop.depot import depot, names
from tests.kit import catalogue
from tests.kit.listener import Listener
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub
from tests.kit.world.signing import SECRET, signed


@dataclass
class Street:
    """The hub, the shop that listens, and the warehouse's folders."""

    hub: RunningHub
    shop: Listener
    server: SftpServer
    key: str

    def put(self, name: str, text: str) -> None:
        """The warehouse writes a file, under a temporary name first."""
        path = self.server.root / "out" / name
        path.with_name(f"{name}.tmp").write_text(text, "utf-8")
        path.with_name(f"{name}.tmp").rename(path)

    def names(self, folder: str) -> list[str]:
        return names(self.server.root / folder)

    def told(self, kind: str) -> list[Any]:
        """What the shop was told of one type."""
        trees = [json.loads(asked.body) for asked in self.shop.asked]
        return [tree for tree in trees if tree["type"] == kind]

    def items(self, path: str) -> list[Any]:
        status, answer = self.hub.ask("GET", path, self.key)
        assert status == 200, answer
        return list(answer["items"])

    def hurry(self, is_so: Callable[[], object], what: str) -> None:
        """Wait until something is so that the warehouse's next file brings about. Somebody has it
        looked for meanwhile, so that nobody waits for the times at which the hub does so itself.
        """

        def asked_for() -> object:
            status, answer = self.hub.ask("POST", "connections/depot/poll", self.key, {})
            assert status < 300, answer
            return is_so()

        until(asked_for, what, step=0.4)

    def done(self, name: str) -> None:
        """Wait until a file of the warehouse was taken."""
        self.hurry(lambda: name in self.names("done"), f"{name} is taken")

    def order(self, *lines: tuple[str, int], number: int = 1001) -> None:
        """The shop sells."""
        raw = json.dumps(catalogue.sales_order(number, lines=list(lines))).encode()
        url = f"{self.hub.url}/in/shop"
        assert outgoing.post(url, raw, signed(raw), timeout=30).status == 200

    def available(self) -> dict[str, str]:
        """What the shop was last told that may be sold."""
        return {level["sku"]: level["available"] for level in self.told("stock_level")}


@contextmanager
def opened(
    db_url: str, tmp_path: Path, adapter: str, settings: Mapping[str, Any], *topics: str
) -> Iterator[Street]:
    """A street whose warehouse is connected by an adapter; `topics` are those that it polls. It is
    told of returns as well, for which some must ask by name.
    """
    (tmp_path / "depot").mkdir()
    with (
        depot(tmp_path / "depot") as server,
        Listener() as shop,
        RunningHub(
            tmp_path / "hub", database_url=db_url, SECRET=SECRET, PASSWORD=server.password
        ) as hub,
    ):
        hub.start("up")
        hub.wait_ready()
        hub.apply(connections(server, shop, adapter, settings, topics))
        key = hub.run("key", "add", "--name", "all", "--scopes", "all").strip()
        yield Street(hub, shop, server, key)


def connections(
    server: SftpServer,
    shop: Listener,
    adapter: str,
    settings: Mapping[str, Any],
    topics: tuple[str, ...],
) -> dict[str, Any]:
    """What is applied: a shop, the warehouse, two articles."""
    often = {topic: {"every_s": 5} for topic in topics}
    return {
        "network": {"private": ["127.0.0.0/8"], "http": True},
        "merchants": [{"code": "acme", "name": "Acme", "currency": "EUR"}],
        "connections": [
            {
                "code": "shop",
                "kind": "channel",
                "adapter": "generic_channel",
                "merchant": "acme",
                "settings": {"url": shop.url},
                "secrets": {"webhook_secret": "env:SECRET"},
            },
            {
                "code": "depot",
                "kind": "warehouse",
                "adapter": adapter,
                "merchant": "acme",
                "settings": {
                    "host": "127.0.0.1",
                    "port": server.port,
                    "user": server.user,
                    "host_keys": [server.fingerprint],
                    "still_s": 0.2,
                    **settings,
                },
                "secrets": {"password": "env:PASSWORD"},
                "subscribes": ["fulfilment_order", "fulfilment_cancellation", "return"],
                "poll": often,
            },
        ],
        "products": [{"merchant": "acme", "sku": sku, "title": sku} for sku in ("CUP", "LID")],
        "stock": [],
        "routing": [],
    }
