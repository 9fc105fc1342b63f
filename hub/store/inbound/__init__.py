"""Goods in: notices with their lines, receipts, and how the two differ."""
