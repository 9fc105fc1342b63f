"""Bad input at the inbox: each line of the catalogue through the real adapters and the real engine.

What an authentic partner sends is stored whatever it is. Here: it ends parked, waiting or held
under the code that the catalogue names, never as an error of ours, and what comes after goes on.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from adapters.kit import registry
from adapters.kit.http import Transport
from hub.store.orders import fulfilments
from mappings.kit import Context, code_lists
from tests.kit.catalogue import sales_order
from tests.kit.world import Merchant
from tests.mappings.shopify import sample

SECRETS = {
    "generic_channel": ({}, {"webhook_secret": "s"}),
    "generic_warehouse": ({}, {"webhook_secret": "s"}),
    "shopify": ({"shop": "x"}, {"webhook_secret": "s", "access_token": "t"}),
    "qimen": (
        {
            "api_url": "http://127.0.0.1:9/",
            "app_key": "k",
            "customer_id": "c",
            "owner_code": "ACME",
            "warehouse_code": "AMS1",
        },
        {"app_secret": "s"},
    ),
}


class Doors:
    """A merchant whose shop and warehouse speak real protocols."""

    def __init__(self, acme: Merchant) -> None:
        self.acme, self.world = acme, acme.world

    def put(self, adapter: str, topic: str, raw: bytes, key: str | None = None) -> UUID:
        """An authentic delivery of that adapter's partner."""
        entry = registry.entry(adapter)
        code = (
            self.acme.at_wh.code if entry.manifest.port == "warehouse" else self.acme.at_shop.code
        )
        at = Context(code, self.acme.code, codes=code_lists(adapter))
        made = registry.make(adapter, *SECRETS[adapter], at, Transport.local())
        scripted = self.world.at(code)
        scripted.decode = made.decode  # type: ignore[method-assign]
        return self.world.tell_raw(code, topic, raw, key).id

    def tell(self, adapter: str, topic: str, raw: bytes, key: str | None = None) -> UUID:
        """The same, worked."""
        message = self.put(adapter, topic, raw, key)
        self.world.run()
        return message

    def all_of(
        self, adapter: str, topic: str, cases: Mapping[str, bytes]
    ) -> dict[str, tuple[str, str | None]]:
        """Many deliveries, each about something of its own, in one lane: what became of each."""
        messages = {name: self.put(adapter, topic, raw, name) for name, raw in cases.items()}
        self.world.run()
        return {name: self.found(message) for name, message in messages.items()}

    def found(self, message: UUID) -> tuple[str, str | None]:
        return self.acme.status(message), self.acme.reason(message)


@pytest.fixture
def doors(acme: Merchant) -> Iterator[Doors]:
    """Whatever a test sends through them: none of it may end as an error of ours."""
    yield Doors(acme)
    ours = """SELECT count(*) FROM message WHERE merchant_id = :merchant
    AND error ->> 'code' = 'internal_error'"""
    assert acme.rows(ours)[0][0] == 0


def shopify_order(**changes: Any) -> bytes:
    return json.dumps(sample.order(sample.line(sku="A"), **changes)).encode()


def generic_order(**changes: Any) -> bytes:
    return json.dumps({**sales_order(), **changes}).encode()


ORDER: Mapping[str, tuple[str, Callable[..., bytes]]] = {
    "shopify": ("orders/create", shopify_order),
    "generic_channel": ("sales_order", generic_order),
}
GOOD = {
    "shopify": lambda: shopify_order(id=7, name="#7"),
    "generic_channel": lambda: generic_order(channel_order_id="7"),
}
ENCODED = "bad_encoding"
DEEP = b'{"a":' * 65 + b"1" + b"}" * 65


def inside(text: str) -> Callable[[Callable[..., bytes]], bytes]:
    """Raw JSON text in the place of the note."""
    return lambda order: order(note="NOTE").replace(b'"NOTE"', text.encode())


