"""Described reports: what is written by a layout is read by it, and what a layout may say."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mappings.csv_report import Layout, decoders, described
from mappings.csv_report.layout import PLAIN
from mappings.kit import Context, decode

AT = Context("money")
COLUMNS = {
    "reference": "Ref",
    "kind": "Was",
    "gross": "Betrag",
    "fee": "Geb",
    "currency": "W",
    "at": "Tag",
}
AMOUNTS = st.decimals(-99_999, 99_999, places=2, allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.tuples(st.sampled_from(["Zahlung", "Erstattung"]), AMOUNTS, AMOUNTS), min_size=1, max_size=6
)


def written(number: Decimal, mark: str) -> str:
    return f"{number:.2f}".replace(".", mark)


@given(ROWS, st.permutations([*COLUMNS.values(), "Neu"]), st.sampled_from(",;\t|"), st.booleans())
def test_what_is_written_by_a_layout_is_read_by_it(rows, columns, delimiter, comma):
    mark, out = "," if comma else ".", io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter)
    writer.writeheader()
    for at, (kind, gross, fee) in enumerate(rows):
        amounts = {"Betrag": written(gross, mark), "Geb": written(fee, mark)}
        rest = {"Ref": f"V{at}", "Was": kind, "W": "EUR", "Tag": "2026-11-20", "Neu": "x; y"}
        writer.writerow({**amounts, **rest})
    layout = Layout(columns=COLUMNS, kinds={"Zahlung": "sale", "Erstattung": "refund"})
    (told,) = decode(decoders(layout), "report", out.getvalue().encode(), AT)
    assert [(it.gross, it.fee, it.net) for it in told.lines] == [
        (gross, fee, gross - fee) for _, gross, fee in rows
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"at": "d", "gross": "g", "colour": "c"}},
        {"columns": {"at": "d"}},
        {"columns": {"gross": "g"}},
        {"columns": {"at": "d", "gross": "g"}, "sign": "side"},
        {"columns": {"at": "d", "gross": "g"}, "kinds": {"x": "gift"}},
    ],
)
def test_a_layout_that_says_too_little_is_refused(wrong):
    with pytest.raises(ValidationError):
        Layout.model_validate(wrong)


def test_a_carriers_invoice_is_a_layout_to_begin_with():
    layout = Layout.model_validate(described({"like": "carrier_invoice", "provider": "dhl"}))
    assert (layout.provider, layout.usual_kind, layout.has("weight")) == ("dhl", "carriage", True)
    with pytest.raises(ValueError, match="carrier_invoice"):
        described({"like": "another"})


def test_what_it_costs_to_be_paid_out_is_a_row_of_its_own():
    raw = (
        b"reference,kind,gross,fee,net,currency,at\n"
        b"p1,sale,100.00,1.00,99.00,EUR,2026-11-20\n"
        b"out,payout,-98.00,1.00,-99.00,EUR,2026-11-21\n"
    )
    layout = Layout.model_validate(
        {**PLAIN.model_dump(), "kinds": {"sale": "sale", "payout": "payout"}}
    )
    (told,) = decode(decoders(layout), "report", raw, AT)
    assert [(it.reference, it.kind, it.gross, it.fee, it.net) for it in told.lines] == [
        ("p1", "sale", Decimal("100.00"), Decimal("1.00"), Decimal("99.00")),
        ("out", "payout", Decimal("-98.00"), Decimal(0), Decimal("-98.00")),
        ("out-fee", "fee", Decimal(0), Decimal("1.00"), Decimal("-1.00")),
    ]
