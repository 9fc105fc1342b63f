"""Payouts as banks take them: pure functions."""
