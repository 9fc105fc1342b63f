"""A carrier that no code list has holds no shipment back, whichever warehouse tells of it."""

from typing import Any

import pytest

from hub.model.errors import Ignored, NeedsPerson, UnknownCode
from hub.model.fulfilment import Shipment
from mappings.kit import Context
from tests.mappings.partners import PARTNERS, Partner

_LISTS = ("carriers", "scac")
WAREHOUSES = (
    "amazon_mcf", "csv_drop", "edifact", "extensiv", "qimen", "shipbob", "shiphero", "shipstation",
    "tryton_stock", "x12",
)  # fmt: skip


def read(partner: Partner, path: Any, *, known: bool) -> list[Shipment]:
    """The shipments of a case, by an adapter that knows its carriers or knows none."""
    whole = partner.context()
    codes = {name: it for name, it in whole.codes.items() if known or name not in _LISTS}
    at = Context(whole.connection, whole.merchant, codes, whole.zone)
    try:
        told = [it for it in partner.documents(path, at) if isinstance(it, Shipment)]
    except (NeedsPerson, Ignored) as error:
        if isinstance(error, UnknownCode) and not known:
            raise
        return []
    if told and not known:
        words = sum(bool(it.carrier_name) for one in told for it in one.packages)
        assert [it.code for it in at.warnings].count("unknown_carrier") >= bool(words)
    return told


def bare(told: list[Shipment]) -> list[Any]:
    """All of it but the carriers' codes."""
    return [
        it.model_copy(
            update={"packages": tuple(p.model_copy(update={"carrier": None}) for p in it.packages)}
        )
        for it in told
    ]


@pytest.mark.parametrize("name", WAREHOUSES)
def test_an_unknown_carrier_takes_nothing_but_its_code_from_a_shipment(name: str) -> None:
    partner, known, unnamed = PARTNERS[name], 0, 0
    for path in partner.cases:
        told = read(partner, path, known=True)
        if not any(it.carrier or it.carrier_name for one in told for it in one.packages):
            continue
        try:
            found = read(partner, path, known=False)
        except UnknownCode:
            assert name == "qimen"
            assert not all(it.carrier_name for one in told for it in one.packages)
            unnamed += 1
            continue
        assert found == bare(told), path.name
        assert all(it.carrier_name for one in found for it in one.packages if it.tracking_number)
        known += 1
    assert known or unnamed, "no case of it tells of a carrier"


def test_the_connections_list_says_who_it_is() -> None:
    at = Context("wh", codes={"carriers": {"ROCKET": "rocket"}, "scac": {"RCKT": "rocket"}})
    assert at.carrier("rocket", path="carrier") == "rocket"
    assert at.carrier(None, "", path="carrier") is None
    assert at.carrier("RCKT", path="carrier", lists=("carriers", "scac")) == "rocket"
    assert at.warnings == []
    assert at.carrier("RCKT", path="carrier") is None
    assert [it.as_dict() for it in at.warnings] == [
        {"path": "carrier", "code": "unknown_carrier",
         "message": "no code list has this carrier"},
    ]  # fmt: skip
