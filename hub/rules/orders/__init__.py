"""What speaks against an order, what changes it, how far it is."""
