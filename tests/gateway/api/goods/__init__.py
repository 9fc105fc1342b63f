"""Goods over the Open API: stocktakes."""
