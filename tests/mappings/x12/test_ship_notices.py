"""856: levels in any order that partners agree, and what is said of orders, packages and lines."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData
from tests.mappings.x12.test_sets import context, read

HEAD = ("BSN*00*SN-1*20260505*0930*0001", "HL*1**S", "TD5**2*UPSN**Ground", "DTM*011*20260506")
CUP, LID = ("LIN**VN*CUP", "SN1**2*EA"), ("LIN**VN*LID", "SN1**3*EA")


def notice(*body, at=None, **terms):
    return read("856", *HEAD, *body, at=at, **terms)


def packed(shipment):
    return [
        (it.package_id, [(line.sku, line.quantity) for line in it.lines])
        for it in shipment.packages
    ]


LAYOUTS = {
    "order, package, item": [
        "HL*2*1*O", "PRF*F-1", "HL*3*2*P", "MAN*GM*C1", "HL*4*3*I", *CUP,
        "HL*5*2*P", "MAN*GM*C2", "HL*6*5*I", *LID,
    ],
    "order, pallet, package, item": [
        "HL*2*1*O", "PRF*F-1", "HL*3*2*T", "MAN*GM*PAL", "HL*4*3*P", "MAN*GM*C1", "HL*5*4*I", *CUP,
        "HL*6*3*P", "MAN*GM*C2", "HL*7*6*I", *LID,
    ],
    "order, pallet, item": [
        "HL*2*1*O", "PRF*F-1", "HL*3*2*T", "MAN*GM*C1", "HL*4*3*I", *CUP,
        "HL*5*2*T", "MAN*GM*C2", "HL*6*5*I", *LID,
    ],
    "package, order, item": [
        "HL*2*1*P", "MAN*GM*C1", "HL*3*2*O", "PRF*F-1", "HL*4*3*I", *CUP,
        "HL*5*1*P", "MAN*GM*C2", "HL*6*5*O", "PRF*F-1", "HL*7*6*I", *LID,
    ],
    "order, item, package": [
        "HL*2*1*O", "PRF*F-1", "HL*3*2*I", *CUP, "HL*4*3*P", "MAN*GM*C1",
        "HL*5*2*I", *LID, "HL*6*5*P", "MAN*GM*C2",
    ],
    "levels that name none around them": [
        "HL*2**O", "PRF*F-1", "HL*3**P", "MAN*GM*C1", "HL*4**I", *CUP,
        "HL*5**P", "MAN*GM*C2", "HL*6**I", *LID,
    ],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_are_in_the_package_around_them_or_in_them(layout):
    (shipment,) = notice(*LAYOUTS[layout])
    assert shipment.fulfilment_order_id == "F-1"
    assert packed(shipment) == [("C1", [("CUP", 2)]), ("C2", [("LID", 3)])]
    assert shipment.attributes == ({"pallets": ["PAL"]} if "pallet, package" in layout else {})


def test_lines_in_no_package_are_in_one_together():
    (shipment,) = notice("REF*2I*1Z1", "HL*2*1*O", "PRF*F-1", "HL*3*2*I", *CUP, "HL*4*2*I", *LID)
    (package,) = shipment.packages
    assert (package.carrier, package.service, package.tracking_number) == ("ups", "Ground", "1Z1")
    assert packed(shipment) == [(None, [("CUP", 2), ("LID", 3)])]


def test_the_carrier_may_stand_in_cad():
    (shipment,) = read(
        "856", "BSN*00*SN-1*20260505", "HL*1**O", "PRF*F-1", "CAD*M***UPSN*Ground", *CUP
    )
    assert [(it.carrier, it.service) for it in shipment.packages] == [("ups", "Ground")]


def test_a_notice_without_lines_speaks_of_the_whole_order_and_tells_its_packages():
    (shipment,) = notice("HL*2*1*O", "PRF*F-1", "HL*3*2*P", "MAN*CP*1Z1", "HL*4*2*P", "MAN*CP*1Z2")
    assert shipment.complete
    assert [it.tracking_number for it in shipment.packages] == ["1Z1", "1Z2"]


def test_of_several_packages_in_a_line_the_first_has_its_pieces():
    (shipment,) = notice(
        "HL*2*1*O", "PRF*F-1", "HL*3*2*I", *CUP, "HL*4*3*P", "MAN*GM*C1", "HL*5*3*P", "MAN*GM*C2"
    )
    assert packed(shipment) == [("C1", [("CUP", 2)]), ("C2", [])]


def test_each_order_is_a_shipment():
    told = notice("HL*2*1*O", "PRF*F-1", "HL*3*2*I", *CUP, "HL*4*1*O", "PRF*F-2", "HL*5*4*I", *LID)
    assert [(it.source.id, packed(it)) for it in told] == [
        ("SN-1:F-1", [(None, [("CUP", 2)])]),
        ("SN-1:F-2", [(None, [("LID", 3)])]),
    ]


def test_the_order_is_the_reference_that_is_ours_and_may_stand_above_all_lines():
    (shipment,) = notice("REF*CO*F-9", "PRF*4711", "HL*2*1*I", *CUP, is_ours=lambda it: it == "F-9")
    assert shipment.fulfilment_order_id == "F-9"


def test_a_package_says_its_number_its_way_and_its_size():
    (shipment,) = notice(
        "HL*2*1*O", "PRF*F-1", "HL*3*2*P", "PO4**1*EA**G*2*LB***10*4*2*IN", "REF*2I*1Z9",
        "MAN*UC*C1", "HL*4*3*I", *CUP,
    )  # fmt: skip
    (package,) = shipment.packages
    assert (package.package_id, package.tracking_number) == ("C1", "1Z9")
    assert (package.weight_kg, package.length_cm) == (Decimal("0.907"), Decimal("25.4"))


def test_a_line_says_its_lot_its_days_its_serial_numbers_and_what_is_missing():
    (shipment,) = notice(
        "HL*2*1*O", "PRF*F-1", "HL*3*2*I", "LIN**VN*CUP*UP*012345678905*LT*L1",
        "SN1**2*EA**5*EA**CP", "DTM*036*20270101", "DTM*094*20260101", "REF*SE*S1", "REF*SE*S2",
        "REF*LI*7",
    )  # fmt: skip
    (line,) = shipment.packages[0].lines
    assert (line.sku, line.item_code, line.batch, line.line_no) == ("CUP", "012345678905", "L1", 7)
    assert (line.expires_on, line.produced_on) == ("2027-01-01", "2026-01-01")
    assert line.serials == ("S1", "S2")
    assert [(it.sku, it.quantity, it.reason) for it in shipment.short] == [("CUP", 3, "CP")]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (HEAD, "2026-05-06T05:00"),
        (("BSN*00*SN-1*20260505*0930", "HL*1**S"), "2026-05-05T14:30"),
        (("BSN*00*SN-1", "HL*1**S"), "2026-11-24T10:15"),
    ],
)
def test_when_it_left_is_its_own_day_else_that_of_the_notice(head, expected):
    (shipment,) = read("856", *head, "HL*2*1*O", "PRF*F-1", "HL*3*2*I", *CUP)
    assert f"{shipment.shipped_at:%Y-%m-%dT%H:%M}" == expected


def test_nothing_left_where_every_line_has_none():
    (status,) = notice("HL*2*1*O", "PRF*F-1", "HL*3*2*I", "LIN**VN*CUP", "SN1**0*EA**2*EA**ID")
    assert (status.type, status.status, status.reason) == ("fulfilment_status", "short", "ID")


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (["BSN*01*SN-1", "HL*1**S"], "BSN01", "correction"),
        (["BSN*00*SN-1", "LIN**VN*CUP"], "HL", "missing_field"),
        (["BSN*00*SN-1", "HL*1**S", "HL*2*1*I", *CUP], "PRF01", "missing_field"),
        (["BSN*00*SN-1", "HL*1**O", "PRF*F-1", "LIN**VN*CUP", "SN1**-2*EA"], "SN102", "bad_number"),
        (["BSN*00*SN-1", "HL*1**O", "PRF*F-1", "LIN**VN*CUP", "SN1"], "SN102", "missing_field"),
    ],
)
def test_what_decides_and_is_missing_is_named(body, path, code):
    with pytest.raises(BadData) as wrong:
        read("856", *body)
    assert (wrong.value.path, wrong.value.code) == (path, code)


def test_a_carrier_of_no_list_is_noted():
    at = context()
    (shipment,) = read(
        "856", "BSN*00*SN-1*20260505", "HL*1**O", "PRF*F-1", "TD5**2*ROCK**Rocket", *CUP, at=at
    )
    assert [(it.carrier, it.carrier_name) for it in shipment.packages] == [(None, "ROCK")]
    assert [it.code for it in at.warnings] == ["unknown_carrier"]
