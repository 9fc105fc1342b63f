"""The documentation, and `python -m docs`, which writes the parts of it that come from the code."""
