"""Reconciliation as people look at it: what is left on either side, and chargebacks."""
