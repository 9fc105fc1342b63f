"""Shopify Payments: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.shopify_payments import DECODE

ADAPTER = reports(DECODE)
