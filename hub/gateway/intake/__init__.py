"""POST /in/<connection>: verified, kept, counted, answered."""
