"""The generic channel: signed documents in, signed documents out."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.generic_channel import ADAPTER, Settings
from adapters.generic_channel.conformance import CONFORMS
from adapters.kit.http import Transport
from adapters.kit.samples import sample
from adapters.kit.signature import check_standard, sign_standard
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Call
from hub.model.catalogue import read
from hub.model.errors import BadData, Ignored, NotAuthentic, Rejected, TryLater
from mappings.kit import Context

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
SECRET = "whsec_c2VjcmV0LW9mLXRoZS1jaGFubmVs"
NOTICE, PRODUCT, REFUND, RETURN, ORDER = CONFORMS.samples
SHIPMENT, LEVEL = sample("shipment"), sample("stock_level")


def channel(url=None):
    settings = Settings.model_validate({"webhook_secret": SECRET, **({"url": url} if url else {})})
    return ADAPTER.connect(settings, Context("shop-own"), Transport.local(), lambda: NOW)


def delivery(raw, at=NOW, secret=SECRET, number="msg_1"):
    return Call("POST", "", sign_standard(secret, number, at, raw), raw)


@pytest.mark.parametrize(
    ("sample", "key"),
    [(ORDER, "A-1"), (REFUND, "A-1"), (RETURN, "A-1"), (PRODUCT, "CUP"), (NOTICE, "PO-4711")],
    ids=lambda it: str(it)[:20],
)
def test_a_delivery_names_its_type_its_id_and_what_it_is_about(sample, key):
    found = channel().verify(delivery(sample.raw), NOW)
    assert (found.topic, found.id, found.key) == (sample.topic, "msg_1", key)


def test_a_delivery_that_is_old_altered_or_signed_by_another_is_refused():
    good = delivery(ORDER.raw)
    for bad in (
        replace(good, body=good.body + b" "),
        delivery(ORDER.raw, secret="whsec_b3RoZXI="),
        delivery(ORDER.raw, at=NOW - timedelta(minutes=6)),
        delivery(ORDER.raw, at=NOW + timedelta(minutes=6)),
        replace(good, headers={**good.headers, "webhook-id": "msg_2"}),
    ):
        with pytest.raises(NotAuthentic):
            channel().verify(bad, NOW)


def test_an_order_is_read_as_it_stands_with_our_connection_as_its_source():
    (order,) = channel().decode("sales_order", ORDER.raw)
    assert (order.channel_order_id, order.source.connection) == ("A-1", "shop-own")
    assert str(order.totals.grand_total) == "10.00"


def test_a_return_is_read_with_its_order_and_told_back_as_it_then_stands():
    (asked,) = channel().decode("return", RETURN.raw)
    assert (asked.return_id, asked.channel_order_id, asked.status) == ("RMA-7", "A-1", "requested")
    with Loopback(lambda _: Told(202)) as partner:
        approved = asked.model_copy(update={"status": "approved"})
        channel(partner.url).send(approved, "shop-own:return:RMA-7:2")
    assert json.loads(partner.asked[0].body)["status"] == "approved"


def test_what_is_unknown_missing_or_of_another_type_is_named():
    tree = json.loads(ORDER.raw)
    for changed, code, path in (
        ({**tree, "colour": "red"}, "unknown_field", "colour"),
        ({**tree, "currency": None}, "missing_field", "currency"),
        ({**tree, "lines": []}, "no_lines", "lines"),
    ):
        with pytest.raises(BadData) as caught:
            channel().decode("sales_order", json.dumps(changed).encode())
        assert (caught.value.code, caught.value.path) == (code, path)
    with pytest.raises(Ignored):
        channel().decode("journal_entry", b"{}")


def test_a_document_is_posted_signed_under_an_id_that_its_repeat_bears_too():
    with Loopback(lambda _: Told(202)) as partner:
        ours = channel(f"{partner.url}/hooks/hub?shop=1")
        receipts = [ours.send(SHIPMENT, "shop-own:shipment:c-1:1") for _ in range(2)]
        receipts.append(ours.send(LEVEL, "shop-own:stock_level:CUP:3"))
    first, again, other = partner.asked
    assert first.target == "/hooks/hub?shop=1"
    assert read("shipment", json.loads(first.body)) == SHIPMENT
    ids = [check_standard([SECRET], it.headers, it.body, NOW) for it in partner.asked]
    assert ids == [receipt.reference for receipt in receipts]
    assert (first.headers["idempotency-key"], first.body) == (
        again.headers["idempotency-key"],
        again.body,
    )
    assert ids[0] == ids[1] != ids[2]
    assert json.loads(other.body)["available"] == "7"


def test_a_channel_that_asks_us_to_wait_is_waited_for_and_one_that_refuses_is_believed():
    busy = Told(429, b"", {"retry-after": "7"})
    with Loopback(lambda _: busy) as partner, pytest.raises(TryLater) as caught:
        channel(partner.url).send(LEVEL, "k")
    assert caught.value.retry_after == 7.0
    with (
        Loopback(lambda _: Told(422, b"no such sku")) as partner,
        pytest.raises(Rejected, match="no such sku"),
    ):
        channel(partner.url).send(LEVEL, "k")


def test_without_an_address_nothing_is_told_and_nothing_waits():
    ours = channel()
    assert ours.send(LEVEL, "k").reference == "not told: no url is set"
    ours.check()


def test_a_channel_is_there_when_it_answers_at_all():
    with Loopback(lambda _: Told(405)) as partner:
        channel(partner.url).check()
        assert [it.method for it in partner.asked] == ["GET"]
    with pytest.raises(TryLater):
        channel(partner.url).check()
