"""The settlement desk: what merchants are owed."""
