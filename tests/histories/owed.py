"""What must hold of payouts, reserves, corrections and what is owed after every step of a history
of money, beside what the hub itself looks at.
"""

from hub.store.invariants.invariant import Invariant

# fmt: off
PAID = (
    Invariant("", "a payout stands in one file that nobody refused", """
        SELECT statement_id::text FROM transfer WHERE state IS DISTINCT FROM 'refused'
        GROUP BY statement_id HAVING count(*) > 1""", ""),
    Invariant("", "what a file pays is what its statement comes to", """
        SELECT statement.number FROM transfer JOIN statement ON id = statement_id
        WHERE transfer.amount <> statement.payout OR statement.approved_at IS NULL""", ""),
    Invariant("", "what is reserved is what statements reserved and did not let go", """
        SELECT merchant_id || ' ' || currency FROM (
          SELECT entry.merchant_id, currency, sum(debit - credit) AS amount
          FROM entry JOIN entry_line ON entry_id = entry.id WHERE account = 'merchant.reserve'
          GROUP BY 1, 2
        ) AS booked FULL JOIN (
          SELECT statement.merchant_id, currency, -sum(amount) AS amount
          FROM statement JOIN statement_line ON statement_id = statement.id
          WHERE approved_at IS NOT NULL AND kind IN ('reserve_out', 'reserve_in') GROUP BY 1, 2
        ) AS said USING (merchant_id, currency)
        WHERE coalesce(booked.amount, 0) <> coalesce(said.amount, 0)""", ""),
    Invariant("", "what is corrected is what two people agreed upon", """
        SELECT merchant_id || ' ' || currency FROM (
          SELECT entry.merchant_id, currency, sum(credit - debit) AS amount
          FROM entry JOIN entry_line ON entry_id = entry.id WHERE account = 'merchant.adjustments'
          GROUP BY 1, 2
        ) AS booked FULL JOIN (
          SELECT merchant_id, currency, sum(amount) AS amount FROM adjustment
          WHERE decision = 'approved' AND decided_by <> entered_by GROUP BY 1, 2
        ) AS said USING (merchant_id, currency)
        WHERE coalesce(booked.amount, 0) <> coalesce(said.amount, 0)""", ""),
    Invariant("", "what is owed is carried, held, on its way, or of a period that is open", """
        WITH owed AS (
          SELECT entry.merchant_id, currency, settle_at, debit - credit AS amount,
            starts_with(document, 'statement:') AS stated
          FROM entry JOIN entry_line ON entry_id = entry.id WHERE account = 'merchant.receivable'
        ), newest AS (
          SELECT DISTINCT ON (merchant_id, currency) * FROM statement
          WHERE approved_at IS NOT NULL ORDER BY merchant_id, currency, period_to DESC
        )
        SELECT newest.number FROM newest
        WHERE (SELECT coalesce(sum(amount), 0) FROM owed
            WHERE (merchant_id, currency) = (newest.merchant_id, newest.currency))
          <> newest.carried_out
            - (SELECT coalesce(sum(amount), 0) FROM statement_line
              WHERE statement_id = newest.id AND kind = 'hold_out')
            + (SELECT coalesce(sum(payout), 0) FROM statement AS one
              WHERE (merchant_id, currency) = (newest.merchant_id, newest.currency)
                AND approved_at IS NOT NULL AND status NOT IN ('paid', 'closed'))
            + (SELECT coalesce(sum(amount), 0) FROM owed
              WHERE (merchant_id, currency) = (newest.merchant_id, newest.currency)
                AND NOT stated AND settle_at >= newest.period_to)""", ""),
)
# fmt: on
