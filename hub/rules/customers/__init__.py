"""Who is one person, and what is left of one who is to be forgotten."""
