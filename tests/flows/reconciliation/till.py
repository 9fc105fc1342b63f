"""A merchant that is paid by a provider, and the provider's reports."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hub import flows
from hub.flows.reconciliation import requests
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store import invariants
from hub.store.base.ids import new_id
from hub.store.invariants.reconciliation import RECONCILIATION
from tests.kit.catalogue import refund, sales_order
from tests.kit.world import Merchant
from tests.kit.world.world import World

TITLES = {it.title for it in RECONCILIATION}
DAY = "2026-11-24"


def line(reference: str, gross: str, fee: str = "0", **how: Any) -> dict[str, Any]:
    """One line of a report: a sale where nothing else is said."""
    net = str(Decimal(gross) - Decimal(fee))
    own = {"reference": reference, "kind": "sale", "gross": gross, "fee": fee, "net": net}
    return {**own, "currency": "EUR", "at": f"{DAY}T18:00:00Z", **how}


def report(number: str, *lines: dict[str, Any], **how: Any) -> dict[str, Any]:
    """A report whose payout is what its lines come to."""
    amount = sum((Decimal(it["net"]) for it in lines if it["currency"] == "EUR"), Decimal(0))
    own = {
        "type": "settlement_report",
        "source": {"connection": "psp", "id": number},
        "provider": "psp",
        "report_id": number,
        "period": {"from": f"{DAY}T00:00:00Z", "to": "2026-11-25T00:00:00Z"},
        "currency": "EUR",
        "payout": {"reference": f"PAY-{number}", "amount": str(amount), "at": None},
        "lines": list(lines),
    }
    return {**own, **how}


class Till:
    """One merchant's till. Its orders are its shop's, its reports its provider's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.acme: Merchant = world.new_merchant().shop()
        self.psp = f"psp-{self.acme.code}"
        world.connect(self.psp, "finance", merchant=self.acme.code)

    def take(self, tree: dict[str, Any]) -> tuple[str, str]:
        """Hand a document to its flow: status and code of the verdict."""
        return self.take_all(tree)[0]

    def take_all(self, *trees: dict[str, Any]) -> list[tuple[str, str]]:
        """Hand documents of one partner to their flow, in one transaction."""
        shop = self.psp if trees[0]["type"] == "settlement_report" else self.acme.at_shop.code
        documents = [
            read(it["type"], {**it, "source": {**it["source"], "connection": shop}}) for it in trees
        ]
        partner = self.world.store.directory().connections[shop]
        with self.world.unit() as unit:
            told = [Told(document, partner, new_id(), new_id()) for document in documents]
            return [(verdict.status, verdict.code) for verdict in flows.take(unit, told)]

    def sold(self, number: int, *payments: tuple[str | None, str], **how: Any) -> None:
        """An order that was paid so: reference and amount of each payment."""
        made = [
            {"reference": name, "gateway": "psp", "state": "paid", "amount": amount,
             "currency": how.get("currency", "EUR")}
            for name, amount in payments
        ]  # fmt: skip
        assert self.take(sales_order(number, payments=made, **how))[0] == "done"

    def refunded(self, number: str, order: int, amount: str, reference: str | None) -> None:
        paid = [{"reference": reference, "amount": amount}]
        tree = refund(number, order=order, amount=amount, payments=paid)
        assert self.take(tree)[0] == "done"

    def report(self, number: str, *lines: dict[str, Any], **how: Any) -> tuple[str, str]:
        return self.take(report(number, *lines, **how))

    def theirs(self) -> list[tuple[str, str, str | None]]:
        """Reference, state and reason of each row that was reported."""
        rows = self.acme.rows(
            """SELECT reference, state, reason FROM provider_row
            WHERE merchant_id = :merchant ORDER BY id"""
        )
        return [tuple(row) for row in rows]

    def ours(self, *kinds: str) -> list[tuple[str | None, str, Decimal]]:
        """Reference, state and amount of what is expected of these kinds."""
        rows = self.acme.rows(
            """SELECT reference, state, amount, kind FROM expected_money
            WHERE merchant_id = :merchant ORDER BY id"""
        )
        return [tuple(row)[:3] for row in rows if row.kind in (kinds or ("sale", "refund"))]

    def rules(self) -> list[str]:
        """The rules of the matches that hold."""
        rows = self.acme.rows(
            """SELECT rule FROM money_match WHERE merchant_id = :merchant AND undone_at IS NULL
            ORDER BY id"""
        )
        return [row.rule for row in rows]

    def ids(self, table: str, *references: str) -> list[Any]:
        rows = self.acme.rows(
            f"SELECT id, reference FROM {table} WHERE merchant_id = :merchant"  # noqa: S608
        )
        by_reference = {row.reference: row.id for row in rows}
        return [by_reference[reference] for reference in references]

    def cases(self) -> list[Any]:
        return list(
            self.acme.rows(
                """SELECT id, status, amount FROM chargeback
                WHERE merchant_id = :merchant ORDER BY id"""
            )
        )

    def by_hand(self, ours: Sequence[str], theirs: Sequence[str], note: str = "") -> None:
        mine = self.ids("expected_money", *ours)
        other = self.ids("provider_row", *theirs)
        with self.world.unit() as unit:
            requests.match(unit, mine, other, "ann", note)

    def check(self) -> None:
        """Every invariant of reconciliation holds."""
        with invariants.snapshot(self.world.store) as db:
            broken = {it.title: it.broken for it in invariants.look(db) if it.title in TITLES}
        assert {title: found for title, found in broken.items() if found} == {}
        assert len(broken) == len(TITLES)
