"""A Shopify refund: what went back and what it is worth."""
