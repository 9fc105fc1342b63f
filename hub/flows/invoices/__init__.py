"""Invoices: drawn from orders, credit notes from what was paid back of them."""
