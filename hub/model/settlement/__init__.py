"""Money between operator, providers and merchants: documents that tell of it, its bookings, and
what is paid out.
"""

from hub.model.settlement.bookings import Account, ChargeItem, Entry, Line
from hub.model.settlement.documents import (
    JournalEntry,
    JournalLine,
    Kind,
    Payout,
    PayoutAnswer,
    PayoutState,
    PayoutStatus,
    Period,
    SettlementLine,
    SettlementReport,
)
from hub.model.settlement.payouts import MASKED, BankAccount, Payouts, Transfer, masked

__all__ = [
    "MASKED",
    "Account",
    "BankAccount",
    "ChargeItem",
    "Entry",
    "JournalEntry",
    "JournalLine",
    "Kind",
    "Line",
    "Payout",
    "PayoutAnswer",
    "PayoutState",
    "PayoutStatus",
    "Payouts",
    "Period",
    "SettlementLine",
    "SettlementReport",
    "Transfer",
    "masked",
]
