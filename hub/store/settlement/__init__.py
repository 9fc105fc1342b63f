"""Money: the ledger, contracts, statements; set-based statements of SQL."""
