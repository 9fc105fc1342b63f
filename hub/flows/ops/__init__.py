"""The hub looks after itself: breaker and pace, health, the audit of its books."""
