"""What is paid out: transfers of one currency from one account, as a bank takes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hub.model.money import add


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Whose account money goes from or to."""

    name: str
    iban: str = field(repr=False)
    bic: str | None = None


MASKED = "•••"
"""What an account begins with where it is shown."""


def masked(iban: str) -> str:
    """An account as people see it: how it ends."""
    return f"{MASKED}{iban[-4:]}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A payout of a statement. `reference` comes back from the bank with what it did."""

    reference: str
    to: BankAccount
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Payouts:
    """Transfers of one currency from one account, as a bank takes them. The same transfers have
    the same `number`.
    """

    number: str
    currency: str
    payer: BankAccount
    at: datetime
    transfers: Sequence[Transfer]

    @property
    def total(self) -> Decimal:
        """What goes out."""
        return add(*(transfer.amount for transfer in self.transfers))
