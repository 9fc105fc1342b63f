"""What runs, and how much passes through it, as people look at it."""
