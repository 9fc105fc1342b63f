"""One provider tells the same money in two forms: it counts once, and what only one of them tells
is added.
"""

import json
from typing import Any

import pytest

from tests.flows.reconciliation.till import Till, line, report
from tests.mappings.partners import PARTNERS

DONE = ("done", "")
REFUSED = ("ignored", "contradiction")
SETTLED = {"accounts_for": "S1", "form": "whole"}
LISTED = {"accounts_for": "S1", "form": "parts", "payout": None}
HEAD = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\t"
    "currency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\t"
    "posted-date-time\n"
)


def states(till: Till) -> dict[str, tuple[str, str | None]]:
    return {name: (state, reason) for name, state, reason in till.theirs()}


def incidents(till: Till) -> list[str]:
    rows = till.acme.rows(
        "SELECT sentence FROM incident WHERE merchant_id = :merchant AND kind = 'contradiction'"
    )
    return [row.sentence for row in rows]


def test_a_movement_told_in_parts_is_the_one_that_was_told_whole(till: Till) -> None:
    till.sold(1, ("t1", "30.00"))
    till.sold(2, (None, "8.00"))
    told = line("t1", "30.00", "3.00", movement="m1")
    assert till.report("L1", told, **LISTED) == DONE
    parts = [
        line("s1", "30.00", movement="m1", channel_order_id="1"),
        line("s2", "0", "3.00", kind="fee", movement="m1", channel_order_id="1"),
        line("s3", "8.00", movement="m2", channel_order_id="2"),
    ]
    assert till.report("S1", *parts, **SETTLED) == DONE
    assert states(till) == {
        "t1": ("matched", None),
        "s1": ("told", None),
        "s2": ("told", None),
        "s3": ("matched", None),
    }
    assert [state for _, state, _ in till.ours()] == ["matched", "matched"]
    assert till.ours("payout") == [("PAY-S1", "open", 35)]
    assert incidents(till) == []


def test_what_comes_later_of_a_settlement_that_is_told_whole_adds_nothing(till: Till) -> None:
    till.sold(1, ("s1", "30.00"))
    till.report("S1", line("s1", "30.00", movement="m1"), line("s2", "5", movement="m2"), **SETTLED)
    paid = line("out", "-35.00", kind="payout")
    again = [line("t1", "30.00", movement="m1"), line("t2", "5", movement="m2"), paid]
    payout = {"reference": "PAY-S1", "amount": "35.00", "at": None}
    assert till.report("L1", *again, **{**LISTED, "payout": payout}) == DONE
    assert states(till)["t1"] == states(till)["t2"] == ("told", None)
    assert states(till)["out"] == ("attached", None)
    assert till.ours("payout") == [("PAY-S1", "open", 35)]


def test_forms_of_one_transaction_count_once(till: Till) -> None:
    till.sold(1, ("p1", "30.00"))
    first = report("A", line("p1", "30.00", movement="p1"), form="a", payout=None)
    other = report("B", line("p1", "30.00", movement="p1"), form="b", payout=None)
    third = report("C", line("p1", "30.00", movement="p1"), form="c", payout=None)
    assert till.take_all(first, other, third) == [DONE] * 3
    assert sorted(state for _, state, _ in till.theirs()) == ["matched", "told", "told"]


def test_other_money_of_the_same_movement_is_not_counted_and_named(till: Till) -> None:
    till.sold(1, ("p1", "30.00"))
    till.report("A", line("p1", "30.00", movement="p1"), form="a", payout=None)
    assert till.report("B", line("q1", "31.00", movement="p1"), form="b", payout=None) == DONE
    assert states(till)["q1"] == ("open", "duplicate")
    (said,) = incidents(till)
    assert "tells 1 movements otherwise" in said
    assert "p1" in said


@pytest.mark.parametrize(
    "named", [("m1", "m3"), ("m1", None)], ids=["names that only overlap", "a line without a name"]
)
def test_a_form_that_cannot_be_told_apart_is_left_out(
    till: Till, named: tuple[str, str | None]
) -> None:
    told = [line("t1", "3", movement="m1"), line("t2", "4", movement="m2")]
    till.report("L1", *told, **LISTED)
    more = [line(f"s{n}", "3", movement=name) for n, name in enumerate(named)]
    assert till.report("S1", *more, **SETTLED) == REFUSED
    assert sorted(states(till)) == ["t1", "t2"]


def test_one_form_tells_two_movements_of_a_name_as_before(till: Till) -> None:
    """Only forms are compared with each other: what one form tells is told apart by its lines."""
    till.sold(1, ("a", "3"), ("b", "3"))
    till.report("L1", line("a", "3", movement="m1"), **LISTED)
    till.report("L2", line("b", "3", movement="m1"), **LISTED)
    assert [state for _, state, _ in till.theirs()] == ["matched", "matched"]


# --- as the providers write it


def decoded(partner: str, topic: str, raw: str) -> dict[str, Any]:
    (document,) = PARTNERS[partner].read(topic, raw.encode())
    return document.model_dump(mode="json", by_alias=True)


def amazon_listed(*moves: tuple[str, str, str]) -> str:
    """Order, second and total of each transaction, of which a tenth is a fee."""
    return json.dumps(
        {"transactions": [
            {"transactionType": "Shipment", "transactionId": f"tx-{order}", "postedDate": at,
             "transactionStatus": "RELEASED",
             "relatedIdentifiers": [
                 {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order},
                 {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "9004"}],
             "totalAmount": {"currencyAmount": total, "currencyCode": "EUR"},
             "breakdowns": [{"breakdownType": "CommissionFee", "breakdownAmount":
                 {"currencyAmount": "-1.00", "currencyCode": "EUR"}}]}
            for order, at, total in moves]}
    )  # fmt: skip


