"""A carrier's invoice in CSV: what is read, and what is refused whole with the place it names."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData
from hub.model.settlement import SettlementReport
from mappings.csv_report import Layout, decoders, described
from mappings.kit import Context, decode

HEAD = "invoice,tracking_number,weight,unit,cost,currency,date"
ROW = "I1,JD1,1.5,kg,5.00,EUR,2026-11-24"


def read(*rows: str, head: str = HEAD, **layout: object) -> list[SettlementReport]:
    shape = described({"like": "carrier_invoice", "provider": "dhl", **layout})
    raw = "\n".join([head, *rows]).encode()
    found = decode(decoders(Layout.model_validate(shape)), "report", raw, Context("money"))
    return [it for it in found if isinstance(it, SettlementReport)]


def test_what_a_parcel_costs_leaves_and_what_is_given_back_comes() -> None:
    (told,) = read(ROW, "I1,JD2,1,kg,-2.00,EUR,2026-11-24")
    assert [(it.kind, it.gross, it.net) for it in told.lines] == [
        ("carriage", Decimal("-5.00"), Decimal("-5.00")),
        ("carriage", Decimal("2.00"), Decimal("2.00")),
    ]


def test_rows_about_one_parcel_name_it() -> None:
    (told,) = read(ROW, "I1,JD1,,,0.40,EUR,2026-11-24", "I1,JD1,,,0.60,EUR,2026-11-24")
    assert [(it.reference, it.transaction) for it in told.lines] == [
        ("JD1", None),
        ("JD1-2", "JD1"),
        ("JD1-3", "JD1"),
    ]


def test_a_column_of_the_unit_goes_before_the_settings() -> None:
    (told,) = read("I1,JD1,1500,g,5.00,EUR,2026-11-24", "I1,JD2,2,,5.00,EUR,2026-11-24",
                   weight_unit="lb")  # fmt: skip
    assert [it.weight_kg for it in told.lines] == [Decimal("1.5"), Decimal("0.907185")]


def test_a_mark_seen_in_weights_alone_holds_for_costs() -> None:
    (told,) = read("I1;JD1;1,5;kg;5;EUR;24.11.2026", head=HEAD.replace(",", ";"))
    assert [(it.weight_kg, it.gross) for it in told.lines] == [(Decimal("1.5"), Decimal(-5))]


@pytest.mark.parametrize(
    ("rows", "code", "path"),
    [
        ((ROW, ROW), "duplicate_line", "line 3"),
        (("I1,JD1,1.5,stone,5.00,EUR,2026-11-24",), "unknown_code", "line 2.weight_unit"),
        (("I1,JD1,-1,kg,5.00,EUR,2026-11-24",), "bad_number", "line 2.weight"),
        (("I1,JD1,heavy,kg,5.00,EUR,2026-11-24",), "bad_number", "line 2.weight"),
        (('I1,JD1,1.5,kg,"5,00",EUR,2026-11-24',), "bad_number", "amounts"),
        (("I1,JD1,1.5,kg,5.00,,2026-11-24",), "missing_field", "line 2.currency"),
        (("I1,JD1,1.5,kg,5.00,EURO,2026-11-24",), "unknown_code", None),
        (("I1,JD1,1.5,kg,5.00,EUR,",), "missing_field", "line 2.date"),
        (("I1,JD1,1.5,kg,5.00,EUR,tomorrow",), "bad_time", "line 2.date"),
        ((ROW, "I1,JD2,1.5,kg"), "bad_data", "line 3"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(
    rows: tuple[str, ...], code: str, path: str | None
) -> None:
    with pytest.raises(BadData) as refused:
        read(*rows)
    assert refused.value.code == code
    assert path is None or refused.value.path == path


def test_a_row_that_is_missing_shows_in_the_total() -> None:
    total = {"column": "tracking_number", "word": "total"}
    told = (ROW, "I1,TOTAL,,,5.00,,")
    assert len(read(*told, total=total)[0].lines) == 1
    with pytest.raises(BadData, match=r"the report says 9\.10") as refused:
        read(ROW, "I1,TOTAL,,,9.10,,", total=total)
    assert refused.value.code == "totals_differ"
    with pytest.raises(BadData, match="half of a report"):
        read(ROW, total=total)
