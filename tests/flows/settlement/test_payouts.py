"""From an approved statement to the bank and back: the file that goes out, and the notice that
confirms it.
"""

from datetime import UTC, datetime
from decimal import Decimal

from lxml import etree

from hub import flows
from hub.flows.settlement import contracts, payouts, statements
from hub.flows.unit import Told
from hub.model.merchant import OPERATOR
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Terms
from hub.store.base.ids import new_id
from hub.store.settlement import entries
from hub.store.settlement import statements as store
from mappings.payouts import files
from tests.mappings.partners import PARTNERS

SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
SOLD = {"right": "119.00", "wrong": "40.00"}
IBANS = {OPERATOR: "DE02120300000000202051", "right": "NL91ABNA0417164300",
         "wrong": "FR1420041010050500013M02606"}  # fmt: skip
NOTICE = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-03T06:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id>
<CreDtTm>2026-11-03T06:00:00Z</CreDtTm><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>
ENTRIES</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>{own}</AcctSvcrRef><NtryDtls><TxDtls><Refs>
<EndToEndId>{name}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"""


def agreed(world, merchant):
    payee = {"name": f"{merchant} Ltd", "iban": IBANS[merchant]}
    terms = Terms.model_validate({"currency": "EUR", "payee": payee})
    with world.unit() as unit:
        contracts.agree(unit, merchant, terms, datetime(2026, 1, 1, tzinfo=UTC), "ann")


def approved(world, merchant):
    """An approved statement over one sale."""
    amount, at = Decimal(SOLD[merchant]), datetime(2026, 10, 9, tzinfo=UTC)
    item = ChargeItem("sale", {"channel": "shop"}, "1", Decimal(1), amount)
    lines = postings.turnover([item])
    with world.unit() as unit:
        sale = Entry(merchant, "order:1", "sale:1", "EUR", at, at, lines, items=[item])
        entries.book(unit.db, [sale])
        id_ = statements.open_period(unit, merchant, "EUR", SINCE, UNTIL, "ann")
        statements.calculate(unit, [id_], "ann")
    with world.unit() as unit:
        return statements.approve(unit, id_, "bob").id


def confirmed(pain, changed):
    """The bank's notice of a file; what is `changed` it carried out with another amount."""
    told = [
        (it.findtext(".//{*}EndToEndId"), it.findtext(".//{*}InstdAmt"))
        for it in etree.fromstring(pain.encode()).iter("{*}CdtTrfTxInf")
    ]
    booked = [
        ENTRY.format(name=name, amount=changed.get(name, amount), own=f"B{at}")
        for at, (name, amount) in enumerate(told)
    ]
    return NOTICE.replace("ENTRIES", "".join(booked)).encode()


def test_the_bank_confirms_what_the_file_told_it_and_another_amount_goes_to_a_person(shared):
    for merchant in (OPERATOR, *SOLD):
        if merchant != OPERATOR:
            shared.merchant(merchant)
        agreed(shared, merchant)
    ids = {merchant: approved(shared, merchant) for merchant in SOLD}
    shared.connect("house-bank", "finance", merchant=OPERATOR)

    def rows():
        with shared.unit() as unit:
            return {row.merchant: row for row in store.load(unit.db, list(ids.values()))}

    before = rows()
    with shared.unit() as unit:
        batch = payouts.due(unit, "EUR")
    pain = files.FORMATS["pain.001"](batch)
    assert all(iban in pain for iban in IBANS.values())
    assert batch.total == sum(map(Decimal, SOLD.values()))

    notice = confirmed(pain, {before["wrong"].number: "39.00"})
    (document,) = PARTNERS["bank"].read("report", notice)
    partner = shared.store.directory().connections["house-bank"]
    with shared.unit() as unit:
        (verdict,) = flows.take(unit, [Told(document, partner, new_id(), new_id())])
    assert verdict.status == "done"

    after = rows()
    assert {merchant: row.status for merchant, row in after.items()} == {
        "right": "paid",
        "wrong": "approved",
    }
    assert after["right"].payout_reference == after["right"].number
    with shared.unit() as unit:
        left = {name: sum_ for (_, name), sum_ in entries.balances(unit.db, "right").items()}
    assert (left["merchant.receivable"], left["merchant.bank"]) == (0, Decimal("119.00"))
    (incident,) = shared.sql("SELECT subject, sentence FROM incident WHERE merchant_id = 'wrong'")
    assert incident.subject == f"statement:{after['wrong'].number}"
    assert "39" in incident.sentence
