"""Merchants: no row belongs to another merchant than what it hangs on.

What is the operator's stands apart: goods of several merchants are sold and shipped over its
connections.
"""

from collections.abc import Iterator

from hub.store.invariants.invariant import Invariant

_DO = "close the doors until it is understood: a merchant may see what is another's"

_SAME = (
    ("work", "id", "message", "id"),
    ("attempt", "message_id", "message", "id"),
    ("message_version", "message_id", "message", "id"),
    ("seen", "message_id", "message", "id"),
    ("fulfilment_line", "fulfilment_order_id", "fulfilment_order", "id"),
    ("reservation", "fulfilment_order_id", "fulfilment_order", "id"),
    ("shipment", "fulfilment_order_id", "fulfilment_order", "id"),
    ("inbound_line", "notice_id", "inbound_notice", "id"),
    ("goods_receipt", "notice_id", "inbound_notice", "id"),
    ("receipt_line", "receipt_id", "goods_receipt", "id"),
    ("stocktake_line", "stocktake_id", "stocktake", "id"),
    ("stocktake_count", "stocktake_id", "stocktake", "id"),
    ("invoice", "order_id", "sales_order", "id"),
    ("provider_row", "report_id", "provider_report", "id"),
    ("chargeback", "row_id", "provider_row", "id"),
    ("expected_money", "order_id", "sales_order", "id"),
    ("refund", "order_id", "sales_order", "id"),
    ("routing_decision", "order_id", "sales_order", "id"),
    ("charge_item", "entry_id", "entry", "id"),
    ("statement_line", "statement_id", "statement", "id"),
    ("order_wait", "order_id", "sales_order", "id"),
)
"""A row, its column, and what it hangs on: of the same merchant."""

_SAME_OR_OPERATOR = (
    ("message", "order_id", "sales_order", "id"),
    ("message", "connection", "connection", "code"),
    ("fulfilment_order", "order_id", "sales_order", "id"),
    ("fulfilment_order", "warehouse", "connection", "code"),
    ("inbound_notice", "warehouse", "connection", "code"),
    ("stocktake", "warehouse", "connection", "code"),
    ("sales_order", "channel", "connection", "code"),
    ("timeline", "order_id", "sales_order", "id"),
    ("incident", "order_id", "sales_order", "id"),
    ("stock_level", "warehouse", "connection", "code"),
)
"""The same, where either may be the operator's."""

_NAMED = ("message", "sales_order", "stock_level", "product", "connection", "ledger", "refund")
"""Tables whose merchants must be known."""


def _scope() -> Iterator[Invariant]:
    for table, column, parent, id_ in _SAME:
        yield _invariant(table, column, parent, id_, "")
    for table, column, parent, id_ in _SAME_OR_OPERATOR:
        apart = f"AND 'operator' NOT IN ({table}.merchant_id, {parent}.merchant_id)"
        yield _invariant(table, column, parent, id_, apart)
    for table in _NAMED:
        yield Invariant(
            "G28",
            f"each row of {table} has a merchant that is known",
            f"""SELECT DISTINCT {table}.merchant_id FROM {table}
            LEFT JOIN merchant ON merchant.code = {table}.merchant_id
            WHERE merchant.code IS NULL AND {table}.merchant_id <> 'operator'""",  # noqa: S608
            _DO,
        )


def _invariant(table: str, column: str, parent: str, id_: str, apart: str) -> Invariant:
    return Invariant(
        "G28",
        f"{table} is of the merchant of its {parent}",
        f"""SELECT {table}.{column}::text FROM {table} JOIN {parent}
          ON {parent}.{id_} = {table}.{column}
        WHERE {table}.merchant_id <> {parent}.merchant_id {apart}""",  # noqa: S608
        _DO,
    )


SCOPE = tuple(_scope())
