"""Commands that start processes or prepare the database."""
