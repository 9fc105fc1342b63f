"""Numbers, kinds and days that partners write in another place than the standard's."""

from decimal import Decimal

import pytest

from mappings.kit import decode
from mappings.x12 import Terms, decoders
from tests.mappings.partners import READ_AT
from tests.mappings.x12.test_sets import context, lines, read

ARTICLES = {
    "944": ("W17*F*20260506*RC-9*IN-7", "W07*5*EA*{}"),
    "947": ("W15*20260506*ADJ-1", "W19*01*5*EA*{}"),
}


@pytest.mark.parametrize("kind", ARTICLES)
@pytest.mark.parametrize(
    ("written", "sku", "code"),
    [
        ("*VN*CUP", "CUP", None),
        ("VN*CUP", "CUP", None),
        ("012345678905*VN*CUP", "CUP", "012345678905"),
        ("012345678905*UP*CUP*VN", "CUP", "012345678905"),
        ("*vn*CUP*up*012345678905", "CUP", "012345678905"),
        ("**CUP", "CUP", None),
        ("012345678905", "012345678905", None),
    ],
)
def test_the_kind_of_a_number_is_known_wherever_it_stands(kind, written, sku, code):
    head, row = ARTICLES[kind]
    (told,) = read(kind, head, row.format(written))
    (line,) = told.lines
    assert (line.sku, line.item_code) == (sku, code)


@pytest.mark.parametrize(
    "row",
    [
        "W12*CC*2*2**EA**SK*CUP*UP*012345678905",
        "W12*CC*2*2**EA**SK*CUP*********UP*012345678905",
        "W12*CC*2*2**EA*012345678905*SK*CUP",
        "W12*CC*2*2**EA*SK*CUP*UP*012345678905",
        "W12*CC*2*2**EA*012345678905*UP*CUP*VN",
    ],
)
def test_a_second_number_of_an_article_is_no_lot_and_no_weight(row):
    (package,) = lines(row).packages
    assert package.weight_kg is None
    assert [(it.sku, it.item_code, it.batch) for it in package.lines] == [
        ("CUP", "012345678905", None)
    ]


@pytest.mark.parametrize(
    ("row", "shipped", "short"),
    [
        ("W12*CP*3*2*EA**VN*CUP", 2, [1]),
        ("W12*CC*3*EA**VN*CUP", 3, []),
        ("W12*CC*3*EA*VN*CUP", 3, []),
    ],
)
def test_the_unit_of_a_line_that_leaves_out_a_count_stands_too_early(row, shipped, short):
    shipment = lines(row)
    (line,) = shipment.packages[0].lines
    assert (line.sku, line.quantity) == ("CUP", shipped)
    assert [it.quantity for it in shipment.short] == short


@pytest.mark.parametrize("code", ["bp", "BP", "bo"])
def test_codes_are_read_whatever_their_case(code):
    assert not lines(f"W12*{code}*3*2**EA**VN*CUP", omitted_is_short=True).complete


@pytest.mark.parametrize(
    ("head", "number"),
    [
        ("W17*F*20260506*RC-9*IN-7", "RC-9"),
        ("W17*F*RC-9*20260506*IN-7", "RC-9"),
        ("W17*20260506*RC-9*IN-7", "RC-9"),
        ("W17*F*260506*RC-9*IN-7", "RC-9"),
    ],
)
def test_the_day_of_a_receipt_is_found_beside_its_number(head, number):
    (receipt,) = read("944", head, "W07*5*EA**VN*CUP")
    assert (receipt.receipt_id, receipt.inbound_notice_id) == (number, "IN-7")
    assert f"{receipt.received_at:%Y-%m-%d}" == "2026-05-06"


def test_the_day_of_an_adjustment_is_found_behind_a_code_and_its_number():
    (change,) = read("947", "W15*A*ADJ-1*20260506", "W19*01*5*EA**VN*CUP")
    assert (change.change_id, f"{change.at:%Y-%m-%d}") == ("ADJ-1", "2026-05-06")


def test_a_year_of_two_digits_is_of_this_century():
    (shipment,) = read("945", "W06*F*F-1*260504", "G62*11*260505", "LX*1", "W12*CC*2*2**EA**VN*CUP")
    assert f"{shipment.shipped_at:%Y-%m-%d}" == "2026-05-05"


