"""How fields of Odoo's records are read. What is unset is false there."""

from typing import Any

from adapters.kit.http.records import Readers, amount, number, text, word


def relation(value: Any) -> list[Any]:
    """A related record: `[7, "its name"]`; nothing is an empty list."""
    if value is None or value is False or value == []:
        return []
    if not isinstance(value, list) or len(value) < 2:
        raise ValueError("a number and a name are expected")
    return [number(value[0]), text(value[1])]


def numbers(value: Any) -> list[int]:
    """Numbers of several records."""
    if value is None or value is False:
        return []
    if not isinstance(value, list):
        raise ValueError("a list of numbers is expected")  # noqa: TRY004
    return [number(it) for it in value]


FIELDS: Readers = {
    "id": number,
    "state": word,
    **dict.fromkeys(("name", "note", "code", "ref", "usage", "default_code"), text),
    **dict.fromkeys(("amount", "amount_total", "product_uom_qty", "qty_delivered"), amount),
    **dict.fromkeys(("tax_id", "tax_ids"), numbers),
    **dict.fromkeys(
        (
            *("currency_id", "partner_id", "company_id", "country_id", "product_id"),
            *("sale_line_id", "in_type_id", "int_type_id", "lot_stock_id"),
        ),
        relation,
    ),
}
"""What is read of a record, and how."""
