"""The books were told what the ledger has: each entry once, the same sums."""

from hub.store.invariants.invariant import Invariant

_HALVES = """SELECT b.connection, b.number, b.merchant_id, count(DISTINCT b.entry_id) AS entries,
          sum(line.debit) AS total
        FROM book_entry AS b JOIN entry_line AS line ON line.entry_id = b.entry_id
          AND line.merchant_id = b.merchant_id AND line.account LIKE b.half || '.%'
        WHERE b.number IS NOT NULL GROUP BY 1, 2, 3"""

# fmt: off
BOOKS = (
    Invariant("G19", "what books are told under a number is the sum of its entries", f"""
        SELECT concat_ws(' ', told.connection, coalesce(told.number, halves.number))
        FROM book_telling AS told FULL JOIN ({_HALVES}) AS halves
          USING (connection, number, merchant_id)
        WHERE told.total IS DISTINCT FROM halves.total
          OR told.entries IS DISTINCT FROM halves.entries""",  # noqa: S608  # ours
        "compare the number with the ledger; please report it"),
    Invariant("G19", "books that take entries are told of each in the ledger", """
        SELECT c.code || ' ' || entry.id FROM entry
        JOIN connection AS c ON 'journal_entry' = ANY (c.takes)
          AND c.kind IN ('erp', 'finance', 'crm')
          AND c.merchant_id IN (entry.merchant_id, 'operator')
        WHERE entry.at >= coalesce(c.options #>> '{books,since}', '-infinity')::timestamptz
          AND EXISTS (
            SELECT FROM entry_line AS line WHERE line.entry_id = entry.id
              AND line.account LIKE CASE c.merchant_id WHEN 'operator' THEN 'operator'
                ELSE 'merchant' END || '.%')
          AND NOT EXISTS (
            SELECT FROM book_entry AS b WHERE b.connection = c.code AND b.entry_id = entry.id)""",
        "see whether the scheduler runs; the sweep tells them", at_rest=True),
)
# fmt: on
