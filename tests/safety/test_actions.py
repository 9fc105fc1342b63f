"""Every action of the console by everybody who may do it, bound to a merchant or not: it is done,
and the audit says so in the chain that it belongs to. What may be done is read from the table of
roles, so that an action which nobody walked fails here.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from admin.access import roles
from hub.flows.customers import collect, joining
from hub.flows.inbound import announce
from hub.flows.returns import request, requests
from hub.flows.returns.requests import Found
from hub.flows.settlement import contracts, statements
from hub.flows.stock import stocktakes
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.errors import OutcomeUnknown, TryLater
from hub.model.stock import CountedPieces, Counts, StocktakeOpening
from hub.store.base.ids import new_id
from hub.store.config import secrets, snapshot
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.people.accounts import ROLES
from hub.store.returns import returns
from tests.flows.reconciliation.till import line, report
from tests.flows.returns.counter import asked
from tests.gateway.api.test_reconciliation import hear
from tests.kit.catalogue import goods_receipt, inbound_notice, sales_order
from tests.kit.world.console import PASSWORD, Console, Person

NEW_PASSWORD = "elf gruene Boote am langen Steg"
Asked = tuple[str, dict[str, Any]]


class Day:
    """A hub that makes a fresh subject for each action."""

    def __init__(self, console: Console, person: Person, login: str) -> None:
        self.console, self.world, self.person, self.login = console, console.world, person, login
        self._number = 1000

    def order(self, **changes: Any) -> str:
        self._number += 1
        self.world.tell("shop", sales_order(self._number, **changes), key=str(self._number))
        self.world.run()
        return f"/orders/{self.world.order(str(self._number)).id}"

    def parked(self) -> str:
        self._number += 1
        told = self.world.tell_raw("shop", "sales_order", b"{no", key=str(self._number))
        self.world.run()
        return f"/messages/{told.id}"

    def unsure(self) -> str:
        """A telling that nobody knows the end of."""
        warehouse = self.world.at("wh")
        warehouse.answers, warehouse.finds = [OutcomeUnknown("no answer")], [TryLater("busy")]
        self.order()
        self.world.sql("UPDATE work SET asked = 100 WHERE status = 'unknown'")
        self.world.later(100_000)
        self.person.log_in(self.login)  # so much later nobody's session holds
        self.world.run()
        found = self.world.sql(
            "SELECT id FROM work WHERE status = 'parked' AND direction = 'out' ORDER BY id DESC"
        )
        return f"/messages/{found[0][0]}"

    def incident(self) -> str:
        with self.world.store.database.begin() as db:
            incidents.open_new(db, [Incident("acme", "contradiction", "x", "odd")])
        newest = self.world.one("SELECT id FROM incident ORDER BY id DESC LIMIT 1")
        return f"/incidents/{newest}"

    def editable(self) -> str:
        path = self.parked()
        self.person.post(f"{path}/unmask", reason="to see")
        return path

    def customer(self) -> str:
        """Somebody who ordered and let it be."""
        return f"/customers/{self.people()[0]}"

    def people(self) -> tuple[UUID, UUID]:
        """Two with one telephone, whose orders are over."""
        self._number += 1
        phone = f"+3120123{self._number:04d}{uuid4().int % 100:02d}"
        numbers = [f"{uuid4().hex[:8]}-{at}" for at in range(2)]
        for number in numbers:
            person = {"name": number, "email": f"{number}@example.com", "phone": phone}
            gone = {"state": "cancelled", "cancelled_at": "2026-11-24T10:00:00Z"}
            home = {"ship_to": None, "bill_to": None}
            self.world.tell(
                "shop", sales_order(number, customer=person, **gone, **home), key=number
            )
        self.world.run()
        with self.world.unit() as unit:
            collect.collect(unit)
        self.world.run()
        first, second = (
            self.world.one(
                """SELECT customer_id FROM customer_order JOIN sales_order ON id = order_id
                WHERE channel_order_id = :number""",
                number=number,
            )
            for number in numbers
        )
        return first, second

    def notice(self, **more: Any) -> str:
        """Goods that are announced. `is_draft`: to nobody yet."""
        self._number += 1
        number = f"PO-{self._number}"
        tree = inbound_notice(number, lines=[("A", 2)])
        teller = self.world.store.directory().connections["wh"]
        with self.world.unit() as unit:
            told = Told(read("inbound_notice", tree), teller, new_id(), new_id())
            assert [one.status for one in announce.keep(unit, [told], **more)] == ["done"]
        found = self.world.one("SELECT id FROM inbound_notice WHERE number = :n", n=number)
        return f"/inbound/{found}"

    def draft(self) -> str:
        return self.notice(is_draft=True)

    def announced(self) -> str:
        return self.notice(is_draft=False)

    def partly_there(self) -> str:
        """Of two pieces that are announced one is there, and three that nobody announced."""
        path = self.announced()
        pieces = {"A": 1, "B": 3}
        tree = goods_receipt(
            f"PO-{self._number}", f"R-{self._number}", pieces=pieces, complete=False
        )
        self.world.tell("wh", tree, key=f"PO-{self._number}")
        self.world.run()
        return path

    def difference(self) -> str:
        self.partly_there()
        newest = "SELECT id FROM receipt_difference WHERE sku = 'B' ORDER BY id DESC LIMIT 1"
        return f"/inbound/differences/{self.world.one(newest)}"

    def stocktake(self, *steps: str) -> str:
        """A count of an article of its own, by somebody else, as far as these steps bring it."""
        self._number += 1
        sku = f"SHELF-{self._number}"
        self.world.stock("wh", **{sku: 5})
        opening = StocktakeOpening(merchant="acme", warehouse="wh", skus=(sku,))
        with self.world.unit() as unit:
            made = stocktakes.open_(unit, opening, "user:somebody")
            if "count" in steps:
                said = CountedPieces(sku=sku, counted=Decimal(4))
                stocktakes.count(unit, made, Counts(lines=(said,)), "user:somebody")
            if "submit" in steps:
                stocktakes.submit(unit, made, "user:somebody")
        return f"/stocktakes/{made}"

    def statement(self) -> str:
        """A statement of a period before all others."""
        self._number += 1
        year = 2000 - self._number % 1000
        made = new_id()
        self.world.sql(
            """INSERT INTO statement (id, merchant_id, number, currency, period_from, period_to,
              status)
            VALUES (:id, 'acme', :number, 'EUR', make_timestamptz(:year, 1, 1, 0, 0, 0),
              make_timestamptz(:year, 2, 1, 0, 0, 0), 'open')""",
            id=made, number=f"S{self._number}", year=year,
        )  # fmt: skip
        return f"/settlement/{made}"

    def calculated(self) -> str:
        """Calculated by somebody else, and owed something."""
        path = self.statement()
        made = UUID(path.rpartition("/")[2])
        with self.world.unit() as unit:
            statements.calculate(unit, [made], "user:somebody")
        return path

    def approved(self) -> str:
        path = self.calculated()
        with self.world.unit() as unit:
            statements.approve(unit, UUID(path.rpartition("/")[2]), "user:another")
        return path

    def owed(self) -> str:
        path = self.approved()
        self.world.sql("UPDATE statement SET payout = 5 WHERE id = :id", id=path.rpartition("/")[2])
        return path

    def paid(self) -> str:
        path = self.owed()
        with self.world.unit() as unit:
            statement = UUID(path.rpartition("/")[2])
            statements.pay(unit, statement, "user:another", None, unit.at)
        return path

    def correction(self) -> str:
        """Entered by somebody else."""
        with self.world.unit() as unit:
            made = contracts.adjust(unit, "acme", "EUR", Decimal("-1.00"), "label", "user:another")
        return f"/settlement/adjustments/{made}"

    def disputed(self) -> str:
        path = self.calculated()
        with self.world.unit() as unit:
            statements.dispute(unit, UUID(path.rpartition("/")[2]), "user:another", "no")
        return path

    def returned(self, *steps: str, kind: str = "refund", unseen: bool = True) -> str:
        """A return of an order of its own, as far as these steps bring it."""
        self._number += 1
        number = f"R-{self._number}"
        self.order()
        ask = asked(number, self._number, {"A": 1}, kind=kind)
        partner = self.world.store.directory().connections["shop"]
        with self.world.unit() as unit:
            told = Told(read("return", ask), partner, new_id(), new_id())
            assert [one.status for one in request.keep(unit, [told], is_own=True)] == ["done"]
        id_ = self.world.one("SELECT id FROM customer_return WHERE number = :n", n=number)
        quality = "uninspected" if unseen else "good"
        found = [Found.model_validate({"line_no": 1, "quality": quality, "quantity": 1})]
        ways = {"approve": ("wh",), "receive": (found,), "confirm": (None,)}
        for step in steps:
            with self.world.unit() as unit:
                getattr(requests, step)(unit, id_, "somebody", *ways[step])
        return f"/returns/{id_}"

    def parcel(self) -> Asked:
        """A parcel of nobody, and the return that it is of."""
        path = self.returned("approve")
        tree = {
            "type": "return_receipt", "source": {"connection": "wh", "id": path},
            "receipt_id": path, "warehouse": "wh", "received_at": "2026-11-24T15:00:00Z",
            "lines": [{"sku": "A", "quantity": "1"}],
        }  # fmt: skip
        self.world.tell("wh", tree, key=path)
        self.world.run()
        newest = "SELECT id FROM return_receipt WHERE status = 'unmatched' ORDER BY id DESC LIMIT 1"
        number = returns.id_text(UUID(path.rpartition("/")[2]))
        return f"/returns/parcels/{self.world.one(newest)}", {"return": number}

    def gone(self) -> str:
        return self.somebody("disabled")

    def somebody(self, status: str = "active") -> str:
        self._number += 1
        login = f"somebody-{self._number}"
        self.console.add(login, "finance")
        self.world.sql("UPDATE account SET status = :s WHERE login = :l", s=status, l=login)
        found = self.world.one("SELECT id FROM account WHERE login = :l", l=login)
        return f"/users/{found}"

    def elsewhere(self) -> str:
        """Another session of the same person."""
        self.console.visitor().log_in(self.login)
        digest = self.world.one(
            """SELECT encode(digest, 'hex') FROM session JOIN account ON account.id = account_id
            WHERE login = :login ORDER BY session.created_at DESC LIMIT 1""",
            login=self.login,
        )
        return f"/account/sessions/{digest}"


def joined(day: Day) -> Asked:
    """Two are one."""
    first, second = day.people()
    return f"/customers/{first}/merge", {"other": str(second)}


def apart(day: Day) -> Asked:
    """They were two after all."""
    first, second = day.people()
    with day.world.unit() as unit:
        joining.merge(unit, first, second, "ada")
    return f"/customers/{first}/unmerge", {"other": str(second)}


def two(day: Day) -> Asked:
    """They are two."""
    first, second = day.people()
    return f"/customers/{first}/distinct", {"other": str(second)}


def forgotten(day: Day) -> Asked:
    """Whoever erases writes whom."""
    first, _ = day.people()
    return f"/customers/{first}/erase", {"confirm": str(first)}


WHY = {"reason": "asked for"}
EMPTY = "rules: []"
Way = Callable[[Day], Asked]


def on(place: Callable[[Day], str], what: str, **form: Any) -> Way:
    """What is asked for: a form sent to a part of a subject's page."""
    return lambda day: (f"{place(day)}/{what}", form)


