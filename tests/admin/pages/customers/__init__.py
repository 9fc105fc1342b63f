"""Customers in the console: how long they are kept."""
