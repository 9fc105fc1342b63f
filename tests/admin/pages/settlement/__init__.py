"""The settlement desk: statements, contracts, corrections."""
