"""Invoices over the Open API: as JSON, as files, by id and by number, within reach."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from mappings import ubl
from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway

PARTY = {"name": "Käse & Söhne", "address": {"country": "NL"}}


def drawn(gateway: Gateway, merchant: str, shop: str) -> dict[str, Any]:
    """The invoice of a fresh order of a merchant."""
    key = gateway.key("all", merchant=merchant)
    gateway.call("POST", "invoices/seller", key, {"merchant": merchant, "seller": PARTY})
    posted = gateway.call("POST", "orders", key, order(5, shop))
    made = gateway.call("POST", "invoices", key, {"order_id": posted.json["id"]})
    assert made.status_code == 201, made.text
    (item,) = gateway.call("GET", f"invoices?merchant={merchant}", key).json["items"]
    return dict(item)


@pytest.fixture
def ours(gateway: Gateway) -> dict[str, Any]:
    return drawn(gateway, "acme", "shop-a")


def had(gateway: Gateway, path: str, key: str) -> TestResponse:
    return gateway.call("GET", f"invoices/{path}", key)


def test_an_invoice_is_had_as_ubl_itself(gateway: Gateway, ours: dict[str, Any]) -> None:
    key = gateway.key("invoices:read", merchant="acme")
    whole = had(gateway, ours["id"], key)
    file = had(gateway, f"{ours['id']}?format=ubl", key)
    assert (whole.mimetype, file.mimetype) == ("application/json", "application/xml")
    name = f'attachment; filename="{ours["number"]}.xml"'
    assert file.headers["Content-Disposition"] == name
    assert file.data.decode() == whole.json["ubl"]
    assert ubl.read(file.data).number == ours["number"]
    pages = had(gateway, f"{ours['id']}?format=pdf", key)
    assert (pages.mimetype, pages.data[:5]) == ("application/pdf", b"%PDF-")
    assert pages.headers["Content-Disposition"] == name.replace(".xml", ".pdf")


def test_a_number_names_an_invoice_as_far_as_only_one_has_it(
    gateway: Gateway, ours: dict[str, Any]
) -> None:
    theirs = drawn(gateway, "beta", "shop-b")
    number = ours["number"]
    assert theirs["number"] == number
    own, whole = gateway.key("invoices:read", merchant="acme"), gateway.key("invoices:read")
    assert had(gateway, number, own).json["id"] == ours["id"]
    refused = had(gateway, number, whole)
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "merchant")
    assert had(gateway, f"{number}?merchant=beta", whole).json["id"] == theirs["id"]
    year = number.partition("-")[0]
    for path in (f"{number}?merchant=beta", theirs["id"], f"{year}-000002", "soon"):
        assert had(gateway, path, own).status_code == 404


def test_who_may_not_read_invoices_has_no_file(gateway: Gateway, ours: dict[str, Any]) -> None:
    path = f"{ours['id']}?format=ubl"
    assert had(gateway, path, gateway.key("orders:read")).status_code == 403
    assert had(gateway, path, gateway.key("all", merchant="beta")).status_code == 404
    odd = had(gateway, f"{ours['id']}?format=doc", gateway.key("invoices:read"))
    assert (odd.status_code, odd.mimetype) == (422, "application/problem+json")
