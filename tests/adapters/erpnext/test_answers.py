"""What ERPNext says: recorded bodies, ones of our own after them, and the fate of each."""

import json
from dataclasses import replace

import pytest

from adapters.erpnext.api import Frappe, said
from adapters.erpnext.conformance import CONFORMS
from adapters.kit.http import Transport
from adapters.kit.samples import sample
from adapters.kit.session import Session
from adapters.kit.testing.scripted_partner import Asked, Loopback, Told
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater
from tests.kit.fixtures import SHARED

RECORDED = SHARED / "backoffice" / "erpnext"
ERRORS = sorted(RECORDED.glob("error_*.json"))
RECORDS = sorted(RECORDED.glob("*.test_records.json"))
GOOD = sorted(RECORDED.glob("rest_*.response.json"))


def frappe(site):
    return Frappe(Session(site.url, Transport.local(), secrets=["hush-hush"]))


@pytest.mark.parametrize("file", ERRORS, ids=lambda file: file.stem)
def test_a_recorded_error_has_its_fate(file):
    body, status = json.loads(file.read_bytes()), int(file.stem.split("_")[1])
    expected = {401: NotAuthorised}.get(status, (Rejected, TryLater))
    with Loopback(lambda _: Told.json(body, status)) as site, pytest.raises(expected) as raised:
        frappe(site).make("Supplier", {})
    assert body["exc_type"] in str(raised.value)
    assert "<" not in str(raised.value)


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_recorded_answer_is_read_and_a_warning_is_none_of_its_errors(file):
    body = json.loads(file.read_bytes())
    with Loopback(lambda _: Told.json(body)) as site:
        if isinstance(body["data"], list):
            rows = frappe(site).rows("Job Card", [], [])
            assert [row["name"] for row in rows] == [row["name"] for row in body["data"]]
            assert site.asked[0].query["limit_page_length"] == "0"
        elif isinstance(body["data"], dict):
            assert frappe(site).write("Spare Part", "a/b c", {})["name"] == body["data"]["name"]
            assert site.asked[0].path == "/api/resource/Spare%20Part/a%2Fb%20c"
        else:
            with pytest.raises(OutcomeUnknown):
                frappe(site).make("Spare Part", {})


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_what_the_server_takes_keeps_to_its_doctypes_but_for_what_it_dropped(file):
    gone = ("fiscal_year", "parentfield", "conversion_factor is", "doctype", "is missing")
    for body in json.loads(file.read_bytes()):
        raw = json.dumps({name: value for name, value in body.items() if name != "doctype"})
        path = f"/api/resource/{body['doctype'].replace(' ', '%20')}"
        wrong = _wrong(Asked("POST", path, {}, raw.encode()))
        assert [words for words in wrong if not any(word in words for word in gone)] == []


def _wrong(asked):
    try:
        CONFORMS.contract.check_all([asked], SHARED / "schemas")
    except AssertionError as error:
        return str(error).partition("sales_order.json: ")[2].split("; ")
    return []


@pytest.mark.skipif(not RECORDED.exists(), reason="no published contracts here")
@pytest.mark.parametrize(
    ("doctype", "body", "words"),
    [
        ("Sales%20Order", {"po_nr": "1"}, "Sales Order has no po_nr"),
        ("Sales%20Order", {"delivery_date": "1 May"}, "Sales Order.delivery_date is no Date"),
        ("Sales%20Order", {"items": [{"qty": "2"}]}, "Sales Order Item.qty is no Float"),
        ("Sales%20Order", {"po_no": "x" * 141}, "Sales Order.po_no is no Data"),
        ("Journal%20Entry", {"voucher_type": "Odd"}, "Journal Entry.voucher_type is no Select"),
        ("Journal%20Entry", {}, "accounts of Journal Entry is missing"),
        ("Nothing", {}, "there is no DocType Nothing"),
    ],
)
def test_what_does_not_keep_to_a_doctype_is_found(doctype, body, words):
    asked = Asked("POST", f"/api/resource/{doctype}", {}, json.dumps(body).encode())
    assert words in _wrong(asked)


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("TimestampMismatchError", TryLater, ""),
        ("QueryDeadlockError", TryLater, ""),
        ("NegativeStockError", Rejected, "rejected"),
        ("PermissionError", Rejected, "rejected"),
        ("DuplicateEntryError", Rejected, "rejected"),
        ("TypeError", Rejected, "partner_error"),
        ("QueueOverloaded", TryLater, ""),
        ("InternalError", TryLater, ""),
        ("SessionExpired", NotAuthorised, "not_authorised"),
    ],
)
def test_the_type_of_an_error_decides_whatever_the_status(name, kind, code):
    fate = said({"exception": f"frappe.exceptions.{name}: words", "_server_messages": "no JSON"})
    assert isinstance(fate, kind)
    assert "words" in str(fate)
    assert getattr(fate, "code", "") == code
    assert said({"message": "no type"}) is None


def test_no_secret_comes_back_in_an_error():
    body = {"exc_type": "ValidationError", "_server_messages": json.dumps(["<b>hush-hush</b>"])}
    refusing = Loopback(lambda _: Told.json(body, 417))
    with refusing as site, pytest.raises(Rejected, match=r"\*\*\*"):
        frappe(site).make("Customer", {})


def test_taxes_are_told_as_they_are_and_the_last_cent_has_its_account():
    line = {"line_no": 1, "sku": "CUP", "quantity": 3, "unit_price": "3.33", "tax": "1.91"}
    taxes = {"tax_lines": [{"rate": "0.19", "amount": "1.91"}], "total": "11.91"}
    totals = {"items": "10.00", "tax": "1.91", "grand_total": "11.91"}
    order = sample("sales_order", lines=[{**line, **taxes}], totals=totals)
    made = []

    def site(asked):
        if asked.method == "GET":
            return Told.json({"data": [] if "Order" in asked.path else [{"name": "CUP"}]})
        body = {"name": "SO-1", "docstatus": 1, "grand_total": 11.91}
        made.append(json.loads(asked.body))
        return Told.json({"data": body})

    with replace(CONFORMS, contracts_at=SHARED / "schemas").partner(site) as (_, parts):
        assert parts.send(order, "k").reference == "SO-1"
    assert [(row["qty"], row["rate"]) for row in made[0]["items"]] == [(1.0, 3.34), (2.0, 3.33)]
    assert [(row["account_head"], row["tax_amount"]) for row in made[0]["taxes"]] == [
        ("VAT 19 - A", 1.91)
    ]
