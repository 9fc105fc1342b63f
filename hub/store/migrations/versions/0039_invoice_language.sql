-- The language of a merchant's invoices on paper; NULL: the buyer's.
ALTER TABLE invoice_seller ADD COLUMN language TEXT DEFAULT 'en';
