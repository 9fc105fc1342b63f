-- When it happened, where that is known and may be earlier than it was booked: a count that is older
-- than what is told of goods is compared by it. Absent: when it was booked.
ALTER TABLE ledger ADD COLUMN happened_at TIMESTAMP WITH TIME ZONE;
-- Absent: when it was told.
ALTER TABLE stocktake_count ADD COLUMN counted_at TIMESTAMP WITH TIME ZONE;
-- Pieces of the difference that had moved before the count and were told after it.
ALTER TABLE stocktake_line ADD COLUMN explained NUMERIC(20, 6) DEFAULT '0' NOT NULL;