def at(path: str, **form: Any) -> Way:
    """What is asked for at an address of its own."""
    return lambda _day: (path, form)


def back(*steps: str, **how: Any) -> Callable[[Day], str]:
    """A return that some steps were taken with."""
    return lambda day: day.returned(*steps, **how)


def pending(day: Day) -> str:
    return day.order(payment_state="pending")


def unknown(day: Day) -> str:
    return day.order(lines=[(f"NEW-{day.login}-{uuid4()}", 1)])


def selected(day: Day) -> Asked:
    day.parked()
    return "/messages/replay?status=parked&code=bad_json", {**WHY, "count": 1}


def edit(day: Day) -> Asked:
    """What was proposed and shown."""
    path, fewer = f"{day.order()}/edit", {"quantity-1": "1"}
    shown = day.person.post(path, **fewer).text
    mark = shown.partition('name="mark" value="')[2].partition('"')[0]
    return f"{path}/apply", {**fewer, "mark": mark}


def nowhere(day: Day) -> str:
    return day.order(ship_to=None)


def many(day: Day) -> Asked:
    return "/orders/bulk?action=hold", {**WHY, "ids": pending(day).rpartition("/")[2]}


def reported(day: Day, **how: Any) -> str:
    """A row that a provider reported and nothing matches."""
    name = str(new_id())
    hear(day.world, report(name, line(name, how.pop("gross", "3.00"), **how)))
    query = "SELECT id FROM provider_row WHERE reference = :r"
    return f"/reconciliation/theirs/{day.world.one(query, r=name)}"


