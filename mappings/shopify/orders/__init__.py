"""A Shopify order, part by part."""
