"""Returns with their lines, what came back of them, and the money of them."""
