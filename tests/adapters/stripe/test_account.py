"""How Stripe is asked for what a payout holds, and what proves a delivery."""

import json
from dataclasses import replace

import pytest

from adapters.kit.conformance import NOW
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Cursor, documents_of
from adapters.stripe.conformance import CONFORMS
from hub.model.errors import NotAuthentic, TryLater

PAYOUT = {
    "id": "po_1",
    "object": "payout",
    "amount": 600,
    "currency": "eur",
    "status": "paid",
    "automatic": True,
    "arrival_date": 1764115200,
}
EVENT = next(it for it in CONFORMS.samples if it.topic == "payout.paid")


def row(number):
    return {
        "id": f"txn_{number}",
        "object": "balance_transaction",
        "amount": 200,
        "fee": 0,
        "net": 200,
        "currency": "eur",
        "type": "charge",
        "created": 1764028800,
        "source": f"ch_{number}",
    }


def account(payout=PAYOUT):
    """An account whose payout holds three charges, two of which stand on the first page."""

    def script(asked):
        if asked.path == "/v1/payouts/po_1":
            return Told.json(payout)
        if asked.path == "/v1/payouts":
            return Told.json({"object": "list", "data": [payout], "has_more": False})
        after = "starting_after" in asked.query
        rows = [row(3)] if after else [row(1), row(2)]
        return Told.json({"object": "list", "data": rows, "has_more": not after})

    return CONFORMS.partner(script)


def test_a_webhook_brings_all_pages_of_what_is_in_the_payout():
    with account() as (asked, parts):
        (report,) = documents_of(parts, "payout.paid", EVENT.raw)
    assert [line.reference for line in report.lines] == ["txn_1", "txn_2", "txn_3", "po_1"]
    assert str(report.payout.amount) == "6.00"
    assert asked.asked[-1].query["starting_after"] == "txn_2"


def test_a_webhook_and_a_poll_tell_of_the_same_report():
    with account() as (_, parts):
        (report,) = documents_of(parts, "payout.paid", EVENT.raw)
        ((change,),) = [page.changes for page in parts.list("payout", Cursor(NOW))]
    assert parts.decode(change.delivery.topic, change.raw) == [report]


def test_of_a_payout_asked_for_by_hand_nobody_knows_what_is_in_it():
    with account({**PAYOUT, "automatic": False}) as (asked, parts):
        (report,) = documents_of(parts, "payout.paid", EVENT.raw)
    assert [line.kind for line in report.lines] == ["payout"]
    assert [it.path for it in asked.asked] == ["/v1/payouts/po_1"]


def test_what_is_no_list_is_asked_for_again():
    with (
        CONFORMS.partner(lambda _: Told.json({"object": "error"})) as (_, parts),
        pytest.raises(TryLater),
    ):
        list(parts.list("payout", Cursor()))


def test_an_event_that_names_no_payout_makes_no_call():
    raw = json.dumps({"type": "payout.paid", "data": {"object": {"id": "../v1/refunds"}}}).encode()
    parts = CONFORMS.connected()
    assert parts.whole("payout.paid", raw) == ("payout.paid", raw)


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=1,t=2,v1=00", "t=x,v1=00", "t=,v1="])
def test_a_header_of_another_form_proves_nothing(header):
    call = CONFORMS.signed(EVENT)
    with pytest.raises(NotAuthentic):
        CONFORMS.connected().verify(replace(call, headers={"stripe-signature": header}), NOW)
