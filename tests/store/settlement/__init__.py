"""The ledger of money, contracts and statements in the database."""
