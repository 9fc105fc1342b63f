"""The warehouse itself: checks what the hub sends, works it, and tells the hub about it.

    with Warehouse(hub_url=f"{hub}/in/wh-ams", auto=True) as warehouse:
        ...                                            # created orders are shipped by themselves

Without `auto` an order waits until `work(code, Way(..))`. What it tells is repeated until the hub
says flag=success; `sent` holds each message with every answer to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, ClassVar

from sandbox.http import Answer, Request, json_answer
from sandbox.misbehaviour import Act, Call, Rule
from sandbox.partner import Partner
from sandbox.qimen.arrivals import PLAIN as WELL
from sandbox.qimen.arrivals import Arrival, received
from sandbox.qimen.book import OPEN, Book
from sandbox.qimen.crew import Crew
from sandbox.qimen.door import checked, method_of
from sandbox.qimen.hub import Line
from sandbox.qimen.methods import Failure, House, failure, success
from sandbox.qimen.shelf_reports import movement, stocktake
from sandbox.qimen.shelves import METHODS
from sandbox.qimen.wire import Account, Garbled, Tree, clock, write
from sandbox.qimen.work import PLAIN, TURNS, Told, Way, course

SANDBOX = Account("sandbox", "sandbox", "sandbox-secret")


def xml(tree: Tree) -> Answer:
    return Answer(200, write("response", tree), "text/xml; charset=utf-8")


def refused(rule: Rule, _call: Call) -> Answer:
    """flag=failure with a code; `code` 7 is the gateway's call limit."""
    code = str(rule.more.get("code", "isp.remote-service-error"))
    return xml(failure(code, str(rule.more.get("message", "the warehouse is busy"))))


def ignored(_rule: Rule, _call: Call) -> Answer:
    """Says success and does nothing: a cancel after which the order ships all the same."""
    return xml(success())


