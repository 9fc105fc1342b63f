"""Orders: received, reviewed, amended, refunded, asked about, and brought to an end."""
