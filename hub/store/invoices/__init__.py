"""Invoices: who draws them, their numbers, and what was drawn; documents sealed."""
