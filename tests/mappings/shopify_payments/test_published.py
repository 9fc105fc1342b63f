"""A published page of payouts of Shopify Payments."""

import pytest

from mappings import shopify_payments
from mappings.kit import Context
from mappings.kit.context import code_lists
from tests.kit.fixtures import SHARED

PAGE = SHARED / "backoffice" / "shopify_payments" / "payouts.json"


@pytest.mark.collection
@pytest.mark.skipif(not PAGE.exists(), reason="the published files are not here")
def test_one_payout_that_lies_is_named_and_does_not_hold_up_the_others_of_its_page():
    at = Context("money", "acme", code_lists("shopify_payments"))
    documents = shopify_payments.paid_out(PAGE.read_bytes(), at)
    assert [it.payout.reference for it in documents] == ["710174591", "623721858"]
    assert [(it.code, it.message) for it in at.warnings] == [
        (
            "totals_differ",
            "payout 974708905 was left out: the report says 51.69, its lines come to 50.39",
        )
    ]
