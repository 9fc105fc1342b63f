"""What is booked, and what statements come to."""
