"""Stock: levels with their ledger, reservations, articles, what channels were told."""