def matched(day: Day) -> Asked:
    """A row that differs a little from what its order expects."""
    order = day.order().rpartition("/")[2]
    query = "SELECT id, order_reference FROM expected_money WHERE order_id = :o"
    ((ours, number),) = day.world.sql(query, o=order)
    return f"{reported(day, gross='29.00', channel_order_id=number)}/match", {"other": str(ours)}


def undone(day: Day) -> Asked:
    """A row about which was decided."""
    path, asked = decided(day)
    assert day.person.post(path, **asked).status_code == 303
    return path.replace("/decide", "/undo"), {}


def decided(day: Day) -> Asked:
    return f"{reported(day)}/decide", {"decision": "accept"}


def contested(day: Day) -> Asked:
    reported(day, gross="-3.00", kind="chargeback")
    case = day.world.one("SELECT id FROM chargeback ORDER BY id DESC LIMIT 1")
    return f"/chargebacks/{case}", {"event": "send_evidence"}


def settled(day: Day) -> Asked:
    return day.difference(), {"decision": "accept", **WHY}


GOODS = {"merchant": "acme", "warehouse": "wh", "lines": "A 3"}
WHERE = {"lines": "Hoogstraat 1", "city": "Delft", "postal_code": "2611 AA", "country": "NL"}
CODE = {"connection": "wh", "codes": "carriers", "theirs": "PNL", "ours": "postnl"}


