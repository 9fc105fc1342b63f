"""What a warehouse is told: whole by another reader of EDIFACT, and read back equal."""

from datetime import UTC, datetime

import pytest
from pydifact.segmentcollection import Interchange

from adapters.kit.samples import sample
from hub.model.errors import BadData, Rejected, UnknownCode
from mappings.edifact import KNOWN, Terms, Told, answer, file_of, interchange, interchanges
from tests.mappings.edifact.told import ADVICE, context, message

pytestmark = pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")
AT = datetime(2026, 5, 4, 20, 30, tzinfo=UTC)
TERMS = Terms(
    sender=("4012345000009", "14"),
    receiver=("4098765000008", "14"),
    depositor=("4012345000009", "9"),
    warehouse=("4098765000015", "9"),
)
FULL = {
    "order_number": "#1001+:'?",
    "revision": 2,
    "note": "ring twice\nplease",
    "delivery": {"carrier": "dhl", "service": "express"},
    "ship_to": {"name": "Ada Müller", "company": "Müller's & Co",
                "lines": ["1 Main Street with a long name that goes on", "Rear"],
                "city": "Köln", "region_code": "DE-NW", "postal_code": "50667", "country": "DE",
                "phone": "+49 221 1", "email": "ada@example.test"},
    "lines": [{"line_no": 1, "sku": "CUP", "item_code": "4006381333931", "title": "Cup?",
               "quantity": "2", "batch": "L1"},
              {"line_no": 2, "sku": "LID", "item_code": "W-1", "quantity": "1"}],
    "cash_on_delivery": {"amount": "12.50", "currency": "EUR"},
}  # fmt: skip


def told(document, terms=TERMS, control=17):
    return whole(file_of(document, Told(control, "F000000003", AT), terms, context()))


def whole(raw):
    """One message, which the other reader finds as ours does, with counts and references right."""
    (sent,) = interchanges(raw)
    (read,) = sent.messages
    assert (sent.faults, read.faults, sent.envelope.misnamed) == ((), (), None)
    text = raw.decode("utf-8" if b"UNOY" in raw[:20] else "latin-1")
    other = Interchange.from_str(text)
    (theirs,) = other.get_messages()
    assert (other.control_reference, theirs.type) == (sent.envelope.number, read.kind)
    assert [(it.tag, *it.elements) for it in theirs.segments] == [
        (it.name, *(list(parts) if len(parts) > 1 else "".join(parts) for parts in it[1:]))
        for it in read.segments[1:-1]
    ]
    return text, read


def test_an_order_has_every_line_and_its_number():
    text, _ = told(sample("fulfilment_order", **FULL))
    assert text.splitlines()[1:-2] == [
        "UNB+UNOC:3+4012345000009:14+4098765000008:14+260504:2230+17++++1'",
        "UNH+1+ORDERS:D:96A:UN'", "BGM+220+F000000003+5'", "DTM+137:202605041200:203'",
        "FTX+AAI+++ring twice please'", "RFF+CR:#1001?+?:?'??'", "NAD+GO+4012345000009::9'",
        "NAD+WH+4098765000015::9'",
        ("NAD+DP+++Müller?'s & Co:Ada Müller+1 Main Street with a long name that:goes on:Rear"
         "+Köln+NW+50667+DE'"),
        "CTA+DL+:Ada Müller'", "COM+?+49 221 1:TE'", "COM+ada@example.test:EM'",
        "TDT+20++:express++dhl::ZZZ'", "LIN+1++4006381333931:EN'", "PIA+1+CUP:SA'",
        "IMD+F++:::Cup??'", "QTY+21:2:PCE'", "RFF+LI:1'", "RFF+BT:L1'", "LIN+2'", "PIA+5+LID:SA'",
        "PIA+1+W-1:IN'", "QTY+21:1:PCE'", "RFF+LI:2'", "UNS+S'", "MOA+22:12.50:EUR'", "CNT+2:2'",
    ]  # fmt: skip


def test_a_postal_code_is_never_cut():
    text, _ = told(sample("fulfilment_order", ship_to={"name": "A", "postal_code": "12345-6789"}))
    assert "+123456789'" in text


