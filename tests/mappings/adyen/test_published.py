"""Published reports of Adyen: their lines come to what they say."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "backoffice" / "adyen"
READER = PARTNERS["adyen"]
TOLD = {
    "payments_accounting_report_nyce.csv": [("10.02", None)],
    "settlement_detail_report_donation.csv": [("0.76", "0.76")],
    "settlement_detail_report_invoice_deduction.csv": [("-0.03", None)],
}
"""File -> what is left by the lines of each report, the payout aside, and what was paid out."""
LYING = {"settlement_detail_report_refund.csv": "says 4\\.03, its lines come to -2\\.80"}
"""File -> the figure that it says, which is not what its rows come to."""

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


def test_no_file_is_forgotten():
    there = {path.name for path in FOLDER.iterdir()} - {"SOURCES.md"}
    assert there == {*TOLD, *LYING}
