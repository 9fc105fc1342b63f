"""What real sets of warehouses get wrong, and what is agreed otherwise from one to the next."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hub.model.errors import BadData, Ignored
from mappings.kit import Context, code_lists, decode, zone
from mappings.x12 import Terms, decoders
from tests.mappings.partners import READ_AT


def context():
    return Context("wh-east", "acme", code_lists("x12"), zone("America/Chicago"))


def read(kind, *body, at=None, **terms):
    text = "~\n".join([f"ST*{kind}*0001", *body, f"SE*{len(body) + 2}*0001"]) + "~"
    table = decoders(Terms(clock=lambda: READ_AT, **terms))
    return decode(table, kind, text.encode(), at or context())


def lines(*rows, **terms):
    (shipment,) = read("945", "W06*F*F-1*20260505", "LX*1", *rows, **terms)
    return shipment


def test_rows_of_a_line_are_lots_and_only_their_sum_counts():
    shipment = lines(
        "W12*CP*6*4**EA**VN*CUP*L1", "N9*LI*1", "W12*CC*2*2**EA**VN*CUP*L2", "N9*LI*1",
        "W12*CP*5*5**EA**VN*LID", "N9*LI*2",
    )  # fmt: skip
    (package,) = shipment.packages
    assert [(it.line_no, it.sku, it.quantity, it.batch) for it in package.lines] == [
        (1, "CUP", 4, "L1"), (1, "CUP", 2, "L2"), (2, "LID", 5, None),
    ]  # fmt: skip
    assert [(it.line_no, it.quantity) for it in shipment.short] == [(1, 2)]


@pytest.mark.parametrize(
    ("code", "complete", "short"),
    [("CC", True, []), ("CP", True, [1]), ("BP", False, []), ("SS", False, []), ("BO", False, [])],
)
def test_codes_say_whether_more_comes_where_all_is_named(code, complete, short):
    ordered = 2 if code == "CC" else 3
    shipment = lines(f"W12*{code}*{ordered}*2**EA**VN*CUP", omitted_is_short=True)
    assert (shipment.complete, [it.quantity for it in shipment.short]) == (complete, short)
    assert not lines(f"W12*{code}*{ordered}*2**EA**VN*CUP").complete


def test_an_advice_without_lines_speaks_of_the_whole_order():
    (shipment,) = read("945", "W06*F*F-1*20260505", "N9*2I*1Z1;1Z2", "W27*M*UPSN")
    assert shipment.complete
    assert [(it.carrier, it.tracking_number) for it in shipment.packages] == [("ups", "1Z1")]


def test_lines_outside_of_any_loop_are_lines_all_the_same():
    row = ("W12*CC*2*1**EA**VN*CUP", "N9*LI*1")
    for body in (row, (*row, "LX*1", "MAN*CP*1Z1", "W12*CC*1*1**EA**VN*LID")):
        (shipment,) = read("945", "W06*F*F-1*20260505", *body)
        assert [(it.sku, it.quantity) for it in shipment.packages[0].lines] == [("CUP", 1)]
        assert not shipment.complete


def test_nothing_that_left_is_no_shipment():
    for code, word in (("IC", "cancelled"), ("BO", "short"), ("CP", "short")):
        (status,) = read("945", "W06*F*F-1*20260505", "LX*1", f"W12*{code}*2*0**EA**VN*CUP")
        assert (status.type, status.status, status.reason) == ("fulfilment_status", word, code)


def test_packages_have_their_own_lines_weights_and_numbers():
    shipment = lines(
        "MAN*GM*00340123450000000017**CP*1Z1", "MAN*CP*1Z1", "W12*CC*1*1**EA**VN*CUP**2*G*L",
        "LX*2", "MAN*CP*1Z2", "MAN*CP*1Z3", "W12*CC*1*1**EA**VN*LID**1.5*G*K",
    )  # fmt: skip
    assert [
        (it.package_id, it.tracking_number, it.weight_kg, len(it.lines)) for it in shipment.packages
    ] == [
        ("00340123450000000017", "1Z1", Decimal("0.907"), 1),
        (None, "1Z2", Decimal("1.5"), 1),
        (None, "1Z3", None, 0),
    ]


def test_elements_that_stand_one_too_far_are_read_where_they_belong():
    row = "W12*CC*72*72**CA**007117901645*UK*10071179016458*40550*799*G*L"
    (line,) = lines(row).packages[0].lines
    assert (line.sku, line.item_code, line.batch) == ("10071179016458", "007117901645", "40550")


def test_damaged_pieces_are_parted_from_good_ones():
    rows = ("W17*F*20260506*RC-9*IN-7", "W07*10*EA**VN*CUP", "W13*2*EA*D", "W13*3*EA*S")
    for included, good in ((True, 8), (False, 10)):
        (receipt,) = read("944", *rows, damaged_is_included=included)
        assert [(it.quality, it.quantity) for it in receipt.lines] == [
            ("good", good),
            ("defective", 2),
        ]


def test_a_set_without_its_trailer_may_be_half_of_what_was_meant():
    text = "ST*945*0001~W06*F*F-1*20260505~LX*1~W12*CC*2*2**EA**VN*CUP~"
    with pytest.raises(BadData) as wrong:
        decode(decoders(), "945", text.encode(), context())
    assert (wrong.value.path, wrong.value.code) == ("SE", "bad_envelope")


def test_a_receipt_speaks_of_our_notice_by_whichever_number_is_ours():
    ours = {"N000000004": "I-1"}
    for head in ("W17*F*20260506*RC-9*N000000004", "W17*F*20260506*RC-9*4711*N000000004"):
        (receipt,) = read("944", head, "W07*1*EA**VN*CUP", "N9*LI*2", is_ours=ours.__contains__,
                          order_of=lambda told: ours.get(told, told))  # fmt: skip
        assert (receipt.inbound_notice_id, receipt.lines[0].line_no) == ("I-1", 2)


def test_what_came_back_is_parted_by_its_disposition():
    (receipt,) = read("180", "BGN*00*RMA-7*20260506", "RDR*01", "BLI*VN*CUP*2*EA", "RDR*02*RESTOCK",
                      "BLI*UP*012345678905*1*EA", "RDR*03*SCRAP", "N9*SN*S-1")  # fmt: skip
    assert (receipt.return_id, receipt.received_at.isoformat()) == (
        "RMA-7", "2026-05-06T05:00:00+00:00",
    )  # fmt: skip
    assert [(it.sku, it.quantity, it.quality, it.serials) for it in receipt.lines] == [
        ("CUP", 2, "good", ()), ("012345678905", 1, "defective", ("S-1",)),
    ]  # fmt: skip


def test_a_lot_named_as_an_article_number_is_a_lot():
    (receipt,) = read("944", "W17*F*20260506*RC-9", "W07*120*CA**VN*100000154*LT**22413962")
    (line,) = receipt.lines
    assert (line.sku, line.batch, receipt.inbound_notice_id) == ("100000154", "22413962", "RC-9")


def test_a_head_without_its_first_element_is_understood():
    (receipt,) = read("944", "W17*20260506*RC-9*SHP-1", "W07*1*EA*UPC*012345678905")
    assert (receipt.receipt_id, receipt.inbound_notice_id) == ("RC-9", "SHP-1")
    assert receipt.received_at == datetime(2026, 5, 6, 5, tzinfo=UTC)
    assert receipt.lines[0].sku == "012345678905"


def test_adjustments_are_parted_by_their_reason_and_may_be_negative():
    at = Context("wh-east", codes={"stock_reasons": {"CC": "stocktake"}})
    rows = ("W19*06*-13.000*CA**VN*CUP", "W19*CC*+0002*EA**VN*CUP", "W19*55*1.5*EA**VN*LID")
    changes = read("947", "W15*20260506*AD-3", *rows, at=at)
    assert [(it.change_id, it.reason, [line.delta for line in it.lines]) for it in changes] == [
        ("AD-3", "adjustment", [Decimal(-13), Decimal("1.5")]),
        ("AD-3:2", "stocktake", [2]),
    ]


def test_stock_is_the_first_kind_of_quantity_that_was_agreed():
    body = ("BIA*00*SI*INV-1*20260506", "LIN**UP*012345678905*VN*CUP", "QTY*33*7",
            "QTY*17*00000010", "LIN**VN*LID", "QTY*02*3", "LIN**VN*CUP*UP*012345678905",
            "QTY*17*5", "CTT*3")  # fmt: skip
    at = context()
    (report,) = read("846", *body, at=at)
    assert [(it.sku, it.item_code, it.on_hand) for it in report.lines] == [
        ("CUP", "012345678905", 15)
    ]
    assert [it.code for it in at.warnings] == ["no_quantity"]
    (report,) = read("846", *body, on_hand=("33",))
    assert [it.on_hand for it in report.lines] == [7]


def test_an_acknowledgement_speaks_of_the_order_that_was_told_under_its_number():
    told = {"000000007": "F-7", "8": "F-8"}
    both = (
        "AK1*OW*7",
        "AK2*940*000000007",
        "AK5*A",
        "AK2*940*8",
        "AK3*N1*3",
        "AK5*R*5",
        "AK9*P*2*2*1",
    )
    statuses = read("997", *both, acknowledged=told.get)
    assert [(it.fulfilment_order_id, it.status, it.message) for it in statuses] == [
        ("F-7", "accepted", None),
        ("F-8", "exception", "5 segments are in error"),
    ]
    (whole,) = read("997", "AK1*OW*8", "AK9*R*1*1*0", acknowledged=told.get)
    assert (whole.fulfilment_order_id, whole.status) == ("F-8", "exception")
    with pytest.raises(Ignored):
        read("997", "AK1*OW*9", "AK9*A*1*1*1", acknowledged=told.get)
    newer = ("AK1*OW*7", "AK2*940*8", "IK3*N1*3**8", "IK5*R*5", "AK9*R*1*1*0")
    (status,) = read("999", *newer, acknowledged=told.get)
    assert (status.fulfilment_order_id, status.status, status.reason) == ("F-8", "exception", "999")


@pytest.mark.parametrize(
    ("kind", "body", "path", "code"),
    [
        ("945", ["LX*1"], "W06", "missing_field"),
        ("945", ["W06*F"], "W0602", "missing_field"),
        ("945", ["W06*F*F-1", "LX*1", "W12*CC*two*2**EA**VN*CUP"], "W1202", "bad_number"),
        ("944", ["W17*F*20260506*RC-9"], "W07", "no_lines"),
        ("944", ["W17*F*20260506*RC-9", "W07**EA**VN*CUP"], "W0701", "missing_field"),
        ("947", ["W15*20260506"], "W19", "no_lines"),
        ("846", ["BIA*00*SI*1*20260506", "LIN**VN*CUP"], "QTY", "no_lines"),
        ("945", ["W06*F*F-1", "LX*1", "W12*CC*2*-2**EA**VN*CUP"], "W1203", "bad_number"),
        ("944", ["W17*F*20260506*RC-9", "W07*-1*EA**VN*CUP"], "W0701", "bad_number"),
        ("944", ["W17*F*20260506*RC-9", "W07*1*EA**VN*CUP", "W13*2*EA*D"], "W1301", "bad_number"),
        ("944", ["W17*F*20260506*RC-9", "W07*1*EA"], "W07", "missing_field"),
        ("947", ["W15*20260506", "W19*CC*-1*EA"], "W19", "missing_field"),
        ("846", ["BIA*00*SI*1*20260506", "LIN*1", "QTY*17*1"], "LIN", "missing_field"),
        ("997", ["AK9*A"], "AK1", "missing_field"),
        ("180", ["BGN*00*RMA-7*20260506"], "BLI", "no_lines"),
        ("180", ["BGN*00"], "BGN02", "missing_field"),
        ("180", ["BGN*00*RMA-7*20260506", "BLI*VN**1"], "BLI02", "missing_field"),
        ("180", ["BGN*00*RMA-7*20260506", "BLI*VN*CUP"], "BLI03", "missing_field"),
    ],
)
def test_what_decides_and_is_missing_is_named_as_the_standard_does(kind, body, path, code):
    with pytest.raises(BadData) as wrong:
        read(kind, *body)
    assert (wrong.value.path, wrong.value.code) == (path, code)


@pytest.mark.parametrize(
    ("row", "unit", "noted"),
    [
        ("W07*120*CA**VN*CUP", "EA", ["its quantities are in CA: they count as pieces"]),
        ("W07*120*CA**VN*CUP", "CA", []),
        ("W07*120*EA**VN*CUP", "EA", []),
        ("W07*120*PC**VN*CUP", "EA", []),
        ("W07*120***VN*CUP", "EA", []),
    ],
    ids=["cases", "cases that were agreed", "each", "pieces", "nothing"],
)
def test_what_is_not_measured_in_pieces_is_read_and_noted(row, unit, noted):
    at = context()
    (receipt,) = read("944", "W17*F*20260506*RC-9", row, at=at, unit=unit)
    assert [it.quantity for it in receipt.lines] == [120]
    assert [it.message for it in at.warnings if it.code == "unit"] == noted


def test_the_unit_of_a_line_that_leaves_out_quantities_is_seen_as_well():
    at = context()
    body = ("W06*N*SO-1*20260506", "LX*1", "W12*CC*5*5**CA**VN*CUP", "W12*CC*5*EA**VN*LID")
    read("945", *body, at=at)
    assert [it.path for it in at.warnings if it.code == "unit"] == ["W12"]
