"""Customers are collected from orders: who is one, who may be, what they bought and allowed."""

import json
from collections.abc import Callable

import pytest

from hub.model.errors import Contradiction, NotFound
from hub.model.people import Consent
from hub.store.customers import consents
from tests.flows.customers.people import (
    ADA,
    collected,
    crm,
    customer,
    joining,
    of_order,
    pairs,
)
from tests.kit.catalogue import sales_order
from tests.kit.world.vocabulary import Merchant
from tests.kit.world.world import World


def place(number: int, name: str = "Ada Bakker") -> dict[str, object]:
    return {"name": name, "lines": [f"Straat {number}"], "postal_code": "1015 CJ", "country": "NL"}


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(A=50)


def order(acme: Merchant, number: int, person: dict[str, object] | None, **more: object) -> None:
    where = {"ship_to": place(number), "bill_to": place(number), **more}
    acme.order(number, customer=person, **where)


def test_one_mail_is_one_customer_however_it_is_written(shared: World, acme: Merchant) -> None:
    told = crm(acme)
    order(acme, 1, ADA)
    order(acme, 2, {**ADA, "email": " Ada@Example.com"})
    order(acme, 3, {"name": "Bo", "email": "bo@example.com"})
    collected(shared)
    assert of_order(acme, 1) == of_order(acme, 2) != of_order(acme, 3)
    ada = customer(shared, of_order(acme, 1))
    assert (ada.orders, len(ada.spends), ada.spends[0]["orders"]) == (2, 1, 2)
    documents = [it for kind, _, it in told.told if kind == "customer"]
    assert sorted(it.email for it in documents) == ["Ada@Example.com", "bo@example.com"]
    assert {it.orders for it in documents} == {1, 2}


def test_nothing_is_stored_in_clear(shared: World, acme: Merchant) -> None:
    order(acme, 1, ADA)
    collected(shared)
    for table in ("customer", "customer_mark", "customer_order", "customer_consent"):
        rows = acme.rows(f"SELECT * FROM {table} WHERE merchant_id = :merchant")  # noqa: S608
        text = json.dumps([list(map(repr, row)) for row in rows])
        assert "bakker" not in text.lower()
        assert "example.com" not in text


def test_what_is_cancelled_does_not_count_and_the_newest_is_told_once(
    shared: World, acme: Merchant
) -> None:
    told = crm(acme)
    order(acme, 1, ADA)
    order(acme, 2, ADA)
    collected(shared)
    collected(shared)
    assert len(told.told) == 1
    shop = acme.at_shop.code
    where = {"ship_to": place(2), "bill_to": place(2)}
    gone = sales_order(2, channel=shop, customer=ADA, state="cancelled", **where)
    gone["cancelled_at"] = "2026-05-05T12:00:00Z"
    gone["source"]["revision"] = "9"
    gone["source"]["occurred_at"] = "2026-05-05T12:00:00Z"
    shared.tell(shop, gone, key="2")
    collected(shared)
    assert customer(shared, of_order(acme, 1)).orders == 1
    assert [it.orders for _, _, it in told.told] == [2, 1]


def test_one_telephone_with_two_mails_is_for_a_person(shared: World, acme: Merchant) -> None:
    order(acme, 1, ADA)
    order(acme, 2, {**ADA, "email": "bo@example.com", "phone": "+31 20 1234567"})
    order(acme, 3, {"name": "ada  bakker", "phone": "0031201234567"})
    order(acme, 4, {"name": "Bo Smit", "phone": "+31201234567"})
    collected(shared)
    assert of_order(acme, 1) == of_order(acme, 3)
    assert len({of_order(acme, number) for number in (1, 2, 4)}) == 3
    assert pairs(acme) == [("phone", "open"), ("phone", "open")]


def test_the_platform_s_number_comes_first_and_another_mail_is_a_doubt(
    shared: World, acme: Merchant
) -> None:
    order(acme, 1, {"channel_customer_id": "81", "email": "ada@example.com"})
    order(acme, 2, {"name": "Bo", "email": "bo@example.com"})
    collected(shared)
    order(acme, 3, {"channel_customer_id": "81", "email": "bo@example.com"})
    collected(shared)
    assert of_order(acme, 3) == of_order(acme, 1)
    assert pairs(acme) == [("email", "open")]


