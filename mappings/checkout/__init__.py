"""What Checkout.com reports, read (`reports`)."""

from mappings.checkout.reports import DECODE

__all__ = ["DECODE"]
