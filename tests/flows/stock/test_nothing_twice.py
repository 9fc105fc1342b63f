"""Nothing is promised twice: many buyers at once, and random histories of all that moves stock."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from hub import flows
from hub.flows.unit import Told, Unit
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from tests.histories.run import asked_for, run
from tests.histories.stock import STEPS
from tests.kit.catalogue import sales_order
from tests.kit.together import together
from tests.kit.world import Merchant

BUYERS, PIECES = 50, 10
HISTORIES = asked_for("ORDERHUB_STOCK_HISTORIES", 12)
FIRST = asked_for("ORDERHUB_STOCK_FIRST", 0)
"""`make histories` takes thousands, from the first seed on."""


def test_fifty_buyers_on_three_channels_get_ten_pieces_of_two_warehouses(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=6)
    acme.warehouse(f"{acme.at_wh.code}-2", A=4)
    shops = [acme.at_shop.code, f"{acme.at_shop.code}-2", f"{acme.at_shop.code}-3"]
    for code in shops[1:]:
        acme.shop(code)
    store, gate = acme.world.store, threading.Barrier(BUYERS)

    def buy(number: int) -> None:
        shop = shops[number % len(shops)]
        partner = store.directory().connections[shop]
        tree = sales_order(number, channel=shop, lines=[("A", 1)])
        order = Told(read("sales_order", tree), partner, new_id(), new_id())
        gate.wait()

        def work(db: Any) -> None:
            unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
            flows.take(unit, [order])

        store.database.unit(work)

    failed = together(*[lambda n=n: buy(n) for n in range(1, BUYERS + 1)])
    assert failed == []
    rows = acme.rows("SELECT status FROM sales_order WHERE merchant_id = :merchant")
    assert Counter(row.status for row in rows) == {"open": PIECES, "held": BUYERS - PIECES}
    assert acme.stock() == {"A": (PIECES, PIECES)}
    acme.world.check_books()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stock", "counts"])
def test_random_histories_end_in_books_that_close_and_numbers_that_are_explained(
    server_url: str, template: str, kind: str
) -> None:
    played = run(kind, FIRST, HISTORIES, server_url, template)
    assert played.histories == HISTORIES
    assert played.steps == HISTORIES * STEPS
    assert played.notes["numbers explained"] > HISTORIES
