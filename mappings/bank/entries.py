"""What all forms of a statement have in common: a booking as a line, and names that stand once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub.model.settlement import SettlementLine
from mappings.kit.reports.told import line

_NO_NAME = frozenset({"NOTPROVIDED", "NONREF"})
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking. `name` is what the one who paid calls it (end to end), `own` what the bank does;
    `statement` names it where neither does. `is_fee`: the bank's own charge.
    """

    path: str
    statement: str
    amount: Decimal
    currency: str
    at: datetime
    is_fee: bool = False
    name: str | None = None
    own: str | None = None
    order: str | None = None
    kind: str | None = None
    batch: str | None = None
    text: str | None = None

    def line(self) -> SettlementLine:
        """As a line of a report."""
        name = None if self.name in _NO_NAME else self.name
        own = None if self.own in _NO_NAME else self.own
        return line(
            self.path,
            reference=name or own or self.statement,
            channel_order_id=self.order,
            kind="fee" if self.is_fee else "payout",
            gross=self.amount,
            currency=self.currency,
            at=self.at,
            provider_kind=self.kind,
            transaction=own,
            batch=self.batch,
            description=self.text[:_LONGEST] if self.text else None,
        )


def named(lines: Sequence[SettlementLine]) -> list[SettlementLine]:
    """Many entries may have the same reference: each after the first is numbered. One without is
    known by its statement: another account has a first entry too.
    """
    seen: dict[str, int] = {}
    found = []
    for each in lines:
        seen[each.reference] = count = seen.get(each.reference, 0) + 1
        name = each.reference if count == 1 else f"{each.reference}-{count}"
        found.append(each.model_copy(update={"reference": name}))
    return found