# fmt: off
JSON: Mapping[str, tuple[Callable[[Callable[..., bytes]], bytes], str]] = {
    "empty body":            (lambda order: b"", "empty_body"),
    "only white space":      (lambda order: b" \n\t\r\n", "empty_body"),
    "only a BOM":            (lambda order: b"\xef\xbb\xbf", "empty_body"),
    "Latin-1":               (lambda order: order(note="x").replace(b'"x"', b'"\xe9"'), ENCODED),
    "UTF-16":                (lambda order: order().decode().encode("utf-16"), ENCODED),
    "raw control in text":   (inside('"a\x07b"'), "bad_json"),
    "cut off":               (lambda order: order()[:-9], "bad_json"),
    "trailing bytes":        (lambda order: order() + b"x", "bad_json"),
    "comment":               (lambda order: b"/* */" + order(), "bad_json"),
    "two documents":         (lambda order: order() + order(), "bad_json"),
    "a scalar":              (lambda order: b"42", "bad_json"),
    "a list":                (lambda order: b"[1]", "bad_json"),
    "a form":                (lambda order: b"a=1&b=2", "bad_json"),
    "XML instead":           (lambda order: b"<order/>", "bad_json"),
    "key twice":             (inside('1,"quantity":1,"quantity":999'), "duplicate_key"),
    "too deep":              (lambda order: DEEP, "too_deep"),
    "too many values":       (lambda order: b'{"a":[' + b"1," * 200_001 + b"1]}", "too_large"),
    "key too long":          (lambda order: order(**{"k" * 257: 1}), "too_large"),
    "text too long":         (inside('"' + "x" * (256 * 1024 + 1) + '"'), "too_large"),
    "007 as number":         (inside("007"), "bad_json"),
    "hexadecimal":           (inside("0x10"), "bad_json"),
}
# fmt: on


@pytest.mark.parametrize("adapter", ORDER)
def test_G21_a_body_that_cannot_be_read_is_parked_by_its_code(doors: Doors, adapter: str) -> None:
    topic, order = ORDER[adapter]
    cases = {name: spoil(order) for name, (spoil, _) in JSON.items()}
    found = doors.all_of(adapter, topic, {**cases, "good": GOOD[adapter]()})
    assert found == {name: ("parked", code) for name, (_, code) in JSON.items()} | GONE_ON


GONE_ON = {"good": ("done", None)}
"""What came after all of it."""


def line(**changes: Any) -> Callable[[Callable[..., bytes]], bytes]:
    """An order whose one line is changed."""

    def spoil(order: Callable[..., bytes]) -> bytes:
        if order is shopify_order:
            return order(line_items=[sample.line(sku="A", **changes)])
        return order(lines=[{**sales_order()["lines"][0], **changes}])

    return spoil


def both(shopify: Mapping[str, Any], generic: Mapping[str, Any]) -> Callable[..., bytes]:
    return lambda order: order(**(shopify if order is shopify_order else generic))


def amount(text: str) -> Callable[..., bytes]:
    return both({"total_price": text}, {"totals": {"items": text, "grand_total": "1.00"}})


def bare_amount(text: str) -> Callable[..., bytes]:
    return lambda order: amount("AMOUNT")(order).replace(b'"AMOUNT"', text.encode())


def bare_id(text: str) -> Callable[..., bytes]:
    return lambda order: named("ID")(order).replace(b'"ID"', text.encode())


def named(number: str) -> Callable[..., bytes]:
    return both({"id": number}, {"channel_order_id": number})


def placed(at: Any) -> Callable[..., bytes]:
    return both({"created_at": at}, {"placed_at": at})


def unquantified(order: Callable[..., bytes]) -> bytes:
    return line(quantity=1)(order).replace(b'"quantity"', b'"q"', 1)


