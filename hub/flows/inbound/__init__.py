"""Goods in: what warehouses are told to expect, what they say came, and what is decided of it."""
