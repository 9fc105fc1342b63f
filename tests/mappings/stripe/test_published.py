"""Published reports and objects of Stripe."""

from decimal import Decimal

import pytest

from hub.model.errors import Ignored
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "backoffice" / "stripe"
STRIPE = PARTNERS["stripe"]
TOLD = {
    "payments_activity.csv": [("28.80", None, 1), ("-45.00", None, 1)],
    "payout_reconciliation_itemized.csv": [("23.05", "23.05", 5), ("3.35", None, 1)],
    "resource_balance_transaction.json": [("1.00", None, 1)],
}
"""File -> what the lines of each report come to without the payout, what was paid out, and how many
they are.
"""

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FOLDER.exists(), reason="the published files are not here"),
]


@pytest.mark.parametrize("name", TOLD)
def test_the_lines_of_a_report_come_to_what_was_paid_out(name):
    documents = STRIPE.read("report", (FOLDER / name).read_bytes())
    earned = [[line for line in it.lines if line.kind != "payout"] for it in documents]
    assert [
        (sum(line.net for line in lines), it.payout and it.payout.amount, len(lines))
        for it, lines in zip(documents, earned, strict=True)
    ] == [(Decimal(net), paid and Decimal(paid), count) for net, paid, count in TOLD[name]]


@pytest.mark.parametrize("name", sorted(it.name for it in FOLDER.glob("*") if it.name not in TOLD))
def test_an_object_that_moves_no_money_is_of_no_consequence(name):
    if not name.endswith(".json"):
        pytest.skip("it tells where the others are from")
    with pytest.raises(Ignored):
        STRIPE.read("report", (FOLDER / name).read_bytes())
