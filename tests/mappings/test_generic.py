"""Canonical documents as JSON, both ways."""

import json

import pytest

from adapters.kit.samples import sample
from hub.model.errors import BadData
from mappings.generic import (
    check_type,
    decoders,
    document_key,
    document_type,
    encoders,
    reference,
    tree_of,
)
from mappings.kit import Context, decode, encode

AT = Context("wh-own", "acme")
TYPES = ("shipment", "fulfilment_status", "stock_report")
SHIPMENT = {
    "type": "shipment",
    "fulfilment_order_id": "F-1",
    "shipped_at": "2026-11-24T10:00:00+01:00",
    "packages": [{"tracking_number": "3S1", "lines": [{"sku": "A", "quantity": "2"}]}],
}


def read(tree, kind=None):
    raw = json.dumps(tree).encode()
    return decode(decoders(TYPES), kind or tree["type"], raw, AT)


def test_what_is_written_reads_back_as_it_was():
    for document in (sample("fulfilment_order"), sample("fulfilment_cancellation")):
        tree = encode(encoders([document.type]), document, AT)
        assert tree == json.loads(json.dumps(tree))
        (again,) = decode(decoders([document.type]), document.type, json.dumps(tree).encode(), AT)
        assert tree_of(again) == {**tree, "source": {**tree["source"], "connection": "wh-own"}}


def test_the_source_is_ours_to_say_and_its_id_the_partners():
    given = {**SHIPMENT, "source": {"connection": "somebody", "id": "S-9", "revision": "2"}}
    (shipment,) = read(given)
    assert shipment.source.model_dump(mode="json") == {
        "connection": "wh-own",
        "id": "S-9",
        "revision": "2",
        "occurred_at": None,
    }


def test_null_is_an_empty_list_where_a_partner_delivers_and_in_the_open_api_it_is_none():
    (line,) = SHIPMENT["packages"][0]["lines"]
    package = {"tracking_number": "3S1", "lines": [{**line, "serials": None}]}
    told = {**SHIPMENT, "packages": [package], "costs": None, "attributes": None}
    at = Context("wh-own", "acme")
    raw = json.dumps(told).encode()
    (shipment,) = decode(decoders(TYPES), "shipment", raw, at)
    assert (shipment.packages, shipment.costs) == (read(SHIPMENT)[0].packages, ())
    paths = ["attributes", "costs", "packages.0.lines.0.serials"]
    assert sorted((it.path, it.code) for it in at.warnings) == [(it, "wrong_type") for it in paths]
    for kind, body in (("strict", told), ("", {**SHIPMENT, "complete": None})):
        with pytest.raises(BadData):
            decode(decoders(TYPES, strict=bool(kind)), "shipment", json.dumps(body).encode(), AT)


def test_two_shipments_of_one_order_have_two_ids_and_a_repeat_has_the_same():
    (first,), (again,) = read(SHIPMENT), read(SHIPMENT)
    (other,) = read({**SHIPMENT, "shipped_at": "2026-11-24T11:00:00Z"})
    assert first == again
    assert first.source.id != other.source.id
    assert first.shipped_at.isoformat() == "2026-11-24T09:00:00+00:00"


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"shipped_at": "2026-11-24"}, "bad_time", "shipped_at"),
        ({"colour": "red"}, "unknown_field", "colour"),
        ({"fulfilment_order_id": None}, "bad_id", "fulfilment_order_id"),
        ({"source": "S-9"}, "wrong_type", "source"),
        ({"packages": [{"lines": [{"sku": "A"}]}]}, "missing_field", "packages.0.lines.0.quantity"),
    ],
)
def test_what_is_wrong_is_named_by_code_and_place(changed, code, path):
    with pytest.raises(BadData) as wrong:
        read({**SHIPMENT, **changed})
    assert (wrong.value.code, wrong.value.path) == (code, path)


def test_the_type_must_be_the_topic_and_one_of_those_taken():
    with pytest.raises(BadData) as wrong:
        read({**SHIPMENT, "type": "stock_report"}, "shipment")
    assert (wrong.value.code, wrong.value.path) == ("wrong_type", "type")
    for raw, code in (
        (b"{}", "missing_field"),
        (b'{"type": "x"}', "unknown_code"),
        (b"{", "bad_json"),
    ):
        with pytest.raises(BadData) as wrong:
            check_type("", raw, TYPES)
        assert wrong.value.code == code


def test_type_key_and_reference_are_read_leniently():
    raw = json.dumps(SHIPMENT).encode()
    assert document_type(raw) == "shipment"
    assert document_key(raw, ("return_id", "fulfilment_order_id")) == "F-1"
    assert document_type(b"[") is None
    assert document_key(b'{"fulfilment_order_id": 5}', ("fulfilment_order_id",)) == "5"
    assert reference(b'{"reference": "W-1"}') == "W-1"
    assert reference(b"<ok/>") is None


def stock(**line):
    lines = [{"sku": "A", "on_hand": "5", **line}]
    return {"type": "stock_report", "at": "2026-11-24T09:00:00Z", "report_id": "R", "lines": lines}


def test_a_report_that_names_no_warehouse_is_about_the_one_that_sent_it():
    (found,) = read(stock())
    assert found.warehouse == "wh-own"
    (found,) = read({**stock(), "warehouse": "annex"})
    assert found.warehouse == "annex"
    strictly, raw = decoders(TYPES, strict=True), json.dumps(stock()).encode()
    with pytest.raises(BadData) as caught:
        decode(strictly, "stock_report", raw, AT)
    assert caught.value.path == "warehouse"


@pytest.mark.parametrize(
    ("told", "day", "warned"),
    [
        ("2026-03-01", "2026-03-01", []),
        ("2026/3/1", "2026-03-01", []),
        ("2026-03", "2026-03-31", []),
        ("0000-00-00", None, []),
        ("1772-32-32", None, ["lines.0.expires_on"]),
    ],
)
def test_a_day_of_goods_is_one_or_none(told, day, warned):
    at = Context("wh-own", "acme")
    raw = json.dumps(stock(expires_on=told)).encode()
    (found,) = decode(decoders(TYPES), "stock_report", raw, at)
    assert found.lines[0].expires_on == day
    assert [(it.code, it.path) for it in at.warnings] == [("bad_time", path) for path in warned]


def test_words_are_read_whatever_their_case():
    told = {"type": "fulfilment_status", "fulfilment_order_id": "F", "status": "SHIPPED"}
    (found,) = read({**told, "at": "2026-11-24T09:00:00Z"})
    assert found.status == "shipped"
    with pytest.raises(BadData):
        read({**told, "status": "gone", "at": "2026-11-24T09:00:00Z"})
