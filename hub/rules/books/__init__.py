"""What the books are told of the ledger, under which names and on which day."""
