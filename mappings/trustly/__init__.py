"""What Trustly reports, read (`reports`)."""

from mappings.trustly.reports import DECODE

__all__ = ["DECODE"]
