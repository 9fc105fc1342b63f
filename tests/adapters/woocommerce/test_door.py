"""What a site delivers: signed over the raw body, recognised by it, and the ping before it."""

import pytest

from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Call, documents_of
from adapters.woocommerce import ADAPTER
from hub.model.errors import NotAuthentic
from tests.adapters.woocommerce.site import NOW, connected, delivery
from tests.mappings.partners import PARTNERS

RAW = b'{"id": 5101, "status": "processing"}'


def test_two_orders_of_one_second_share_their_delivery_id_and_are_two_deliveries():
    shared = {"x-wc-webhook-delivery-id": "a1b2"}
    first = connected().verify(delivery(RAW, **shared), NOW)
    other = connected().verify(delivery(b'{"id": 5102}', **shared), NOW)
    assert (first.topic, first.key, other.key) == ("order.updated", "5101", "5102")
    assert first.id != other.id
    again = delivery(RAW, **{"x-wc-webhook-delivery-id": "c3"})
    assert connected().verify(again, NOW) == first


def test_the_ping_before_a_webhook_is_switched_on_is_answered_200_and_nothing_else_is():
    ping = Call("POST", "", {"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=7")
    with pytest.raises(NotAuthentic):
        connected().verify(ping, NOW)
    assert ADAPTER.recognises(ping)
    assert ADAPTER.answer("bad_signature", "no").status == 200
    assert not ADAPTER.recognises(delivery(RAW))
    assert not ADAPTER.recognises(Call("POST", "", {}, b"webhook_id=7&x=1"))
    assert ADAPTER.answer("disk_full", "later").status == 503


def test_an_order_in_the_bin_names_only_its_id_and_is_fetched():
    binned = PARTNERS["woocommerce"].case("order.updated.account_funds") | {"status": "trash"}
    with Loopback(lambda _: Told.json(binned)) as site:
        (order,) = documents_of(connected(site.url), "order.deleted", b'{"id": 727}')
    assert (order.channel_order_id, order.state) == ("727", "cancelled")
    assert [line.cancelled_quantity for line in order.lines] == [2]


@pytest.mark.parametrize("raw", [b"[]", b"no json"])
def test_a_list_of_nothing_is_about_nothing(raw):
    assert connected().verify(delivery(raw), NOW).key is None
