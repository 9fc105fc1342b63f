"""From an approved statement to the bank and back: the file that goes out, what the bank answers,
and the notice that confirms it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree

from hub import flows
from hub.flows.settlement import contracts, payouts, statements
from hub.flows.unit import Told
from hub.model.errors import Contradiction, NotFound
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


ANSWER = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>{number}</MsgId><CreDtTm>2026-11-02T12:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>
<OrgnlMsgId>{file}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{file}</OrgnlPmtInfId>{parts}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>
</Document>"""
PART = """<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}
</TxInfAndSts>"""
WHY = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed in May</AddtlInf></StsRsnInf>"


def answer(number, file, *, group="", **parts):
    """A bank's answer; a part that is refused says why."""
    told = "".join(
        PART.format(name=name, status=status, why=WHY if status == "RJCT" else "")
        for name, status in parts.items()
    )
    sts = group and f"<GrpSts>{group}</GrpSts>"
    return ANSWER.format(number=number, file=file, group=sts, parts=told).encode()


class Desk:
    """Two approved statements, of `right` and `wrong`, and the operator's bank."""

    def __init__(self, world):
        self.world = world
        for merchant in (OPERATOR, *SOLD):
            if merchant != OPERATOR:
                world.merchant(merchant)
            agreed(world, merchant)
        self.ids = {merchant: approved(world, merchant) for merchant in SOLD}
        world.connect("house-bank", "finance", merchant=OPERATOR)
        self.numbers = {merchant: row.number for merchant, row in self.rows().items()}

    def rows(self):
        with self.world.unit() as unit:
            return {row.merchant: row for row in store.load(unit.db, list(self.ids.values()))}

    def due(self):
        with self.world.unit() as unit:
            return payouts.due(unit, "EUR")

    def told(self, raw):
        """The bank posts this."""
        (document,) = PARTNERS["bank"].read("report", raw)
        partner = self.world.store.directory().connections["house-bank"]
        with self.world.unit() as unit:
            (verdict,) = flows.take(unit, [Told(document, partner, new_id(), new_id())])
        return verdict

    def states(self):
        """What the bank said of each merchant's payout, the oldest file first."""
        found = self.world.sql(
            "SELECT merchant_id, state, code, reason FROM transfer ORDER BY merchant_id, written_at"
        )
        return [tuple(row) for row in found]

    def incidents(self, kind):
        return self.world.sql(
            "SELECT subject, sentence, closed_at FROM incident WHERE kind = :kind", kind=kind
        )

    def balance(self, merchant):
        with self.world.unit() as unit:
            return {name: sum_ for (_, name), sum_ in entries.balances(unit.db, merchant).items()}


@pytest.fixture
def desk(world):
    return Desk(world)


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


def test_the_bank_confirms_what_the_file_told_it_and_another_amount_goes_to_a_person(desk):
    batch = desk.due()
    pain = files.FORMATS["pain.001"](batch)
    assert all(iban in pain for iban in IBANS.values())
    assert batch.total == sum(map(Decimal, SOLD.values()))

    assert desk.told(confirmed(pain, {desk.numbers["wrong"]: "39.00"})).status == "done"

    after = desk.rows()
    assert {merchant: row.status for merchant, row in after.items()} == {
        "right": "paid",
        "wrong": "approved",
    }
    assert after["right"].payout_reference == after["right"].number
    left = desk.balance("right")
    assert (left["merchant.receivable"], left["merchant.bank"]) == (0, Decimal("119.00"))
    (incident,) = desk.incidents("contradiction")
    assert incident.subject == f"statement:{desk.numbers['wrong']}"
    assert "39" in incident.sentence


def test_what_the_bank_refuses_goes_out_again_and_what_it_took_does_not(desk):
    first = desk.due()
    right, wrong = desk.numbers["right"], desk.numbers["wrong"]
    raw = answer("A1", first.number, group="PART", **{right: "ACSP", wrong: "RJCT"})
    assert desk.told(raw).status == "done"
    refused = ("wrong", "refused", "AC04", "closed in May")
    assert desk.states() == [("right", "accepted", None, None), refused]
    (incident,) = desk.incidents("payout_refused")
    assert incident.subject == f"statement:{wrong}"
    assert "AC04" in incident.sentence
    assert desk.told(raw).code == "repeated"

    again = desk.due()
    assert [it.reference for it in again.transfers] == [wrong]
    assert again.number != first.number
    assert desk.due().number == again.number  # fetched twice, it is the same file
    assert desk.told(answer("A2", again.number, group="ACSC")).status == "done"
    assert desk.rows()["wrong"].status == "approved"  # the account's statement says what is paid
    with pytest.raises(Contradiction, match="no payout"):
        desk.due()
    desk.told(confirmed(files.FORMATS["pain.001"](again), {}))
    assert desk.rows()["wrong"].status == "paid"
    assert desk.balance("wrong")["merchant.receivable"] == 0
    assert desk.incidents("payout_refused")[0].closed_at is not None