class Warehouse(Partner):
    name = "warehouse"
    marks: ClassVar[Iterable[str]] = tuple(TURNS)

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        account: Account = SANDBOX,
        warehouse_code: str | None = None,
        owner_code: str | None = None,
        stock: Mapping[str, int] | None = None,
        hub_url: str = "",
        auto: bool = False,
        delay: float = 0.2,
        way: Way = PLAIN,
        workers: int = 2,
        tries: int = 200,
        record_path: Path | None = None,
    ) -> None:
        """`stock`: opening levels; without it every item is known and plenty.

        `warehouse_code` and `owner_code`, where given, are insisted on. `way` is how `auto` ships.
        """
        super().__init__(host, port, record_path)
        self.account, self.way = account, way
        self._code, self._owner, self._opening = warehouse_code, owner_code, stock
        self.line = Line(hub_url, account, self._sent, tries)
        self._left: dict[str, list[Told]] = {}  # what a stop kept from being told
        self._crew = Crew(self._work_by_itself, workers if auto else 0, delay, self.line.halt)
        self.forget()

    def acts(self) -> Mapping[str, Act]:
        return {"failure": refused, "ignored": ignored}

    def forget(self) -> None:
        self._crew.clear()
        self._left.clear()
        self._book = Book(self._opening)
        self._house = House(self._book, self._record.add, self._crew.add, self._code, self._owner)

    @property
    def stock(self) -> dict[str, dict[str, int]]:
        """Pieces by item and quality."""
        with self._book.lock:
            return {code: dict(it.pieces) for code, it in self._book.stock.shelves.items()}

    def start(self) -> str:
        url = super().start()
        self._crew.start()
        return url

    def stop(self) -> None:
        """Also lays down the work; start() takes it up where it was."""
        self._crew.stop()
        super().stop()

    # --- what it is asked

    def kind(self, request: Request) -> str:
        return method_of(request)

    def respond(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer(405, b"", "text/plain")
        try:
            method, tree = checked(request, self.account)
            with self._book.lock:
                return xml(METHODS[method](self._house, tree))
        except Failure as error:
            return xml(failure(error.code, error.message))
        except Garbled as error:
            return xml(failure("isv.invalid-xml", str(error)))

    # --- what it does

    def work(self, code: str, way: Way | None = None, hub_url: str = "") -> list[dict[str, Any]]:
        """Works one delivery order to its end and tells the hub; the entries of `sent` it made.

        Nothing for an order that is canceled, rejected or gone; KeyError for an unknown one.
        """
        chosen = way or self.way
        with self._book.lock:
            task = self._book.tasks[code]
            if task.state not in OPEN or task.held:
                return []
            reports = course(self._book, task, chosen)
            if not chosen.reject:
                task.state = "PICK"  # from here on a cancel comes too late
        return self._tell_all(code, reports, hub_url)

    def receive(
        self, code: str, arrival: Arrival = WELL, hub_url: str = ""
    ) -> list[dict[str, Any]]:
        """Takes in the goods of an inbound notice or a return and tells the hub; the entries of
        `sent` it made. Nothing for a notice that is canceled or received; KeyError for an unknown.
        """
        with self._book.lock:
            notice = self._book.notices[code]
            if notice.state not in OPEN or notice.held:
                return []
            notice.state = "FULFILLED"
            reports = received(self._book, notice, arrival)
        return self._tell_all(code, reports, hub_url)

    def accept(self, code: str, hub_url: str = "") -> dict[str, Any]:
        """Only says ACCEPT; the order can still be canceled. KeyError for an unknown one."""
        with self._book.lock:
            task = self._book.tasks[code]
            task.state = "ACCEPT"
        order = {"orderCode": code, "orderId": task.wms_id, "warehouseCode": task.place}
        process = {"processStatus": "ACCEPT", "operateTime": clock()}
        body = {"order": order, "process": process}
        return self.line.tell("orderprocess.report", code, body, hub_url)

    def count(
        self, counted: Mapping[str, int], *, page_size: int = 100, hub_url: str = ""
    ) -> list[dict[str, Any]]:
        """A stock-take: books what was found and reports the differences in pages."""
        with self._book.lock:
            check, pages = stocktake(self._book, self._whose, counted, page_size)
        return [self.line.tell("inventory.report", check, page, hub_url) for page in pages]

    def change(
        self, item: str, delta: int, *, quality: str = "ZP", hub_url: str = ""
    ) -> dict[str, Any]:
        """A movement that no document of the ERP side caused (stockchange.report)."""
        with self._book.lock:
            number, body = movement(self._book, self._whose, item, delta, quality)
        return self.line.tell("stockchange.report", number, body, hub_url)

    @property
    def _whose(self) -> Tree:
        """Warehouse and owner, as they are set or were named last."""
        return {
            "warehouseCode": self._code or self._book.place,
            "ownerCode": self._owner or self._book.owner,
        }

    def _tell_all(self, code: str, reports: list[Told], hub_url: str = "") -> list[dict[str, Any]]:
        entries = []
        for index, (method, tree, state) in enumerate(reports):
            entry = self.line.tell(method, code, tree, hub_url)
            if self.line.halt.is_set() and not entry["document"]["ok"]:
                self._left[code] = reports[index:]
                self._crew.add(code)
                break
            entries.append(entry)
            with self._book.lock:
                self._book.step(code, state)
                task = self._book.tasks.get(code)
                if task is not None and state != "ACCEPT" and task.state != "DELIVERED":
                    task.state = state
        return entries

    def _work_by_itself(self, code: str) -> None:
        """The usual way, unless a rule of kind "work" turns this order off it."""
        left = self._left.pop(code, None)
        if left is not None:
            self._tell_all(code, left)
            return
        struck = [rule for rule in self._plan.hits("work") if rule.do in TURNS]
        turned = replace(TURNS[struck[0].do], steps=self.way.steps) if struck else self.way
        if code in self._book.tasks:
            self.work(code, turned)
        elif code in self._book.notices:
            self.receive(code)

    def control(self, request: Request) -> Answer:
        """POST /_sandbox/work|receive|count|change with JSON: what these methods take."""
        try:
            body = request.json if request.body else {}
            match request.path.removeprefix("/_sandbox/"):
                case "work":
                    return json_answer({"items": self.work(body.pop("code"), way_of(body))})
                case "receive":
                    code = body.pop("code")
                    return json_answer({"items": self.receive(code, Arrival(**body))})
                case "count":
                    return json_answer({"items": self.count(body)})
                case "change":
                    return json_answer({"items": [self.change(**body)]})
                case _:
                    return super().control(request)
        except (ValueError, TypeError, KeyError) as error:
            return json_answer({"error": repr(error)}, 422)


def way_of(told: dict[str, Any]) -> Way:
    known = {it.name for it in fields(Way)}
    if set(told) - known:
        raise ValueError(f"a way has {', '.join(sorted(known))}")
    return Way(**{**told, "steps": tuple(told.get("steps", PLAIN.steps))})