def amazon_settled(total: str, *moves: tuple[str, str, str]) -> str:
    """Order, second and price of each order, of which a fee of 1 is taken."""
    rows = [f"9004\t2026-11-01\t2026-11-15\t2026-11-17\t{total}\tEUR" + "\t" * 7]
    for order, at, price in moves:
        for kind, name, amount in (("ItemPrice", "Principal", price),
                                   ("ItemFees", "Commission", "-1.00")):  # fmt: skip
            rows.append(
                "9004" + "\t" * 6 + f"Order\t{order}\t{kind}\t{name}\t{amount}\t{at[:10]}\t{at}"
            )
    return HEAD + "\n".join(rows) + "\n"


def test_an_amazon_settlement_report_after_its_transactions(till: Till) -> None:
    till.sold(1, (None, "30.00"))
    till.sold(2, (None, "8.00"))
    first = amazon_listed(("1", "2026-11-03T18:00:00.310Z", "29.00"))
    assert till.take(decoded("amazon_settlement", "report", first)) == DONE
    whole = amazon_settled(
        "36.00", ("1", "2026-11-03 18:00:00 UTC", "30.00"), ("2", "2026-11-04 09:00:00 UTC", "8.00")
    )
    assert till.take(decoded("amazon_settlement", "report", whole)) == DONE
    assert [state for _, state, _ in till.theirs()] == [
        *("matched", "told", "told"),
        *("matched", "attached"),
    ]
    assert till.ours("payout") == [("9004", "open", 36)]
    assert incidents(till) == []


def amazon_page(total: str) -> str:
    """A page of the Finances API with an order of 29.00 and the transfer of a whole settlement."""
    page = json.loads(amazon_listed(("1", "2026-11-03T18:00:00Z", "29.00")))
    transfer = {
        "transactionType": "Transfer",
        "transactionId": "tx-out",
        "transactionStatus": "RELEASED",
        "postedDate": "2026-11-17T00:00:00Z",
        "relatedIdentifiers": [
            {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "9004"}
        ],
        "totalAmount": {"currencyAmount": f"-{total}", "currencyCode": "EUR"},
    }
    return json.dumps({"transactions": [*page["transactions"], transfer]})


def test_an_amazon_page_with_the_transfer_and_a_part_of_its_settlement(till: Till) -> None:
    """Other pages have the rest: the page is read, and the settlement report says what is paid."""
    till.sold(1, (None, "30.00"))
    till.sold(2, (None, "8.00"))
    assert till.take(decoded("amazon_settlement", "report", amazon_page("36.00"))) == DONE
    assert till.ours("payout") == []
    whole = amazon_settled(
        "36.00", ("1", "2026-11-03 18:00:00 UTC", "30.00"), ("2", "2026-11-04 09:00:00 UTC", "8.00")
    )
    assert till.take(decoded("amazon_settlement", "report", whole)) == DONE
    assert till.ours("payout") == [("9004", "open", 36)]
    assert {state for _, state, _ in till.theirs()} == {"matched", "told", "attached"}
    assert incidents(till) == []


def test_an_amazon_page_with_a_whole_settlement_tells_its_payout(till: Till) -> None:
    till.sold(1, (None, "30.00"))
    assert till.take(decoded("amazon_settlement", "report", amazon_page("29.00"))) == DONE
    assert till.ours("payout") == [("9004", "open", 29)]


def test_a_statement_of_a_bank_with_one_balance_is_read(till: Till) -> None:
    raw = ":20:X\n:25:NL00TEST0123456789\n:28C:1/1\n:60F:C260105EUR1000,\n"
    raw += ":61:2601060106C250,00NTRFNONREF//B26A001\n-\n"
    assert till.take(decoded("bank", "report", raw)) == DONE
    assert [(state, reason) for _, state, reason in till.theirs()] == [("open", "unknown")]


def test_a_paypal_transaction_in_search_and_activity(till: Till) -> None:
    till.sold(1, ("TX1", "30.00"))
    search = json.dumps(
        {"account_number": "ACC", "start_date": "2026-11-24T00:00:00Z",
         "end_date": "2026-11-24T23:59:59Z",
         "transaction_details": [{"transaction_info": {
             "transaction_id": "TX1", "transaction_event_code": "T0006",
             "transaction_initiation_date": "2026-11-24T10:00:00Z",
             "transaction_amount": {"currency_code": "EUR", "value": "30.00"},
             "fee_amount": {"currency_code": "EUR", "value": "-1.00"},
             "transaction_status": "S"}}]}
    )  # fmt: skip
    activity = (
        '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net",'
        '"Transaction ID","Reference Txn ID"\n'
        '"24/11/2026","11:00:00","CET","","Express Checkout Payment","Completed","EUR","30.00",'
        '"-1.00","29.00","TX1",""\n'
        '"25/11/2026","11:00:00","CET","","Express Checkout Payment","Completed","EUR","5.00",'
        '"0.00","5.00","TX2",""\n'
    )
    for topic, raw in (("transactions", search), ("report", activity)):
        assert till.take(decoded("paypal", topic, raw)) == DONE
    assert till.theirs() == [
        ("TX1", "matched", None),
        ("TX1", "told", None),
        ("TX2", "open", "unknown"),
    ]
