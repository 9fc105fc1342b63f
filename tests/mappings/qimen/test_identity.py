"""A repeat is recognised, and what only looks like one is not."""

from mappings.kit import Context, code_lists, decode, zone
from mappings.qimen import decoders, identity

TOPIC = "entryorder.confirm"


def entry(quantity, out="E9", kind="1", order="{head}{lines}", time="2026-11-24 12:00:00"):
    head = (
        f"<entryOrder><entryOrderCode>I-1</entryOrderCode><outBizCode>{out}</outBizCode>"
        f"<confirmType>{kind}</confirmType><operateTime>{time}</operateTime></entryOrder>"
    )
    lines = (
        "<orderLines><orderLine><itemCode>A</itemCode>"
        f"<actualQty>{quantity}</actualQty></orderLine></orderLines>"
    )
    return f"<request>{order.format(head=head, lines=lines)}</request>".encode()


def test_the_same_words_again_are_the_same_message_whatever_their_order_or_blanks():
    first = identity(TOPIC, entry(10))
    assert first.key == "I-1"
    assert identity(TOPIC, entry(10)) == first
    assert identity(TOPIC, entry(" 10 ", order="{lines}\n{head}")) == first
    assert identity(TOPIC, entry(10, time="2026-11-24 12:00:09")) == first


def test_partial_receipts_under_one_message_id_are_different_messages():
    told = {
        identity(TOPIC, raw).id
        for raw in (entry(10), entry(7), entry(10, kind="0"), entry(10, out="E10"))
    }
    assert len(told) == 4


def test_one_confirmation_is_the_same_shipment_alone_or_in_a_batch(tmp_path):
    at = Context("wh", codes=code_lists("qimen"), zone=zone("Asia/Shanghai"))
    inside = (
        "<deliveryOrder><deliveryOrderCode>F-1</deliveryOrderCode>"
        "<orderConfirmTime>2026-11-24 12:00:00</orderConfirmTime></deliveryOrder>"
        "<orderLines><orderLine><itemCode>A</itemCode><actualQty>1</actualQty></orderLine></orderLines>"
    )
    alone = f"<request>{inside}</request>".encode()
    batch = f"<request><orders><order>{inside}</order></orders></request>".encode()
    (one,) = decode(decoders(), "deliveryorder.confirm", alone, at)
    (same,) = decode(decoders(), "deliveryorder.batchconfirm", batch, at)
    assert one == same
    assert identity("deliveryorder.batchconfirm", batch).key == "F-1"


def test_an_unreadable_body_is_known_by_its_bytes_and_stands_alone():
    first, other = identity(TOPIC, b"<request>"), identity(TOPIC, b"<request")
    assert first.key is None
    assert first.id != other.id
    assert identity(TOPIC, b"<request>") == first
