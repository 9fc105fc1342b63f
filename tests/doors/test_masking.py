"""What a masked payload still shows, and what it never does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kit.registry import entries
from hub.doors import exchanges, masking
from hub.doors.faults import Fault
from hub.doors.fields import NOTHING_KNOWN, Fields, canonical, of_adapter
from hub.doors.masking import Shown
from hub.model.catalogue import DOCUMENTS, read
from hub.model.personal import personal
from tests.kit.catalogue import sales_order

SHOP = {
    "id": 1,
    "name": "#1001",
    "email": "ada@example.com",
    "token": "abc123secret",
    "total_price": 10.00,
    "financial_status": "paid",
    "created_at": "2026-11-24T10:00:00Z",
    "shipping_address": {"name": "Ada Bakker", "city": "Delft", "country_code": "NL"},
    "note": "ring twice",
    "line_items": [{"title": "Mug for Bakker", "sku": "MUG", "quantity": 2}],
    "fulfillments": [{"tracking_number": "15912345678", "status": "success"}],
}
PERSONS = ("Ada", "Bakker", "Delft", "example.com", "ring", "abc123")


def shown(text: str | bytes, fields: Fields, *, free: bool = False) -> Shown:
    return masking.payload(text.encode() if isinstance(text, str) else text, fields, free=free)


def test_by_the_adapters_word_all_stands_in_clear_but_what_is_a_persons_or_a_secret():
    text = shown(json.dumps(SHOP), of_adapter("shopify")).text
    for value in PERSONS:
        assert value not in text, value
    tree = json.loads(text)
    assert tree == {
        **SHOP,
        "email": "•••",
        "token": "•••",
        "note": "•••",
        "shipping_address": {"name": "•••", "city": "•••", "country_code": "NL"},
        "line_items": [{"title": "•••", "sku": "MUG", "quantity": 2}],
    }


def test_where_the_adapter_says_nothing_all_is_hidden_but_what_is_harmless():
    raw = {
        "id": 7,
        "sku": "A-1",
        "customer": {"name": "Ada", "vip": True, "note": None, "n": [316]},
    }
    assert json.loads(shown(json.dumps(raw), NOTHING_KNOWN).text) == {
        "id": 7,
        "sku": "A-1",
        "customer": {"name": "•••", "vip": True, "note": None, "n": ["•••"]},
    }
    assert of_adapter("nobody-installed-this") is NOTHING_KNOWN


def test_numbers_and_line_breaks_stay_as_they_were_written():
    text = '{\n  "price": 10.00, "big": 12345678901234567890,\n "email": "a@b.cd"\n}\n'
    assert shown(text, of_adapter("shopify")).text == text.replace("a@b.cd", "•••")


def test_xml_is_hidden_by_the_names_of_its_elements_and_attributes():
    raw = (
        "<?xml version='1.0'?><request><!-- Ada --><deliveryOrder><deliveryOrderCode>F1"
        "</deliveryOrderCode><receiverInfo kind='x'><name>Ada Bakker</name><mobile>0612345678"
        "</mobile></receiverInfo><expressCode>SF1591234567</expressCode><q:remark xmlns:q='u'>to "
        "Bakker</q:remark></deliveryOrder><msg>for Bakker</msg></request>"
    )
    text = shown(raw, of_adapter("qimen")).text
    for value in ("Ada", "Bakker", "0612345678"):
        assert value not in text, value
    for value in ("<deliveryOrderCode>F1</", "SF1591234567", "<name>•••</name>", "<msg>•••"):
        assert value in text, value


def test_a_partners_own_words_stand_but_for_what_looks_personal():
    raw = {"code": "S003", "message": "the shelf is empty for Jan Jansen, jan@x.nl"}
    text = shown(json.dumps(raw), of_adapter("qimen"), free=True).text
    assert json.loads(text) == {"code": "S003", "message": "the shelf is empty for ***, •••"}
    assert shown("Bad Gateway", of_adapter("qimen"), free=True).text == "Bad Gateway"
    assert "Ada" not in shown("no Ada Bakker here", of_adapter("qimen"), free=True).text


ALL_IS_MASKED = {"paypal"}
"""Whose bodies name persons under headings that cannot be listed."""


@pytest.mark.parametrize("adapter", sorted(entries()))
def test_every_adapter_of_ours_says_what_is_personal(adapter: str):
    assert (entries()[adapter].manifest.personal is None) == (adapter in ALL_IS_MASKED)


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_the_canonical_model_says_it_for_every_document(kind: str):
    raw = '{"customer": {"name": "Ada"}, "ship_to": {"city": "Delft"}, "note": "x", "id": "1"}'
    fields = canonical(kind)
    assert fields.hides(("delivery", "instructions"))
    if {"customer", "ship_to"} <= DOCUMENTS[kind].model_fields.keys():
        assert json.loads(shown(raw, fields).text) == {
            "customer": {"name": "•••"},
            "ship_to": {"city": "•••"},
            "note": "•••",
            "id": "1",
        }


def test_what_people_may_have_written_is_hidden_and_codes_numbers_and_times_are_not():
    raw = {
        "source": "web",
        "at": "2026-11-24 12:00:00",
        "tracking": "SF1591234567",
        "remarks": "leave it with Zebulon",
        "who": "张三丰",
        "a name of Zebulon": 1,
    }
    text = shown(json.dumps(raw), of_adapter("shopify")).text
    assert json.loads(text) == {
        **{name: raw[name] for name in ("source", "at", "tracking")},
        "remarks": "•••",
        "who": "•••",
        "•••": 1,
    }


def test_what_is_hidden_in_a_message_is_hidden_in_the_answers_to_it():
    told = json.dumps({"ship_to": {"name": "zebulon q", "lines": ["thistlewick 4"]}}).encode()
    known = masking.hidden_in(told, canonical("fulfilment_order"))
    for answer in (b'{"message": "no zebulon q at thistlewick 4"}', b"no Zebulon here"):
        text = masking.payload(answer, of_adapter("qimen"), free=True, known=known).text
        assert "zebulon" not in text.lower()
        assert "thistlewick" not in text


def test_a_hidden_number_of_something_is_not_taken_out_of_others():
    raw = {"note": "WMS-0001", "email": "ada@x.nl", "package_id": "WMS-0001-1"}
    text = shown(json.dumps(raw), of_adapter("shopify")).text
    assert json.loads(text) == {"note": "•••", "email": "•••", "package_id": "WMS-0001-1"}


def test_what_is_personal_in_an_order_of_ours_is_in_no_masked_one():
    tree = sales_order(1001, note="ring twice please")
    text = shown(json.dumps(tree), canonical("sales_order")).text
    for value in personal([read("sales_order", tree)]):
        assert value not in text, value


def test_half_a_body_is_shown_up_to_its_end():
    text = json.dumps(SHOP)[:175]
    found = shown(text, of_adapter("shopify"))
    assert found.fault is not None
    assert found.fault.ends
    assert '"total_price": 10.0,' in found.text
    for value in PERSONS:
        assert value not in found.whole, value


def test_a_fault_is_shown_with_what_stands_around_it_and_nothing_personal():
    text = '{"id": 1, "shipping_address": {"name": "Ada "B" Bakker", "city": "Delft"}, "total": 5}'
    found = shown(text, of_adapter("shopify"))
    assert found.fault == Fault(1, 46, ends=False)
    assert found.text.endswith('"name": "•••"')
    assert '"total": 5' in found.rest
    for value in ("Ada", "Bakker", "Delft"):
        assert value not in found.whole, value


def test_broken_xml_is_shown_around_its_fault():
    found = shown("<request><a>1</b><name>Ada</name></request>", of_adapter("qimen"))
    assert found.fault == Fault(1, 18, ends=False)
    assert found.text == "<request><a>1</b>"
    assert "Ada" not in found.whole
    cut = shown("<request><orderCode>F1</orderCode><receiverInfo><name>Ada", of_adapter("qimen"))
    assert cut.fault is not None
    assert cut.fault.ends
    assert "<orderCode>F1</orderCode>" in cut.text
    assert "Ada" not in cut.whole


def test_a_long_body_is_shown_near_its_fault_alone():
    lines = ", ".join(f'{{"sku": "A{n}"}}' for n in range(2000))
    found = shown(f'{{"line_items": [{lines}, ], "id": 1}}', of_adapter("shopify"))
    assert found.text.startswith("…")
    assert '"A1999"' in found.text
    assert '"A1000"' not in found.text
    assert len(found.text) < 4000


@pytest.mark.parametrize(
    "raw",
    [
        *(
            b"name=Ada&city=Amsterdam",
            b"Ada",
            b"\xff\xfeAda",
            b"",
            b'{"name": "Ada"',
            b"[" * 100_000,
        ),
        *(b'<!DOCTYPE x [<!ENTITY a "Ada">]><x>&a;</x>', b"<name>Ada", b'"Ada"', b'"Ada'),
        *(b'{"n\\u0061me": "Ada"}', b"<a><![CDATA[Ada]]></a>", b"<a b=Ada", b'{"a": {"b": Ada'),
    ],
)
def test_what_nobody_says_anything_about_is_never_shown(raw: bytes):
    assert "Ada" not in shown(raw, NOTHING_KNOWN).whole


def test_an_escaped_name_of_a_field_is_the_same_field():
    raw = rb'{"em\u0061il": "Ada", "\ud800": 1}'
    assert "Ada" not in shown(raw, of_adapter("shopify")).text


names = st.sampled_from(["email", "customer", "note", "shipping_address", "phone", "name"])
trees = st.recursive(
    st.just("Zaphod"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
)


@given(trees, st.integers(0, 400), st.integers(0, 3))
def test_however_a_body_breaks_nothing_personal_is_shown(tree: object, cut: int, drop: int):
    text = json.dumps({"customer": tree, "email": "Zaphod"})
    text = text[: max(1, len(text) - cut)] if drop else text.replace('"', "", 1)
    assert "Zaphod" not in shown(text, of_adapter("shopify")).whole


def test_a_call_shows_its_operation_status_and_time_and_no_query():
    exchange = [
        {
            "method": "POST",
            "url": "https://wms.example.com/router?method=deliveryorder.create&customer=Ada",
            "request_headers": {"Content-Type": "text/xml", "X-Who": "Ada"},
            "request_body": "<request><receiverInfo><name>Ada</name></receiverInfo></request>",
            "status": 200,
            "response_body": "<r><code>S003</code><message>shelf is empty</message></r>",
            "ms": 35,
        },
        {"method": "POST", "url": "https://x/y", "error": "ReadTimeout", "request_body": "{"},
    ]
    raw = json.dumps(exchange).encode()
    first, second = exchanges.calls(raw, of_adapter("qimen"))
    assert (first.url, first.operation) == (
        "https://wms.example.com/router",
        "deliveryorder.create",
    )
    assert (first.status, first.ms, first.failed) == (200, 35, False)
    assert (second.status, second.response, second.failed) == (None, None, True)
    assert first.headers == (("→ Content-Type", "text/xml"),)
    assert first.response is not None
    assert "shelf is empty" in first.response.text
    told = exchanges.masked(raw, of_adapter("qimen")) or ""
    assert "Ada" not in told
    assert "customer=Ada" in exchanges.calls(raw, None)[0].url


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        ('{"method": "model.sale.sale.create", "params": []}', "model.sale.sale.create"),
        ('{"query": "mutation fulfil($id: ID!) { x }"}', "fulfil"),
        ('{"method": "of Ada Bakker"}', ""),
        ("{", ""),
    ],
)
def test_the_operation_is_read_from_the_body_where_the_address_does_not_say(
    body: str, operation: str
):
    raw = json.dumps([{"method": "POST", "url": "https://x/y", "request_body": body}]).encode()
    assert exchanges.calls(raw, NOTHING_KNOWN)[0].operation == operation


@pytest.mark.parametrize("raw", [None, b"", b"Traceback", b"{}", b"[1]"])
def test_what_is_no_exchange_has_no_calls(raw: bytes | None):
    assert exchanges.calls(raw, NOTHING_KNOWN) == []
    assert exchanges.masked(raw, NOTHING_KNOWN) is None
