"""Returns: asked for, received, inspected, settled; each step told to whom it concerns."""
