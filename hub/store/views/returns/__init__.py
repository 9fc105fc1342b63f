"""Returns for people and programs: as lists, and one with all that came of it."""
