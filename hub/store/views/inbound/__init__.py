"""Goods in as warehouses and people look at them: notices, their receipts, and the differences."""
