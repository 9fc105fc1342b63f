"""The customers' desk: masked until a reason is given, found by exact address, pairs beside."""

from uuid import UUID

from hub.flows.customers import collect
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console

HOME = {"name": "Ada Bakker", "lines": ["Straat 1"], "postal_code": "1015 CJ", "country": "NL"}


def two(console: Console) -> UUID:
    """Two people with one telephone, both of whose orders are over."""
    world = console.world
    for number, mail in ((1, "ada@example.com"), (2, "bo@example.com")):
        person = {"name": "Ada Bakker", "email": mail, "phone": "+31201234567",
                  "accepts_marketing": True}  # fmt: skip
        gone = {"state": "cancelled", "cancelled_at": "2026-11-24T10:00:00Z"}
        tree = sales_order(number, customer=person, ship_to=HOME, bill_to=HOME, **gone)
        world.tell("shop", tree, key=str(number))
    world.run()
    with world.unit() as unit:
        collect.collect(unit)
    found = world.one(
        """SELECT customer_id FROM customer_order JOIN sales_order ON id = order_id
        WHERE channel_order_id = '1'"""
    )
    assert isinstance(found, UUID)
    return found


def test_a_customer_is_found_shown_masked_and_forgotten(console: Console) -> None:
    ada = two(console)
    person = console.person("operator")
    page = person.get("/customers")
    assert page.status_code == 200
    assert "Are they one?" in page.text
    assert "ada@example.com" not in page.text
    found = person.post("/customers", who="ADA@example.com")
    assert (found.status_code, str(ada) in found.text) == (200, True)
    one = person.get(f"/customers/{ada}")
    assert one.status_code == 200
    assert "Bakker" not in one.text
    person.post(f"/customers/{ada}/unmask", reason="he rang")
    assert "ada@example.com" in person.get(f"/customers/{ada}").text
    person.post(f"/customers/{ada}/erase", confirm="not him")
    assert "ada@example.com" in person.get(f"/customers/{ada}").text
    person.post(f"/customers/{ada}/erase", confirm=str(ada))
    left = person.get(f"/customers/{ada}")
    assert "This customer was erased." in left.text
    assert "ada@example.com" not in left.text
