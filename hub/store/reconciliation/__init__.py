"""Money expected, money reported, and their matches, in sets."""
