"""Readers of what providers account for: files opened, rows by the names of their columns, amounts
as the file writes them, and reports whose lines add up to what they say of themselves.
"""
