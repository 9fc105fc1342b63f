"""What becomes of messages: newer or older, tried again, overtaken, told."""
