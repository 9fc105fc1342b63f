"""What warehouses mean by their messages, and what is agreed otherwise from one to the next."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData, Ignored
from tests.mappings.edifact.told import ADVICE, COUNTED, RECEIVED, context, message, read
from tests.mappings.partners import READ_AT

HEAD = ADVICE[:3]


def advice(*rows, **terms):
    (shipment,) = read(message("DESADV", *HEAD, *rows), **terms)
    return shipment


def dated(told):
    return message("DESADV", ADVICE[0], told, *ADVICE[2:])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("20261124:102", "2026-11-23T23:00"), ("261124:101", "2026-11-23T23:00"),
        ("202611241015:203", "2026-11-24T09:15"), ("20261124101530:204", "2026-11-24T09:15:30"),
        ("2611241015:201", "2026-11-24T09:15"), ("202611241015UTC:303", "2026-11-24T10:15"),
        ("202611241015?+01:303", "2026-11-24T09:15"),
        ("20261124101530CET:304", "2026-11-24T09:15:30"),
        ("202611241015?+0100:205", "2026-11-24T09:15"),
        ("20261124-20261130:718", "2026-11-23T23:00"),
        ("202611240800202611241200:719", "2026-11-24T07:00"), ("241126:2", "2026-11-23T23:00"),
        ("202648:616", "2026-11-22T23:00"), ("20261124", "2026-11-23T23:00"),
        ("202611241015:102", "2026-11-24T09:15"), ("20261124:203", "2026-11-23T23:00"),
        ("2026-11-24:102", "2026-11-23T23:00"), ("202611242400:203", "2026-11-24T23:00"),
    ],
)  # fmt: skip
def test_dates_are_read_by_their_form_and_what_does_not_fit_it_by_its_digits(told, expected):
    at = context()
    (shipment,) = read(dated(f"DTM+11:{told}"), at)
    assert shipment.shipped_at.isoformat().startswith(expected)
    assert at.warnings == []


@pytest.mark.parametrize("told", ["20261331:102", "tomorrow:102", "202611:610", "1:102"])
def test_what_is_no_date_is_noted_and_the_time_is_when_it_was_written(told):
    at = context()
    (shipment,) = read(dated(f"DTM+11:{told}"), at)
    assert shipment.shipped_at.isoformat().startswith("2026-11-24T09:15")
    assert [(it.code, it.path) for it in at.warnings] == [("bad_time", "DTM.2380")]


def test_a_message_alone_that_tells_no_date_is_of_when_it_came():
    alone = dated("IMD+F").partition("UNH")
    (shipment,) = read((alone[1] + alone[2]).partition("UNZ")[0])
    assert shipment.shipped_at == READ_AT


@pytest.mark.parametrize(
    ("told", "mark", "expected"),
    [
        ("00000016", ".", "16"), ("0016.000", ".", "16"), ("2,5", ".", "2.5"), ("2,5", ",", "2.5"),
        ("2.5", ",", "2.5"), (".5", ".", "0.5"), ("+3", ".", "3"), ("0", ".", None),
    ],
)  # fmt: skip
def test_either_mark_parts_decimals_and_zeros_pad(told, mark, expected):
    text = message("DESADV", *HEAD, "LIN+1++X:EN", f"QTY+12:{told}".replace("+3", "?+3"),
                   una=f"UNA:+{mark}? '")  # fmt: skip
    (document,) = read(text)
    if expected is None:
        assert document.status == "short"
    else:
        assert document.packages[0].lines[0].quantity == Decimal(expected)


@pytest.mark.parametrize(
    ("told", "mark", "path"),
    [
        ("1,000", ".", "QTY.6060"), ("1.000", ",", "QTY.6060"), ("1.000,5", ",", "QTY.6060"),
        ("two", ".", "QTY.6060"), ("-2", ".", "QTY.6060"), ("2-", ".", "QTY.6060"),
        ("", ".", "QTY.6060"), ("1 000", ".", "QTY.6060"),
    ],
)  # fmt: skip
def test_a_quantity_that_nobody_can_be_sure_of_is_refused(told, mark, path):
    with pytest.raises(BadData) as wrong:
        read(message("DESADV", *HEAD, "LIN+1++X:EN", f"QTY+12:{told}", una=f"UNA:+{mark}? '"))
    assert wrong.value.path == path


@pytest.mark.parametrize(
    ("kind", "body", "path", "code"),
    [
        ("DESADV", ADVICE[1:], "BGM", "missing_field"),
        ("DESADV", (*ADVICE[:2], "LIN+1++X:EN", "QTY+12:1"), "RFF.1154", "missing_field"),
        ("DESADV", (*HEAD, "LIN+1++X:EN"), "QTY.6063", "missing_field"),
        ("DESADV", (*HEAD, "LIN+1", "QTY+12:1"), "LIN.7140", "missing_field"),
        ("DESADV", ("BGM+351+D-1+1", *ADVICE[1:]), "BGM.1225", "correction"),
        ("DESADV", ("BGM+351+D-1+5", *ADVICE[1:]), "BGM.1225", "correction"),
        ("RECADV", RECEIVED[:3], "LIN", "no_lines"),
        ("RECADV", RECEIVED, "QTY.6063", "missing_field"),
        ("RECADV", (*RECEIVED, "QTY+12:5", "QVR+-2:12+AS"), "QTY.6063", "missing_field"),
        ("RECADV", (*RECEIVED, "QTY+48:-1"), "QTY.6060", "bad_number"),
        ("RECADV", (*RECEIVED, "QTY+48:2", "QVR+-3:21+AF"), "QTY.6060", "bad_number"),
        ("INVRPT", COUNTED[:2], "QTY", "no_lines"),
        ("INVRPT", (*COUNTED, "QTY+156:3"), "INV.4501", "missing_field"),
        ("INVRPT", (*COUNTED[:2], "LIN+1", "QTY+145:3"), "LIN.7140", "missing_field"),
        ("CONTRL", ("BGM+1",), "UCI", "missing_field"),
    ],
)
def test_what_decides_and_is_missing_is_named_by_its_data_element(kind, body, path, code):
    with pytest.raises(BadData) as wrong:
        read(message(kind, *body))
    assert (wrong.value.path, wrong.value.code) == (path, code)


def test_a_duplicate_has_the_same_id_as_its_original():
    told = [read(message("DESADV", f"BGM+351+D-1+{it}", *ADVICE[1:]))[0] for it in "97"]
    assert [it.source.id for it in told] == ["D-1", "D-1"]


def test_a_package_is_where_lines_are_and_pallets_stand_beside():
    shipment = advice(
        "RFF+CN:JD1", "CPS+1", "CPS+2+1", "GIN+BJ+P1", "CPS+3+2", "PAC+1++CT", "GIN+BJ+C1",
        "LIN+1++X:EN", "QTY+12:2", "CPS+4+2", "PAC+1++CT", "GIN+BJ+C2", "RFF+CN:JD2",
        "MEA+WT+G+GRM:500", "LIN+2++Y:EN", "QTY+12:1",
    )  # fmt: skip
    assert shipment.attributes == {"pallets": ["P1"]}
    assert [(it.package_id, it.tracking_number, it.weight_kg, len(it.lines))
            for it in shipment.packages] == [
        ("C1", "JD1", None, 1), ("C2", "JD2", Decimal("0.5"), 1),
    ]  # fmt: skip


def test_a_line_may_name_its_own_package_and_several_marks_are_several():
    shipment = advice("CPS+1", "LIN+1++X:EN", "QTY+12:2", "GIN+BJ+S1", "LIN+2++Y:EN", "QTY+12:1",
                      "GIN+BJ+S2", "GIN+BN+N1:N2")  # fmt: skip
    assert [(it.package_id, it.lines[0].serials) for it in shipment.packages] == [
        ("S1", ()), ("S2", ("N1", "N2")),
    ]  # fmt: skip
    shipment = advice("CPS+1", "PAC+3++CT", "GIN+BJ+S1+S2+S3", "LIN+1++X:EN", "QTY+12:2")
    assert [(it.package_id, len(it.lines)) for it in shipment.packages] == [
        ("S1", 1), ("S2", 0), ("S3", 0),
    ]  # fmt: skip


def test_an_advice_without_lines_speaks_of_the_whole_order():
    assert advice("CPS+1", "PAC+1++CT", "GIN+BJ+S1").complete
    assert [it.tracking_number for it in advice("RFF+CN:JD1").packages] == ["JD1"]


@pytest.mark.parametrize(
    ("code", "complete", "short"), [("BP", False, []), ("SS", False, []), ("CP", True, [1])]
)
def test_discrepancies_say_whether_more_comes_where_all_is_named(code, complete, short):
    rows = ("LIN+1++X:EN", "QTY+12:2", f"QVR+-1:21+{code}")
    shipment = advice(*rows, omitted_is_short=True)
    assert (shipment.complete, [it.quantity for it in shipment.short]) == (complete, short)
    assert not advice(*rows).complete


def test_the_reference_that_is_ours_is_the_order_wherever_it_stands():
    body = (*ADVICE[:2], "RFF+ON:4711", "RFF+CR:F000000002", "LIN+1++X:EN", "QTY+12:1",
            "RFF+ON:4711:3")  # fmt: skip
    ours = {"F000000002": "F-2"}
    (shipment,) = read(message("DESADV", *body), ours_of=lambda it: ours.get(it, it),
                       is_ours=ours.__contains__)  # fmt: skip
    assert shipment.fulfilment_order_id == "F-2"


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        (("QTY+48:10",), [("good", 10)]),
        (("QTY+48:10", "QTY+194:8", "QTY+195:2"), [("good", 8), ("defective", 2)]),
        (("QTY+194:8", "QTY+195:2"), [("good", 8), ("defective", 2)]),
        (("QTY+195:2",), [("defective", 2)]),
        (("QTY+48:10", "QTY+124:3"), [("good", 7), ("defective", 3)]),
        (("QTY+48:10", "QVR+-3:124+AF"), [("good", 7), ("defective", 3)]),
        (("QTY+48:10", "QVR+:-3+AF"), [("good", 7), ("defective", 3)]),
        (("QTY+12:10", "QTY+48:8", "QVR+-2:21+BP", "QTY+52:4"), [("good", 8)]),
        (("QTY+48:0",), [("good", 0)]),
        (("QTY+46:4",), [("good", 4)]),
        (("QTY+12:4",), [("good", 4)]),
        (("QTY+1:4", "QTY+195:1"), [("good", 3), ("defective", 1)]),
    ],
)
def test_what_was_received_is_parted_by_its_state(rows, parts):
    (receipt,) = read(message("RECADV", *RECEIVED, *rows))
    assert [(it.quality, it.quantity) for it in receipt.lines] == parts
    assert receipt.complete is not any("BP" in it for it in rows)
    differs = [it["code"] for it in receipt.attributes.get("discrepancies", [])]
    assert differs == [it.rpartition("+")[2] for it in rows if it.startswith("QVR")]


def test_a_quantity_of_no_kind_is_the_one_that_is_meant():
    (report,) = read(message("INVRPT", *COUNTED, "QTY+1:7"))
    (shipment,) = read(message("DESADV", *ADVICE).replace("QTY+12:2", "QTY+1:2"))
    assert [it.on_hand for it in report.lines] == [7]
    assert [it.quantity for it in shipment.packages[0].lines] == [2]


def test_balances_are_parted_by_quality_and_batch_and_places_add_up():
    (report,) = read(message(
        "INVRPT", *COUNTED, "QTY+145:10", "INV++1", "QTY+145:2", "INV++2", "LIN+2", "PIA+5+LID:SA",
        "QTY+17:5", "QTY+124:1", "RFF+BT:L1", "DTM+361:202712:610", "LIN+3", "PIA+5+LID:SA",
        "QTY+17:1", "RFF+BT:L1",
    ))  # fmt: skip
    assert [(it.sku, it.quality, it.on_hand, it.batch, it.expires_on) for it in report.lines] == [
        ("CUP", "good", 10, None, None), ("CUP", "defective", 2, None, None),
        ("LID", "good", 6, "L1", None), ("LID", "defective", 1, "L1", "2027-12-31"),
    ]  # fmt: skip


def test_movements_that_our_documents_tell_of_are_left_out():
    for body in (("QTY+156:3", "INV+1+1+2"), ("INV+2+1+1", "QTY+156:3")):
        with pytest.raises(Ignored):
            read(message("INVRPT", *COUNTED, *body))
    (change,) = read(
        message("INVRPT", *COUNTED, "QTY+156:3", "INV+1+1+4", "QTY+156:9", "INV+2+1+1")
    )
    assert (change.reason, [it.delta for it in change.lines]) == ("stocktake", [-3])


def test_stock_is_the_first_kind_of_quantity_that_was_agreed():
    told = message("INVRPT", *COUNTED, "QTY+33:7", "QTY+145:9", "LIN+2", "PIA+5+LID:SA", "QTY+21:3")
    at = context()
    assert [it.on_hand for it in read(told, at)[0].lines] == [9]
    assert [it.code for it in at.warnings] == ["no_quantity"]
    assert [it.on_hand for it in read(told, on_hand=("33",))[0].lines] == [7]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (["UCI+17+A+D+7"], "accepted", None),
        (["UCI+17+A+D+4+23+UNB"], "exception", "23 the sender is unknown"),
        (["UCI+17+A+D+7", "UCM+1+ORDERS:D:96A:UN+4+12", "UCS+3+13"], "exception",
         "12 a value is invalid; 13 something is missing"),
    ],
)  # fmt: skip
def test_an_acknowledgement_speaks_of_the_order_that_was_told_in_its_interchange(body, status, why):
    (said,) = read(message("CONTRL", *body, version="D:3:UN"), acknowledged={"17": "F-7"}.get)
    assert (said.fulfilment_order_id, said.status, said.message) == ("F-7", status, why)


def test_what_only_arrived_or_is_not_ours_has_no_consequence():
    for body, known in (("UCI+17+A+D+8", {"17": "F-7"}), ("UCI+18+A+D+7", {"17": "F-7"})):
        with pytest.raises(Ignored):
            read(message("CONTRL", body, version="D:3:UN"), acknowledged=known.get)


def test_lines_that_are_counted_otherwise_are_noted():
    at = context()
    assert len(read(message("DESADV", *ADVICE[:-1], "CNT+2:7"), at)) == 1
    assert [(it.code, it.path) for it in at.warnings] == [("envelope", "CNT.6066")]


def test_what_is_not_measured_in_pieces_is_read_and_noted():
    for told, unit, noted in (
        ("QTY+145:9:GBND", "PCE", ["its quantities are in GBND: they count as pieces"]),
        ("QTY+145:9:GBND", "GBND", []),
        ("QTY+145:9:STK", "PCE", []),
        ("QTY+145:9", "PCE", []),
    ):
        at = context()
        (report,) = read(message("INVRPT", *COUNTED, told), at, unit=unit)
        assert [it.on_hand for it in report.lines] == [9]
        assert [it.message for it in at.warnings] == noted
