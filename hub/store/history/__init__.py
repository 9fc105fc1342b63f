"""What grows by the month: partitions, what is kept how long, and the archive."""
