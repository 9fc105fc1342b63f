"""The books hear of each entry of the ledger once."""