def test_a_cancellation_names_the_order_and_no_line():
    _, read = told(sample("fulfilment_cancellation"))
    assert [it.name for it in read.segments if it.name in {"LIN", "NAD"}] == ["NAD", "NAD"]
    assert (read.first("BGM").at(2), read.first("BGM").at(3)) == ("F000000003", "1")


@pytest.mark.parametrize("kind", ["ORDERS", "INSDES"])
@pytest.mark.parametrize("version", ["D:98A:UN", "D:01B:UN:EAN010"])
def test_either_message_tells_what_to_ship_in_any_version(kind, version):
    terms = Terms(order_by=kind, version=version, syntax="UNOY:4", is_test=True, agreement="EANCOM")
    _, read = told(sample("fulfilment_order", **FULL), terms)
    assert (read.kind, ":".join(read.segments[0].parts(2)[1:])) == (kind, version)
    assert read.envelope.is_test
    assert read.envelope.head.at(10) == "EANCOM"


@pytest.mark.parametrize(("kind", "quantity"), [("DESADV", "12"), ("ORDERS", "21")])
def test_what_is_to_come_is_announced_by_either_message(kind, quantity):
    terms = Terms(notice_by=kind)
    _, read = told(sample("inbound_notice", supplier="Potter", expected_at=AT), terms)
    assert read.kind == kind
    assert (read.first("QTY").at(1), read.first("QTY").at(1, 2)) == (quantity, "2")
    assert read.first("RFF").parts(1) == ("ON", "I-1")


def test_what_came_is_answered_whole_or_message_by_message():
    def body(text):
        (sent,) = interchanges(text.encode())
        return answer(sent, KNOWN, lenient=False)

    good = message("DESADV", *ADVICE)
    cases = {
        good: ["UCI+77+DEPOT:14+ACME:14+7'"],
        good.replace("DESADV", "IFTMIN"): [
            "UCI+77+DEPOT:14+ACME:14+7'", "UCM+1+IFTMIN:D:96A:UN+4+17+UNH'"],
        good.replace("UNT+11", "UNT+12"): [
            "UCI+77+DEPOT:14+ACME:14+7'", "UCM+1+DESADV:D:96A:UN+4+29+UNT'"],
        good[: good.index("UNZ")]: ["UCI+77+DEPOT:14+ACME:14+4+13+UNZ'"],
        good.replace("UNZ+1", "UNZ+3"): ["UCI+77+DEPOT:14+ACME:14+4+29+UNZ'"],
    }  # fmt: skip
    for text, expected in cases.items():
        raw = interchange("CONTRL", body(text), Told(5, "", AT), TERMS, context())
        written, _ = whole(raw)
        assert [it for it in written.splitlines() if it.startswith("UC")] == expected
    assert body(message("CONTRL", "UCI+17+A+D+7", version="D:3:UN")) is None
    assert body(good[good.index("UNH") : good.index("UNZ")]) is None


@pytest.mark.parametrize(
    ("changes", "error", "path"),
    [
        ({"lines": [{"line_no": 1, "sku": "S" * 36, "quantity": "1"}]}, BadData, "sku"),
        ({"delivery": {"carrier": "carrier_pigeon"}}, UnknownCode, "delivery.carrier"),
        ({"ship_to": {"name": "A", "lines": ["12345 " * 30]}}, BadData, "ship_to.lines"),
        ({"ship_to": {"name": "A", "postal_code": "1234567890"}}, BadData, "ship_to.postal_code"),
        ({"ship_to": {"name": "李雷", "lines": ["1"]}}, BadData, "syntax"),
        ({"lines": [{"line_no": 1, "sku": "S", "quantity": "1", "quality": "defective"}]},
         Rejected, "lines.quality"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(changes, error, path):
    with pytest.raises(error) as wrong:
        told(sample("fulfilment_order", **changes))
    assert wrong.value.path == path


def test_references_end_at_fourteen_digits():
    with pytest.raises(Rejected):
        told(sample("fulfilment_order"), control=10**14)
    with pytest.raises(Rejected):
        told(sample("goods_receipt"))
