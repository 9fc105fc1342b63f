-- Whoever runs this may be bound by row-level security as everybody else.
SET LOCAL orderhub.scope = '*';

-- From when on what warehouses refused of an order counts no more: see hub/rules/refusals.py.
ALTER TABLE sales_order ADD COLUMN IF NOT EXISTS lifted_at TIMESTAMP WITH TIME ZONE;

-- What stands still when this version comes is looked at once, and waits from then on for whatever
-- could let it go: orders that are held, and open ones that no warehouse works on.
INSERT INTO order_wait (merchant_id, order_id, fact)
SELECT merchant_id, id, 'again' FROM sales_order AS o
WHERE status = 'held' OR status = 'open' AND NOT EXISTS (
  SELECT FROM fulfilment_order AS f WHERE f.order_id = o.id
    AND f.status NOT IN ('shipped', 'delivered', 'short', 'rejected', 'cancelled')
)
ON CONFLICT DO NOTHING;
INSERT INTO fact_due (id, merchant_id, fact, first, due)
SELECT gen_random_uuid(), merchant_id, 'again', '00000000-0000-0000-0000-000000000000', now()
FROM (SELECT DISTINCT merchant_id FROM order_wait WHERE fact = 'again') AS w;
