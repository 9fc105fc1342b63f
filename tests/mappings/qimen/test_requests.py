"""All that a warehouse is told keeps to the description of its method, and is read back as it was
meant.
"""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kit.samples import sample
from hub.model.document import Address, Source
from hub.model.errors import BadData
from hub.model.fulfilment import (
    CashOnDelivery,
    FulfilmentCancellation,
    FulfilmentDelivery,
    FulfilmentLine,
    FulfilmentOrder,
)
from hub.model.product import Component, Product
from hub.model.returns import Return, ReturnLine
from hub.model.stock import InboundLine, InboundNotice
from mappings.kit import Context, code_lists, decode, encode
from mappings.qimen import Sender, Terms, encoders, requests
from mappings.qimen.outward import calls, items
from tests.mappings.qimen.held import METADATA, assert_described, assert_keeps, described

AT = Context("wh-ams", "acme", code_lists("qimen"), ZoneInfo("Asia/Shanghai"))
SENDER = Sender("Acme", "0201", "Noord-Holland", "Haarlem", "Dock 1")
TERMS = Terms("ACME", "AMS1", sender=SENDER)
SOURCE = Source(connection="wh-ams", id="1")
CARRIERS = sorted({ours for ours in AT.codes["carriers"].values() if ours != "other"})

SHOWN = st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffe\uffff")
WORDS = st.text(SHOWN, min_size=1, max_size=30).filter(
    lambda it: it == it.strip() and it.casefold() not in {"null", "none", "undefined", "nan"}
)
TEXT = WORDS.map(lambda it: unicodedata.normalize("NFC", it))
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_&<.-]{0,20}", fullmatch=True).filter(
    lambda it: it.casefold() not in {"null", "none", "undefined", "nan"}
)
CENTS = st.integers(0, 10**7).map(lambda it: Decimal(it).scaleb(-2))
PIECES = st.integers(1, 10**6).map(Decimal)
SECONDS = st.integers(946_900_000, 4_102_000_000).map(lambda it: datetime.fromtimestamp(it, UTC))
DAYS = SECONDS.map(lambda it: f"{it:%Y-%m-%d}")
STOCKOUTS = st.sampled_from([("b2b", "B2BCK"), ("transfer", "DBCK"), ("supplier_return", "CGTH")])
QUALITIES = st.sampled_from(["good", "defective"])
PROPS = st.dictionaries(st.sampled_from(["color", "tax", "key1"]), TEXT, min_size=1, max_size=2)


def maybe(strategy):
    return st.none() | strategy


def read_back(topic, body):
    assert_keeps(topic, body)
    (document,) = decode(requests(lambda: datetime(2026, 1, 1, tzinfo=UTC)), topic, body, AT)
    return document


def without_source(document):
    return document.model_copy(update={"source": SOURCE})


