"""Stocktakes: documents, and their lines."""
