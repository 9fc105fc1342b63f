"""Which warehouse ships what, by a merchant's rules."""
