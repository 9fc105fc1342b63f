"""Published files of EDIFACT: each is parted into messages, and what we take of them is read."""

import pytest

from hub.model.errors import BadData, Ignored
from mappings.edifact import KNOWN, interchanges
from mappings.kit import decode
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "warehouses" / "edifact"
COUNT_WRONG = frozenset({
    "ORDERS_edinet_01.edi", "ORDERS_edinet_multi_message.edi",
    "ORDRSP.edi", "orders_example_multiline.edi", "staedi_orders-with-group.edi",
})  # fmt: skip
"""Abridged by whoever published them: their trailers count what is gone."""
SAYS = {
    "DESADV_D96A.edi": [("shipment", "6877871", ["9780738507330"]),
                        ("shipment", "6905456", ["9781568361871"])],
    "RECADV_D01B_EAN007_batch_expiry.edi": [("goods_receipt", "5502284066", ["1000629"])],
}  # fmt: skip


def recorded():
    if FOLDER.exists():
        return sorted(it for it in FOLDER.iterdir() if it.suffix in {".edi", ".txt"})
    return [it for it in PARTNERS["edifact"].cases if it.suffix == ".edi"]


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.name)
def test_G19_recorded_messages_are_found_and_read(path):
    raw = path.read_bytes()
    messages = [told for sent in interchanges(raw) for told in sent.messages]
    assert len(messages) == raw.count(b"UNH+")
    for told in messages:
        assert told.number.encode() in raw
        if told.kind not in KNOWN:
            continue
        try:
            documents = PARTNERS["edifact"].read(told.kind, told.text.encode())
        except (Ignored, BadData):
            assert not FOLDER.exists()  # our own cases that stand for what is refused
        else:
            assert documents


@pytest.mark.skipif(not FOLDER.exists(), reason="the collection is not there")
def test_what_the_collection_holds_is_known():
    paths = recorded()
    assert len(paths) == 12
    wrong, says = set(), {}
    for path in paths:
        sent = list(interchanges(path.read_bytes()))
        faults = [it for one in sent for it in one.faults]
        faults += [it for one in sent for told in one.messages for it in told.faults]
        if faults:
            assert all(it.may_be_read_over for it in faults)
            wrong.add(path.name)
        kinds = {told.kind for one in sent for told in one.messages}
        if kinds & KNOWN:
            (kind,) = kinds
            says[path.name] = [
                (it.type, it.fulfilment_order_id if kind == "DESADV" else it.inbound_notice_id,
                 [line.sku for part in getattr(it, "packages", [it]) for line in part.lines])
                for it in PARTNERS["edifact"].read(kind, path.read_bytes())
            ]  # fmt: skip
    assert wrong == COUNT_WRONG
    assert says == SAYS


def test_a_message_alone_reads_as_it_did_in_its_file():
    for path in recorded():
        for sent in interchanges(path.read_bytes()):
            for told in sent.messages:
                (again,) = interchanges(told.text.encode())
                (alone,) = again.messages
                assert (alone.segments, alone.faults) == (told.segments, told.faults)
                assert again.faults == () or len(told.envelope.head) == 1


def test_a_topic_that_is_not_taken_is_ignored():
    with pytest.raises(Ignored):
        decode({}, "ORDERS", b"", PARTNERS["edifact"].context())