def test_the_same_person_at_two_merchants_is_two(
    shared: World, acme: Merchant, new_merchant: Callable[..., Merchant]
) -> None:
    other = new_merchant(A=50)
    order(acme, 1, ADA)
    order(other, 1, ADA)
    collected(shared)
    mine, theirs = of_order(acme, 1), of_order(other, 1)
    assert mine != theirs
    with pytest.raises(NotFound), shared.unit() as unit:
        joining.merge(unit, mine, theirs, "ada")


def test_joined_and_taken_apart_again_everything_is_as_before(
    shared: World, acme: Merchant
) -> None:
    told = crm(acme)
    order(acme, 1, ADA)
    order(acme, 2, {**ADA, "email": "bo@example.com"})
    collected(shared)
    one, two = of_order(acme, 1), of_order(acme, 2)
    with shared.unit() as unit:
        joining.merge(unit, one, two, "ada")
    assert of_order(acme, 2) == one
    assert customer(shared, one).orders == 2
    assert pairs(acme) == [("phone", "joined")]
    order(acme, 3, {"name": "Bo", "email": "bo@example.com"})
    collected(shared)
    assert of_order(acme, 3) == one
    assert told.told[-1][2].merged == (str(two),)
    with pytest.raises(Contradiction), shared.unit() as unit:
        joining.merge(unit, one, two, "ada")
    with shared.unit() as unit:
        joining.unmerge(unit, two, "ada")
    assert (customer(shared, one).orders, customer(shared, two).orders) == (1, 2)
    assert of_order(acme, 3) == two
    assert pairs(acme) == [("phone", "distinct")]
    collected(shared)
    assert pairs(acme) == [("phone", "distinct")]


def test_a_chain_of_three_comes_apart_where_it_was_joined(shared: World, acme: Merchant) -> None:
    for number, mail in enumerate(("a@example.com", "b@example.com", "c@example.com"), start=1):
        order(acme, number, {"name": f"N{number}", "email": mail})
    collected(shared)
    a, b, c = (of_order(acme, number) for number in (1, 2, 3))
    with shared.unit() as unit:
        joining.merge(unit, b, a, "ada")
        joining.merge(unit, c, b, "ada")
        assert [of_order(acme, 1)] != [c]  # not committed yet
    assert {of_order(acme, number) for number in (1, 2, 3)} == {c}
    with shared.unit() as unit:
        joining.unmerge(unit, b, "ada")
    assert [of_order(acme, number) for number in (1, 2, 3)] == [b, b, c]


def test_the_newest_consent_counts_and_all_are_kept(shared: World, acme: Merchant) -> None:
    told = crm(acme)
    order(acme, 1, {**ADA, "accepts_marketing": True})
    order(acme, 2, {**ADA, "accepts_marketing": True})
    collected(shared)
    one = of_order(acme, 1)
    later = Consent(purpose="marketing", granted=False, at="2027-01-01T00:00:00Z", source="desk")
    with shared.unit() as unit:
        joining.consent(unit, one, later, "ada")
        joining.consent(unit, one, later, "ada")
    shared.run()
    with shared.unit() as unit:
        said = consents.load(unit.db, [one])[one]
    assert [(it.granted, it.source) for it in said] == [(True, acme.at_shop.code), (False, "desk")]
    assert [it.granted for it in told.told[-1][2].consents] == [False]


def test_who_is_not_the_same_is_not_proposed_again(shared: World, acme: Merchant) -> None:
    order(acme, 1, ADA)
    order(acme, 2, {**ADA, "email": "bo@example.com"})
    collected(shared)
    with shared.unit() as unit:
        joining.not_the_same(unit, of_order(acme, 1), of_order(acme, 2), "ada")
    order(acme, 3, {**ADA, "email": "bo@example.com"})
    collected(shared)
    assert pairs(acme) == [("phone", "distinct")]
