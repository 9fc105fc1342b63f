"""Pages that show what would happen."""
