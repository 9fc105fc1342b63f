"""What a payout says, and what its lines must come to."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.settlement import Payout, SettlementLine
from mappings.kit import Context
from mappings.kit.reports.told import Total, apart, check, content_id, net_of, report

_DISPUTES = ("dp_", "du_")


def word_of(told: str, source: str | None) -> str:
    """What a transaction is. Where there are types alone, a dispute is called an adjustment: only
    its source tells.
    """
    is_dispute = told == "adjustment" and (source or "").startswith(_DISPUTES)
    return "dispute" if is_dispute else told


def accounted_for(
    payout: str | None,
    currency: str,
    lines: Sequence[SettlementLine],
    at: Context,
    *,
    paid: datetime | None = None,
    told: Decimal | None = None,
    path: str = "payout.amount",
) -> Document:
    """The report of a payout, or of what is in none yet. `told`: what was paid out, by its own
    account; what the other lines come to must be just that, where there are any. Without it nobody
    knows whether all that is in the payout is here: the report is not called by its number. Of one
    that was asked for by hand nothing is known but that the balance had as much.
    """
    lines = apart(lines)
    others = [line for line in lines if line.kind != "payout"]
    if told is not None and others:
        check([Total(path, told, net_of(others))])
    return report(
        at,
        "stripe",
        payout if payout and told is not None else f"{payout or currency}-{content_id(lines)}",
        currency,
        lines,
        opening=told if told is not None and not others else ZERO,
        payout=None if told is None else Payout(reference=payout, amount=told, at=paid),
    )
