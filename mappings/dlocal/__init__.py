"""What dLocal reports, read (`reports`)."""

from mappings.dlocal.reports import DECODE

__all__ = ["DECODE"]
