-- What the channel said of a delivery address that a person corrected, sealed: see hub/flows/correcting.py.
ALTER TABLE sales_order ADD COLUMN told_address BYTEA;
