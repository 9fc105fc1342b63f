"""Invoices over the Open API: as JSON, as files, by id and by number, within reach."""

import re
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mappings import ubl
from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway

PARTY = {"tax_id": "NL001234567B01", "name": "Käse & Söhne", "address": {"country": "NL"}}
ZERO_RATED = {"home": {"category": "Z"}}
SAID = {"seller": PARTY, "untaxed": ZERO_RATED}


def drawn(gateway: Gateway, merchant: str, shop: str) -> dict[str, Any]:
    """The invoice of a fresh order of a merchant."""
    key = gateway.key("all", merchant=merchant)
    gateway.call("POST", "invoices/seller", key, {"merchant": merchant, **SAID})
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
    read = ubl.read(file.data)
    assert read.number == ours["number"]
    assert Decimal(ours["payable"]) == read.totals.payable
    assert Decimal(ours["total"]) == read.totals.payable + read.totals.prepaid > 0
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


def test_pages_are_in_the_sellers_the_buyers_or_the_wanted_language(gateway: Gateway) -> None:
    key = gateway.key("all", merchant="acme")
    told = {"merchant": "acme", **SAID}
    bought = order(5, "shop-a")
    buyer = {**(bought.get("customer") or {}), "language": "de-AT"}
    for number, language, expected in (
        (7001, None, "Invoice"),
        (7002, "buyer", "Rechnung"),
        (7003, "zh", "发票"),
    ):
        said = {**told, "language": language} if language else told
        answer = gateway.call("POST", "invoices/seller", key, said)
        assert answer.json["language"] == (language or "en")
        mine = {**bought, "channel_order_id": str(number), "customer": buyer}
        posted = gateway.call("POST", "orders", key, mine)
        made = gateway.call("POST", "invoices", key, {"order_id": posted.json["id"]}).json["number"]
        assert f"({expected} {made})" in titled(had(gateway, f"{made}?format=pdf", key).data)
        asked = had(gateway, f"{made}?format=pdf&language=zh", key).data
        assert f"(发票 {made})" in titled(asked)
    odd = had(gateway, f"{made}?format=pdf&language=xx", key)
    assert (odd.status_code, odd.json["errors"][0]["path"]) == (422, "language")
    wrong = gateway.call("POST", "invoices/seller", key, {**told, "language": "xx"})
    assert (wrong.status_code, wrong.json["errors"][0]["path"]) == (422, "language")


def test_who_sells_says_what_sales_without_tax_are(gateway: Gateway) -> None:
    key = gateway.key("all", merchant="acme")
    told = {"merchant": "acme", "seller": PARTY}
    exempt = {"every": {"category": "E", "reason": "Kleinunternehmer"}}
    assert gateway.call("POST", "invoices/seller", key, {**told, "untaxed": exempt}).json[
        "untaxed"
    ] == {**exempt}
    for untaxed, where in (
        ({"every": {"category": "E"}}, "untaxed.every"),
        ({"home": {"category": "Z", "reason": "books"}}, "untaxed.home"),
        ({"home": {"category": "S"}}, "untaxed.home.category"),
    ):
        wrong = gateway.call("POST", "invoices/seller", key, {**told, "untaxed": untaxed})
        assert (wrong.status_code, wrong.json["errors"][0]["path"]) == (422, where)


def test_an_invoice_at_home_without_tax_waits_for_that(gateway: Gateway) -> None:
    key = gateway.key("all", merchant="acme")
    gateway.call("POST", "invoices/seller", key, {"merchant": "acme", "seller": PARTY})
    order_id = gateway.call("POST", "orders", key, order(5, "shop-a")).json["id"]
    refused = gateway.call("POST", "invoices", key, {"order_id": order_id})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (
        422,
        "seller.untaxed.home",
    )
    gateway.call("POST", "invoices/seller", key, {"merchant": "acme", **SAID})
    drawn = gateway.call("POST", "invoices", key, {"order_id": order_id})
    assert drawn.json["number"].endswith("-000001")


def test_an_endpoint_and_its_scheme_are_told_together(gateway: Gateway) -> None:
    key = gateway.key("all", merchant="acme")
    for lacks, party in (
        ("endpoint_scheme", {**PARTY, "endpoint": "7300010000001"}),
        ("endpoint", {**PARTY, "endpoint_scheme": "0088"}),
    ):
        answer = gateway.call("POST", "invoices/seller", key, {"merchant": "acme", "seller": party})
        assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, f"seller.{lacks}")


def test_an_account_is_an_iban_however_it_is_spaced(gateway: Gateway) -> None:
    key = gateway.key("all", merchant="acme")
    for account, expected in (("de02 1203 0000 0000 2020 51", 200), ("12030000", 422)):
        party = {**PARTY, "account": account}
        answer = gateway.call("POST", "invoices/seller", key, {"merchant": "acme", "seller": party})
        assert answer.status_code == expected
    assert answer.json["errors"][0]["path"] == "seller.account"


def titled(raw: bytes) -> str:
    """The title that the document says of itself."""
    (found,) = re.findall(rb"/Title \(((?:\\.|[^\\)])*)\)", raw)
    letters = re.sub(
        rb"\\([0-7]{3}|.)", lambda e: bytes([int(e[1], 8)]) if len(e[1]) == 3 else e[1], found
    )
    text = letters.decode("utf-16") if letters[:2] == b"\xfe\xff" else letters.decode("latin-1")
    return f"({text})"
