"""Settlement: facts become entries, entries statements, statements payouts."""
