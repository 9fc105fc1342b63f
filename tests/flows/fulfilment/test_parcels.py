"""Several parcels of one order."""

from tests.kit.catalogue import shipment
from tests.kit.world import Merchant


def test_of_parcels_that_are_booked_together_exactly_the_last_says_that_all_has_left(
    acme: Merchant,
) -> None:
    number = acme.notify(lines=[("A", 2), ("B", 1)])
    acme.says(shipment(number, delivery="a", lines=[(1, 1)], complete=False))
    acme.says(shipment(number, delivery="b", lines=[(1, 1)], complete=False))
    acme.says(shipment(number, delivery="c", lines=[(2, 1)]))
    acme.world.run()
    assert acme.row().status == "completed"
    for partner in (acme.at_shop, acme.at_erp):
        told = [document for kind, _, document in partner.told if kind == "shipment"]
        parcels = [
            (it.packages[0].tracking_number, it.order.order_complete) for it in told if it.order
        ]
        assert sorted(parcels) == [("TRACK-a", False), ("TRACK-b", False), ("TRACK-c", True)]
