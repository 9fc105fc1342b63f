"""Many orders in few calls to a real Tryton. Times are printed, not judged."""

import sys
from time import perf_counter

import pytest

from adapters.ports import Receipt
from tests.adapters.tryton.builders import line, order
from tests.adapters.tryton.conftest import Books, adapter
from tests.adapters.tryton.proxy import Proxy
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.slow, pytest.mark.long]

SINGLE, BATCH = 4, 40


def orders(prefix: str, count: int) -> list[tuple[object, str]]:
    told = [
        order(
            f"{prefix}-{n}",
            line(f"SKU-{n % 10:04}", 2, "10.00"),
            line(f"SKU-{(n + 7) % 10:04}", 1, "10.00"),
        )
        for n in range(count)
    ]
    return [(one, f"key-{one.channel_order_id}") for one in told]


def test_a_batch_costs_few_calls_and_ends_as_single_orders_do(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server, api_url=proxy.url)
    erp.check()
    began = perf_counter()
    for one, key in orders("single", SINGLE):
        erp.send(one, key)
    single = (perf_counter() - began) / SINGLE
    proxy.calls.clear()
    began = perf_counter()
    receipts = erp.send_many(orders("many", BATCH))
    batch = (perf_counter() - began) / BATCH
    calls = len(proxy.calls)
    times = f"one by one {single * 1000:.0f} ms, of {BATCH} {batch * 1000:.0f} ms, {calls} calls"
    sys.stdout.write(f"\nan order {times}\n")
    assert {type(receipt) for receipt in receipts} == {Receipt}, receipts[0]
    assert len({receipt.reference for receipt in receipts}) == BATCH
    assert calls <= BATCH / 2
    domain = [["reference", "like", "shop-eu/many-%"]]
    sales = books.read("sale.sale", domain, "state", "total_amount", "shipments", "invoices")
    assert len(sales) == BATCH
    assert {(sale["state"], str(sale["total_amount"])) for sale in sales} == {
        ("processing", "36.00")
    }
    assert {(len(sale["shipments"]), len(sale["invoices"])) for sale in sales} == {(1, 1)}