# fmt: off
FIELDS: Mapping[str, tuple[Callable[[Callable[..., bytes]], bytes], str]] = {
    "true for one":          (line(quantity=True), "bad_quantity"),
    "half a piece":          (line(quantity=5.5), "bad_quantity"),
    "pieces below zero":     (line(quantity=-1), "bad_quantity"),
    "a thousand million":    (line(quantity=10**9 + 1), "bad_quantity"),
    "no quantity":           (unquantified, "missing_field"),
    "underscore in amount":  (amount("1_000"), "bad_number"),
    "Arabic digits":         (amount("١٢"), "bad_number"),
    "spaces in amount":      (amount(" 12 "), "bad_number"),
    "decimal comma":         (amount("12,50"), "bad_number"),
    "0x10 as amount":        (amount("0x10"), "bad_number"),
    "007 as amount":         (amount("007"), "bad_number"),
    "NaN as amount":         (amount("NaN"), "bad_number"),
    "id is the word null":   (named("null"), "bad_id"),
    "id is undefined":       (named("undefined"), "bad_id"),
    "id of 201 characters":  (named("9" * 201), "bad_id"),
    "1e400 as amount":       (bare_amount("1e400"), "bad_number"),
    "bare NaN as amount":    (bare_amount("NaN"), "bad_number"),
    "exponent of a million": (bare_amount("1E+1000000"), "bad_number"),
    "4,301 digits":          (bare_amount("9" * 4301), "bad_number"),
    "minus zero":            (bare_amount("-0"), "bad_number"),
    "id with exponent":      (bare_id("1.0E+15"), "bad_id"),
    "control in an id":      (named("9\x07"), "bad_text"),
    "surrogate in an id":    (named("9\ud800"), "bad_text"),
    "30 February":           (placed("2026-02-30T00:00:00Z"), "bad_time"),
    "zeros for a time":      (placed("0000-00-00"), "bad_time"),
    "year 99999":            (placed("99999-01-01T00:00:00Z"), "bad_time"),
    "two-digit year":        (placed("26-01-01T00:00:00Z"), "bad_time"),
    "lines are text":        (both({"line_items": "A"}, {"lines": "A"}), "wrong_type"),
}
# fmt: on


@pytest.mark.parametrize("adapter", ORDER)
def test_G21_a_field_that_says_nonsense_is_parked_by_its_code_and_place(
    doors: Doors, adapter: str
) -> None:
    topic, order = ORDER[adapter]
    cases = {name: spoil(order) for name, (spoil, _) in FIELDS.items()}
    found = doors.all_of(adapter, topic, {**cases, "good": GOOD[adapter]()})
    assert found == {name: ("parked", code) for name, (_, code) in FIELDS.items()} | GONE_ON
    nowhere = doors.acme.rows(
        """SELECT key FROM message WHERE merchant_id = :merchant AND direction = 'in'
        AND error IS NOT NULL AND coalesce(error ->> 'path', '') = ''"""
    )
    assert nowhere == []


# fmt: off
CANONICAL: Mapping[str, tuple[bytes, str]] = {
    "no pieces":          (line(quantity=0)(generic_order), "bad_quantity"),
    "no zone":            (placed("2026-02-20T00:00:00")(generic_order), "bad_time"),
    "seconds for a time": (placed(1790000000)(generic_order), "bad_time"),
    "text of 20,001":     (generic_order(note="x" * 20_001), "too_long"),
    "object for text":    (generic_order(note={"a": 1}), "wrong_type"),
}
# fmt: on


def test_G21_our_own_documents_are_held_to_their_schema(doors: Doors) -> None:
    cases = {name: raw for name, (raw, _) in CANONICAL.items()}
    found = doors.all_of("generic_channel", "sales_order", cases)
    assert found == {name: ("parked", code) for name, (_, code) in CANONICAL.items()}


# fmt: off
CLEANED: Mapping[str, tuple[Callable[[Callable[..., bytes]], bytes], str | None]] = {
    "lone surrogate":        (inside(r'"a\ud800"'), "bad_text"),
    "NUL in text":           (inside(r'"a\u0000b"'), "bad_text"),
    "control in text":       (inside(r'"a\u000bb"'), "bad_text"),
    "non-character":         (inside(r'"a\uffff"'), "bad_text"),
    "1e400":                 (inside("1e400"), None),
    "NaN":                   (inside("NaN"), None),
    "Infinity":              (inside("-Infinity"), None),
    "exponent of a million": (inside("1E+1000000"), None),
    "4,301 digits":          (inside("9" * 4301), None),
    "minus zero":            (inside("-0"), None),
}
# fmt: on


