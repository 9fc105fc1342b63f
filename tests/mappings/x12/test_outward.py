"""What a warehouse is told: whole by another reader of X12, and read back equal."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from pyx12.x12file import X12Reader

from adapters.kit.samples import sample
from hub.model.errors import BadData, Rejected, UnknownCode
from mappings.x12 import Told, file_of, transactions
from mappings.x12.envelope import Separators
from mappings.x12.terms import Terms
from tests.mappings.x12.test_sets import context

AT = datetime(2026, 5, 4, 20, 30, tzinfo=UTC)
TERMS = Terms(
    sender=("ZZ", "ACME"),
    receiver=("01", "DEPOT"),
    depositor=("91", "ACME"),
    warehouse=("92", "EAST"),
)
FULL = {
    "order_number": "#1001*~>",
    "revision": 2,
    "ship_by": datetime(2026, 5, 6, tzinfo=UTC),
    "note": "ring twice\nplease",
    "delivery": {"carrier": "ups", "service": "UPS Ground"},
    "ship_to": {"name": "Ada Bakker", "company": "Bakker Ltd",
                "lines": ["1 Main St", "Rear", "Dock 4"],
                "city": "Chicago", "region_code": "US-IL", "postal_code": "60601", "country": "US",
                "phone": "+13125550100", "email": "ada@example.test"},
}  # fmt: skip


def told(document, terms=TERMS, control=17):
    raw = file_of(document, Told(control, "F000000003", AT), terms, context())
    with X12Reader(StringIO(raw.decode())) as reader:
        errors = [error for _ in reader for error in reader.pop_errors()]
        reader.cleanup()
        errors += reader.pop_errors()
    assert errors == []
    (read,) = transactions(raw)
    assert read.faults == ()
    return raw, read


def rows(read, *names):
    return ["*".join(segment) for segment in read.segments if segment.name in names]


def test_an_order_is_a_940_with_every_line_and_its_number():
    raw, read = told(sample("fulfilment_order", **FULL))
    assert raw[:106] == (
        b"ISA*00*          *00*          *ZZ*ACME           *01*DEPOT          "
        b"*260504*1530*U*00401*000000017*0*P*>~"
    )
    assert raw.splitlines()[1] == b"GS*OW*ACME*DEPOT*20260504*1530*17*X*004010~"
    assert rows(read, "W05", "N1", "N2", "N3", "N4", "PER", "G62", "NTE", "W66") == [
        "W05*R*F000000003*#1001", "N1*ST*Bakker Ltd", "N2*Ada Bakker", "N3*1 Main St*Rear",
        "N3*Dock 4", "N4*Chicago*IL*60601*US",
        "PER*RE*Ada Bakker*TE*+13125550100*EM*ada@example.test",
        "N1*DE**91*ACME", "N1*WH**92*EAST", "G62*10*20260505", "NTE*WHI*ring twice please",
        "W66*PP*M***UPS Ground*****UPSN",
    ]  # fmt: skip
    assert rows(read, "LX", "W01", "N9", "W76") == [
        "N9*CO*#1001", "LX*1", "W01*2*EA**VN*CUP", "N9*LI*1", "W76*2",
    ]  # fmt: skip


def test_a_cancellation_names_the_order_and_nothing_else():
    _, read = told(sample("fulfilment_cancellation"))
    assert rows(read, "W05", "LX") == ["W05*C*F000000003"]


def test_a_notice_is_a_943_with_every_line_and_what_is_on_hold():
    lines = [{"line_no": 1, "sku": "CUP", "quantity": "20", "batch": "L2"},
             {"line_no": 2, "sku": "LID", "quantity": "3", "quality": "defective"}]  # fmt: skip
    document = sample("inbound_notice", supplier="Potter", expected_at=AT, lines=lines)
    with pytest.raises(Rejected):
        told(document)
    raw, read = told(document, replace(TERMS, hold="DM"))
    assert raw.splitlines()[1] == b"GS*AR*ACME*DEPOT*20260504*1530*17*X*004010~"
    assert rows(read, "W06", "N1", "N9", "G62", "W27", "W04", "W03") == [
        "W06*N*F000000003*20260504*F000000003", "N1*SF*Potter", "N1*DE**91*ACME", "N1*WH**92*EAST",
        "N9*PO*I-1", "G62*17*20260504", "W27*M", "W04*20*EA**VN*CUP", "N9*LI*1", "N9*LT*L2",
        "W04*3*EA**VN*LID********DM", "N9*LI*2", "W03*23",
    ]  # fmt: skip
    _, alone = told(sample("inbound_notice"), Terms())
    assert rows(alone, "N1") == ["N1*DE*acme"]


def test_5010_and_other_separators_are_whole_too():
    terms = Terms(version="005010", separators=Separators("|", ":", "~"), is_test=True)
    raw, read = told(sample("fulfilment_order"), terms)
    assert raw[82:106] == b"^|00501|000000017|0|T|:~"
    assert read.envelope.group.at(8) == "005010"
    assert read.envelope.is_test


@pytest.mark.parametrize(
    ("changes", "terms", "error", "path"),
    [
        ({"lines": [{"line_no": 1, "sku": "S" * 49, "quantity": "1"}]}, {}, BadData, "sku"),
        ({"delivery": {"carrier": "zto"}}, {}, UnknownCode, "delivery.carrier"),
        ({"ship_to": {"name": "李雷", "lines": ["1"]}}, {"encoding": "ascii"}, BadData, "encoding"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(changes, terms, error, path):
    with pytest.raises(error) as wrong:
        told(sample("fulfilment_order", **changes), Terms(**terms))
    assert wrong.value.path == path


def test_control_numbers_end_at_nine_digits():
    with pytest.raises(Rejected):
        told(sample("fulfilment_order"), control=10**9)
