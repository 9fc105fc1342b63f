-- When it was delivered, as a carrier or the warehouse told it. Of those that were delivered before,
-- when that was noted.
ALTER TABLE fulfilment_order ADD COLUMN delivered_at TIMESTAMP WITH TIME ZONE;
UPDATE fulfilment_order SET delivered_at = updated_at WHERE status = 'delivered';
