"""The adapter on a real Tryton, and a way to look into the books behind its back."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.kit.http import Transport
from adapters.ports import Parts, now_utc
from adapters.tryton import ADAPTER, Settings
from adapters.tryton.server.rpc import Rpc
from mappings.kit import Context
from tests.adapters.tryton.proxy import Proxy
from tests.peers.tryton import TrytonServer, tryton_server  # noqa: F401  # fixture

RATES = (
    *("0.20", "0.19", "0.10", "0.055", "0.06", "0.025", "0.05", "0.125", "0.13", "0.0875"),
    *("0.0625", "0.0125"),
)
SLOW = 110.0


class Books:
    """What stands in Tryton, read by its administrator."""

    def __init__(self, server: TrytonServer) -> None:
        self.rpc = Rpc(server.url, server.database, server.admin, (), Transport.local(SLOW))
        self.rpc.company = 1

    def read(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        return self.rpc.call(model, "search_read", domain, 0, None, [["id", "ASC"]], list(fields))

    def sales(self, number: str, *fields: str) -> list[dict[str, Any]]:
        """The sales of one order and of its refunds."""
        names = ("reference", "state", "total_amount", "tax_amount", "invoices", "shipments")
        own = f"shop-eu/{number}"
        domain = ["OR", ["reference", "=", own], ["reference", "like", f"{own}/refund/%"]]
        return self.read("sale.sale", domain, *names, *fields)

    def lines(self, sale: int) -> list[tuple[str, Any, Any]]:
        """(product code, quantity, unit price) of a sale's lines, in their order."""
        rows = self.read(
            "sale.line", [["sale", "=", sale]], "product.code", "quantity", "unit_price"
        )
        return [(row["product."]["code"], row["quantity"], row["unit_price"]) for row in rows]

    def invoices(self, numbers: list[int]) -> list[tuple[str, Any]]:
        """(state, total) of invoices."""
        rows = self.read("account.invoice", [["id", "in", numbers]], "state", "total_amount")
        return [(row["state"], row["total_amount"]) for row in rows]

    def shipments(self, numbers: list[int]) -> list[tuple[str, str | None]]:
        """(state, reference) of shipments."""
        rows = self.read("stock.shipment.out", [["id", "in", numbers]], "state", "reference")
        return [(row["state"], row["reference"]) for row in rows]


def adapter(server: TrytonServer, **changes: Any) -> Parts:
    """A connection as an operator sets it up. Posting costs Tryton a second: only where asked."""
    settings: dict[str, Any] = {
        "api_url": server.url,
        "database": server.database,
        "user": server.user,
        "password": server.password,
        "payment_term": "At once",
        "invoice_on": "never",
        "taxes": {rate: f"VAT {rate}" for rate in RATES},
    }
    context = changes.pop("at", Context("erp"))
    return ADAPTER.connect(Settings(**settings | changes), context, Transport.local(SLOW), now_utc)


@pytest.fixture(scope="session")
def books(tryton_server: TrytonServer) -> Books:  # noqa: F811
    return Books(tryton_server)


@pytest.fixture(scope="session")
def erp(tryton_server: TrytonServer) -> Parts:  # noqa: F811
    return adapter(tryton_server)


@pytest.fixture
def proxy(tryton_server: TrytonServer) -> Iterator[Proxy]:  # noqa: F811
    with Proxy(tryton_server.url) as between:
        yield between
