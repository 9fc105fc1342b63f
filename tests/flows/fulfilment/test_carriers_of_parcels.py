"""Parcels that left with a carrier that no code list has."""

from collections.abc import Callable

from hub.flows.products import meanings
from tests.kit.catalogue import shipment
from tests.kit.world import Merchant


def test_it_is_booked_and_told_and_a_person_says_once_who_it_is(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    wh = acme.at_wh.code
    for at, number in enumerate((1001, 1002)):
        acme.notify(number, lines=[("A", 2)])
        tree = shipment(acme.number(at), delivery=f"s{number}")
        tree["packages"][0] |= {"carrier": None, "carrier_name": "Rocket Express"}
        acme.says(tree)
        acme.world.run()
    assert acme.stock() == {"A": (6, 0)}
    told = [document for topic, _, document in acme.at_shop.told if topic == "shipment"]
    assert [[it.carrier_name for it in one.packages] for one in told] == [["Rocket Express"]] * 2
    query = "SELECT kind, subject, sentence, status FROM incident WHERE merchant_id = :merchant"
    (row,) = acme.rows(query)
    assert (row.kind, row.status) == ("unknown_carrier", "open")
    assert row.subject == f"carrier:{wh}:rocket express"
    assert row.sentence == (
        f"{wh} ships by Rocket Express, which its code list carriers does not have"
    )
    with acme.world.unit() as unit:
        meanings.map_code(unit, wh, "carriers", "ROCKET EXPRESS", "rocket", "user:ann")
    (row,) = acme.rows(query)
    assert row.status == "closed"
