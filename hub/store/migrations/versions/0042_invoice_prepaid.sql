-- What was paid of an invoice before it was drawn. Those of before said that all of it is to be paid.
ALTER TABLE invoice ADD COLUMN prepaid NUMERIC(20, 6) DEFAULT 0 NOT NULL;
