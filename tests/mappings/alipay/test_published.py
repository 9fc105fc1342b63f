"""Published bills of Alipay: their lines come to what they say."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "backoffice" / "alipay_wechat"
READER = PARTNERS["alipay"]

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FOLDER.exists(), reason="the published files are not here"),
]


def test_six_trades_and_four_refunds_of_a_day():
    path = FOLDER / "alipay_merchant_trade_bill_20190916.utf8.csv"
    (told,) = READER.read("report", path.read_bytes())
    grosses = [line.gross for line in told.lines]
    assert [line.kind for line in told.lines].count("refund") == 4
    assert (sum(it for it in grosses if it > 0), sum(grosses)) == (Decimal("0.06"), Decimal("0.02"))


def test_the_same_bill_in_the_bytes_that_alipay_sends():
    path = FOLDER / "alipay_merchant_trade_bill_20190916.utf8.csv"
    raw = path.read_bytes()
    assert READER.read("report", raw.decode().encode("gb18030")) == READER.read("report", raw)


def test_the_export_of_a_private_account_is_refused():
    with pytest.raises(BadData, match="private account"):
        READER.read("report", (FOLDER / "alipay_personal_export_gbk.csv").read_bytes())
