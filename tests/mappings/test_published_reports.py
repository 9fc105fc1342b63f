"""Published reports of payment providers: their lines come to what they say."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData, Ignored
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS
from tests.mappings.published import LYING, SILENT, TOLD, partner_of

FOLDER = SHARED / "backoffice"
pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not FOLDER.exists(), reason="the published files are not here"),
]


def read(name):
    return PARTNERS[partner_of(name)].read("report", (FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", TOLD)
def test_the_lines_of_a_report_come_to_what_it_says(name):
    assert [
        (
            sum(line.net for line in it.lines if line.kind != "payout"),
            it.payout and it.payout.amount,
        )
        for it in read(name)
    ] == [(Decimal(net), paid and Decimal(paid)) for net, paid in TOLD[name]]


@pytest.mark.parametrize("name", LYING)
def test_a_report_whose_totals_lie_is_refused_with_both_figures(name):
    with pytest.raises(BadData, match=LYING[name]) as caught:
        read(name)
    assert caught.value.code == "totals_differ"


@pytest.mark.parametrize("name", SILENT)
def test_what_moves_no_money_is_of_no_consequence(name):
    with pytest.raises(Ignored):
        read(name)


@pytest.mark.parametrize("folder", ["adyen", "paypal", "shopify_payments"])
def test_no_file_is_forgotten(folder):
    there = {f"{folder}/{it.name}" for it in (FOLDER / folder).iterdir()} - {f"{folder}/SOURCES.md"}
    assert there == {name for name in (*TOLD, *LYING, *SILENT) if name.startswith(f"{folder}/")}
