"""Published bills of WeChat Pay: their lines come to what they say."""

from decimal import Decimal

import pytest

from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "backoffice" / "alipay_wechat"
READER = PARTNERS["wechat_pay"]

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FOLDER.exists(), reason="the published files are not here"),
]


def test_three_trades_of_a_day():
    path = FOLDER / "wechat_v3_tradebill_20210128.csv"
    (told,) = READER.read("report", path.read_bytes())
    assert sum(line.gross for line in told.lines) == Decimal("0.03")
    assert (len(told.lines), sum(line.fee for line in told.lines)) == (3, 0)
