"""What is drawn, held to the schematrons that the makers of EN 16931 and Peppol publish, and our
own rules to theirs.
"""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.invoice import Contact, Invoice
from hub.model.invoice.seller import Seller, Untaxed, UntaxedSales
from hub.model.order import Refund, SalesOrder
from mappings.ubl import read, write
from mappings.ubl.page import draw
from tests.kit.catalogue import refund
from tests.mappings.ubl import official, test_elements, test_exemptions, test_schematron
from tests.mappings.ubl.exemptions import CODES
from tests.mappings.ubl.samples import PARTY, credited, drawn, taxed
from tests.mappings.ubl.schematron import RULES
from tests.mappings.ubl.spoiling import spoil
from tests.mappings.ubl.test_page import texts
from tests.mappings.ubl.test_schematron import orders, rich

pytestmark = pytest.mark.skipif(not official.FOLDER.is_dir(), reason="there is no collection here")

CEN, PEPPOL = official.FILES
PLACES = ("NL", "AT", "CH")
AUSTRIAN = PARTY.model_copy(
    update={
        "address": PARTY.address.model_copy(update={"country": "AT"}),
        "tax_id": "ATU12345678",
    }
)
"""A seller of whose country Peppol asks nothing more."""
NEVER_BITES = {"BR-DEC-13"}
"""What theirs finds in no document: it looks for a currency in an amount."""
BUYER = {"name": "Ada", "tax_id": "NL001234567B01", "endpoint": "7300010000001"}


def broken(invoice: Invoice) -> list[str]:
    """The rules that it breaks of those that it says it holds to."""
    raw = write(invoice)
    says = (CEN, PEPPOL) if b"poacc:billing" in raw else (CEN,)
    return [rule for name in says for rule in official.broken(raw, name)]


def test_the_examples_of_the_makers_break_nothing() -> None:
    for path in official.examples():
        raw = path.read_bytes()
        found = [*official.broken(raw, CEN), *official.broken(raw, PEPPOL)]
        assert (path.stem, found) == (path.stem, [])


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_what_is_told_over_peppol_breaks_nothing(kind: str) -> None:
    assert b"poacc:billing" in write(rich(kind))
    assert broken(rich(kind)) == []


@settings(max_examples=60, deadline=None)
@given(orders(), st.sampled_from(PLACES), st.sampled_from(["", "0088"]), st.data())
def test_whatever_was_sold_and_paid_back_breaks_nothing(
    sold: SalesOrder, country: str, scheme: str, data: st.DataObject
) -> None:
    """At home, in the union and beyond, to buyers in Peppol and others."""
    buyer = {**BUYER, "endpoint_scheme": scheme or None}
    place = {"lines": ["Keizersgracht 1"], "city": "Amsterdam", "country": country}
    tree = {**sold.model_dump(mode="json"), "customer": buyer, "ship_to": place}
    sold = SalesOrder.model_validate(tree)
    seller = Seller(party=AUSTRIAN, untaxed=UntaxedSales(home=Untaxed(category="Z")))
    invoice = drawn(sold, seller, test_exemptions.LEFT)
    assert broken(invoice) == []
    first = data.draw(st.sampled_from(invoice.lines))
    back = Refund.model_validate(refund("r1", amount=str(abs(first.net)), tax="0.00"))
    assert broken(credited(sold, back, seller, test_exemptions.LEFT)) == []


CONTACT = Contact(name="Buchhaltung", phone="+49 221 1234", email="rechnung@example.com")


@pytest.mark.parametrize("paid", ["0", "35.70"])
def test_a_german_seller_with_a_contact_and_an_account_invoices_germans_over_peppol(
    paid: str,
) -> None:
    party = PARTY.model_copy(update={"contact": CONTACT, "account": "DE02120300000000202051"})
    place = {"lines": ["Torstraße 1"], "city": "Berlin", "postal_code": "10119", "country": "DE"}
    sold = taxed(("3", "11.90", "1.90"), ("1", "23.80", "3.80"))
    tree = {**sold.model_dump(mode="json"), "ship_to": place,
            "customer": {**BUYER, "tax_id": None, "endpoint_scheme": "0088"}}  # fmt: skip
    sold = SalesOrder.model_validate(tree)
    totals = sold.totals.model_copy(update={"paid": Decimal(paid)})
    invoice = drawn(sold.model_copy(update={"totals": totals}), Seller(party=party))
    assert b"poacc:billing" in write(invoice)
    assert broken(invoice) == []
    assert invoice.payment is not None
    assert (invoice.payment.code, invoice.payment.account) == (
        ("68", None) if Decimal(paid) else ("58", "DE02120300000000202051")
    )


def test_payment_and_contact_are_read_again() -> None:
    party = PARTY.model_copy(
        update={"contact": CONTACT, "account": "DE02120300000000202051",
                "legal_id": "12345678", "legal_scheme": "0106"}
    )  # fmt: skip
    unpaid = taxed(("1", "11.90", "1.90"))
    totals = unpaid.totals.model_copy(update={"paid": Decimal(0)})
    invoice = drawn(unpaid.model_copy(update={"totals": totals}), Seller(party=party))
    again = read(write(invoice))
    assert again.payment == invoice.payment
    assert again.seller == party.model_copy(update={"account": None})
    assert "DE02120300000000202051" in texts(draw(invoice))


@pytest.mark.parametrize("code", CODES.values())
def test_what_bears_no_tax_breaks_nothing(code: str) -> None:
    assert broken(test_exemptions.of(code)) == []


SPOILT = {
    **{rule: (write(rich()), how) for rule, how in test_schematron.SPOILT.items() if rule in RULES},
    **{rule: (test_elements.document(rule), how) for rule, how in test_elements.SPOILT.items()},
    **{rule: (write(test_exemptions.of(CODES[rule.split("-")[1]])), how)
       for rule, how in test_exemptions.SPOILT.items()},
}  # fmt: skip


@pytest.mark.parametrize("rule", sorted(SPOILT.keys() - NEVER_BITES))
def test_what_breaks_a_rule_of_ours_breaks_theirs(rule: str) -> None:
    raw, how = SPOILT[rule]
    spoilt = test_schematron.spoil(raw, *how) if rule in RULES else spoil(raw, *how)
    name = PEPPOL if rule.startswith("PEPPOL") else CEN
    assert rule in official.broken(spoilt, name)
