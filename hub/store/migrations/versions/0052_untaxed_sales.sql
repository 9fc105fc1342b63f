-- What a seller's sales without tax are: zero rated, exempt, exports and the like. See
-- hub/model/invoice/seller.py.
ALTER TABLE invoice_seller ADD COLUMN untaxed JSONB NOT NULL DEFAULT '{}';
