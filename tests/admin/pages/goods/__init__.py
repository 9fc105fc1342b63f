"""Goods in the console: stocktakes."""
