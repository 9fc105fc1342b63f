"""Payout files: valid by the published schema, and to the cent."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree

from hub.model.settlement import BankAccount, Payouts, Transfer
from mappings.payouts import files
from mappings.payouts.pain import NAMESPACE, pain_001
from tests.kit import fixtures

SCHEMA = fixtures.SHARED / "schemas" / "iso20022" / "pain.001.001.09.xsd"
PAYER = BankAccount("Market & Co", "NL91ABNA0417164300", "ABNANL2A")
SHOP = BankAccount("=Müller <Töpferei> " + "x" * 150, "DE89370400440532013000")
BATCH = Payouts(
    "P1",
    "EUR",
    PAYER,
    datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    (
        Transfer("S01ABC", SHOP, Decimal("109.81"), "Settlement 2026-10-01 S01ABC"),
        Transfer("S01ABD", PAYER, Decimal("0.10"), "Settlement 2026-10-01 S01ABD"),
    ),
)


def test_sums_and_references_come_back_from_the_file() -> None:
    tree = etree.fromstring(pain_001(BATCH).encode())
    amounts = [Decimal(it.text) for it in tree.iter(f"{{{NAMESPACE}}}InstdAmt")]
    assert sum(amounts) == BATCH.total == Decimal("109.91")
    totals = {it.text for it in tree.iter(f"{{{NAMESPACE}}}CtrlSum")}
    assert totals == {"109.91"}
    ids = [it.text for it in tree.iter(f"{{{NAMESPACE}}}EndToEndId")]
    assert ids == ["S01ABC", "S01ABD"]


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the published schema is not here")
@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_the_file_is_valid_by_the_published_schema(currency: str) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    made = Payouts(BATCH.number, currency, PAYER, BATCH.at, BATCH.transfers)
    schema.assertValid(etree.fromstring(pain_001(made).encode()))


def test_the_table_is_harmless_in_a_spreadsheet() -> None:
    lines = files.as_csv(BATCH).splitlines()
    assert lines[0] == "reference,name,iban,bic,amount,currency,text"
    assert lines[1].startswith("S01ABC,'=Müller")
    assert ",109.81,EUR," in lines[1]
    assert files.name_of(BATCH, "pain.001") == "payouts-EUR-P1.xml"
