"""One thing asked of many: what would become of them, then all of them at once."""
