"""Which warehouse ships what: planned in memory, written with its reservations."""
