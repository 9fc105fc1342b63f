"""Prices are told with tax: they come to the order's total to the cent."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kit.samples import sample
from mappings.kingdee import Terms, sales_order
from mappings.kingdee.forms import order
from mappings.kit import Context

TERMS = Terms("100", "C", "CK", currencies={"EUR": "PRE003"}, services={"rounding": "R"})


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 100_000)), min_size=1, max_size=5),
    st.sampled_from(["0.13", "0.06", "0.19"]),
    st.integers(-2, 2),
)
def test_the_lines_come_to_the_total(lines, rate, beyond):
    told, total = [], Decimal(beyond) / 100
    for number, (pieces, cents) in enumerate(lines, 1):
        gross = Decimal(cents) / 100
        tax = (gross * Decimal(rate) / (1 + Decimal(rate))).quantize(Decimal("0.01"))
        total += gross
        told.append(
            {
                "line_no": number,
                "sku": f"S{number}",
                "quantity": pieces,
                "unit_price": "1.00",
                "tax": tax,
                "total": gross,
                "tax_lines": [{"rate": rate, "amount": tax}],
            }
        )
    totals = {"items": total, "grand_total": total}
    document = sample("sales_order", lines=told, totals=totals, prices_include_tax=True)
    it = order(document, Context("erp"))
    entries = sales_order(it, TERMS)["FSaleOrderEntry"]
    summed = sum(Decimal(str(row["FQty"])) * Decimal(str(row["FTaxPrice"])) for row in entries)
    assert summed.quantize(Decimal("0.01")) == total
    assert {row["FEntryTaxRate"] for row in entries} <= {float(Decimal(rate) * 100), 0.0}
