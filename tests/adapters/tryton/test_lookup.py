"""What Tryton has is asked for once and kept; what it lacks today may be there in a moment."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.tryton import Settings
from adapters.tryton.lookup import Lookup
from adapters.tryton.server import records as kept
from hub.model.errors import Rejected, UnknownCode
from mappings.kit import Context


class Records:
    """Stands for the client: answers searches from its records, and counts what it was asked."""

    def __init__(self) -> None:
        self.has: dict[str, list[dict[str, Any]]] = {"product.product": [], "account.tax": []}
        self.asked: list[tuple[str, list[str]]] = []

    def call(self, model: str, method: str, domain: list[Any], *_: Any) -> list[dict[str, Any]]:
        assert method == "search_read"
        ((field, operator, values),) = domain
        assert operator == "in"
        self.asked.append((model, values))
        return [row for row in self.has.get(model, []) if row[field] in values]

    def product(self, number: int, code: str, kind: str = "goods") -> None:
        row = {"id": number, "code": code, "default_uom": 1, "type": kind}
        self.has["product.product"].append(row)


@pytest.fixture
def records() -> Records:
    return Records()


def made(records: Records, codes: dict[str, dict[str, str]] | None = None) -> Lookup:
    settings = Settings(api_url="http://erp", database="erp", user="hub", password="p")
    return Lookup(records, settings, Context("erp", codes=codes or {}))  # type: ignore[arg-type]


def test_a_mapped_article_is_looked_up_by_its_code_there_and_the_first_of_several_counts(
    records: Records,
) -> None:
    for number, code in enumerate(("THEIRS", "LATER", "PLAIN")):
        records.product(number, code)
    found = made(records, {"products": {"THEIRS": "OURS", "LATER": "OURS"}})
    assert found.goods("OURS").code == "THEIRS"
    assert found.goods("PLAIN").code == "PLAIN"  # what is not mapped has one name
    assert found.code_of("OURS") == "THEIRS"
    assert found.code_of("NOWHERE") == "NOWHERE"


def test_what_was_found_is_asked_for_once_and_what_is_missing_each_time(records: Records) -> None:
    records.product(1, "A")
    found = made(records)
    for _ in range(3):
        assert found.goods("A").id == 1
    assert records.asked == [("product.product", ["A"])]
    with pytest.raises(UnknownCode) as missing:
        found.goods("B")
    assert (missing.value.codes, missing.value.theirs) == ("products", "B")
    records.product(2, "B")
    assert found.goods("B").id == 2  # the next attempt sees what was entered
    with pytest.raises(Rejected):
        found.goods(None)


def test_a_tax_is_found_by_number_or_by_mapped_name(records: Records) -> None:
    records.has["account.tax"] = [{"id": 7, "name": "VAT 19"}]
    found = made(records, {"taxes": {"VAT 19": "0.19", "12": "0.07"}})
    assert found.tax(Decimal("0.19"), "lines") == 7
    assert found.tax(Decimal("0.07"), "lines") == 12  # a number is the record's own
    with pytest.raises(UnknownCode):
        found.tax(Decimal("0.5"), "lines")


def test_a_region_that_is_unknown_is_remembered_for_half_a_minute_and_a_known_one_for_good(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(kept, "monotonic", lambda: now[0])
    found = made(records)
    for _ in range(3):
        assert found.subdivision("DE", "BY") is None
    assert found.subdivision("DE", "") is None
    assert records.asked == [("country.subdivision", ["DE-BY"])]
    records.has["country.subdivision"] = [{"id": 5, "code": "DE-BY"}]
    now[0] += 29
    assert found.subdivision("DE", "BY") is None
    now[0] += 2
    assert found.subdivision("DE", "BY") == 5
    records.has["country.subdivision"] = []
    now[0] += 10_000
    assert found.subdivision("DE", "BY") == 5
    assert len(records.asked) == 2


def test_unknown_regions_do_not_gather_without_end(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_MOST_UNKNOWN", 3)
    found = made(records)
    for number in range(10):
        found.subdivision("DE", f"R{number}")
    assert len(found._no_region) <= 3
