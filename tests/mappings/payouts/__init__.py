"""Payouts as banks take them."""
