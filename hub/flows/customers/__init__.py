"""Customers: collected from orders, joined and taken apart, forgotten."""
