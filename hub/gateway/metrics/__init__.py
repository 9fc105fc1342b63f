"""What the gateway counts, and what the database knows of each connection."""
