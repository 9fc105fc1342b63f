"""Translation: partner document <-> canonical document. Pure functions, no I/O."""
