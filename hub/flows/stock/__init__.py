"""Stock in from warehouses, and out to channels."""
