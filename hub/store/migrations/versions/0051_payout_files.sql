-- The versions of the contracts that named a payout's accounts, the merchant's and the operator's: a
-- file that is fetched again is the same. Of files before this, the contracts of their day. See
-- hub/flows/settlement/payouts.py.
ALTER TABLE transfer ADD COLUMN payee_terms INTEGER, ADD COLUMN payer_terms INTEGER;
