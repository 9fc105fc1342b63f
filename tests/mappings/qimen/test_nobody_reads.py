"""Whatever stands in a field of a warehouse's message on which nothing depends, it is taken."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.model.errors import Ignored, NeedsPerson
from mappings.reading import read_xml, silently
from tests.mappings.partners import PARTNERS
from tests.mappings.recorded import RECORDED

# fmt: off
DECIDES = frozenset({
    # which document, which article
    "deliveryOrderCode", "orderCode", "entryOrderCode", "returnOrderCode", "checkOrderCode",
    "itemCode",
    # how many
    "actualQty", "quantity", "planQty", "lackQty", "totalQty", "totalOrderLines",
    # states, kinds, qualities, carriers: words that wait where no list has them
    "status", "flag", "processStatus", "confirmType", "orderType", "adjustType", "inventoryType",
    "logisticsCode", "logisticsName",
    # when
    "orderConfirmTime", "operateTime", "changeTime", "checkTime", "createTime",
})
# fmt: on
SHOWN = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
ANYTHING = st.text(SHOWN, max_size=40) | st.sampled_from(
    ["null", "None", "NaN", "x" * 300, "x" * 20_001, "2026-02-30", "1e400", "-1", "a,b;c", "\x7f"]
)
QIMEN = PARTNERS["qimen"]
REAL = [path for it in RECORDED if it.partner == "qimen" for path in it.paths]
XML = sorted({path for path in (*REAL, *QIMEN.cases) if path.suffix == ".xml"})


def facts(path, raw):
    """What was taken: kinds, what each is about, and how many pieces of what."""
    found = QIMEN.read(QIMEN.topic(path), raw)
    return [
        (one.type, one.business_id.partition(":")[0], one.source.occurred_at, pieces(one))
        for one in found
    ]


def name(element):
    return etree.QName(element).localname


def pieces(one):
    packages = [line for package in getattr(one, "packages", ()) for line in package.lines]
    lines = (*packages, *getattr(one, "lines", ()))
    return [(line.sku, getattr(line, "quantity", None)) for line in lines]


@pytest.mark.parametrize("path", XML, ids=lambda path: path.name)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_field_on_which_nothing_depends_stops_no_message(path, data):
    raw = path.read_bytes()
    try:
        before = facts(path, raw)
    except Ignored:
        return
    root = read_xml(raw, silently)
    leaves = [one for one in root.iter() if len(one) == 0 and name(one) not in DECIDES]
    if not leaves:
        return
    for leaf in data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=4)):
        leaf.text = data.draw(ANYTHING)
    try:
        assert facts(path, etree.tostring(root, encoding="utf-8")) == before
    except NeedsPerson as error:
        pytest.fail(f"parked for {error.path}: {error.code}")
