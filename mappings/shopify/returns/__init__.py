"""A Shopify return: what a customer sends back, as the shop tells it and as it is told."""
