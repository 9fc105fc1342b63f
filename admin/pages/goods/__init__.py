"""Desks of goods: warehouses and what they have in hand, what comes in, and stock."""
