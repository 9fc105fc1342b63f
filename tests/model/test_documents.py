"""Every canonical document: it round-trips, never changes, and says what is wrong with it."""

import json
from decimal import Decimal

import jsonschema_rs
import pytest
from pydantic import ValidationError

from hub.model.catalogue import DOCUMENTS, freeze, read, schemas, thaw
from hub.model.errors import BadData
from tests.model.trees import LINE, TREES

KINDS = sorted(DOCUMENTS)


@pytest.fixture(scope="module")
def published():
    return schemas()


def test_every_document_has_a_tree_here():
    assert sorted(TREES) == KINDS
    assert len(KINDS) == 22


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_the_same_after_freeze_and_thaw(kind):
    document = read(kind, TREES[kind])
    frozen = freeze(document)
    assert thaw(kind, frozen) == document
    assert freeze(thaw(kind, frozen)) == frozen
    assert document.business_id


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_holds_no_float_and_shows_money_and_quantities_as_text(kind):
    def numbers(tree):
        inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
        found = [tree] if isinstance(tree, float) else []
        return found + [one for value in inner for one in numbers(value)]

    assert numbers(json.loads(freeze(read(kind, TREES[kind])))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_fits_its_published_schema(kind, published):
    schema = published[kind]
    jsonschema_rs.meta.validate(schema)
    told = json.loads(freeze(read(kind, TREES[kind])))
    assert list(jsonschema_rs.Draft202012Validator(schema).iter_errors(told)) == []
    assert schema["properties"]["type"]["const"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_never_changes(kind):
    document = read(kind, TREES[kind])
    with pytest.raises(ValidationError, match="frozen"):
        document.source = None


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_field_is_refused_and_every_missing_one_is_named(kind):
    with pytest.raises(BadData) as caught:
        read(kind, {**TREES[kind], "colour": "red"})
    assert (caught.value.code, caught.value.path) == ("unknown_field", "colour")
    with pytest.raises(BadData) as caught:
        read(kind, {"source": TREES[kind]["source"]})
    needed = {
        name
        for name, field in DOCUMENTS[kind].model_fields.items()
        if field.is_required() and name != "source"
    }
    told = {(one.path, one.code) for one in caught.value.problems()}
    assert told == {(name, "missing_field") for name in needed}


def test_an_unknown_type_is_named_with_those_that_are_known():
    with pytest.raises(BadData, match="sales_order") as caught:
        read("invoice", {})
    assert (caught.value.code, caught.value.path) == ("unknown_code", "type")


def test_all_that_is_wrong_is_said_at_once_without_the_values():
    tree = {
        **TREES["sales_order"],
        "currency": "EURO",
        "lines": [LINE, {**LINE, "quantity": "0", "unit_price": "s3cret"}],
        "state": "lost",
    }
    with pytest.raises(BadData) as caught:
        read("sales_order", tree)
    assert {(one.path, one.code) for one in caught.value.problems()} == {
        ("currency", "unknown_code"),
        ("lines.1.quantity", "bad_quantity"),
        ("lines.1.unit_price", "bad_number"),
        ("state", "unknown_code"),
    }
    assert all("s3cret" not in one.message for one in caught.value.problems())


@pytest.mark.parametrize(("count", "code"), [(0, "no_lines"), (20_001, "too_large")])
def test_an_order_has_lines_and_not_too_many(count, code):
    with pytest.raises(BadData) as caught:
        read("sales_order", {**TREES["sales_order"], "lines": [LINE] * count})
    assert (caught.value.path, caught.value.code) == ("lines", code)


def test_G19_debits_equal_credits_or_the_booking_is_refused():
    tree = TREES["journal_entry"]
    uneven = [{"account": "1000", "debit": "9.00"}, {"account": "4000", "credit": "8.99"}]
    with pytest.raises(BadData) as caught:
        read("journal_entry", {**tree, "lines": uneven})
    assert caught.value.code == "unbalanced"
    entry = read("journal_entry", tree)
    assert sum(line.debit - line.credit for line in entry.lines) == Decimal(0)


def test_a_period_is_called_from_on_the_wire():
    frozen = json.loads(freeze(read("settlement_report", TREES["settlement_report"])))
    assert sorted(frozen["period"]) == ["from", "to"]
