"""The ledger names the batch of what moved, where it was told."""

from collections.abc import Callable

from tests.kit.catalogue import shipment
from tests.kit.world import Merchant


def batches(acme: Merchant, reason: str) -> list[tuple[str | None, int]]:
    rows = acme.rows(
        """SELECT batch, delta FROM ledger WHERE merchant_id = :merchant AND reason = :reason
        ORDER BY id""",
        reason=reason,
    )
    return [(row.batch, int(row.delta)) for row in rows]


def test_a_change_of_a_batch(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10)
    wh = acme.at_wh.code
    tree = {
        "type": "stock_change",
        "source": {"connection": wh, "id": "c1"},
        "warehouse": wh,
        "at": "2026-11-24T10:00:00Z",
        "change_id": "c1",
        "reason": "damage",
        "lines": [{"sku": "A", "delta": "-1", "batch": "B7"}, {"sku": "A", "delta": "-2"}],
    }
    for _ in range(3):
        acme.world.tell(wh, tree)
        acme.world.run()
    assert batches(acme, "damage") == [("B7", -1), (None, -2)]
    assert acme.stock() == {"A": (7, 0)}
    acme.world.check_books()


def test_a_shipment_of_a_batch_told_three_times(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10)
    number = acme.notify(lines=[("A", 2)])
    line = {"line_no": 1, "sku": "A", "quantity": "2", "batch": "B8"}
    for delivery in ("d1", "d1", "d2"):
        tree = shipment(number)
        tree["packages"] = [{**tree["packages"][0], "lines": [line]}]
        acme.says(tree, delivery=delivery)
        acme.world.run()
    assert batches(acme, "shipment") == [("B8", -2)]
    assert acme.stock() == {"A": (8, 0)}
    acme.world.check_books()
