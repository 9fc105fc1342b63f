"""What payment providers report in histories of money: payments, chargebacks and that they were
taken back; and what people do about the cases.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from hub import flows
from hub.flows.reconciliation import cases
from hub.flows.unit import Told, Unit
from hub.model.catalogue import read
from hub.states.chargeback import Event, State
from hub.store.base.ids import new_id
from hub.store.reconciliation.cases import id_text
from tests.histories.moves import Asked, Move
from tests.histories.returns import ReturnHistory
from tests.kit.world import World

PEOPLE = ("ann", "bob", "cem", "dan")
OVER = frozenset({State.WON, State.LOST})
FEES = ("0", "0", "15.00")


class ChargebackHistory(ReturnHistory):
    """A merchant that a provider pays: what the provider says, and who decides about its cases."""

    SEES: ClassVar[Mapping[str, str]] = {
        **ReturnHistory.SEES,
        "cases": """SELECT c.merchant_id, c.id, c.status, -c.amount AS amount, c.currency,
            c.reference, c.order_id, c.order_reference, row.fee
          FROM chargeback AS c JOIN provider_row AS row ON row.id = c.row_id
          ORDER BY c.reference""",
        "losses": """SELECT entry.merchant_id, entry.document, entry.reason,
            sum(line.credit - line.debit) AS amount
          FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
          WHERE starts_with(entry.document, 'chargeback:')
            AND line.account = 'operator.receivable' GROUP BY 1, 2, 3""",
    }

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        world.connect(self.at("psp"), "finance", merchant=self.code)
        self.reports = 0
        self.charged: set[tuple[str, Decimal]] = set()

    def holds(self, before: Any) -> None:
        """Only what is lost is the merchant's loss, and each fee is booked once."""
        super().holds(before)
        booked = {(row.document, row.reason): row.amount for row in self.seen["losses"]}
        for case in self.seen["cases"]:
            document = f"chargeback:{id_text(case.id)}"
            lost, fee, back = (
                booked.get((document, reason), 0) for reason in ("chargeback", "fee", "fee_back")
            )
            name = f"{case.reference}, {case.status}"
            least = case.amount if case.status == State.LOST and case.order_id is None else 0
            most = case.amount if case.status == State.LOST else 0
            assert least <= lost <= most, f"{name}: lost are {lost} of {case.amount}"
            assert fee == case.fee, f"{name}: a fee of {case.fee} is booked as {fee}"
            most = fee if case.status == State.WON else 0
            assert 0 <= -back <= most, f"{name}: {back} of the fee came back"

    def report(self) -> Iterator[Move]:
        """A provider's report of some movements, told once or more."""
        self.reports += 1
        number = f"{self.seed}-P{self.reports}"
        lines = [line for at in range(self.chance.randint(1, 3)) if (line := self._line_of(at))]
        for _ in range(self.chance.choice((1, 1, 2))):
            yield self.tells(self.at("psp"), self._report(number, lines))

    def charge_back(self) -> Iterator[Move]:
        """A person does something about a case, or the provider reports."""
        waiting = [case for case in self.seen["cases"] if case.status not in OVER]
        if not waiting:
            yield from self.report()
            return
        case, who = self.chance.choice(waiting), self.chance.choice(PEOPLE)
        event = self.chance.choice((Event.LOSE, Event.LOSE, Event.WIN, Event.SEND_EVIDENCE))
        yield Asked(f"chargeback {event}", lambda unit: cases.ask(unit, case.id, event, who, ""))

    def tells(self, by: str, tree: Mapping[str, Any]) -> Move:
        """A document over a connection that is taken by itself, at this history's time."""
        return Asked(str(tree["type"]), lambda unit: self._take(unit, by, tree))

    def report_of(self, number: str, lines: list[dict[str, Any]], **how: Any) -> dict[str, Any]:
        """A report of these movements, which are all of one currency."""
        return {
            "type": "settlement_report", "source": {"id": number}, "provider": "psp",
            "report_id": number, "period": {"from": self.moment(), "to": self.moment()},
            "currency": lines[0]["currency"] if lines else "EUR", "lines": lines, **how,
        }  # fmt: skip

    def _report(self, number: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        """Of the lines in the currency of the first, with what they come to as the payout."""
        own = [line for line in lines if line["currency"] == lines[0]["currency"]]
        amount = sum((Decimal(line["net"]) for line in own), Decimal(0))
        return self.report_of(
            number, own, payout={"reference": f"PAY-{number}", "amount": str(amount), "at": None}
        )

    def _line_of(self, at: int) -> dict[str, Any]:
        """One movement; empty where there is none to tell of."""
        name = f"{self.seed}-{self.reports}-{at}"
        waiting = [case for case in self.seen["cases"] if case.status not in OVER]
        if waiting and self.maybe(0.4):  # a bank gave back what it took
            case = self.chance.choice(waiting)
            fee = -case.fee if self.maybe(0.5) else Decimal(0)
            return self.movement(name, "chargeback", case.amount, fee, case.currency,
                                 channel_order_id=case.order_reference)  # fmt: skip
        number = self.chance.choice(sorted(self.orders))
        tree = self.orders[number]
        whole = Decimal(tree["totals"]["grand_total"])
        if self.maybe(0.4):
            return self.movement(name, "sale", whole, Decimal(0), tree["currency"],
                                 channel_order_id=number)  # fmt: skip
        order = number if self.maybe(0.8) else f"{self.seed}-unknown"
        some = whole if self.maybe(0.5) else Decimal(self.chance.randint(1, 4000)) / 100
        if (order, some) in self.charged:  # which of two alike is given back nobody can tell
            return {}
        self.charged.add((order, some))
        fee = Decimal(self.chance.choice(FEES))
        return self.movement(name, "chargeback", -some, fee, tree["currency"],
                             channel_order_id=order)  # fmt: skip

    def movement(
        self, name: str, kind: str, gross: Decimal, fee: Decimal, currency: str, **how: Any
    ) -> dict[str, Any]:
        """A line of a report."""
        return {
            "reference": name, "kind": kind, "gross": str(gross), "fee": str(fee),
            "net": str(gross - fee), "currency": currency, "at": self.moment(), **how,
        }  # fmt: skip

    def _take(self, unit: Unit, code: str, tree: Mapping[str, Any]) -> str:
        source = {**tree["source"], "connection": code}
        document = read(str(tree["type"]), {**tree, "source": source})
        partner = unit.directory.connections[code]
        (verdict,) = flows.take(unit, [Told(document, partner, new_id(), new_id())])
        return str(verdict.code or verdict.status)