def secret(day: Day) -> Asked:
    """A new secret in the place of a sealed one."""
    kept = {"webhook_secret": "old", "access_token": "old"}
    vault, owner = day.world.store.vault, ("acme", "shop")
    sealed = {name: secrets.seal(vault, text, owner) for name, text in kept.items()}
    day.world.sql(
        """UPDATE connection SET version = version + 1, settings = '{"shop": "acme"}',
        secrets = CAST(:sealed AS jsonb) WHERE code = 'shop'""",
        sealed=json.dumps(sealed),
    )
    with day.world.store.database.begin() as db:
        snapshot.changed(db)
    return "/connections/shop/secrets/webhook_secret", {"secret": "new"}


def polled(day: Day) -> Asked:
    """A connection that is asked for its changes."""
    day.world.sql(
        """INSERT INTO poll (merchant_id, connection, topic, every_s, due)
        VALUES ('acme', 'erp', 'orders', 300, now() + interval '1 h') ON CONFLICT DO NOTHING"""
    )
    return "/connections/erp/poll", {}


NEW = {"login": "new", "name": "New", "role": "finance", "password": NEW_PASSWORD}
EDITED = {**WHY, "text": "{}", "version": "1"}


TERMS = {"terms": "currency: EUR"}
RETURN_TERMS = {"terms": "window_days: 14\notherwise: ask\n"}
CORRECTION = {"merchant": "acme", "currency": "EUR", "amount": "-2.50", **WHY}


