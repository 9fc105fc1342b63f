-- By when a fulfilment order is to leave, and those that have not: see hub/store/ops/clocks.py.
ALTER TABLE fulfilment_order ADD COLUMN ship_by TIMESTAMP WITH TIME ZONE;
CREATE INDEX fulfilment_order_unshipped ON fulfilment_order (status, id)
  WHERE status IN ('notified', 'accepted', 'picking', 'packed', 'cancel_requested');
