"""What is expected, what came of it, and how the two differ."""
