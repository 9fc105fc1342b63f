"""Play a history: first with everything that goes wrong in it, then without, until nothing is left
to do; then look at what must hold.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub.flows.config import pause
from hub.flows.messages import replay
from hub.flows.orders import order_requests
from hub.flows.products import learn
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.model.product import Product
from hub.store.base.ids import new_id
from hub.store.messages import inbox
from hub.store.messages.inbox import Arrival
from hub.store.stock import stock_levels
from tests.kit.catalogue import sales_order
from tests.simulation import feed, invariants
from tests.simulation.history import Event, History
from tests.simulation.partners import Goods, Partner, Shelf
from tests.simulation.stage import WAREHOUSES, Stage

BOUND_S = 4 * 3600
"""Simulated time within which everything must come to rest once nothing goes wrong any more."""
_ROUNDS = 60
_REFUSED = (IllegalTransition, NotFound, BadData)
CANCELLED = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}


@dataclass
class Play:
    """One history on the stage. `told` is the newest version of each order that the hub heard."""

    stage: Stage
    history: History
    told: dict[str, int] = field(default_factory=dict)
    discarded: set[str] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)
    rogue: set[int] = field(default_factory=set)
    meddled: set[int] = field(default_factory=set)
    """Schedules in which a person changed what a message says, or gave one up."""
    refunds: set[str] = field(default_factory=set)
    counts: dict[int, int] = field(default_factory=dict)
    said: dict[int, list[tuple[str, str, dict[str, Any]]]] = field(default_factory=dict)
    deliveries: set[tuple[str, str, str]] = field(default_factory=set)
    """What the gateway was given: connection, topic, delivery id."""
    seen: list[str] = field(default_factory=list)
    """What did not hold between two ticks."""
    _arrivals: list[Arrival] = field(default_factory=list)
    _held_back: dict[int, list[Arrival]] = field(default_factory=dict)
    _serial: int = 0
    _resting: bool = False

    def __post_init__(self) -> None:
        self.merchant = "k" if self.history.keys else "m"
        self.stage.clear(self.merchant, self._say)
        self._fill_shelves()

    def unsafe(self) -> None:
        """Everything that the history holds."""
        for tick in self.history.ticks:
            for event in tick.events:
                getattr(self, f"_{event.kind}")(event.schedule, *event.args)
            self._keep()
            self.stage.sweep()
            self.stage.gremlin.arm(tick.fault)
            self.stage.move(tick.bells, tick.shuffle)
            self.stage.gremlin.arm(None)
            self.seen = self.seen or invariants.in_between(self)
            self.stage.clock.pass_(tick.seconds)
            if tick.shuffle % 2:
                self._resume()

    def live(self) -> float:
        """Nothing goes wrong any more, people and partners do what is theirs. Returns how many
        simulated seconds it took until nothing was left; AssertionError where it takes too long.
        """
        since, self._resting = self.stage.clock.now, True
        for partner in self.stage.partners.values():
            partner.moods.clear()
        self.stage.ask()
        for arrivals in self._held_back.values():
            self._arrivals += arrivals
        self._held_back.clear()
        self._replenish()
        for turn in range(_ROUNDS):
            self._resume()
            self._mend()
            self._reroute()
            said = self._finish(turn)
            self._keep()
            self.stage.sweep()
            self.stage.move("sweep", turn)
            left = self.stage.world.sql(
                "SELECT count(*) AS n, extract(epoch FROM min(due) - now()) AS wait FROM work"
            )[0]
            took = self.stage.clock.now - since
            unheard = feed.unheard(self.stage)
            busy = unheard or self._dirty() or self._busy() or self._seen_soon()
            if not (left.n or said or busy) and turn > 3:
                return took
            if took > BOUND_S:
                break
            wait = float(left.wait or 0)
            self.stage.clock.pass_(wait + 0.1 if wait > 0 else 31 if left.n or unheard else 1)
        raise AssertionError("not at rest")

    def again(self) -> None:
        """Somebody presses Replay on everything there ever was of some schedules."""
        for n in self.history.setups:
            if n % 4 == 0:
                self._again(n)
        self.live()

    # what the shop does

    def _tell(self, n: int, order: int, version: int, copy: int) -> None:
        tree, number = self._version(n, order, version), n * 10 + order
        self.told[str(number)] = max(self.told.get(str(number), 0), version + 1)
        self._arrive(f"shop-{self.merchant}", str(number), tree, f"{number}-{version}-{copy}")

    def _version(self, n: int, order: int, version: int) -> dict[str, Any]:
        """An order as its channel tells that version of it."""
        number, said = n * 10 + order, self.history.setups[n].lives[order][version]
        unknown = self.history.setups[n].unknown_sku
        lines = [(f"{'X' if unknown and sku == 'B' else sku}{n}", pieces)
                 for sku, pieces in said["lines"]]  # fmt: skip
        tree = sales_order(
            number,
            channel=f"shop-{self.merchant}",
            lines=lines,
            minute=version + 1,
            payment_state=said["payment_state"],
            customer={"name": "Ada Bakker", "email": f"ada{number}@example.com"},
            **(CANCELLED if said["state"] == "cancelled" else {}),
        )
        tree["ship_to"]["city"] = said["city"]
        return tree

    def _refund(self, n: int, order: int, copy: int) -> None:
        number = n * 10 + order
        self.refunds.add(str(number))
        tree = {
            "type": "refund",
            "source": {"connection": f"shop-{self.merchant}", "id": f"r{number}"},
            "refund_id": f"r{number}",
            "channel_order_id": str(number),
            "currency": "EUR",
            "amount": "5.00",
            "created_at": "2026-11-24T10:10:00Z",
        }
        self._arrive(f"shop-{self.merchant}", str(number), tree, f"r{number}-{copy}")

    # what warehouses do

    def _goods(self, n: int, order: int, *, living: bool = True) -> tuple[Shelf, Goods] | None:
        found = [
            (shelf, goods)
            for shelf in self.stage.shelves.values()
            for goods in shelf.goods.values()
            if (goods.schedule, goods.order) == (n, order) and (goods.living or not living)
        ]
        return found[-1] if found else None

    def _word(self, n: int, order: int, word: str) -> None:
        if found := self._goods(n, order):
            found[0].word(found[1], word)

    def _ship(self, n: int, order: int) -> None:
        if found := self._goods(n, order):
            found[0].ship(found[1], found[1].left)

    def _part(self, n: int, order: int) -> None:
        if found := self._goods(n, order):
            first = min(found[1].left)
            found[0].ship(found[1], {first: 1})

    def _short(self, n: int, order: int) -> None:
        if found := self._goods(n, order):
            shelf, goods = found
            left = goods.left
            first = min(left)
            rest = {**left, first: left[first] - 1}
            shelf.ship(goods, {first: 1}, complete=True, short={k: v for k, v in rest.items() if v})

    def _answer(self, n: int, order: int) -> None:
        found = self._goods(n, order, living=False)
        if found and found[1].wish:
            found[0].answer(found[1])

    def _unasked(self, n: int, order: int) -> None:
        if (found := self._goods(n, order)) and not found[1].gone:
            found[0].let_go(found[1], "cancelled" if found[1].parcels else "rejected")

    def _rogue(self, n: int, order: int) -> None:
        """It ships what it said it would not."""
        found = self._goods(n, order, living=False)
        if found and found[1].state == "let_go" and found[1].left:
            self.rogue.add(n)
            found[0].ship(found[1], found[1].left)

    def _echo(self, n: int, copy: int) -> None:
        """What a warehouse said last, once more: as the same delivery, or under another id."""
        if said := self.said.get(n):
            connection, key, tree = said[-1]
            self._arrive(connection, key, tree, f"{tree['source']['id']}-{copy}", n)

    def _hold_back(self, n: int) -> None:
        """From now on this schedule's warehouses are heard only at the end."""
        self._held_back.setdefault(n, [])

    def _count(self, n: int, hour: int) -> None:
        """A count of what is there, told at once; an older one that comes late says nonsense."""
        self.counted.add(n)
        pieces = 9 if hour >= self.counts.get(n, 0) else 1
        self.counts[n] = max(self.counts.get(n, 0), hour)
        code = f"wh-{self.merchant}"
        self._serial += 1
        number = f"c{n}-{hour}-{self._serial}"
        tree = {
            "type": "stock_report",
            "source": {"connection": code, "id": number},
            "warehouse": code,
            "at": f"2026-11-24T{hour:02d}:00:00Z",
            "report_id": number,
            "lines": [{"sku": f"A{n}", "on_hand": str(pieces)}],
        }
        self._arrive(code, f"count:A{n}", tree, number)

    def _say(self, n: int, connection: str, key: str, tree: dict[str, Any]) -> None:
        self.said.setdefault(n, []).append((connection, key, tree))
        self._arrive(connection, key, tree, f"{tree['source']['id']}-0", n)

    # what the partner that is polled has, and how it answers

    def _change(self, n: int, number: int, late_s: float) -> None:
        self.stage.feed.change(f"{n}-{number}", late_s)

    def _spell(self, _: int, spell: str) -> None:
        self.stage.feed.spells.append(spell)

    # what people do, and what befalls a call

    def _mood(self, n: int, role: str, mood: str) -> None:
        self.stage.mood(n, role, mood)

    def _map(self, n: int) -> None:
        with self.stage.unit() as unit:
            self._know(unit, [f"X{n}"])
        self.stage.ring(unit)

    def _person(self, n: int, what: str, order: int) -> None:
        try:
            with self.stage.unit() as unit:
                if what == "pause":
                    role = WAREHOUSES[n % len(WAREHOUSES)]
                    pause.pause(unit, f"{role}-{self.merchant}", "by a person")
                elif what in {"cancel", "hold", "release", "reroute"}:
                    self._at_desk(unit, n, what, order)
                else:
                    self._at_messages(unit, n, what)
            self.stage.ring(unit)
        except _REFUSED:
            return  # too late, or nothing there: the console says so

    def _at_desk(self, unit: Any, n: int, what: str, order: int) -> None:
        rows = self.stage.world.sql(
            "SELECT id FROM sales_order WHERE channel_order_id = :id", id=str(n * 10 + order)
        )
        for row in rows:
            if what == "release":
                order_requests.release(unit, row.id, "tester", ())
            elif what == "reroute":
                order_requests.reroute(unit, row.id, "tester")
            else:
                self.meddled.add(n)
                getattr(order_requests, what)(unit, row.id, "tester", "asked to")

    def _at_messages(self, unit: Any, n: int, what: str) -> None:
        rows = self.stage.world.sql(
            """SELECT id, key, direction, connection, topic, status FROM message
            WHERE key = ANY (:keys) AND NOT (direction = 'out' AND status = 'delivered')
            ORDER BY received_at, id""",
            keys=[str(n * 10 + order) for order in range(3)],
        )
        for row in rows[-1:]:
            if what == "replay":
                replay.replay(unit, [row.id], "tester", "again")
            elif what == "discard":
                replay.discard(unit, [row.id], "tester", "not wanted")
                self.meddled.add(n)
            elif what == "edit" and row.topic == "sales_order" and row.direction == "in":
                order, last = int(row.key) % 10, self.told[row.key] - 1
                payload = json.dumps(self._version(n, order, last)).encode()
                replay.edit(unit, row.id, payload, "tester", "as it is now")

    def _again(self, n: int) -> None:
        """Somebody presses Replay on every message of a schedule, whatever its status."""
        rows = self.stage.world.sql(
            """SELECT message.id, message.connection, outward_key, message.direction FROM message
            LEFT JOIN sales_order AS o ON o.id = message.order_id
            WHERE coalesce(o.channel_order_id, key) = ANY (:orders) OR key = :level
            ORDER BY message.id""",
            orders=[str(n * 10 + order) for order in range(3)],
            level=f"stock:{self.merchant}:A{n}",
        )
        for row in rows:
            try:
                with self.stage.unit() as unit:
                    going = replay.replay(unit, [row.id], "tester", "again").count
                self.stage.ring(unit)
            except _REFUSED:
                continue
            if going and row.direction == "out":
                self._partner(row.connection).told_again.add(row.outward_key)

    def _partner(self, code: str) -> Partner:
        return self.stage.partners[code.partition("-")[0]]

    def _resume(self) -> None:
        rows = self.stage.world.sql("SELECT code FROM connection WHERE status = 'paused'")
        for row in rows:
            with self.stage.unit() as unit:
                pause.resume(unit, row.code)
            self.stage.ring(unit)

    def _mend(self) -> None:
        """What is parked: what is unknown is looked up, what was refused is told once more, and
        given up the second time.
        """
        rows = self.stage.world.sql(
            """SELECT work.id, direction, connection, topic, message.error ->> 'code' AS code,
              message.outward_key, message.key, message.correlation_id
            FROM work JOIN message USING (id, direction, connection, topic)
            WHERE work.status = 'parked'"""
        )
        for row in rows:
            with self.stage.unit() as unit:
                if row.code == "unknown_outcome":
                    arrived = any(
                        effect.key == row.outward_key
                        for partner in self.stage.partners.values()
                        for effect in partner.effects
                    )
                    replay.settle_unknown(unit, row.id, "tester", arrived=arrived)
                elif row.topic in {"fulfilment_order", "fulfilment_cancellation"}:
                    replay.discard(unit, [row.id], "tester", "the warehouse said no")
                elif str(row.id) in self.discarded:
                    raise AssertionError(f"parked again: {row.topic} {row.code}")
                else:
                    self.discarded.add(str(row.id))
                    replay.replay(unit, [row.id], "tester", "once more")
            self.stage.ring(unit)

    def _reroute(self) -> None:
        """What every warehouse refused that may ship it is planned anew."""
        rows = self.stage.world.sql(
            """SELECT id FROM sales_order WHERE status IN ('open', 'held')
              AND hold_reasons @> '[{"code": "no_route"}]'"""
        )
        for row in rows:
            with self.stage.unit() as unit:
                order_requests.reroute(unit, row.id, "tester")
            self.stage.ring(unit)

    def _finish(self, turn: int) -> int:
        """Warehouses do what is left: answer wishes, then ship. Returns how many words that was."""
        said = 0
        for shelf in self.stage.shelves.values():
            for goods in list(shelf.goods.values()):
                if goods.wish:
                    shelf.answer(goods)
                elif turn > 0 and goods.living and goods.left:
                    shelf.ship(goods, goods.left)
                else:
                    continue
                said += 1
        return said

    def _busy(self) -> bool:
        """Whether a warehouse still has something to ship or to answer."""
        goods = (one for shelf in self.stage.shelves.values() for one in shelf.goods.values())
        return any(one.wish or (one.living and one.left) for one in goods)

    def _seen_soon(self) -> bool:
        """Whether orders are still to be looked at, a moment far away aside."""
        soon = "SELECT 1 FROM fact_due WHERE due < now() + interval '1 min' LIMIT 1"
        return bool(self.stage.world.sql(soon))

    def _dirty(self) -> bool:
        return bool(self.stage.world.sql("SELECT 1 FROM stock_dirty LIMIT 1"))

    # arrivals

    def _arrive(
        self, connection: str, key: str, tree: dict[str, Any], delivery: str, n: int = -1
    ) -> None:
        arrival = Arrival(
            id=new_id(),
            merchant=self.merchant,
            connection=connection,
            shards=1,
            topic=tree["type"],
            delivery_id=delivery,
            key=key,
            payload=json.dumps(tree).encode(),
            correlation_id=new_id(),
        )
        held = self._held_back.get(n)
        (self._arrivals if held is None else held).append(arrival)

    def _keep(self) -> None:
        """The gateway stores what came, in one transaction, and rings."""
        store, arrivals = self.stage.world.store, self._arrivals
        self._arrivals = []
        if not arrivals:
            return
        with store.database.begin() as db:
            inbox.keep(db, store.vault, arrivals)
        self.deliveries |= {(one.connection, one.topic, one.delivery_id) for one in arrivals}
        self.stage.bell.rings += [("in", one.connection, 0) for one in arrivals]

    # the shelves

    def _fill_shelves(self) -> None:
        moves = []
        with self.stage.unit() as unit:
            known = []
            for n, setup in self.history.setups.items():
                known += [f"A{n}", f"B{n}"]
                at = zip(("A", "B", "A", "B"), ("wh", "wh", "xh", "xh"), setup.shelves, strict=True)
                moves += [self._move(f"{sku}{n}", role, n_) for sku, role, n_ in at if n_]
            self._know(unit, known)
            stock_levels.move(unit.db, moves)

    def _replenish(self) -> None:
        """Goods come in, so that nothing waits for stock at the end, and every SKU is known."""
        with self.stage.unit() as unit:
            unknown = [n for n, setup in self.history.setups.items() if setup.unknown_sku]
            self._know(unit, [f"X{n}" for n in unknown])
        self.stage.ring(unit)
        for role in WAREHOUSES:
            lines = [{"sku": f"{sku}{n}", "delta": "20"} for n in self.history.setups for sku in
                     ("A", "B", *(("X",) if n in unknown else ()))]  # fmt: skip
            if not lines:
                continue
            code = f"{role}-{self.merchant}"
            tree = {
                "type": "stock_change",
                "source": {"connection": code, "id": "more"},
                "warehouse": code,
                "at": "2026-11-25T00:00:00Z",
                "change_id": "more",
                "reason": "other",
                "lines": lines,
            }
            self._arrive(code, "more", tree, "more")

    def _move(self, sku: str, role: str, pieces: int) -> stock_levels.Movement:
        return stock_levels.Movement(self.merchant, f"{role}-{self.merchant}", sku, Decimal(pieces),
                              "opening", "opening")  # fmt: skip

    def _know(self, unit: Any, skus: list[str]) -> None:
        source = {"connection": "console", "id": "catalogue"}
        rows = [
            (self.merchant, Product.model_validate({"source": source, "sku": sku, "title": sku}))
            for sku in skus
        ]
        learn.upsert(unit, rows, None)


def play(stage: Stage, history: History) -> list[str]:
    """Play a history. Returns what does not hold, each with the number of its guarantee."""
    played = Play(stage, history)
    try:
        played.unsafe()
        found = invariants.always(played)
        if not found:
            played.live()
            found = invariants.at_rest(played)
        if not found:
            played.again()
            found = invariants.at_rest(played)
    except AssertionError as error:
        found = [f"G05 {error}: {invariants.unfinished(played)}"]
    return found


__all__ = ["Event", "Play", "play"]
