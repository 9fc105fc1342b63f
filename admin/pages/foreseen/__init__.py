"""What would happen, shown before anybody does it: an order's edit, other routing rules."""
