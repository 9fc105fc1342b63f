"""Magento Open Source and Adobe Commerce, both ways. Source: their REST API, 2.2 to 2.4."""

from mappings.magento.inward import DECODE
from mappings.magento.outward import ENCODE

__all__ = ["DECODE", "ENCODE"]