def on_shelf(*steps: str) -> Callable[[Day], str]:
    """A stocktake that some steps were taken with."""
    return lambda day: day.stocktake(*steps)


def taking_stock(day: Day) -> Asked:
    """An article of its own, counted by nobody yet."""
    sku = f"SHELF-{day.login}"
    day.world.stock("wh", **{sku: 5})
    return "/stocktakes/new", {"merchant": "acme", "warehouse": "wh", "skus": sku}


def retained(day: Day) -> Asked:
    """Another number of days each time."""
    was = day.world.sql("SELECT days FROM customer_retention WHERE merchant_id = 'acme'")
    days = (was[0].days or 400) + 1 if was else 400
    return "/customers/retention/acme", {"days": str(days), "confirm": "acme"}


def closing(day: Day) -> Asked:
    """Books up to a later day each time."""
    newest = day.world.one("SELECT max(until) FROM book_lock") or date(2026, 1, 1)
    return "/books/close", {"merchant": "acme", "until": str(newest + timedelta(days=1))}


# fmt: off
ACTIONS: dict[str, tuple[Way, str | None, str]] = {
    # endpoint             what is asked for                          its entry: chain, action
    "messages.unmask":    (on(Day.parked, "unmask", **WHY),           "acme", "message.unmask"),
    "mending.preview":    (on(Day.editable, "edit", **EDITED),        None, "it only shows"),
    "mending.confirm":    (on(Day.editable, "edit/confirm", **EDITED), "acme", "message.edit"),
    "mending.replay":     (on(Day.parked, "replay", **WHY),           "acme", "message.replay"),
    "mending.discard":    (on(Day.parked, "discard", **WHY),          "acme", "message.discard"),
    "mending.settle":     (on(Day.unsure, "settle", arrived="yes"),   "acme", "message.settle"),
    "replays.replay_all": (selected,                                  "acme", "message.replay"),
    "orders.unmask":      (on(Day.order, "unmask", **WHY),            "acme", "order.unmask"),
    "order_desk.cancel":  (on(Day.order, "cancel", **WHY),            "acme", "order.cancel"),
    "order_desk.hold":    (on(pending, "hold", **WHY),                "acme", "order.hold"),
    "order_desk.release": (on(pending, "release", waive="awaiting_payment"),
                                                                      "acme", "order.release"),
    "order_desk.reroute": (on(Day.order, "reroute"),                  "acme", "order.reroute"),
    "order_desk.address": (on(nowhere, "address", **WHERE),           "acme", "order.address"),
    "order_edits.propose": (on(Day.order, "edit", **{"quantity-1": "1"}), None, "it only shows"),
    "routing.try_out":    (at("/routing", merchant="acme", rules=EMPTY), None, "it only shows"),
    "order_edits.apply":  (edit,                                      "acme", "order.edit"),
    "order_desk.sku":     (on(unknown, "sku", line_no=1, sku="A"),    "acme", "sku.map"),
    "order_desk.product": (on(unknown, "product", line_no=1, title="New"),
                                                                      "acme", "products.add"),
    "order_bulk.ask_all": (many,                                      "acme", "order.hold_many"),
    "announcing.announce": (at("/inbound/new", **GOODS),              "acme", "inbound.announce"),
    "inbound.notify":     (on(Day.draft, "notify"),                   "acme", "inbound.notify"),
    "inbound.cancel":     (on(Day.announced, "cancel", **WHY),        "acme", "inbound.cancel"),
    "inbound.close":      (on(Day.partly_there, "close", **WHY),      "acme", "inbound.close"),
    "inbound.decide":     (settled,                                   "acme", "inbound.decide"),
    "stocktakes.open":    (taking_stock,                              "acme", "stocktake.open"),
    "stocktakes.count":   (on(on_shelf(), "count", **{"line-1": "4"}), "acme", "stocktake.count"),
    "stocktakes.submit":  (on(on_shelf("count"), "submit"),           "acme", "stocktake.submit"),
    "stocktakes.recount": (on(on_shelf("count", "submit"), "recount", line="1", **WHY),
                                                                      "acme", "stocktake.recount"),
    "stocktakes.approve": (on(on_shelf("count", "submit"), "approve"), "acme", "stocktake.approve"),
    "stocktakes.cancel":  (on(on_shelf(), "cancel", **WHY),           "acme", "stocktake.cancel"),
    "settlement.calculate": (
        on(Day.statement, "calculate"), "acme", "settlement.calculate"),
    "settlement.approve": (on(Day.calculated, "approve"),
                                                                      "acme", "settlement.approve"),
    "settlement.pay": (on(Day.owed, "pay"),
                                                                      "acme", "settlement.pay"),
    "settlement.take_back": (on(Day.paid, "take_back", **WHY), "acme", "settlement.take_back"),
    "settlement.dispute": (on(Day.calculated, "dispute", **WHY),
                                                                      "acme", "settlement.dispute"),
    "settlement.resolve": (on(Day.disputed, "resolve", **WHY),
                                                                      "acme", "settlement.resolve"),
    "settlement.close": (on(Day.approved, "close"),
                                                                      "acme", "settlement.close"),
    "contracts.preview":  (at("/settlement/contracts/acme/preview", **TERMS),
                                                                      None, "it only shows"),
    "contracts.agree":    (at("/settlement/contracts/acme/agree", **TERMS),
                                                                      "acme", "contract.agree"),
    "return_terms.preview": (at("/returns/terms/acme/preview", **RETURN_TERMS),
                                                                      None, "it only shows"),
    "return_terms.agree": (at("/returns/terms/acme/agree", **RETURN_TERMS),
                                                                      "acme", "returns.add"),
    "adjustments.enter":  (at("/settlement/adjustments", **CORRECTION),
                                                                      "acme", "adjustment.enter"),
    "adjustments.decide": (on(Day.correction, "decide", decision="approve"),
                                                                      "acme",
                           "adjustment.approved"),
    "reconciliation.decide": (decided,                        "acme", "reconciliation.accept"),
    "reconciliation.undo":   (undone,                         "acme", "reconciliation.undo"),
    "reconciliation.match":  (matched,                        "acme", "reconciliation.match"),
    "reconciliation.move":   (contested,                      "acme", "chargeback.send_evidence"),
    "return_desk.approve": (on(Day.returned, "approve", warehouse="wh"),
                                                                      "acme", "returns.approve"),
    "return_desk.reject": (on(Day.returned, "reject", **WHY),         "acme", "returns.reject"),
    "return_desk.cancel": (on(Day.returned, "cancel", **WHY),         "acme", "returns.cancel"),
    "return_desk.waive":  (on(back("approve"), "waive", **WHY),       "acme",
                           "returns.waive_goods"),
    "return_desk.receive": (on(back("approve"), "receive", **{"1-good": "1"}),
                                                                      "acme", "returns.receive"),
    "return_desk.inspect": (on(back("approve", "receive"), "inspect", **{"1-good": "1"}),
                                                                      "acme", "returns.inspect"),
    "return_desk.confirm": (on(back("approve", "receive"), "confirm", kind="refund"),
                                                                      "acme", "returns.confirm"),
    "return_desk.refund": (on(back("approve", "receive", "confirm"), "refund"),
                                                                      "acme", "returns.refund"),
    "return_desk.exchange": (on(back("approve", "receive", "confirm", kind="exchange"), "exchange",
                                lines="B 1"),                         "acme", "returns.exchange"),
    "return_desk.close":  (on(back("approve", "receive", "confirm"), "close", **WHY),
                                                                      "acme", "returns.close"),
    "return_desk.match":  (Day.parcel,                                "acme", "returns.match"),
    "codes.say":          (at("/codes", **CODE),                      "acme", "code.map"),
    "connections.pause":  (at("/connections/erp/pause", **WHY),       "acme", "connection.pause"),
    "connections.resume": (at("/connections/erp/resume", **WHY),      "acme", "connection.resume"),
    "connections.poll":   (polled,                                    "acme", "connection.poll"),
    "connections.check":  (at("/connections/erp/check"),              "acme", "connection.check"),
    "connections.replace": (secret,                                   "acme", "connection.secret"),
    "customers.search":   (at("/customers", who="ada@example.com"),   None, "it only shows"),
    "customers.unmask":   (on(Day.customer, "unmask", **WHY),         "acme", "customer.unmask"),
    "customers.merge":    (joined,                                    "acme", "customer.merge"),
    "customers.unmerge":  (apart,                                     "acme", "customer.unmerge"),
    "customers.distinct": (two,                                       "acme", "customer.distinct"),
    "customer_retention.preview": (at("/customers/retention/acme/preview", days="400"),
                                                                      None, "it only shows"),
    "customer_retention.say": (retained,                      "acme", "customer.retention"),
    "customers.forget":   (forgotten,                                 "acme", "customer.erase"),
    "books.close":        (closing,                                   "acme", "books.close"),
    "incidents.close":    (on(Day.incident, "close", **WHY),          "acme", "incident.close"),
    "people.add":         (at("/users", **NEW),                       "operator", "user.add"),
    "people.disable":     (on(Day.somebody, "disable"),               "operator", "user.disable"),
    "people.enable":      (on(Day.gone, "enable"),                    "operator", "user.enable"),
    "entry.revoke":       (on(Day.elsewhere, "revoke"),               "operator", "session.revoke"),
    "entry.language":     (at("/language", language="zh"),            None, "one's own taste"),
    "entry.password":     (at("/account/password", old=PASSWORD, new=NEW_PASSWORD),
                                                                      "operator", "user.passwd"),
    "entry.log_out":      (at("/logout"),                             None, "it ends by itself"),
}
# fmt: on
_ENDS = ("entry.password", "entry.log_out")


