-- Lines of returns that are parts of a kit: what the order's line was made of. What of kits was paid
-- back: their parts, beside the kits that these complete.
ALTER TABLE return_line ADD COLUMN kit JSONB;
ALTER TABLE return_money ADD COLUMN parts JSONB;
