"""Orders, their fulfilment orders, refunds and timeline, and what orders wait for."""