def walked(console: Console) -> set[str]:
    """Every endpoint of the console that changes something for who is logged in."""
    return {
        rule.endpoint
        for rule in console.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint != "entry.log_in"
    }


def test_every_action_of_the_console_is_walked(console: Console) -> None:
    assert ACTIONS.keys() == walked(console)


ACCOUNTS = [(role, merchants) for role in ROLES for merchants in ((), ("acme",))]


@pytest.mark.parametrize(
    ("role", "merchants"), [one for one in ACCOUNTS if one != ("merchant", ())]
)
def test_every_action_of_a_role_is_done_and_audited(
    console: Console, role: str, merchants: tuple[str, ...]
) -> None:
    console.world.merchant().warehouse("wh2", takes=("fulfilment_order",))
    console.world.stock("wh", A=1000, B=1000)
    login = "-".join([role, *merchants, "x"])
    day = Day(console, console.person(role, *merchants), login)
    wrong: list[tuple[str, Any]] = []
    for endpoint in sorted(ACTIONS, key=lambda one: one in _ENDS):
        who = frozenset(ROLES) if endpoint in roles.OPEN else roles.MAY[endpoint]
        if role in who and not (merchants and endpoint in roles.WHOLE_HUB):
            wrong += _walk(day, endpoint)
        if endpoint == "entry.password":
            day.person.log_in(login, NEW_PASSWORD)
    assert wrong == []


def _walk(day: Day, endpoint: str) -> Iterator[tuple[str, Any]]:
    """What is wrong about an action: its answer, or its trace."""
    way, chain, action = ACTIONS[endpoint]
    path, form = way(day)
    before = day.console.audited()
    answer = day.person.post(path, **form)
    new = day.console.audited()[len(before) :]
    expected = [] if chain is None else [(chain, f"user:{day.login}", action)]
    if answer.status_code not in {200, 303} or new != expected:
        yield endpoint, (answer.status_code, new)
