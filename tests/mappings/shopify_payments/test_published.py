"""Published reports of Shopify Payments: their lines come to what they say."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData, Ignored
from mappings import shopify_payments
from mappings.kit import Context
from mappings.kit.context import code_lists
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "backoffice" / "shopify_payments"
READER = PARTNERS["shopify_payments"]
TOLD = {
    "payout.json": [("41.90", "41.90")],
    "payouts.json": [("41.90", "41.90"), ("41.90", "41.90")],
}
"""File -> what is left by the lines of each report, the payout aside, and what was paid out."""
LYING = {
    "payouts_transactions.json": "says 41\\.90, its lines come to 81\\.38",
}
"""File -> the figure that it says, which is not what its rows come to."""
SILENT = ("balance.json", "refund.json", "tender_transactions.json", "transactions.json")

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FOLDER.exists(), reason="the published files are not here"),
]


@pytest.mark.parametrize("name", TOLD)
def test_the_lines_of_a_report_come_to_what_it_says(name):
    documents = READER.read("report", (FOLDER / name).read_bytes())
    assert [
        (
            sum(line.net for line in it.lines if line.kind != "payout"),
            it.payout and it.payout.amount,
        )
        for it in documents
    ] == [(Decimal(net), paid and Decimal(paid)) for net, paid in TOLD[name]]


@pytest.mark.parametrize("name", LYING)
def test_a_report_whose_totals_lie_is_refused_with_both_figures(name):
    with pytest.raises(BadData, match=LYING[name]) as caught:
        READER.read("report", (FOLDER / name).read_bytes())
    assert caught.value.code == "totals_differ"


def test_one_payout_that_lies_is_named_and_does_not_hold_up_the_others_of_its_page():
    at = Context("money", "acme", code_lists("shopify_payments"))
    raw = (FOLDER / "payouts.json").read_bytes()
    documents = shopify_payments.paid_out(raw, at)
    assert [it.payout.reference for it in documents] == ["710174591", "623721858"]
    assert [(it.code, it.message) for it in at.warnings] == [
        (
            "totals_differ",
            "payout 974708905 was left out: the report says 51.69, its lines come to 50.39",
        )
    ]


@pytest.mark.parametrize("name", SILENT)
def test_what_moves_no_money_is_of_no_consequence(name):
    with pytest.raises(Ignored):
        READER.read("report", (FOLDER / name).read_bytes())


def test_no_file_is_forgotten():
    there = {path.name for path in FOLDER.iterdir()} - {"SOURCES.md"}
    assert there == {*TOLD, *LYING, *SILENT}
