"""Violations of what holds of returns and of the books: rows beside the scene's order 1001."""
# ruff: noqa: S608  # every text is of this file

from typing import NamedTuple


class Plant(NamedTuple):
    """`title` is the invariant's, `sql` what breaks it."""

    number: str
    title: str
    sql: str


_ID = "'00000000-0000-7000-8000-00000000aaaa'::uuid"
_ORDER = "FROM sales_order WHERE channel_order_id = '1001'"


def _return(more: str = "NULL") -> str:
    """A return of the order; `more`: its linked order."""
    return f"""INSERT INTO customer_return (id, merchant_id, number, order_id, channel_order_id,
        kind, cause, status, currency, digest, document, correlation_id, requested_at,
        exchange_order_id)
      SELECT {_ID}, merchant_id, 'R1', id, channel_order_id, 'refund', 'customer', 'received',
        currency, '\\x00', '\\x00', gen_random_uuid(), now(), {more} {_ORDER};"""


def _line(quantity: int, received: int, paid: int = 9) -> str:
    """A line of it, of two pieces that were ordered."""
    return f"""INSERT INTO return_line (return_id, merchant_id, line_no, order_line, sku, quantity,
        received, ordered, paid)
      SELECT {_ID}, merchant_id, 1, 1, 'A', {quantity}, {received}, 2, {paid} {_ORDER};"""


def _money(amount: int, part: str = "goodwill", line: str = "NULL", parts: str = "NULL") -> str:
    """What was paid back for it, under a refund that is not there."""
    return f"""INSERT INTO return_money (id, merchant_id, return_id, order_id, refund_id, part,
        order_line, quantity, amount, actor, parts)
      SELECT gen_random_uuid(), merchant_id, {_ID}, id, 'R1-1', '{part}', {line}, 0, {amount}, 'x',
        {parts}::jsonb {_ORDER};"""


_OF_A_KIT = """UPDATE return_line SET kit = '{"sku": "SET", "of": {"SET": {"A": "1"}}}';"""


# fmt: off
OF_RETURNS = (
    Plant("G11", "what came back is in the ledger, once", f"""
        INSERT INTO return_receipt (id, merchant_id, warehouse, number, receipt_id, digest,
          booked_as, status, actor, received_at, document)
        SELECT {_ID}, merchant_id, 'wh', 'R1', 'c1', '\\x00', 'return_receipt:C1', 'booked', 'wh',
          now(), '\\x00' {_ORDER};
        INSERT INTO return_piece (receipt_id, merchant_id, position, sku, known, quality, quantity)
        SELECT {_ID}, merchant_id, 1, 'A', true, 'good', 1 {_ORDER}"""),
    Plant("G11", "a return's line holds what came back of it", _return() + _line(1, 1)),
    Plant("G19", "a piece comes back once", _return() + _line(3, 0)),
    Plant("G19", "a part of a kit comes back once", _return() + _line(1, 0) + _OF_A_KIT),
    Plant("G19", "no more of a kit's parts is paid back than was to come back",
        _return() + _line(1, 0) + _OF_A_KIT + _money(1, "line", "1", """'{"A": "2"}'""")),
    Plant("G19", "no more is paid back of an order than it cost", _money(1) + """
        UPDATE refund SET amount = 100000 WHERE channel_order_id = '1001'"""),
    Plant("G19", "no more is paid back of a line than it cost",
        _return() + _line(1, 0, 5) + _money(6, "line", "1")),
    Plant("G19", "a refund of a return is the sum of its parts", _money(1)),
    Plant("G19", "an exchange nets out", _return("gen_random_uuid()")),
)
OF_BOOKS = (
    Plant("G19", "what books are told under a number is the sum of its entries", """
        INSERT INTO book_telling (connection, number, merchant_id, day, currency, total, entries,
          message_id)
        VALUES ('erp', 'B-1', 'acme', '2026-11-24', 'EUR', 1, 1, gen_random_uuid())"""),
    Plant("G19", "books that take entries are told of each in the ledger", """
        UPDATE connection SET takes = takes || 'journal_entry'::text WHERE code = 'erp'"""),
)
# fmt: on
