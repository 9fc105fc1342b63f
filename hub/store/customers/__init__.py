"""Customers as kept: sealed profiles, digests to find them by, their orders and consents."""