@pytest.mark.parametrize(
    ("row", "sku", "code"),
    [
        ("LIN*1*UP*012345678905*SK*CUP", "CUP", "012345678905"),
        ("LIN**SK*CUP", "CUP", None),
        ("LIN*SK*CUP", "CUP", None),
        ("LIN*UP*012345678905*SK*CUP", "CUP", "012345678905"),
    ],
)
def test_the_number_of_a_line_may_be_left_out(row, sku, code):
    (report,) = read("846", "BIA*00*SI*1*20260506", row, "QTY*17*7")
    assert [(it.sku, it.item_code, it.on_hand) for it in report.lines] == [(sku, code, 7)]


@pytest.mark.parametrize(
    ("told", "count"),
    [(["17*9", "33*7"], 9), (["33*7", "02*9"], 7), (["1*9", "QA*7"], 9), (["QA*7"], 7)],
)
def test_the_quantity_that_is_there_is_the_likeliest_that_is_told(told, count):
    (report,) = read("846", "BIA*00*SI*1*20260506", "LIN**VN*CUP", *(f"QTY*{it}" for it in told))
    assert [it.on_hand for it in report.lines] == [Decimal(count)]


def test_the_day_of_a_report_may_stand_in_the_place_of_its_number():
    (report,) = read("846", "BIA*00*SI*20260506", "LIN**VN*CUP", "QTY*17*7")
    assert f"{report.at:%Y-%m-%d}" == "2026-05-06"


HEADS = {
    "945": ("W06*F*F-1", "W12*CC*2*2**EA**VN*CUP"),
    "944": ("W17*F**RC-9*IN-7", "W07*5*EA**VN*CUP"),
    "947": ("W15**ADJ-1", "W19*01*5*EA**VN*CUP"),
    "846": ("LIN**VN*CUP", "QTY*17*7"),
    "180": ("BGN*00*RMA-7", "BLI*VN*CUP*2*EA"),
}


@pytest.mark.parametrize("kind", HEADS)
def test_what_tells_no_time_is_of_when_its_group_was_written(kind):
    body = HEADS[kind]
    head = (
        "ISA*00*          *00*          *ZZ*DEPOT          *ZZ*ACME           "
        "*260505*0900*U*00401*000000001*0*P*>~"
    )
    group = f"GS*XX*DEPOT*ACME*20260506*0845*1*X*004010~ST*{kind}*0001~"
    raw = head + group + "~".join([*body, f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*1", ""])
    (told,) = decode(decoders(Terms(clock=lambda: READ_AT)), kind, raw.encode(), context())
    assert f"{told.source.occurred_at:%Y-%m-%dT%H:%M}" == "2026-05-06T13:45"


@pytest.mark.parametrize("carrier", ["W27*M*UPSN*Ground", "W27*M*UPS Ground*UPSN"])
def test_the_code_of_a_carrier_and_its_name_may_have_changed_places(carrier):
    (shipment,) = read("945", "W06*F*F-1*20260505", carrier, "W12*CC*2*2**EA**VN*CUP")
    assert [it.carrier for it in shipment.packages] == ["ups"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AA", "stocktake"),
        ("AU", "damage"),
        ("07", "damage"),
        ("AK", "transfer"),
        ("06", "adjustment"),
    ],
)
def test_why_stock_was_adjusted_is_read_from_its_code(code, reason):
    (change,) = read("947", "W15*20260506*AD-3", f"W19*{code}*-1*EA**VN*CUP")
    assert change.reason == reason


def test_a_report_of_stock_without_its_head_is_of_when_it_came():
    (report,) = read("846", "LIN**VN*CUP", "QTY*17*7")
    assert f"{report.at:%Y-%m-%dT%H:%M}" == "2026-11-24T10:15"


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("01", [("good", 8), ("defective", 2)]),
        ("04", [("good", 8), ("defective", 2)]),
        ("02", [("good", 10)]),
        ("03", [("good", 10)]),
        ("07", [("good", 10)]),
        ("09", [("good", 8), ("defective", 2)]),
    ],
)
def test_what_is_short_or_over_is_not_damaged(condition, parts):
    (receipt,) = read(
        "944", "W17*F*20260506*RC-9*IN-7", "W07*10*EA**VN*CUP", f"W13*2*EA*{condition}"
    )
    assert [(it.quality, it.quantity) for it in receipt.lines] == parts


@pytest.mark.parametrize("weight", ["99999999999", "0"])
def test_a_weight_that_is_none_stops_nothing(weight):
    (package,) = lines(f"W12*CC*2*2**EA**VN*CUP**{weight}*G*L").packages
    assert package.weight_kg is None
