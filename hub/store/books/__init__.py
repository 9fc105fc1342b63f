"""What books were told of the ledger, what they made of it, and up to when they are closed."""
