"""Commands about accounts and keys."""
