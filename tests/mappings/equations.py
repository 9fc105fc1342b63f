"""The equations that every sales order obeys, exactly."""

from decimal import Decimal

from hub.model.order import SalesOrder


def assert_adds_up(order: SalesOrder) -> None:
    """Lines, shipping, fees and totals agree to the last minor unit."""
    included, totals = order.prices_include_tax, order.totals
    for line in order.lines:
        assert line.total == line.unit_price * line.quantity - line.discount + (
            0 if included else line.tax
        )
        assert sum(tax.amount for tax in line.tax_lines) == line.tax
        assert 0 <= line.cancelled_quantity <= line.quantity
    for way in order.shipping:
        assert way.total == way.price - way.discount + (0 if included else way.tax)
    for fee in order.fees:
        assert fee.total == fee.amount + (0 if included else fee.tax)
    parts = (*order.lines, *order.shipping, *order.fees)
    assert totals.items == sum(line.unit_price * line.quantity for line in order.lines)
    assert totals.tax == sum((part.tax for part in parts), Decimal(0))
    assert totals.grand_total == sum(part.total for part in parts) + totals.rounding
    assert totals.grand_total == (
        totals.items - totals.discount + totals.shipping + totals.fees + totals.rounding
    ) + (0 if included else totals.tax)
    assert sum((one.amount for one in order.discounts), Decimal(0)) == totals.discount
