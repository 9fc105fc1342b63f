"""Published settlements: what their lines come to is what Amazon says was paid."""

import csv
from decimal import Decimal

import pytest

from hub.model.errors import BadData
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "backoffice" / "amazon_settlement"
AMAZON = PARTNERS["amazon_settlement"]
EXCERPT = "flatfile_v1_usd_2015.txt"
FILES = sorted(it for it in FOLDER.glob("*.txt") if it.name != EXCERPT)

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FOLDER.exists(), reason="the published files are not here"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda it: it.name)
def test_all_lines_of_a_settlement_come_to_its_total(path):
    (told,) = AMAZON.read("report", path.read_bytes())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = [name for name in rows[0] if name.endswith("-amount") and name != "total-amount"]
    assert sum(line.net for line in told.lines) == Decimal(rows[0]["total-amount"])
    assert told.payout.amount == Decimal(rows[0]["total-amount"])
    assert len(told.lines) == sum(any(row[name] for name in names) for row in rows)


@pytest.mark.skipif(not (FOLDER / EXCERPT).exists(), reason="the excerpt is not here")
def test_an_excerpt_is_told_from_a_whole_settlement():
    with pytest.raises(BadData, match="16630"):
        AMAZON.read("report", (FOLDER / EXCERPT).read_bytes())
