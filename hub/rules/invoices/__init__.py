"""Invoices: what is drawn from orders and refunds, and whether it adds up."""
