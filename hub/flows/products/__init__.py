"""Articles become known, and order lines find theirs."""
