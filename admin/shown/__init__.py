"""How things are shown to people: words, pictures, masks, pages of a list."""
