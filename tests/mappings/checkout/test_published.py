"""A published report of Checkout.com."""

import pytest

from hub.model.errors import BadData
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FILE = SHARED / "backoffice" / "other_psp" / "checkoutcom_payouts.csv"

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FILE.exists(), reason="the published file is not here"),
]


def test_a_report_whose_totals_lie_is_refused_with_both_figures():
    with pytest.raises(BadData, match=r"says 79\.51, its lines come to 79\.45"):
        PARTNERS["checkout"].read("report", FILE.read_bytes())
