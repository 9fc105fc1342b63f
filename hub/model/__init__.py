"""The canonical data model: one form of each document, frozen and validated. No I/O."""
