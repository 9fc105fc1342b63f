"""Customers over the Open API."""
