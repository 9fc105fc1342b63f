"""What the Open API says of money: the ledger, and the books that hear of it."""
