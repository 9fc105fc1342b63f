-- When the clock last looked for customers past their time, how many it forgot, and how many stay as
-- something of them is under way.
ALTER TABLE customer_retention ADD COLUMN ran_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE customer_retention ADD COLUMN ran_erased INTEGER;
ALTER TABLE customer_retention ADD COLUMN ran_waiting INTEGER;