@pytest.mark.parametrize("adapter", ORDER)
def test_what_decides_nothing_is_read_as_well_as_it_can_be_and_noted(
    doors: Doors, adapter: str
) -> None:
    topic, order = ORDER[adapter]
    name = "id" if adapter == "shopify" else "channel_order_id"
    cases = {
        case: spoil(lambda number=n, **changes: order(**{name: str(number)}, **changes))
        for n, (case, (spoil, _)) in enumerate(CLEANED.items(), start=100)
    }
    assert doors.all_of(adapter, topic, cases) == dict.fromkeys(cases, ("done", None))
    told = doors.acme.rows(
        "SELECT key, warnings FROM message WHERE merchant_id = :merchant AND direction = 'in'"
    )
    found = {key: [(one["path"], one["code"]) for one in odd or []] for key, odd in told}
    expected = {case: [("note", code)] if code else [] for case, (_, code) in CLEANED.items()}
    assert found == expected


STRANGE = [
    "\u202eright to left", "zero\u200bwidth", "e\u0301 combining", "\U0001f600",
    "<script>alert(1)</script>",
    "'; DROP TABLE work; --", "{{7*7}} ${7*7} %s %n", "=1+1", "@cmd|'/c calc'!A0", "x" * 10_000,
    "\u00a0", "../../etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("adapter", ORDER)
def test_G21_strange_texts_are_kept_and_do_no_harm(doors: Doors, adapter: str) -> None:
    topic, order = ORDER[adapter]
    cases = {}
    for number, text in enumerate(STRANGE, start=100):
        about = {"id": number} if adapter == "shopify" else {"channel_order_id": str(number)}
        cases[str(number)] = order(note=text, **about)
    assert doors.all_of(adapter, topic, cases) == dict.fromkeys(cases, ("done", None))
    count = doors.acme.rows("SELECT count(*) FROM sales_order WHERE merchant_id = :merchant")
    assert count[0][0] == len(STRANGE)


@pytest.mark.parametrize("adapter", ORDER)
def test_a_bom_is_taken_and_an_id_keeps_every_digit(doors: Doors, adapter: str) -> None:
    topic, order = ORDER[adapter]
    number = 98765432109876543210
    about = {"id": number} if adapter == "shopify" else {"channel_order_id": number}
    told = doors.tell(adapter, topic, b"\xef\xbb\xbf" + order(**about), str(number))
    assert doors.found(told) == ("done", None)
    assert doors.acme.row(number).version == 1


HELD = {
    "totals do not add up": (
        both({"total_price": "99.00"}, {"totals": {"items": "99.00", "grand_total": "99.00"}}),
        "totals_mismatch",
    ),
    "unknown currency": (lambda order: order(currency="XQQ"), "unknown_currency"),
}


@pytest.mark.parametrize("adapter", ORDER)
@pytest.mark.parametrize("name", HELD)
def test_sums_and_currencies_that_are_wrong_hold_the_order(
    doors: Doors, adapter: str, name: str
) -> None:
    (topic, order), (spoil, code) = ORDER[adapter], HELD[name]
    told = doors.tell(adapter, topic, spoil(order), "1001")
    assert doors.found(told) == ("done", None)
    row = doors.acme.row(1001)
    assert row.status == "held"
    assert code in {reason["code"] for reason in row.hold_reasons}
    assert doors.acme.fulfilment() == []


def test_an_unusable_sku_is_no_sku_and_the_order_is_held_for_it(doors: Doors) -> None:
    told = {str(n): sku for n, sku in enumerate(["None", "null", "A\x00", "n/a", ["A"]], start=100)}
    cases = {n: shopify_order(id=n, line_items=[sample.line(sku=sku)]) for n, sku in told.items()}
    found = doors.all_of("shopify", "orders/create", cases)
    assert found == dict.fromkeys(cases, ("done", None))
    rows = doors.acme.rows(
        "SELECT status, hold_reasons FROM sales_order WHERE merchant_id = :merchant"
    )
    reasons = [(row.status, [reason["code"] for reason in row.hold_reasons]) for row in rows]
    assert reasons == [("held", ["unknown_sku", "no_address"])] * len(told)
    odd = doors.acme.rows("SELECT warnings FROM message WHERE merchant_id = :merchant")
    assert {one["path"] for row in odd for one in row.warnings or []} == {"line_items.0.sku"}


def test_a_shopify_order_without_lines_or_with_one_line_told_twice_is_parked(doors: Doors) -> None:
    lines = [sample.line(1, sku="A"), sample.line(1, sku="A", quantity=2)]
    cases = {"none": shopify_order(line_items=[]), "twice": shopify_order(line_items=lines)}
    found = doors.all_of("shopify", "orders/create", cases)
    assert found == {"none": ("parked", "no_lines"), "twice": ("parked", "conflicting_lines")}


def test_one_article_on_two_lines_is_fine(doors: Doors) -> None:
    lines = [sample.line(1, sku="A"), sample.line(2, sku="A")]
    raw = shopify_order(line_items=lines, total_price="20.00")
    assert doors.found(doors.tell("shopify", "orders/create", raw, "1001")) == ("done", None)
    raw = json.dumps(sales_order(8, lines=[("A", 1), ("A", 2)])).encode()
    assert doors.found(doors.tell("generic_channel", "sales_order", raw, "8")) == ("done", None)
    assert doors.acme.row(8).status == "open"
    assert doors.acme.stock()["A"] == (10, 3)


def test_thousands_of_lines_are_taken_and_too_many_are_parked(doors: Doors) -> None:
    many = sales_order(lines=[("A", 1)] * 5_000)
    told = doors.tell("generic_channel", "sales_order", json.dumps(many).encode(), "1001")
    assert doors.found(told) == ("done", None)
    assert doors.acme.row(1001).hold_reasons[0]["code"] == "out_of_stock"
    lines = [
        {"line_no": n, "title": "x", "quantity": "1", "unit_price": "1", "total": "1"}
        for n in range(1, 20_002)
    ]
    raw = generic_order(lines=lines, channel_order_id="8")
    bad = doors.tell("generic_channel", "sales_order", raw, "8")
    assert doors.found(bad) == ("parked", "too_large")


def test_an_unknown_field_is_kept_by_shopify_and_refused_in_a_document_of_ours(
    doors: Doors,
) -> None:
    kept = doors.tell("shopify", "orders/create", shopify_order(colour="red"), "1001")
    assert doors.found(kept) == ("done", None)
    refused = doors.tell("generic_channel", "sales_order", generic_order(colour="red"), "7")
    assert doors.found(refused) == ("parked", "unknown_field")


def test_G21_topics_nobody_takes_are_ignored_or_parked_and_block_nothing(doors: Doors) -> None:
    cases = {
        ("shopify", "themes/publish", b"{}"): ("ignored", "not_subscribed"),
        ("shopify", "", b"{}"): ("ignored", "not_subscribed"),
        ("generic_channel", "", b"{}"): ("parked", "missing_field"),
        ("generic_channel", "stock_level", b"{}"): ("ignored", "not_subscribed"),
        ("generic_warehouse", "", b'{"type": 5}'): ("parked", "unknown_code"),
        ("generic_warehouse", "sales_order", generic_order()): ("ignored", "not_subscribed"),
        ("qimen", "deliveryorder.confrim", b"<request/>"): ("parked", "unknown_code"),
        ("qimen", "sn.report", b"<request/>"): ("parked", "no_lines"),
    }
    for (adapter, topic, raw), expected in cases.items():
        assert doors.found(doors.tell(adapter, topic, raw)) == expected, (adapter, topic)


# --- Qimen ---------------------------------------------------------------------------------------


def accept(number: str) -> str:
    return (
        f"<request><order><orderCode>{number}</orderCode><orderId>W5</orderId>"
        "<orderType>JYCK</orderType></order><process><processStatus>ACCEPT</processStatus>"
        "<operateTime>2026-11-24 12:00:00</operateTime></process></request>"
    )


def confirm(
    number: str, line_: str = "<itemCode>A</itemCode><actualQty>2</actualQty>", more: str = ""
) -> str:
    return (
        f"<request><deliveryOrder><deliveryOrderCode>{number}</deliveryOrderCode>"
        "<orderConfirmTime>2026-11-24 12:00:00</orderConfirmTime></deliveryOrder>"
        f"<orderLines><orderLine>{line_}</orderLine></orderLines>{more}</request>"
    )


MANY = " ".join(f'a{n}="1"' for n in range(1001))
LONG = "x" * (6 * 1024 * 1024)
DEEPER, ILL, ONE = "too_deep", "bad_xml", "<actualQty>1</actualQty>"
LAUGHS = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><request>&b;</request>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><request>&x;</request>'
INCLUDE = (
    '<request xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></request>'
)
# fmt: off
XML: Mapping[str, tuple[bytes, str]] = {
    "empty body":            (b"", "empty_body"),
    "only white space":      (b" \r\n ", "empty_body"),
    "doctype":               (b"<!DOCTYPE request><request/>", "xml_forbidden"),
    "entities":              (LAUGHS.encode(), "xml_forbidden"),
    "external entity":       (OUTSIDE.encode(), "xml_forbidden"),
    "external, UTF-16":      (OUTSIDE.encode("utf-16"), "xml_forbidden"),
    "XInclude":              (INCLUDE.encode(), "xml_forbidden"),
    "stylesheet":            (b'<?xml-stylesheet href="x.xsl"?><request/>', "xml_forbidden"),
    "depth of 101":          (b"<request>" + b"<a>" * 101 + b"</a>" * 101 + b"</request>", DEEPER),
    "1,001 attributes":      (f"<request {MANY}/>".encode(), "too_large"),
    "text of 6 MB":          (f"<request><a>{LONG}</a></request>".encode(), "too_large"),
    "wrong encoding":        (b'<?xml version="1.0" encoding="utf-8"?><a>\xb2</a>', ILL),
    "encoding nobody knows": (b'<?xml version="1" encoding="klingon"?><request/>', "missing_field"),
    "two roots":             (b"<request/><request/>", "bad_xml"),
    "undeclared prefix":     (b"<request><a:b/></request>", "bad_xml"),
    "cut off":               (accept("F-1").encode()[:-20], "bad_xml"),
    "NUL":                   (b"<request><a>\x00</a></request>", "missing_field"),
    "another root":          (b"<response/>", "bad_xml"),
    "JSON cut off":          (b'{"request": {"order": ', "bad_json"),
    "a JSON list":           (b"[1]", "bad_xml"),
}
# fmt: on


def test_G21_xml_that_must_not_be_read_is_parked_by_its_code(doors: Doors) -> None:
    number = doors.acme.notify()
    cases = {name: raw for name, (raw, _) in XML.items()}
    good = {"good": accept(number).encode()}
    found = doors.all_of("qimen", "orderprocess.report", cases | good)
    assert found == {name: ("parked", code) for name, (_, code) in XML.items()} | GONE_ON
    assert doors.acme.fulfilment() == ["accepted"]


# fmt: off
SAID: Mapping[str, tuple[str, str]] = {
    "quantity below zero":   ("<itemCode>A</itemCode><actualQty>-1</actualQty>", "bad_quantity"),
    "quantity with exponent": ("<itemCode>A</itemCode><actualQty>1e99</actualQty>", "bad_number"),
    "quantity with comma":   ("<itemCode>A</itemCode><actualQty>1,000</actualQty>", "bad_number"),
    "Arabic digits":         ("<itemCode>A</itemCode><actualQty>١٢</actualQty>", "bad_number"),
    "no quantity":           ("<itemCode>A</itemCode>", "missing_field"),
    "no article":            ("<actualQty>1</actualQty>", "missing_field"),
    "article too long":      (f"<itemCode>{'A' * 201}</itemCode>{ONE}", "bad_id"),
}
# fmt: on


def test_G21_what_a_warehouse_says_wrongly_is_parked_and_nothing_of_it_applied(
    doors: Doors,
) -> None:
    number = doors.acme.notify()
    cases = {name: confirm(number, content).encode() for name, (content, _) in SAID.items()}
    found = doors.all_of("qimen", "deliveryorder.confirm", cases)
    assert found == {name: ("parked", code) for name, (_, code) in SAID.items()}
    assert doors.acme.fulfilment() == ["notified"]
    assert doors.acme.stock()["A"] == (10, 2)


def test_an_unknown_carrier_waits_for_its_code(doors: Doors) -> None:
    number = doors.acme.notify()
    package = (
        "<packages><package><logisticsCode>ROCKET</logisticsCode><expressCode>R1</expressCode>"
        "<items><item><itemCode>A</itemCode><quantity>2</quantity></item></items></package></packages>"
    )
    raw = confirm(number, more=package).encode()
    message = doors.tell("qimen", "deliveryorder.confirm", raw, number)
    assert doors.found(message) == ("waiting", "unknown_code")
    fact = doors.world.one("SELECT waits_for FROM work WHERE id = :id", id=message)
    assert fact == f"code:carriers:ROCKET:{doors.acme.at_wh.code}"


def test_what_contradicts_is_for_a_person_and_never_half_applied(
    doors: Doors, new_merchant: Callable[..., Merchant]
) -> None:
    other = new_merchant()
    foreign = other.notify()
    number = doors.acme.notify()
    before = doors.acme.stock()
    stranger = fulfilments.number(UUID(int=7))
    report = (
        "<request><warehouseCode>AMS1</warehouseCode><checkOrderCode>C</checkOrderCode>"
        "<ownerCode>OTHER-ONE</ownerCode><outBizCode>C1</outBizCode><items><item>"
        "<itemCode>A</itemCode><quantity>3</quantity></item></items></request>"
    )
    both_of_them = "".join(
        f"<order>{confirm(one).removeprefix('<request>').removesuffix('</request>')}</order>"
        for one in (number, stranger)
    )
    cases = {
        "unknown": ("deliveryorder.confirm", confirm(stranger)),
        "another's": ("deliveryorder.confirm", confirm(foreign)),
        "no number of ours": ("orderprocess.report", accept("PO-77")),
        "another owner": ("inventory.report", report),
        "a good one and a bad one": (
            "deliveryorder.batchconfirm",
            f"<request><orders>{both_of_them}</orders></request>",
        ),
    }
    for name, (topic, text) in cases.items():
        message = doors.tell("qimen", topic, text.encode(), name)
        assert doors.found(message) == ("parked", "contradiction"), name
    assert doors.acme.stock() == before
    assert doors.acme.fulfilment() == ["notified"]
    assert other.fulfilment() == ["notified"]
    doors.world.check_books()


def test_more_shipped_than_ordered_is_booked_as_it_left_and_flagged(doors: Doors) -> None:
    number = doors.acme.notify()
    raw = confirm(number, "<itemCode>A</itemCode><actualQty>5</actualQty>").encode()
    message = doors.tell("qimen", "deliveryorder.confirm", raw, number)
    assert doors.found(message) == ("done", None)
    assert doors.acme.incidents() == ["shipment_differs"]
    assert doors.acme.stock()["A"] == (5, 0)
    doors.world.check_books()


def test_a_body_in_a_chinese_encoding_is_read_where_it_says_so(doors: Doors) -> None:
    number = doors.acme.notify()
    text = '<?xml version="1.0" encoding="GBK"?>' + accept(number).replace("W5", "仓5")
    assert doors.found(doors.tell("qimen", "orderprocess.report", text.encode("gbk"), number)) == (
        "done",
        None,
    )
