"""Statements and the ledger of money as people look at them."""
