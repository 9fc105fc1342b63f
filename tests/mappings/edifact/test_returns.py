"""What a warehouse is told of returns: whole by another reader of EDIFACT, and by the message's own
order of segments.
"""

import pytest

from adapters.kit.samples import sample
from hub.model.errors import BadData
from mappings.edifact import Terms, Told, file_of, kind_of
from tests.mappings.edifact.test_outward import AT, TERMS, whole
from tests.mappings.edifact.told import context

pytestmark = pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")
LINES = [
    {"line_no": 1, "sku": "CUP", "quantity": "2", "reason": "too small"},
    {"line_no": 4, "sku": "LID?", "quantity": "1"},
]
PARTS = ("UNH", "BGM", "DTM", "FTX", "RFF", "NAD", "LIN", "UNS", "CNT", "UNT")
"""The order of the segments of RETANN that are used, a line as one."""


def returned(**changes):
    usual = {"attributes": {"order_number": "#1001"}, "lines": LINES, "reason": "changed my mind"}
    return sample("return", **{**usual, **changes})


def told(document, terms=TERMS):
    return whole(file_of(document, Told(17, "M000000003", AT), terms, context()))


def with_version(version):
    return Terms(**{**{name: getattr(TERMS, name) for name in ("sender", "receiver")},
                    "return_version": version})  # fmt: skip


def test_a_return_is_announced_with_its_number_its_order_and_every_line():
    text, _ = told(returned(tracking_number="1Z9"))
    assert text.splitlines()[2:-1] == [
        "UNH+1+RETANN:D:96A:EN:EAN001'", "BGM+70E::9+M000000003+9'", "DTM+137:202605061200:203'",
        "RFF+ON:#1001'", "RFF+CN:1Z9'", "NAD+GO+4012345000009::9'", "NAD+WH+4098765000015::9'",
        "LIN+1'", "PIA+5+CUP:SA'", "QTY+61:2'", "RFF+LI:1'",
        "LIN+4'", "PIA+5+LID??:SA'", "QTY+61:1'", "RFF+LI:4'",
        "UNS+S'", "CNT+2:2'", "UNT+18+1'",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "function"),
    [("approved", "9"), ("awaiting_goods", "9"), ("cancelled", "1"), ("rejected", "1")],
)
def test_its_state_is_the_function_of_the_message(status, function):
    _, read = told(returned(status=status))
    assert (read.first("BGM").at(2), read.first("BGM").at(3)) == ("M000000003", function)


@pytest.mark.parametrize("status", ["requested", "received", "refunded", "closed"])
def test_in_any_other_state_it_is_not_the_warehouses(status):
    with pytest.raises(BadData) as wrong:
        told(returned(status=status))
    assert (wrong.value.path, wrong.value.code) == ("status", "not_approved")


@pytest.mark.parametrize(
    ("version", "texts"),
    [("D:96A:EN:EAN001", 0), ("D:97A:UN", 0), ("D:98A:UN", 1), ("D:01B:UN:EAN006", 1)],
)
def test_reasons_stand_where_the_version_has_a_place_for_them(version, texts):
    text, read = told(returned(), with_version(version))
    assert [it.name for it in read.segments].count("FTX") == texts
    assert f"RETANN:{version}'" in text
    names = [it.name for it in read.segments]
    heads = [name for name in dict.fromkeys(names) if name in PARTS]
    assert heads == [name for name in PARTS if name in heads]


def test_what_no_number_names_or_is_too_long_is_refused_by_its_place():
    for sku in (None, "S" * 36):
        line = {"line_no": 1, "quantity": "1", **({"sku": sku} if sku else {})}
        with pytest.raises(BadData) as wrong:
            told(returned(lines=[line]))
        assert wrong.value.path == "lines.0.sku"


def test_the_channels_number_stands_where_nobody_knows_what_the_customer_calls_it():
    text, _ = told(returned(attributes={}))
    assert "RFF+ON:5001'" in text
    assert kind_of(returned(), TERMS) == "RETANN"
