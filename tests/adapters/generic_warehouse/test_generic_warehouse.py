"""What is particular to a warehouse without a protocol of its own."""

import json
from datetime import UTC, datetime

import pytest

from adapters.generic_warehouse import ADAPTER, Settings
from adapters.kit.http import Transport
from adapters.kit.samples import sample
from adapters.kit.signature import check_standard, sign_standard
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Call, Receipt
from hub.model.errors import AlreadyDone, BadData, Rejected
from mappings.kit import Context

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ORDER, CANCELLATION = sample("fulfilment_order"), sample("fulfilment_cancellation")


def warehouse(url=None, keys="new\nold"):
    settings = Settings.model_validate({"url": url, "webhook_secret": keys})
    return ADAPTER.connect(settings, Context("wh-own"), Transport.local(), lambda: NOW)


def test_a_warehouse_without_an_address_fetches_what_it_is_told():
    ours = warehouse()
    ours.check()
    assert ours.send(ORDER, "k") == Receipt("pull")


def test_a_document_is_posted_signed_with_the_newest_secret_under_one_id():
    with Loopback(lambda _: Told.json({"reference": "W-1"})) as partner:
        ours = warehouse(partner.url + "/hub")
        assert ours.send(ORDER, "wh-own:fulfilment_order:F-1:1") == Receipt("W-1")
        ours.send(ORDER, "wh-own:fulfilment_order:F-1:1")
        ours.send(ORDER, "wh-own:fulfilment_order:F-1:2")
    first, again, other = partner.asked
    ids = [check_standard(["new"], one.headers, one.body, NOW) for one in partner.asked]
    assert ids[0] == ids[1]
    assert ids[0] != ids[2]
    assert first.headers["idempotency-key"] == "wh-own:fulfilment_order:F-1:1"
    assert (first.path, again.body) == ("/hub", first.body)
    assert json.loads(other.body)["type"] == "fulfilment_order"


def test_a_conflict_means_the_warehouse_has_it():
    with Loopback(lambda _: Told(409)) as partner, pytest.raises(AlreadyDone):
        warehouse(partner.url).send(CANCELLATION, "k")


def test_a_check_is_content_with_a_warehouse_that_takes_no_get():
    with Loopback(lambda _: Told(405)) as partner:
        warehouse(partner.url).check()
    assert [one.method for one in partner.asked] == ["GET"]
    with pytest.raises(Rejected):
        ADAPTER.connect(
            Settings.model_validate({"url": "http://127.0.0.1:9", "webhook_secret": "s"}),
            Context("wh"),
            Transport(),
            lambda: NOW,
        ).check()


@pytest.mark.parametrize(
    ("tree", "topic", "key"),
    [
        ({"type": "shipment", "fulfilment_order_id": "F-1"}, "shipment", "F-1"),
        ({"type": "goods_receipt", "inbound_notice_id": "I-1"}, "goods_receipt", "I-1"),
        ({"type": "return_receipt", "return_id": "R-1"}, "return_receipt", "R-1"),
        ({"type": "stock_report", "report_id": "S"}, "stock_report", None),
        ({"type": "shipment"}, "shipment", None),
        ({}, "", None),
    ],
)
def test_a_delivery_knows_what_it_is_about(tree, topic, key):
    raw = json.dumps(tree).encode()
    call = Call("POST", "", sign_standard("old", "msg-7", NOW, raw), raw)
    delivery = warehouse().verify(call, NOW)
    assert (delivery.topic, delivery.id, delivery.key) == (topic, "msg-7", key)


def test_a_body_that_cannot_be_read_says_why():
    for raw, code in ((b"", "empty_body"), (b"{", "bad_json"), (b"{}", "missing_field")):
        with pytest.raises(BadData) as wrong:
            warehouse().decode("", raw)
        assert wrong.value.code == code
