"""Whatever stands in a payload, reading it ends in documents or in a fate, in nothing else."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.model.catalogue import freeze, thaw
from hub.model.errors import Ignored, NeedsPerson
from mappings.kit import Context, decode
from mappings.shopify import DECODE
from sandbox.orders import generate
from tests.mappings.equations import assert_adds_up
from tests.mappings.partners import PARTNERS

pytestmark = pytest.mark.slow

SHOPIFY = PARTNERS["shopify"]
HOSTILE = [
    None, "", " ", 0, -1, True, [], {}, [None], [[]], {"id": None}, "x" * 300, "null", "NaN",
    "1e400",
    10**40, 1.5, "-5.00", "12,5", "\u202e", "=1+1", "99999999999999.99", "0000-00-00", ["a", "a"],
    {"shop_money": None}, {"shop_money": {"amount": "x"}}, "gid://shopify/Order/abc",
]  # fmt: skip


def places(tree, path=()):
    """Every place in a tree, containers included."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in inner:
        yield (*path, step)
        if isinstance(value, dict | list):
            yield from places(value, (*path, step))


def put(tree, path, value):
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = value


def read_or_fate(topic, tree):
    try:
        documents = decode(DECODE, topic, json.dumps(tree).encode(), Context("shop"))
    except (NeedsPerson, Ignored):
        return []
    for document in documents:  # parts are built without a second look: it finds the same
        assert freeze(thaw(document.type, freeze(document))) == freeze(document)
    return documents


@pytest.mark.parametrize("case", list(filter(SHOPIFY.topic, SHOPIFY.cases)), ids=lambda it: it.name)
def test_any_field_may_hold_anything(case):
    raw, topic = case.read_bytes(), SHOPIFY.topic(case)
    count = 0
    for number, path in enumerate(places(json.loads(raw))):
        for value in HOSTILE[number % 3 :: 3]:
            tree = json.loads(raw)
            put(tree, path, value)
            for document in read_or_fate(topic, tree):
                if document.type == "sales_order":
                    assert_adds_up(document)
            count += 1
    assert count > 200


@pytest.mark.parametrize("case", list(filter(SHOPIFY.topic, SHOPIFY.cases)), ids=lambda it: it.name)
def test_any_field_may_be_missing(case):
    raw, topic = case.read_bytes(), SHOPIFY.topic(case)
    for path in places(json.loads(raw)):
        tree = json.loads(raw)
        parent = tree
        for step in path[:-1]:
            parent = parent[step]
        del parent[path[-1]]
        for document in read_or_fate(topic, tree):
            assert document.source.connection == "shop"
            if document.type == "sales_order":
                assert_adds_up(document)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
), st.sampled_from(sorted(DECODE)))  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_at_all_ends_in_a_fate(tree, topic):
    assert read_or_fate(topic, {"order": tree, "id": 1}) == []


def test_G19_generated_orders_add_up_to_what_the_shop_says():
    read = 0
    for body in generate(60, seed=11):
        (order,) = decode(DECODE, "orders/create", json.dumps(body).encode(), Context("shop"))
        assert_adds_up(order)
        assert order.totals.rounding == 0
        assert order.totals.grand_total == Decimal(body["total_price"])
        read += 1
    assert read == 60
