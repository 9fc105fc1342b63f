"""What warehouses say of fulfilment orders, and what is booked of it."""
