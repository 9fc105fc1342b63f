"""What every provider's mapping reads adds up for whoever books it."""

import pytest

from hub.model.errors import Ignored, NeedsPerson
from hub.model.settlement import SettlementReport
from hub.rules.reconciliation.adding_up import faults
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS, pair

CASES = [
    pytest.param(partner, path, id=f"{partner.name}:{path.name}")
    for partner in PARTNERS.values()
    for path in partner.cases
    if "settlement_report" in pair(path).read_text("utf-8")
]
FOLDERS = {
    "amazon_settlement": "amazon_settlement/*.txt",
    "stripe": "stripe/*",
    "shopify_payments": "shopify_payments/*.json",
    "paypal": "paypal/*.csv",
    "adyen": "adyen/*.csv",
    "alipay": "alipay_wechat/alipay*",
    "wechat_pay": "alipay_wechat/wechat*",
    "checkout": "other_psp/checkout*",
    "trustly": "other_psp/trustly*",
    "braintree": "other_psp/braintree*",
}
PUBLISHED = [
    pytest.param(PARTNERS[name], path, id=f"{name}:{path.name}")
    for name, pattern in FOLDERS.items()
    for path in sorted((SHARED / "backoffice").glob(pattern))
]


@pytest.mark.parametrize(("partner", "path"), CASES)
def test_a_report_that_is_read_has_no_fault(partner, path):
    documents = partner.documents(path)
    assert all(isinstance(it, SettlementReport) for it in documents)
    assert [problem for it in documents for problem in faults(it)] == []


@pytest.mark.collection
@pytest.mark.parametrize(("partner", "path"), PUBLISHED)
def test_a_published_report_has_no_fault_where_it_is_read(partner, path):
    try:
        documents = partner.read("report", path.read_bytes())
    except (NeedsPerson, Ignored) as refused:
        assert str(refused)  # noqa: PT017  # its totals lie, or it is none: tests of each say which
        return
    assert [problem for it in documents for problem in faults(it)] == []
