"""A published report of Braintree."""

from decimal import Decimal

import pytest

from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FILE = SHARED / "backoffice" / "other_psp" / "braintree_raw_settlement_batch.json"

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FILE.exists(), reason="the published file is not here"),
]


def test_three_transactions_of_a_day():
    (told,) = PARTNERS["braintree"].read("report", FILE.read_bytes())
    assert [line.gross for line in told.lines] == [Decimal(it) for it in ("3.10", "3.00", "3.10")]
