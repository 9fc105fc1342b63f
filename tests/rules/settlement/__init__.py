"""Contracts, recognition and statements, without a database."""
