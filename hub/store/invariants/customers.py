"""Customers: each order is one's, what they bought adds up, and who was erased is nowhere."""

from hub.store.invariants.invariant import Invariant

_REPORT = "please report it: collected customers and orders differ"
_FORGET = "erase the customer again; the record of the audit says when it was asked for"

# fmt: off
CUSTOMERS = (
    Invariant("G28", "an order's customer is of its merchant, and one that is known", """
        SELECT co.order_id::text FROM customer_order AS co
        LEFT JOIN customer AS c ON c.id = co.customer_id AND c.merchant_id = co.merchant_id
        LEFT JOIN customer AS root ON root.id = c.root_id AND root.merchant_id = c.merchant_id
        WHERE root.id IS NULL OR root.merged_into IS NOT NULL""", _REPORT),
    Invariant("G15", "an order that names somebody is a customer's, or due to be", """
        SELECT id::text FROM sales_order AS o WHERE customer IS NOT NULL
          AND NOT EXISTS (SELECT FROM customer_order WHERE order_id = o.id)
          AND NOT EXISTS (SELECT FROM customer_due WHERE order_id = o.id)""", _REPORT),
    Invariant("G15", "a customer has as many orders as are counted", """
        WITH bought AS (
          SELECT c.root_id, count(*) AS orders FROM customer AS c
          JOIN customer_order AS co ON co.customer_id = c.id
          JOIN sales_order AS o ON o.id = co.order_id
          WHERE co.counts AND o.status <> 'cancelled' GROUP BY 1
        )
        SELECT c.id::text FROM customer AS c LEFT JOIN bought ON bought.root_id = c.id
        WHERE c.merged_into IS NULL AND c.status <> 'erased'
          AND c.orders <> coalesce(bought.orders, 0)
          AND NOT EXISTS (SELECT FROM customer_due)""", _REPORT, at_rest=True),
    Invariant("G30", "who was erased is nowhere", """
        SELECT c.id::text FROM customer AS c WHERE c.status = 'erased' AND (
          c.profile IS NOT NULL
          OR EXISTS (SELECT FROM customer_mark WHERE customer_id = c.id)
          OR EXISTS (SELECT FROM customer_consent WHERE customer_id = c.id)
          OR EXISTS (SELECT FROM customer_order AS co JOIN sales_order AS o ON o.id = co.order_id
            WHERE co.customer_id = c.id AND (o.erased_at IS NULL OR o.customer IS NOT NULL
              OR o.fingerprint IS NOT NULL OR o.told_address IS NOT NULL))
        )""", _FORGET),
)
# fmt: on
