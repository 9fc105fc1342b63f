"""Who is erased is nowhere: searched for in every column of every table, and in every archive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.ports import Receipt
from hub.flows.customers import erase
from hub.flows.messages import replay
from hub.model.errors import Contradiction, Rejected
from hub.model.people import Consent
from hub.store import invariants
from hub.store.history import archiving
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import fulfilments
from hub.store.people import idempotency
from hub.store.people.idempotency import Answer
from tests.flows.customers import search
from tests.flows.customers.people import collected, crm, joining, of_order
from tests.kit.catalogue import refund, sales_order, shipment
from tests.kit.world.vocabulary import Merchant
from tests.kit.world.world import World
from tests.safety.planted import PERSONAL

NAME = f"{PERSONAL['first name']} {PERSONAL['last name']}"
PERSON = {
    "channel_customer_id": "81",
    "name": NAME,
    "email": PERSONAL["e-mail"],
    "phone": PERSONAL["phone"],
    "accepts_marketing": True,
}
HOME = {
    "name": NAME,
    "lines": [PERSONAL["street"]],
    "postal_code": "1015 CJ",
    "city": "Amsterdam",
    "country": "NL",
    "phone": PERSONAL["phone"],
}
HIS: Mapping[str, Any] = {
    "customer": PERSON,
    "ship_to": HOME,
    "bill_to": HOME,
    "tags": [f"gift for {NAME}"],
    "attributes": {"card": PERSONAL["note"]},
}


def refuses(document: Any, _: str) -> Receipt:
    """A CRM that quotes him in what it refuses."""
    if document.email == PERSONAL["e-mail"]:
        raise Rejected(f"{NAME} <{PERSONAL['e-mail']}> exists already")
    return Receipt("c-9")


def lived(world: World) -> Merchant:
    """A person bought, in every way that the flows know, and so did somebody else."""
    acme = world.merchant("bolt").shop("his-shop", takes=("shipment", "customer_erasure"))
    acme.erp("his-erp").warehouse("his-wh", A=50, B=50)
    at_crm = crm(acme)
    at_crm.answers += [refuses] * 2
    for number in (1, 2, 9):
        whose = HIS if number != 9 else {}
        acme.order(number, **whose)
    world.run()
    for row in acme.rows(
        """SELECT f.id, CAST(o.channel_order_id AS int) AS number FROM fulfilment_order AS f
        JOIN sales_order AS o ON o.id = f.order_id WHERE f.merchant_id = :merchant"""
    ):
        number, delivery = row.number, f"s{row.number}"
        told = shipment(fulfilments.number(row.id), delivery=delivery)
        told["attributes"] = {} if number == 9 else {"signed": NAME}
        acme.says(told, delivery=delivery)
    back = refund(1, amount="10.00")
    back["channel_order_id"], back["reason"] = "1", f"{NAME} did not like it"
    world.tell("his-shop", back, key="1")
    collected(world)
    return acme


def beside(world: World, acme: Merchant) -> None:
    """What people and machines write beside."""
    customer = of_order(acme, 1)
    with world.unit() as unit:
        allowed = Consent(
            purpose="marketing", granted=False, at=datetime.now(UTC), source=f"desk: {NAME}"
        )
        joining.consent(unit, customer, allowed, "ada")
        order = acme.row(1).id
        said = Incident("bolt", "missing_pieces", "x", f"{NAME} rang", order, None, {"who": NAME})
        incidents.open_new(unit.db, [said])
        answer = Answer(200, {}, f'{{"email": "{PERSONAL["e-mail"]}"}}'.encode())
        idempotency.remember(unit.db, unit.vault, "key:1", "k", b"d", answer)
        other = Answer(200, {}, b'{"email": "ada9@example.com"}')
        idempotency.remember(unit.db, unit.vault, "key:1", "other", b"d", other)
    for message in acme.rows(
        "SELECT id FROM message WHERE topic = 'customer' AND merchant_id = :merchant"
    ):
        if acme.status(message.id) == "parked":
            with world.unit() as unit:
                replay.replay(unit, [message.id], "ada", "again")
    first = acme.rows(
        """SELECT id, merchant_id FROM message WHERE direction = 'in' AND merchant_id = :merchant
        ORDER BY id"""
    )[0]  # his own, which came first
    with world.unit() as unit:
        sealed = unit.vault.seal(NAME.encode(), "message.payload", "bolt", first.id)
        world.sql(
            """INSERT INTO message_version (message_id, merchant_id, version, payload, author,
              reason) VALUES (:id, 'bolt', 2, :sealed, 'ada', 'x')""",
            id=first.id,
            sealed=sealed,
        )
        attempt = world.sql("SELECT id FROM attempt WHERE message_id = :id LIMIT 1", id=first.id)
        for row in attempt:
            world.sql(
                "UPDATE attempt SET exchange = :sealed WHERE id = :id",
                id=row.id,
                sealed=unit.vault.seal(NAME.encode(), "attempt.exchange", "bolt", row.id),
            )
    world.run()


def archived(world: World) -> None:
    shelf = world.store.vault.shelf
    assert shelf is not None
    before = datetime.now(UTC) + timedelta(hours=1)
    assert list(archiving.archive(world.store.database, shelf, before))


def test_who_is_erased_is_nowhere_and_everybody_else_is_as_before(world: World) -> None:
    acme = lived(world)
    beside(world, acme)
    archived(world)
    collected(world)
    acme.order(3, **HIS, state="cancelled", cancelled_at="2026-11-24T11:00:00Z")
    collected(world)
    before = search.where(world, PERSONAL)
    assert before >= {
        "archive",
        "customer.profile",
        "customer_consent.source",
        "fulfilment_order.document",
        "idempotency.answer",
        "incident.detail",
        "incident.sentence",
        "message.payload",
        "message_version.payload",
        "refund.document",
        "sales_order.document",
        "shipment.document",
    }
    money = acme.rows("SELECT id, currency, grand_total, placed_at FROM sales_order ORDER BY id")
    customer = of_order(acme, 1)
    with world.unit() as unit:
        done = erase.erase(unit, customer, "ada")
    assert (done.orders, done.answers) == (3, 1)
    assert done.messages > 10
    shelf = world.store.vault.shelf
    assert shelf is not None
    assert archiving.tidy(world.store.database, shelf)
    assert search.where(world, PERSONAL) == set()
    world.run()
    assert search.where(world, PERSONAL) == set()
    assert world.at("crm-bolt").topics()[-1] == "customer_erasure"
    assert world.at("his-shop").topics()[-1] == "customer_erasure"
    assert money == acme.rows(
        "SELECT id, currency, grand_total, placed_at FROM sales_order ORDER BY id"
    )
    assert search.where(world, {"other": "ada9@example.com"}) >= {
        "archive",
        "idempotency.answer",
        "sales_order.document",
    }
    with world.store.database.begin() as db:
        assert [name for name, bad in archiving.damaged(db, shelf) if bad] == []
    assert [it for it in invariants.check(world.store) if it.broken] == []
    late(world, acme)


def late(world: World, acme: Merchant) -> None:
    """What a channel tells of him afterwards changes nothing, and does not stay."""
    again = sales_order(1, channel="his-shop", minute=30, **HIS)
    kept = world.tell("his-shop", again, key="1")
    world.run()
    assert acme.reason(kept.id) == "erased"
    assert search.where(world, PERSONAL) == {"message.payload"}
    with world.unit() as unit:
        assert erase.forget_late(unit) == 1
    assert search.where(world, PERSONAL) == set()
    acme.order(4, **HIS)
    collected(world)
    assert search.where(world, PERSONAL) >= {"customer.profile", "sales_order.document"}


def test_while_something_is_under_way_nobody_is_erased(world: World) -> None:
    acme = world.merchant("bolt").shop("his-shop").warehouse("his-wh", A=50, B=50)
    acme.order(1, **HIS)
    collected(world)
    customer = of_order(acme, 1)
    with pytest.raises(Contradiction, match="#1"), world.unit() as unit:
        erase.erase(unit, customer, "ada")
    assert "sales_order.document" in search.where(world, PERSONAL)
