-- The account of a contract's payee, sealed: its terms name no more than how it ends. See
-- hub/store/settlement/contracts.py.
ALTER TABLE contract ADD COLUMN account BYTEA;
