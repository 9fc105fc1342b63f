"""Desks of money: what providers report against what is expected, and the books."""