def test_a_file_that_is_refused_whole_is_written_anew_under_another_number(desk):
    first = desk.due()
    assert desk.told(answer("A1", first.number, group="RJCT")).status == "done"
    assert [it[1] for it in desk.states()] == ["refused", "refused"]
    second = desk.due()
    assert second.transfers == first.transfers
    assert second.number != first.number
    # what was told of the first before comes late: the refusal stays
    assert desk.told(answer("A0", first.number, group="ACTC")).code == "repeated"
    assert desk.due().number == second.number


def test_what_was_never_sent_is_parked_by_name_and_the_rest_is_taken(desk):
    file = desk.due().number
    wrong = desk.numbers["wrong"]
    verdict = desk.told(answer("A1", file, **{wrong: "RJCT", "SALARY-7": "RJCT"}))
    assert (verdict.status, verdict.code) == ("parked", "unknown_payout")
    assert "SALARY-7" in verdict.message
    assert wrong not in verdict.message
    assert [it[1] for it in desk.states()] == [None, "refused"]
    assert desk.told(answer("A2", "P-OTHER", group="RJCT")).code == "unknown_payout"


def test_a_payout_that_is_paid_is_not_undone_by_the_bank_but_by_a_person(desk):
    file, wrong = desk.due(), desk.numbers["wrong"]
    notice = confirmed(files.FORMATS["pain.001"](file), {})
    desk.told(notice)
    assert desk.told(answer("A1", file.number, **{wrong: "RJCT"})).status == "done"
    assert desk.rows()["wrong"].status == "paid"
    assert "see where the money is" in desk.incidents("payout_refused")[0].sentence

    with desk.world.unit() as unit:
        statements.take_back(unit, desk.ids["wrong"], "bob", "the bank sent it back")
    row = desk.rows()["wrong"]
    assert (row.status, row.paid_at) == ("approved", None)
    assert desk.balance("wrong")["merchant.receivable"] == Decimal(SOLD["wrong"])

    again = desk.due()
    assert [it.reference for it in again.transfers] == [wrong]
    retold = notice.replace(b"<Id>N1</Id>", b"<Id>N2</Id>")
    desk.told(retold)  # the first payment told once more is not the second
    assert desk.rows()["wrong"].status == "approved"
    assert "came back" in desk.incidents("contradiction")[0].sentence
    later = confirmed(files.FORMATS["pain.001"](again), {})
    later = later.replace(b"<Id>N1</Id>", b"<Id>N3</Id>").replace(b"-11-02<", b"-11-05<")
    desk.told(later.replace(b">B0<", b">B9<"))
    assert desk.rows()["wrong"].status == "paid"
    assert desk.balance("wrong")["merchant.receivable"] == 0
    reasons = desk.world.sql(
        """SELECT reason FROM entry WHERE document = :document AND reason LIKE 'payout%'
        ORDER BY id""",
        document=f"statement:{wrong}",
    )
    assert [it.reason for it in reasons] == ["payout", "payout_back", "payout:2"]


def test_nothing_is_taken_back_that_was_not_sent(desk):
    with desk.world.unit() as unit, pytest.raises(Contradiction, match="nothing of it is paid"):
        statements.take_back(unit, desk.ids["right"], "bob", "by mistake")
    file = desk.due().number
    desk.told(answer("A1", file, group="ACCP"))
    with desk.world.unit() as unit:
        statements.take_back(unit, desk.ids["right"], "bob", "the bank lost it")
    assert [it.reference for it in desk.due().transfers] == [desk.numbers["right"]]
    assert desk.balance("right")["merchant.receivable"] == Decimal(SOLD["right"])


