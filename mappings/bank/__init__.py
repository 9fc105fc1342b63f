"""What banks tell of an account, read (`statements`)."""

from mappings.bank.statements import DECODE

__all__ = ["DECODE"]
