"""What Braintree reports, read (`reports`)."""

from mappings.braintree.reports import DECODE

__all__ = ["DECODE"]