ADDRESSES = st.builds(
    Address,
    name=TEXT, company=maybe(TEXT), lines=st.tuples(TEXT), district=maybe(TEXT), city=TEXT,
    region=TEXT, postal_code=maybe(TEXT), country=maybe(st.sampled_from(["NL", "CN", "DE"])),
    phone=TEXT, email=maybe(TEXT),
)  # fmt: skip
LINES = st.lists(
    st.builds(
        FulfilmentLine,
        line_no=st.just(1), sku=IDS, item_code=maybe(IDS), title=TEXT, quantity=PIECES,
        unit_price=CENTS, quality=QUALITIES, batch=maybe(TEXT),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def numbered(lines):
    return tuple(line.model_copy(update={"line_no": at}) for at, line in enumerate(lines, start=1))


ORDERS = st.builds(
    FulfilmentOrder,
    source=st.just(SOURCE), fulfilment_order_id=IDS, order_number=IDS, channel_order_id=IDS,
    merchant=IDS, warehouse=st.just("wh-ams"), revision=st.integers(1, 9), created_at=SECONDS,
    ship_by=maybe(SECONDS), ship_to=ADDRESSES, lines=LINES.map(numbered), note=maybe(TEXT),
    delivery=st.builds(
        FulfilmentDelivery, carrier=st.sampled_from(CARRIERS), service=maybe(TEXT),
        instructions=maybe(TEXT),
    ),
    cash_on_delivery=maybe(
        st.builds(
            CashOnDelivery, amount=CENTS.filter(bool), currency=st.sampled_from(["EUR", "CNY"])
        )
    ),
    insured_value=maybe(CENTS.filter(bool)), gift_message=maybe(TEXT),
    attributes=st.builds(
        lambda props: {"orderType": "JYCK", **({"extendProps": props} if props else {})},
        maybe(PROPS),
    ),
)  # fmt: skip


@given(ORDERS)
@settings(max_examples=60, deadline=None)
def test_a_delivery_order_is_read_back_as_it_was(order):
    body = encode(encoders(TERMS), order, AT)
    assert without_source(read_back("deliveryorder.create", body)) == order


@given(
    ORDERS, st.sampled_from([("b2b", "B2BCK"), ("transfer", "DBCK"), ("supplier_return", "CGTH")])
)
@settings(max_examples=60, deadline=None)
def test_a_stockout_is_read_back_as_it_was(order, kind):
    method, code = kind
    kept = {name: it for name, it in order.attributes.items() if name != "orderType"}
    day = order.ship_by and order.ship_by.astimezone(AT.zone).replace(
        hour=0, minute=0, second=0
    ).astimezone(UTC)
    order = order.model_copy(
        update={
            "delivery": FulfilmentDelivery(carrier=order.delivery.carrier, method=method),
            "attributes": kept,
            "gift_message": None,
            "insured_value": None,
            "cash_on_delivery": None,
            "ship_by": day,
            "merchant": "acme",
            "lines": tuple(it.model_copy(update={"unit_price": None}) for it in order.lines),
        }
    )
    told = read_back("stockout.create", encode(encoders(TERMS), order, AT))
    method_gone = order.delivery.model_copy(update={"method": None})
    meant = order.model_copy(
        update={"delivery": method_gone, "attributes": {**kept, "orderType": code}}
    )
    assert without_source(told) == meant


NOTICES = st.builds(
    InboundNotice,
    source=st.just(SOURCE), inbound_notice_id=IDS,
    kind=st.sampled_from(["purchase", "transfer", "return", "other"]), merchant=st.just("acme"),
    warehouse=st.just("wh-ams"), supplier=maybe(TEXT), expected_at=maybe(SECONDS),
    revision=st.integers(1, 9), from_warehouse=maybe(IDS),
    lines=st.lists(
        st.builds(
            InboundLine,
            line_no=st.just(1), sku=IDS, item_code=maybe(IDS), quantity=PIECES,
            unit_cost=maybe(CENTS), quality=QUALITIES, batch=maybe(TEXT), expires_on=maybe(DAYS),
        ),
        min_size=1, max_size=4,
    ).map(numbered),
    attributes=st.builds(lambda it: {"extendProps": it} if it else {}, maybe(PROPS)),
)  # fmt: skip


@given(NOTICES)
@settings(max_examples=40, deadline=None)
def test_an_inbound_notice_is_read_back_as_it_was(notice):
    body = encode(encoders(TERMS), notice, AT)
    assert without_source(read_back("entryorder.create", body)) == notice


RETURNS = st.builds(
    Return,
    source=st.just(SOURCE), return_id=IDS, channel_return_id=maybe(IDS), channel_order_id=IDS,
    kind=st.sampled_from(["refund", "exchange"]), status=st.just("approved"), reason=maybe(TEXT),
    customer_note=maybe(TEXT), requested_at=SECONDS, carrier=maybe(st.sampled_from(CARRIERS)),
    tracking_number=maybe(st.from_regex(r"[A-Z]{2}[0-9]{5,12}", fullmatch=True)),
    lines=st.lists(
        st.builds(
            ReturnLine, channel_line_id=maybe(IDS), sku=IDS, quantity=PIECES,
            reason=st.none() | st.just("too small"),
        ),
        min_size=1, max_size=3,
    ).map(tuple),
    attributes=maybe(IDS.map(lambda it: f"F-{it}")).map(
        lambda it: {"fulfilment_order_id": it} if it else {}
    ),
)  # fmt: skip


@given(RETURNS)
@settings(max_examples=40, deadline=None)
def test_an_approved_return_is_read_back_as_it_was(document):
    told = read_back("returnorder.create", encode(encoders(TERMS), document, AT))
    assert without_source(told) == document


PRODUCTS = st.builds(
    Product,
    source=st.just(SOURCE), sku=IDS, gtin=maybe(st.from_regex(r"[0-9]{13}", fullmatch=True)),
    title=TEXT, brand=maybe(TEXT), categories=maybe(TEXT).map(lambda it: (it,) if it else ()),
    price=maybe(CENTS), compare_at_price=maybe(CENTS), tax_class=maybe(TEXT),
    currency=maybe(st.sampled_from(["EUR", "CNY"])), weight_g=maybe(PIECES),
    length_mm=maybe(PIECES), width_mm=maybe(PIECES), height_mm=maybe(PIECES),
    country_of_origin=maybe(st.sampled_from(["NL", "CN"])), hs_code=maybe(TEXT),
    options=st.dictionaries(st.sampled_from(["color", "size"]), TEXT),
    status=st.sampled_from(["active", "archived"]), batch_tracked=st.booleans(),
    serial_tracked=st.booleans(), shelf_life_days=maybe(st.integers(1, 5000)),
    attributes=st.builds(lambda it: {"extendProps": it} if it else {}, maybe(PROPS)),
)  # fmt: skip


@given(PRODUCTS)
@settings(max_examples=40, deadline=None)
def test_an_article_is_read_back_as_it_was(product):
    body = encode(encoders(TERMS), product, AT)
    assert without_source(read_back("singleitem.synchronize", body)) == product


@given(st.lists(PRODUCTS, min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_several_articles_are_read_back_each(products):
    body = items.several(products, TERMS, "update")
    assert_keeps("items.synchronize", body)
    told = decode(requests(), "items.synchronize", body, AT)
    assert [(it.sku, it.title, it.options, it.status) for it in told] == [
        (it.sku, it.title, it.options, it.status) for it in products
    ]


@given(IDS, st.dictionaries(IDS, PIECES, min_size=1, max_size=4), st.dictionaries(IDS, IDS))
@settings(max_examples=60, deadline=None)
def test_a_kit_is_read_back_with_its_components(sku, parts, numbers):
    known = {part: number for part, number in numbers.items() if part in parts and number != part}
    kit = Product(
        source=SOURCE,
        sku=sku,
        title=sku,
        components=tuple(Component(sku=part, quantity=count) for part, count in parts.items()),
        attributes={"itemIds": known} if known else {},
    )
    body = encode(encoders(TERMS), kit, AT)
    assert without_source(read_back("combineitem.synchronize", body)) == kit


@given(IDS, maybe(IDS), maybe(TEXT), st.sampled_from(["JYCK", "B2BCK"]))
@settings(max_examples=60, deadline=None)
def test_a_cancel_is_read_back_as_it_was(code, number, reason, kind):
    document = FulfilmentCancellation(
        source=SOURCE,
        fulfilment_order_id=code,
        warehouse="wh-ams",
        warehouse_reference=number,
        requested_at=datetime(2026, 1, 1, tzinfo=UTC),
        reason=reason,
        attributes={"orderType": kind},
    )
    told = read_back("order.cancel", encode(encoders(TERMS), document, AT))
    assert without_source(told) == document


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("deliveryorder.query", calls.delivery_query("F-1", TERMS)),
        ("entryorder.query", calls.entry_query("I-1", TERMS)),
        ("orderprocess.query", calls.process_query("R-1", "THRK", TERMS)),
        ("singleitem.query", calls.item_query("CUP", TERMS)),
        ("inventory.query", calls.levels_query(["CUP", "MUG"], TERMS)),
        ("stock.query", calls.stock_query("CUP", 1, TERMS)),
        ("order.pending", calls.pending("pending", "F-1", "JYCK", TERMS, "risk")),
        ("order.pending", calls.pending("restore", "F-1", "JYCK", TERMS, None)),
        ("order.cancel", calls.cancel("R-1", "THRK", TERMS, reason="kept it")),
    ],
)
def test_what_is_asked_keeps_to_the_description(method, body):
    assert_keeps(method, body)


@pytest.mark.skipif(not METADATA.is_file(), reason="the published metadata is not here")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<planQty>2</planQty>", ""),
        ("<planQty>2</planQty>", "<planQty>two</planQty>"),
        ("<planQty>", "<novelty>1</novelty><planQty>"),
        ("<ownerCode>ACME</ownerCode><warehouseCode>", "<warehouseCode>"),
    ],
)
def test_the_metadata_finds_what_does_not_keep_to_it(old, new):
    assert len(described()) == 63
    body = encode(encoders(TERMS), sample("inbound_notice"), AT).decode()
    assert old in body
    with pytest.raises(AssertionError, match="keeps to taobao_top"):
        assert_described("entryorder.create", body.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (sample("inbound_notice", lines=[{"line_no": 1, "sku": "A", "quantity": "1.5"}]),
         "lines.0.quantity", "bad_quantity"),
        (sample("inbound_notice", lines=[{"line_no": 1, "sku": "A", "quantity": "-1"}]),
         "lines.0.quantity", "bad_quantity"),
        (sample("inbound_notice",
                lines=[{"line_no": 1, "sku": "A", "quantity": "1", "expires_on": "May"}]),
         "lines.0.expires_on", "bad_time"),
        (sample("return", lines=[{"quantity": "1"}]), "lines.0.sku", "missing_field"),
        (sample("return", status="closed"), "status", "not_approved"),
    ],
)  # fmt: skip
def test_what_no_warehouse_would_take_is_named(document, path, code):
    with pytest.raises(BadData) as wrong:
        encode(encoders(TERMS), document, AT)
    assert (wrong.value.path, wrong.value.code) == (path, code)


def test_only_the_free_map_that_can_be_written_is_sent():
    odd = {"ok": "1", "<bad>": "2", "list": [1], "flag": True, "number": 7, "": "3"}
    notice = sample("inbound_notice", attributes={"extendProps": odd})
    told = read_back("entryorder.create", encode(encoders(TERMS), notice, AT))
    assert told.attributes == {"extendProps": {"ok": "1", "number": "7"}}
