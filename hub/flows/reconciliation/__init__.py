"""Reconciliation: what providers report against what we expect."""