def test_each_payout_stands_in_one_file_and_a_file_fetched_again_is_the_same(desk):
    first = desk.due()
    pain = files.FORMATS["pain.001"](first)
    desk.world.later(3600)
    other = {"name": "Elsewhere Ltd", "iban": IBANS["wrong"]}
    terms = Terms.model_validate({"currency": "EUR", "payee": other})
    with desk.world.unit() as unit:
        contracts.agree(unit, "right", terms, datetime(2026, 1, 2, tzinfo=UTC), "ann")
    assert files.FORMATS["pain.001"](desk.due()) == pain

    with desk.world.unit() as unit:
        desk.world.later(60)
        statements.take_back(unit, desk.ids["right"], "bob", "it was never sent")
    second = desk.due()
    assert [it.reference for it in second.transfers] == [desk.numbers["right"]]
    assert second.transfers[0].to.name == "Elsewhere Ltd"
    assert second.number != first.number
    with desk.world.unit() as unit:
        assert payouts.again(unit, second.number) == second
    with desk.world.unit() as unit, pytest.raises(Contradiction, match="another file has them"):
        payouts.again(unit, first.number)
    with desk.world.unit() as unit, pytest.raises(NotFound, match="no such file"):
        payouts.again(unit, "P0")


def test_what_is_approved_after_a_file_was_fetched_stands_in_another(desk):
    world = desk.world
    first = desk.due()
    world.merchant("later")
    payee = {"name": "later Ltd", "iban": IBANS["right"]}
    terms = Terms.model_validate({"currency": "EUR", "payee": payee})
    with world.unit() as unit:
        contracts.agree(unit, "later", terms, datetime(2026, 1, 1, tzinfo=UTC), "ann")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SOLD, "later", "7.00")
        approved(world, "later")
    second = desk.due()
    assert [it.to.name for it in second.transfers] == ["later Ltd"]
    assert desk.due() == second
    with world.unit() as unit:
        assert payouts.again(unit, first.number) == first


def test_what_the_bank_pays_during_a_dispute_comes_back_or_goes_twice_a_person_looks_at(desk):
    right, wrong = (desk.ids[it] for it in ("right", "wrong"))
    file = desk.due()
    with desk.world.unit() as unit:
        statements.dispute(unit, right, "ann", "too little")
        statements.take_back(unit, wrong, "bob", "it was never sent")
    desk.told(confirmed(files.FORMATS["pain.001"](file), {}))  # it was
    assert {it: row.status for it, row in desk.rows().items()} == {
        "right": "disputed",
        "wrong": "paid",
    }
    (incident,) = desk.incidents("contradiction")
    assert incident.subject == f"statement:{desk.numbers['right']}"
    assert "119.00 EUR" in incident.sentence
    assert "disputed" in incident.sentence
    line = ENTRY.format(name=desk.numbers["wrong"], amount="40.00", own="B8")
    second = NOTICE.replace("ENTRIES", line).replace("-11-02<", "-11-04<")
    desk.told(second.replace("<Id>N1</Id>", "<Id>N2</Id>").encode())
    assert "which is paid" in desk.incidents("contradiction")[-1].sentence


def test_money_that_comes_back_is_told_to_a_person_once_it_is_paid(desk):
    notice = confirmed(files.FORMATS["pain.001"](desk.due()), {})
    desk.told(notice)
    desk.told(notice.replace(b"<Id>N1</Id>", b"<Id>N2</Id>"))
    assert desk.incidents("contradiction") == []
    line = ENTRY.format(name=desk.numbers["right"], amount="119.00", own="B8")
    credit = NOTICE.replace("ENTRIES", line).replace("DBIT", "CRDT").replace("-11-02<", "-11-04<")
    desk.told(credit.replace("<Id>N1</Id>", "<Id>N3</Id>").encode())
    assert desk.rows()["right"].status == "paid"
    (incident,) = desk.incidents("contradiction")
    assert "119.00 EUR" in incident.sentence
    assert "came back" in incident.sentence


def test_an_answer_that_a_file_goes_after_it_was_taken_back_is_a_warning(desk):
    file = desk.due().number
    early = answer("A0", file, group="ACCP")
    with desk.world.unit() as unit:
        that_day = replace(unit, at=datetime(2026, 11, 2, 13, tzinfo=UTC))
        statements.take_back(that_day, desk.ids["right"], "bob", "it was never sent")
    desk.told(early)  # from before
    assert desk.incidents("contradiction") == []
    late = answer("A1", file, group="ACSC").replace(b"-02T12:", b"-02T14:")
    assert desk.told(late).status == "done"
    (incident,) = desk.incidents("contradiction")
    assert incident.subject == f"statement:{desk.numbers['right']}"
    assert "paid twice" in incident.sentence
    again = answer("A2", file, **{desk.numbers["right"]: "ACSC"}).replace(b"-02T12:", b"-02T15:")
    assert desk.told(again).code == "contradiction"
