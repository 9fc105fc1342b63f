"""Money between operator and merchants: entries balance, statements are what the ledger says, and
what is final stays as it is.
"""

from hub.store.invariants.invariant import Invariant

_REPORT = "please report it: approve and pay nothing until it is understood"
_DIGEST = """sha256(convert_to(string_agg(concat(line.position, '|', line.kind, '|', line.code, '|',
      line.rule, '|', line.version, '|', line.items, '|', line.quantity, '|', line.base, '|',
      line.amount), E'\\n' ORDER BY line.position) FILTER (WHERE line.position IS NOT NULL),
      'UTF8'))"""
"""As `hub/rules/settlement/statement.py` makes it; of a statement without lines it is null."""

# fmt: off
SETTLEMENT = (
    Invariant("G19", "each entry balances, and so does each half of it", """
        SELECT entry.document || ' ' || entry.reason FROM entry
        LEFT JOIN entry_line AS line ON line.entry_id = entry.id
          AND line.merchant_id = entry.merchant_id
        GROUP BY entry.id, entry.merchant_id
        HAVING coalesce(sum(line.debit), 0) <> entry.total
          OR coalesce(sum(line.credit), 0) <> entry.total
          OR coalesce(sum(line.debit - line.credit)
            FILTER (WHERE line.account LIKE 'merchant.%'), 0) <> 0""", _REPORT),
    Invariant("G19", "each line of the ledger is of an entry of its merchant", """
        SELECT line.entry_id::text FROM entry_line AS line
        LEFT JOIN entry ON entry.id = line.entry_id AND entry.merchant_id = line.merchant_id
        WHERE entry.id IS NULL""", _REPORT),
    Invariant("G19", "what was sold of an order is booked once, and as its items say", """
        SELECT entry.document || ' ' || entry.reason FROM entry
        JOIN (
          SELECT entry_id, merchant_id, sum(amount) AS amount FROM charge_item
          WHERE kind IN ('sale', 'refund', 'shipping', 'fee', 'rounding', 'chargeback',
            'chargeback_fee')
          GROUP BY 1, 2
        ) AS item ON item.entry_id = entry.id AND item.merchant_id = entry.merchant_id
        LEFT JOIN (
          SELECT entry_id, merchant_id, sum(debit - credit) AS amount FROM entry_line
          WHERE account = 'merchant.receivable' GROUP BY 1, 2
        ) AS line ON line.entry_id = entry.id AND line.merchant_id = entry.merchant_id
        WHERE item.amount <> coalesce(line.amount, 0)""", _REPORT),
    Invariant("G19", "a statement's lines add up to its balance, and that to payout and carry-over",
        """SELECT statement.number FROM statement
        LEFT JOIN statement_line AS line ON line.statement_id = statement.id
          AND line.merchant_id = statement.merchant_id
        WHERE statement.revision > 0 GROUP BY statement.id, statement.merchant_id
        HAVING coalesce(sum(line.amount), 0) <> statement.balance
          OR statement.balance <> statement.payout + statement.carried_out
          OR statement.payout < 0""", _REPORT),
    Invariant("G19", "the figures of a statement are those that were approved", f"""
        SELECT statement.number FROM statement
        LEFT JOIN statement_line AS line ON line.statement_id = statement.id
          AND line.merchant_id = statement.merchant_id
        WHERE statement.approved_at IS NOT NULL GROUP BY statement.id, statement.merchant_id
        HAVING coalesce({_DIGEST}, sha256('')) <> statement.digest""",  # noqa: S608
        _REPORT),
    Invariant("G19", "what a final statement says was sold is what the ledger says", """
        SELECT statement.number FROM statement
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('sales', 'refunds')), 0) AS sold,
            coalesce(sum(amount) FILTER (WHERE kind IN ('charge', 'tax')), 0) AS charged
          FROM statement_line AS line WHERE line.statement_id = statement.id
            AND line.merchant_id = statement.merchant_id
        ) AS said
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(line.debit - line.credit) FILTER (WHERE entry.document
              NOT LIKE 'statement:%' AND entry.reason <> 'adjustment'), 0) AS sold,
            coalesce(sum(line.debit - line.credit) FILTER (WHERE entry.reason = 'charges'
              AND entry.document = 'statement:' || statement.number), 0) AS charged
          FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
            AND line.merchant_id = entry.merchant_id AND line.account = 'merchant.receivable'
          WHERE entry.merchant_id = statement.merchant_id
            AND entry.currency = statement.currency AND entry.settle_at < statement.period_to
            AND (entry.settle_at >= statement.period_from OR NOT EXISTS (
              SELECT FROM statement AS earlier WHERE earlier.merchant_id = statement.merchant_id
                AND earlier.currency = statement.currency
                AND earlier.period_to <= statement.period_from
            ))
        ) AS booked
        WHERE statement.approved_at IS NOT NULL
          AND (said.sold <> booked.sold OR said.charged <> booked.charged)""", _REPORT),
    Invariant("G19", "a payout is booked of what is paid, once, and of nothing else", """
        SELECT statement.number FROM statement
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(line.debit - line.credit), 0) AS amount
          FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
            AND line.merchant_id = entry.merchant_id AND line.account = 'merchant.bank'
          WHERE entry.merchant_id = statement.merchant_id
            AND entry.document = 'statement:' || statement.number
        ) AS booked
        WHERE booked.amount <> CASE WHEN statement.status IN ('paid', 'closed')
          THEN statement.payout ELSE 0 END""", _REPORT),
    Invariant("G19", "each transfer in a payout file is of a statement of its merchant", """
        SELECT transfer.file FROM transfer
        LEFT JOIN statement ON statement.id = transfer.statement_id
          AND statement.merchant_id = transfer.merchant_id
        WHERE statement.id IS NULL""", _REPORT),
    Invariant("G19", "periods of a merchant do not overlap", """
        SELECT statement.number FROM statement JOIN statement AS other
          ON other.merchant_id = statement.merchant_id AND other.currency = statement.currency
          AND other.id <> statement.id AND other.period_from < statement.period_to
          AND other.period_to > statement.period_from""", _REPORT),
)
# fmt: on
